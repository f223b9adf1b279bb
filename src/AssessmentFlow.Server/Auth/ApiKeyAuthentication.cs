using System.Net;
using AssessmentFlow.Runtime.Http;
using AssessmentFlow.Server.ElsaApi;
using AssessmentFlow.Server.Problems;
using AssessmentFlow.Server.Studio;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Server.Auth;

/// <summary>
/// Finds out who makes a request. Everything under the interfaces needs a key; an endpoint of a workflow and a page of
/// Studio say themselves whether they do; the rest of the server is open.
/// </summary>
internal sealed class ApiKeyAuthentication(RequestDelegate next, ApiClients clients, IOptions<HttpOptions> options)
{
    /// <summary>Longest key (characters).</summary>
    public const int KeyLengthMax = 200;

    private const string Scheme = "ApiKey ";
    private const string BearerScheme = "Bearer ";

    /// <summary>What a proxy adds: behind one, the peer of the connection is the proxy and not who asks.</summary>
    private static readonly string[] ProxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    public async Task InvokeAsync(HttpContext http)
    {
        var path = http.Request.Path;
        var isStudio = path.StartsWithSegments(StudioModule.Base, StringComparison.Ordinal);
        var isElsa = path.StartsWithSegments(ElsaApiModule.Base, StringComparison.Ordinal);
        var isOpen = isStudio || path.StartsWithSegments(options.Value.BasePath, StringComparison.Ordinal) || path == ElsaApiModule.LoginPath;
        if (!isOpen && !isElsa && !path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            await next(http);
            return;
        }

        // A browser that is signed in to Studio is known there and by what Studio calls, and nowhere else.
        var sent = isStudio || isElsa ? KeyOf(http.Request) ?? BearerOf(http.Request) ?? TokenOf(http.Request) ?? StudioSession.KeyOf(http.Request) : KeyOf(http.Request);
        var found = sent is { Length: > 0 and <= KeyLengthMax } key ? await clients.FindAsync(key) : null;
        var isOutOfPlace = found is { IsLoopbackOnly: true } && !IsOfThisMachine(http);
        if (isOutOfPlace && !isOpen)
        {
            await RefuseAsync(http, "key-not-from-here", "This key works only from the machine that the server runs on. Keys of a file that the setting Keys:File names work from anywhere.");
            return;
        }

        if (found is null && !isOpen)
        {
            await RefuseAsync(http);
            return;
        }

        http.Features.Set(isOutOfPlace ? null : found?.Caller);
        await next(http);
    }

    /// <summary>Answers who sent no key that is valid.</summary>
    public static Task RefuseAsync(HttpContext http) => RefuseAsync(
        http, "key-missing", "Send a valid key as \"Authorization: ApiKey <key>\". Keys of a default installation are in api-keys.json of the data folder and work only from the same machine.");

    private static Task RefuseAsync(HttpContext http, string code, string detail)
    {
        http.Response.Headers.WWWAuthenticate = "ApiKey";
        return ProblemWriter.WriteAsync(http, new RequestProblemException(StatusCodes.Status401Unauthorized, code, detail));
    }

    /// <summary>The caller behind a key; null when there is none, or when the key does not work from there.</summary>
    public static async ValueTask<Caller?> FindCallerAsync(HttpContext http, ApiClients clients, string key) =>
        key.Length is > 0 and <= KeyLengthMax && await clients.FindAsync(key) is { } found && (!found.IsLoopbackOnly || IsOfThisMachine(http)) ? found.Caller : null;

    private static string? KeyOf(HttpRequest request) => CredentialOf(request, Scheme);

    /// <summary>What a login of the Elsa API gave, which is the key again. Studio sends the scheme without anything when it was given nothing.</summary>
    private static string? BearerOf(HttpRequest request) => CredentialOf(request, BearerScheme) is { Length: > 0 } token ? token : null;

    /// <summary>What Studio puts into the address of a WebSocket, which takes no headers.</summary>
    private static string? TokenOf(HttpRequest request) =>
        request.Path.StartsWithSegments(LiveInstances.Path, StringComparison.Ordinal) && request.Query["access_token"].ToString() is { Length: > 0 } token ? token : null;

    private static string? CredentialOf(HttpRequest request, string scheme)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? authorization[scheme.Length..].Trim() : null;
    }

    /// <summary>Whether who asks sits at this machine, as far as can be told.</summary>
    public static bool IsOfThisMachine(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) && !ProxyHeaders.Any(http.Request.Headers.ContainsKey);
}

/// <summary>The caller of a request.</summary>
internal static class CallerOfRequest
{
    public static Caller Caller(this HttpContext http) =>
        http.Features.Get<Caller>() ?? throw new InvalidOperationException("The request was not authenticated.");
}
