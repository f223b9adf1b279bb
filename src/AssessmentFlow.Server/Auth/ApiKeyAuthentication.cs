using System.Net;
using AssessmentFlow.Runtime.Http;
using AssessmentFlow.Server.Problems;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Server.Auth;

/// <summary>
/// Finds out who makes a request. Everything under the API needs a key; an endpoint of a workflow says itself whether it
/// does; the rest of the server is open.
/// </summary>
internal sealed class ApiKeyAuthentication(RequestDelegate next, ApiClients clients, IOptions<HttpOptions> options)
{
    private const string Scheme = "ApiKey ";

    /// <summary>Longest key (characters).</summary>
    public const int KeyLengthMax = 200;

    /// <summary>What a proxy adds: behind one, the peer of the connection is the proxy and not who asks.</summary>
    private static readonly string[] ProxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"];

    public async Task InvokeAsync(HttpContext http)
    {
        var isEndpoint = http.Request.Path.StartsWithSegments(options.Value.BasePath, StringComparison.Ordinal);
        if (!isEndpoint && !http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            await next(http);
            return;
        }

        var found = KeyOf(http.Request) is { Length: <= KeyLengthMax } key ? await clients.FindAsync(key) : null;
        var isOutOfPlace = found is { IsLoopbackOnly: true } && !IsOfThisMachine(http);
        if (isOutOfPlace && !isEndpoint)
        {
            await RefuseAsync(http, "key-not-from-here", "This key works only from the machine that the server runs on. Keys of a file that the setting Keys:File names work from anywhere.");
            return;
        }

        if (found is null && !isEndpoint)
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

    private static string? KeyOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : null;
    }

    private static bool IsOfThisMachine(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) && !ProxyHeaders.Any(http.Request.Headers.ContainsKey);
}

/// <summary>The caller of a request.</summary>
internal static class CallerOfRequest
{
    public static Caller Caller(this HttpContext http) =>
        http.Features.Get<Caller>() ?? throw new InvalidOperationException("The request was not authenticated.");
}
