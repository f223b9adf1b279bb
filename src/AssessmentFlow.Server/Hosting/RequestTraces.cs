using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using OpenTelemetry.Trace;

namespace AssessmentFlow.Server.Hosting;

/// <summary>
/// The spans of requests. ASP.NET Core makes them; what OpenTelemetry's conventions for HTTP servers want to know of a request
/// is told here, of recorded ones only: docs/decisions/0027.
/// </summary>
internal static class RequestTraces
{
    private const string SourceName = "Microsoft.AspNetCore";

    /// <summary>The conventions' word for a method that HTTP does not know: names and tags have few values, and none that a client made up.</summary>
    private const string OtherMethod = "_OTHER";

    private static readonly SearchValues<string> KnownMethods = SearchValues.Create(
        ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"], StringComparison.Ordinal);

    public static TracerProviderBuilder AddRequests(this TracerProviderBuilder tracing) => tracing.AddSource(SourceName);

    /// <summary>Comes before everything that answers, so that it sees what was answered.</summary>
    public static void UseRequestTraces(this WebApplication app) => app.Use(static (context, next) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true, Source.Name: SourceName } activity
            ? TellAsync(activity, context, next)
            : next(context));

    private static async Task TellAsync(Activity activity, HttpContext context, RequestDelegate next)
    {
        activity.TraceStateString = null; // Free text of whoever asks; what they ask within is told with it.
        try
        {
            await next(context);
        }
        catch (Exception escaped) // The answer breaks off, or the server answers by itself.
        {
            Tell(activity, context, escaped);
            throw;
        }

        Tell(activity, context, escaped: null);
    }

    private static void Tell(Activity activity, HttpContext context, Exception? escaped)
    {
        var request = context.Request;
        var method = KnownMethods.Contains(request.Method) ? request.Method : OtherMethod;
        var endpoint = context.Features.Get<IExceptionHandlerPathFeature>()?.Endpoint ?? context.GetEndpoint();
        var route = (endpoint as RouteEndpoint)?.RoutePattern.RawText;
        var name = method is OtherMethod ? "HTTP" : method;
        activity.DisplayName = route is null ? name : $"{name} {route}";
        activity.SetTag("http.request.method", method);
        activity.SetTag("http.route", route);
        activity.SetTag("url.scheme", request.Scheme);
        activity.SetTag("network.protocol.version", VersionOf(request.Protocol));

        var status = escaped is null || context.Response.HasStarted ? context.Response.StatusCode : StatusOf(escaped);
        activity.SetTag("http.response.status_code", status);
        var failure = escaped ?? context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if ((escaped is not null && context.Response.HasStarted) || status >= StatusCodes.Status500InternalServerError)
        {
            activity.SetTag("error.type", failure?.GetType().FullName ?? status.ToString(CultureInfo.InvariantCulture));
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>What the server answers by itself.</summary>
    private static int StatusOf(Exception escaped) => (escaped as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError;

    private static string? VersionOf(string protocol) =>
        HttpProtocol.IsHttp11(protocol) ? "1.1"
        : HttpProtocol.IsHttp2(protocol) ? "2"
        : HttpProtocol.IsHttp3(protocol) ? "3"
        : HttpProtocol.IsHttp10(protocol) ? "1.0"
        : null;
}
