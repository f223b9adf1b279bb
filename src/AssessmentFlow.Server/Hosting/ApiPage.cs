using Scalar.AspNetCore;

namespace AssessmentFlow.Server.Hosting;

/// <summary>
/// The page that shows the interface in a browser. Everything on it comes from this server: an installation may have no
/// way out, and whoever reads the page must not be seen by others.
/// </summary>
internal static class ApiPage
{
    public const string Path = "/scalar";

    /// <summary>Browsers refuse what the page would load from elsewhere. Its script writes styles and small images into the page.</summary>
    private const string OwnOriginOnly =
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static void MapApiPage(this WebApplication app)
    {
        app.Use(static (http, next) =>
        {
            if (http.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase))
            {
                http.Response.Headers.ContentSecurityPolicy = OwnOriginOnly;
            }

            return next(http);
        });
        app.MapScalarApiReference(Path, static options => options
            .WithTitle("AssessmentFlow")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideDeveloperTools());
        app.MapGet("/", static () => TypedResults.Redirect(Path)).ExcludeFromDescription();
    }
}
