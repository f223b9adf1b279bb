using System.Net;
using System.Reflection;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Server.Api;
using AssessmentFlow.Server.Auth;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AssessmentFlow.Server.Studio;

/// <summary>
/// The pages around Studio's components: navigation, who is signed in, the version. Each page holds one component,
/// because two of them on one page, or one after the other, disturb each other.
/// </summary>
internal static class StudioPages
{
    private const string Definitions = StudioModule.Base + "/workflows/definitions";
    private const string Instances = StudioModule.Base + "/workflows/instances";

    /// <summary>Where Studio believes the server's logs to be shown; its viewer of instances links there, from the root of the server or of its pages.</summary>
    private const string Logs = "/diagnostics/structured-logs";

    /// <summary>
    /// Browsers refuse what a page would load from elsewhere. Studio is compiled to WebAssembly, its components write styles
    /// into the page and show images that they made, and two of them bring a script along, which is known by its hash.
    /// </summary>
    private const string OwnOriginOnly =
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-snlP1jz0gjwc5cTz9ErZcliXuCK63+Mmf68RRCeptgc=' 'sha256-vu6sQrKXQHR4Yn3FMMihA/9TxxfIXnCxKwvLrTPJ5ts='; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        + "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static IEndpointRouteBuilder MapPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup(StudioModule.Base).ExcludeFromDescription().AddEndpointFilter(Guard);
        pages.MapGet("/", static () => TypedResults.Redirect(Definitions));
        pages.MapGet(Logs, static () => TypedResults.Redirect(Instances));
        app.MapGet(Logs, static () => TypedResults.Redirect(Instances)).ExcludeFromDescription();
        pages.MapGet("/sign-in", static (string? to, StudioPackage package) => SignInPage(to, message: "", package));
        pages.MapPost("/sign-in", SignInAsync).DisableAntiforgery();
        pages.MapPost("/sign-out", static (HttpContext http) =>
        {
            StudioSession.End(http);
            return TypedResults.Redirect(StudioModule.Base + "/sign-in");
        }).DisableAntiforgery();
        pages.MapGet("/workflows/definitions", static (HttpContext http, StudioPackage package) =>
            Shell(http, package, "Definitions", "elsa-workflow-definition-list"));
        pages.MapGet("/workflows/definitions/{id}/edit", static (HttpContext http, StudioPackage package, string id) =>
            Shell(http, package, "Definitions", "elsa-workflow-definition-editor", ("definition-id", id)));
        pages.MapGet("/workflows/instances", static (HttpContext http, StudioPackage package) =>
            Shell(http, package, "Instances", "elsa-workflow-instance-list"));
        pages.MapGet("/workflows/instances/{id}/view", static (HttpContext http, StudioPackage package, string id) =>
            Shell(http, package, "Instances", "elsa-workflow-instance-viewer", ("instance-id", id)));
        pages.MapGet("/history/{id}", HistoryAsync);
        pages.MapGet("/assets/{name}", StudioAssets.Serve);
        pages.MapMethods("/assemblies/{name}", [HttpMethods.Get, HttpMethods.Head], static (HttpContext http, StudioPackage package, string name) => package.Assemblies.ServeAsync(http, name));
        pages.MapMethods("/{**file}", [HttpMethods.Get, HttpMethods.Head], static (HttpContext http, StudioPackage package, string file) => package.ServeAsync(http, file));
        return app;
    }

    private static ValueTask<object?> Guard(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = OwnOriginOnly;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        return next(context);
    }

    private static async Task<IResult> SignInAsync(HttpContext http, ApiClients clients, StudioPackage package)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var key = form["key"].ToString().Trim();
        var to = form["to"].ToString();
        if (await ApiKeyAuthentication.FindCallerAsync(http, clients, key) is null)
        {
            return SignInPage(to, "This key is not known here, or does not work from this machine.", package);
        }

        StudioSession.Begin(http, key);
        return TypedResults.Redirect(IsOwnPath(to) ? to : Definitions);
    }

    private static HtmlPage SignInPage(string? to, string message, StudioPackage package) => Html(StudioAssets.Text("sign-in.html")
        .Replace("{{prefetched}}", Prefetched(package), StringComparison.Ordinal)
        .Replace("{{to}}", WebUtility.HtmlEncode(IsOwnPath(to) ? to : ""), StringComparison.Ordinal)
        .Replace("{{message}}", WebUtility.HtmlEncode(message), StringComparison.Ordinal));

    /// <summary>The most of what a browser loads for Studio, which it can do while somebody looks for the key.</summary>
    private static string Prefetched(StudioPackage package) =>
        package.IsThere ? Links("prefetch", [$"assemblies/{package.Assemblies.Offer()}", package.Runtime]) : "";

    private static string Links(string relation, IEnumerable<string> files) =>
        string.Concat(files.Select(file => $"  <link rel=\"{relation}\" href=\"{WebUtility.HtmlEncode(file)}\">\n"));

    private static IResult Shell(
        HttpContext http, StudioPackage package, string section, string element, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        if (http.Features.Get<Caller>() is not { } caller)
        {
            return ToSignIn(http);
        }

        if (!package.IsThere)
        {
            return Html(StudioAssets.Text("missing.html"), StatusCodes.Status503ServiceUnavailable);
        }

        var more = string.Concat(attributes.ToArray().Select(attribute => $" data-attribute-{attribute.Name}=\"{WebUtility.HtmlEncode(attribute.Value)}\""));
        var definitionId = attributes is [("definition-id", var id)] ? id : null;
        return Html(StudioAssets.Text("shell.html")
            .Replace("{{bar}}", Bar(caller, section, definitionId), StringComparison.Ordinal)
            .Replace("{{section}}", section, StringComparison.Ordinal)
            .Replace("{{modules}}", Links("modulepreload", package.Modules), StringComparison.Ordinal)
            .Replace("{{assemblies}}", package.Assemblies.Offer(), StringComparison.Ordinal)
            .Replace("{{runtime}}", package.Runtime, StringComparison.Ordinal)
            .Replace("{{element}}", element, StringComparison.Ordinal)
            .Replace("{{attributes}}", more, StringComparison.Ordinal));
    }

    private static async Task<IResult> HistoryAsync(HttpContext http, string id, WorkflowCatalogue catalogue)
    {
        if (http.Features.Get<Caller>() is not { } caller)
        {
            return ToSignIn(http);
        }

        if (await catalogue.FindAsync(id) is not { } entry)
        {
            return TypedResults.NotFound();
        }

        return Html(StudioAssets.Text("history.html")
            .Replace("{{bar}}", Bar(caller, "Definitions", id), StringComparison.Ordinal)
            .Replace("{{path}}", WebUtility.HtmlEncode(Uri.EscapeDataString(id)), StringComparison.Ordinal)
            .Replace("{{id}}", WebUtility.HtmlEncode(id), StringComparison.Ordinal)
            .Replace("{{name}}", WebUtility.HtmlEncode(entry.Latest.Name), StringComparison.Ordinal)
            .Replace("{{rows}}", await HistoryPage.RowsAsync(entry, catalogue), StringComparison.Ordinal));
    }

    private static RedirectHttpResult ToSignIn(HttpContext http) =>
        TypedResults.Redirect($"{StudioModule.Base}/sign-in?to={Uri.EscapeDataString(http.Request.Path + http.Request.QueryString)}");

    /// <summary>The bar at the top: where one may go, who one is, and what runs.</summary>
    private static string Bar(Caller caller, string section, string? definitionId) => StudioAssets.Text("bar.html")
        .Replace("{{definitionsHere}}", section is "Definitions" ? "af-here" : "", StringComparison.Ordinal)
        .Replace("{{instances}}", InstanceEndpoints.MayWatch(caller.Actor) ? InstancesLink(section) : "", StringComparison.Ordinal)
        .Replace("{{history}}", definitionId is null ? "" : $" <a href=\"history/{WebUtility.HtmlEncode(Uri.EscapeDataString(definitionId))}\">History</a>", StringComparison.Ordinal)
        .Replace("{{user}}", WebUtility.HtmlEncode(caller.Actor.Id), StringComparison.Ordinal)
        .Replace("{{roles}}", WebUtility.HtmlEncode(string.Join(", ", caller.Actor.Roles)), StringComparison.Ordinal)
        .Replace("{{version}}", Version(), StringComparison.Ordinal);

    private static string InstancesLink(string section) => $"\n      <a href=\"workflows/instances\" class=\"{(section is "Instances" ? "af-here" : "")}\">Instances</a>";

    private static string Version() =>
        typeof(StudioPages).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>A path on this server and nothing that a browser would read as another host.</summary>
    private static bool IsOwnPath(string? to) => to?.StartsWith(StudioModule.Base + "/", StringComparison.Ordinal) is true;

    private static HtmlPage Html(string text, int status = StatusCodes.Status200OK) => new HtmlPage(text, status);

    private sealed record HtmlPage(string Text, int Status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = Status;
            httpContext.Response.ContentType = "text/html; charset=utf-8";
            httpContext.Response.Headers.CacheControl = "no-store";
            return httpContext.Response.WriteAsync(Text, httpContext.RequestAborted);
        }
    }
}
