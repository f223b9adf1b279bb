using AssessmentFlow.Server.ElsaApi;
using AssessmentFlow.Server.Studio;

namespace AssessmentFlow.Server.Hosting;

/// <summary>
/// Makes small what Studio loads: the answers to what it calls, and our own scripts and styles. What its package brings along
/// packed is sent as it is.
/// </summary>
internal static class Compression
{
    private static readonly string[] Types = ["application/json", "application/problem+json", "text/javascript", "text/css"];

    /// <summary>
    /// Over TLS, too. The length of an answer can give away a secret in it to whoever chooses a part of that answer and sees the line.
    /// Here nobody can do so: no answer repeats the key, which comes in a cookie or a header, but that to signing in, which is left as
    /// it is; and other sites cannot make a browser ask in the name of who is signed in, for the cookie is of strictly the same site.
    /// Pages, which repeat parts of their address, are not among the types.
    /// </summary>
    public static void AddCompression(this IServiceCollection services) => services.AddResponseCompression(static options =>
    {
        options.EnableForHttps = true;
        options.MimeTypes = Types;
    });

    public static void UseCompression(this IApplicationBuilder app) =>
        app.UseWhen(static http => IsOfStudio(http.Request.Path), static branch => branch.UseResponseCompression());

    private static bool IsOfStudio(PathString path) =>
        path.StartsWithSegments(StudioModule.Base, StringComparison.OrdinalIgnoreCase)
        || (path.StartsWithSegments(ElsaApiModule.ApiBase, StringComparison.OrdinalIgnoreCase) && !path.StartsWithSegments(ElsaApiModule.LoginPath, StringComparison.OrdinalIgnoreCase));
}
