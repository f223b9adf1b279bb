namespace AssessmentFlow.Server.Studio;

/// <summary>
/// Who is signed in to Studio in a browser. The cookie carries the key of the client: scripts cannot read it, other sites
/// cannot send it, and it goes when the browser is closed. Any process of the installation understands it.
/// </summary>
internal static class StudioSession
{
    private const string Cookie = "assessmentflow-key";
    private const string OriginHeader = "Origin";

    /// <summary>Set by a proxy that ends TLS. Whoever makes it up only gets a cookie that is not sent.</summary>
    private const string SchemeHeader = "X-Forwarded-Proto";

    /// <summary>The key of the session; null when nobody is signed in, or when another site made the browser send the request.</summary>
    public static string? KeyOf(HttpRequest request) => IsOwn(request) ? request.Cookies[Cookie] : null;

    /// <summary>Begins a session.</summary>
    public static void Begin(HttpContext http, string key) => http.Response.Cookies.Append(Cookie, key, Options(http));

    /// <summary>Ends the session.</summary>
    public static void End(HttpContext http) => http.Response.Cookies.Delete(Cookie, Options(http));

    /// <summary>
    /// A page of another port of the same machine counts as the same site, so the cookie alone does not tell it from ours.
    /// Browsers name the origin of whatever changes something.
    /// </summary>
    private static bool IsOwn(HttpRequest request) =>
        request.Headers[OriginHeader].ToString() is not { Length: > 0 } origin
        || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));

    private static CookieOptions Options(HttpContext http) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        Path = "/",
        SameSite = SameSiteMode.Strict,
        Secure = http.Request.IsHttps || http.Request.Headers[SchemeHeader] == Uri.UriSchemeHttps,
    };
}
