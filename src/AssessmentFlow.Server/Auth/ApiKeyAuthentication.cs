using System.Net;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Auth;

/// <summary>
/// Finds out who makes a request. Everything under the API needs a key; the rest of the server is open.
/// </summary>
internal sealed class ApiKeyAuthentication(RequestDelegate next, ApiClients clients)
{
    private const string Scheme = "ApiKey ";
    private const int KeyLengthMax = 200;

    public async Task InvokeAsync(HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            await next(http);
            return;
        }

        var caller = KeyOf(http.Request) is { Length: <= KeyLengthMax } key
            ? await clients.FindAsync(key, IsLoopback(http.Connection.RemoteIpAddress))
            : null;
        if (caller is null)
        {
            http.Response.Headers.WWWAuthenticate = "ApiKey";
            await ProblemWriter.WriteAsync(http, new RequestProblemException(
                StatusCodes.Status401Unauthorized,
                "key-missing",
                "Send a valid key as \"Authorization: ApiKey <key>\". Keys of a default installation are in api-keys.json of the data folder and work only from the same machine."));
            return;
        }

        http.Features.Set(caller);
        await next(http);
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
