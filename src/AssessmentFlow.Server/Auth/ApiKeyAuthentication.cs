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
    private const int KeyLengthMax = 200;

    public async Task InvokeAsync(HttpContext http)
    {
        var isEndpoint = http.Request.Path.StartsWithSegments(options.Value.BasePath, StringComparison.Ordinal);
        if (!isEndpoint && !http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            await next(http);
            return;
        }

        var caller = KeyOf(http.Request) is { Length: <= KeyLengthMax } key
            ? await clients.FindAsync(key, IsLoopback(http.Connection.RemoteIpAddress))
            : null;
        if (caller is null && !isEndpoint)
        {
            await RefuseAsync(http);
            return;
        }

        http.Features.Set(caller);
        await next(http);
    }

    /// <summary>Answers who sent no key that is valid.</summary>
    public static Task RefuseAsync(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = "ApiKey";
        return ProblemWriter.WriteAsync(http, new RequestProblemException(
            StatusCodes.Status401Unauthorized,
            "key-missing",
            "Send a valid key as \"Authorization: ApiKey <key>\". Keys of a default installation are in api-keys.json of the data folder and work only from the same machine."));
    }

    private static string? KeyOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : null;
    }

    private static bool IsLoopback(IPAddress? address) => address is not null && IPAddress.IsLoopback(address);
}

/// <summary>The caller of a request.</summary>
internal static class CallerOfRequest
{
    public static Caller Caller(this HttpContext http) =>
        http.Features.Get<Caller>() ?? throw new InvalidOperationException("The request was not authenticated.");
}
