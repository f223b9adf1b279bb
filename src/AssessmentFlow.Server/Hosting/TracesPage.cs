using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Hosting;

/// <summary>The newest traces of this process, as a page without scripts. Only for who sits at the machine: ids of cases are on it.</summary>
internal static class TracesPage
{
    public const string Path = "/operations/traces";

    public static void MapTraces(this IEndpointRouteBuilder app) => app.MapGet(Path, ShowAsync).ExcludeFromDescription();

    private static Task ShowAsync(HttpContext http, IServiceProvider services)
    {
        if (services.GetService<RecentTraces>() is not { } traces)
        {
            return ProblemWriter.WriteAsync(http, new RequestProblemException(
                StatusCodes.Status404NotFound, "traces-not-kept", "No traces are kept here. The setting Telemetry:RecentTraces says how many are."));
        }

        if (!ApiKeyAuthentication.IsOfThisMachine(http))
        {
            return ProblemWriter.WriteAsync(http, new RequestProblemException(
                StatusCodes.Status403Forbidden, "not-from-here", "Traces are shown only on the machine that the server runs on."));
        }

        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        http.Response.Headers.CacheControl = "no-store";
        return http.Response.WriteAsync(Page(traces), http.RequestAborted);
    }

    private static string Page(RecentTraces traces)
    {
        var page = new StringBuilder(
            """
            <!DOCTYPE html><html lang="en"><head><title>Traces</title><style>
            body { font: 14px sans-serif; margin: 2em } td { padding: 0 1em 0 0; white-space: nowrap } .error { color: #a00 }
            </style></head><body><h1>Traces of this process, newest first</h1>
            """);
        foreach (var (id, count, spans) in traces.List())
        {
            var kept = spans.Count < count ? $", {spans.Count} kept" : "";
            page.Append(CultureInfo.InvariantCulture, $"<details><summary>{Html(spans[0].Name)} {spans[0].StartedAt:u} {spans.Max(span => span.Duration).TotalMilliseconds:F1} ms, {count} spans{kept} <small>{id}</small></summary><table>");
            AppendSpans(page, spans);
            page.Append("</table></details>");
        }

        return page.Append("</body></html>").ToString();
    }

    private static void AppendSpans(StringBuilder page, IReadOnlyList<RecentSpan> spans)
    {
        var depths = new Dictionary<System.Diagnostics.ActivitySpanId, int>();
        foreach (var span in spans)
        {
            // Sorted by their beginnings, so that a parent comes before what is part of it.
            var depth = depths[span.Id] = depths.TryGetValue(span.ParentId, out var parent) ? parent + 1 : 0;
            page.Append(
                CultureInfo.InvariantCulture,
                $"<tr{(span.IsError ? " class=\"error\"" : "")}><td style=\"padding-left:{depth * 2}em\">{Html(span.Name)}</td><td>{Html(span.Source)}</td><td>{(span.StartedAt - spans[0].StartedAt).TotalMilliseconds:F1} ms</td><td>{span.Duration.TotalMilliseconds:F1} ms</td><td>{Html(span.Ids)}</td></tr>");
        }
    }

    private static string Html(string text) => HtmlEncoder.Default.Encode(text);
}
