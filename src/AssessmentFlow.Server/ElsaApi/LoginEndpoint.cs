using System.Text.Json.Nodes;
using AssessmentFlow.Server.Auth;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>
/// Signing in as Elsa's clients do. Our own pages do not need it: they know the browser by its session. The token is the
/// key again, so that nothing has to be renewed and a key that is withdrawn stops at once.
/// </summary>
internal static class LoginEndpoint
{
    public static void MapLogin(this RouteGroupBuilder api) => api.MapPost("/identity/login", LoginAsync);

    private static async Task<IResult> LoginAsync(HttpContext http, ApiClients clients)
    {
        var body = await ElsaJson.ReadAsync(http);
        var key = body.Text("password") ?? "";
        var caller = await ApiKeyAuthentication.FindCallerAsync(http, clients, key);
        return ElsaJson.Of(caller is not null && caller.Actor.Id == body.Text("username")
            ? new JsonObject { ["isAuthenticated"] = true, ["accessToken"] = key, ["refreshToken"] = key }
            : new JsonObject { ["isAuthenticated"] = false });
    }
}
