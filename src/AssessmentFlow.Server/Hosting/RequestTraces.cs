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

    public static TracerProviderBuilder AddRequests(this TracerProviderBuilder tracing) => tracing.AddSource(SourceName);

    /// <summary>Comes before everything that answers, so that it sees what was answered.</summary>
    public static void UseRequestTraces(this WebApplication app) => app.Use(static (context, next) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } activity ? TellAsync(activity, context, next) : next(context));

    private static async Task TellAsync(Activity activity, HttpContext context, RequestDelegate next)
    {
        activity.SetTag("http.request.method", context.Request.Method);
        activity.SetTag("url.scheme", context.Request.Scheme);
        activity.SetTag("url.path", context.Request.Path.Value);
        activity.SetTag("network.protocol.version", HttpProtocol.IsHttp11(context.Request.Protocol) ? "1.1" : HttpProtocol.IsHttp2(context.Request.Protocol) ? "2" : null);
        try
        {
            await next(context);
        }
        finally
        {
            TellAnswer(activity, context); // Also of an answer that broke off.
        }
    }

    private static void TellAnswer(Activity activity, HttpContext context)
    {
        var status = context.Response.StatusCode;
        var endpoint = context.Features.Get<IExceptionHandlerPathFeature>()?.Endpoint ?? context.GetEndpoint();
        var route = (endpoint as RouteEndpoint)?.RoutePattern.RawText;
        activity.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
        activity.SetTag("http.route", route);
        activity.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            activity.SetTag("error.type", context.Features.Get<IExceptionHandlerFeature>()?.Error.GetType().FullName ?? status.ToString(CultureInfo.InvariantCulture));
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }
}
