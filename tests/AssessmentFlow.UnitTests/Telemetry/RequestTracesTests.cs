using System.Collections.Concurrent;
using System.Diagnostics;
using AssessmentFlow.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace AssessmentFlow.UnitTests.Telemetry;

/// <summary>
/// What the span of a request tells, by OpenTelemetry's semantic conventions for HTTP servers:
/// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server.
/// </summary>
public sealed class RequestTracesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/things/7?secret=1", "GET /things/{id}", "/things/{id}", 200, null)]
    [InlineData("GET", "/nowhere/secret", "GET", null, 404, null)]
    [InlineData("GET", "/broken/7", "GET /broken/{id}", "/broken/{id}", 500, "System.InvalidOperationException")]
    [InlineData("GET", "/half/7", "GET /half/{id}", "/half/{id}", 200, "System.InvalidOperationException")]
    [InlineData("GET", "/away", "GET /away", "/away", 503, "503")]
    [InlineData("SECRET", "/things/7", "HTTP", null, 405, null)]
    [InlineData("SECRET", "/any/7", "HTTP /any/{id}", "/any/{id}", 200, null)]
    public async Task The_span_of_a_request_tells_its_route_and_how_it_was_answered_and_nothing_that_a_client_wrote(
        string method, string path, string name, string? route, int status, string? error)
    {
        var ended = new Ended();
        await using var app = await StartAsync(ended, new AlwaysOnSampler());
        var answered = await SendAsync(app, method, path);

        var span = Assert.Single(ended.Spans);

        Assert.Equal(
            (name, ActivityKind.Server, error is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error, null, null, status),
            (span.DisplayName, span.Kind, span.Status, span.StatusDescription, span.TraceStateString, answered));
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["http.request.method"] = method is "GET" ? method : "_OTHER",
                ["http.route"] = route,
                ["http.response.status_code"] = status,
                ["error.type"] = error,
                ["url.scheme"] = "http",
                ["network.protocol.version"] = "1.1",
            }.Where(static tag => tag.Value is not null).OrderBy(static tag => tag.Key, StringComparer.Ordinal),
            span.TagObjects.OrderBy(static tag => tag.Key, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/broken/7", 500, "System.InvalidOperationException", ActivityStatusCode.Error)]
    [InlineData("/bad", 413, null, ActivityStatusCode.Unset)]
    public async Task The_span_of_a_request_that_only_the_server_itself_could_answer_tells_what_its_client_got(
        string path, int status, string? error, ActivityStatusCode outcome)
    {
        var ended = new Ended();
        await using var app = await StartAsync(ended, new AlwaysOnSampler(), handlesExceptions: false);
        var answered = await SendAsync(app, "GET", path);

        var span = Assert.Single(ended.Spans);

        Assert.Equal(
            (outcome, status, (object)status, error),
            (span.Status, answered, span.GetTagItem("http.response.status_code"), (string?)span.GetTagItem("error.type")));
    }

    [Fact]
    public async Task Of_a_request_that_is_not_recorded_nothing_is_told()
    {
        Activity? seen = null;
        await using var app = await StartAsync(new Ended(), new AlwaysOffSampler(), context => seen = context.Features.Get<IHttpActivityFeature>()?.Activity);
        await SendAsync(app, "GET", "/things/7");

        Assert.Empty(seen!.TagObjects);
        Assert.Equal(seen.OperationName, seen.DisplayName);
    }

    /// <summary>Sends a request, whether it is answered or breaks off, and ends the server: what it did is told then.</summary>
    /// <returns>The status of the answer.</returns>
    private static async Task<int> SendAsync(WebApplication app, string method, string path)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(app.Urls.Single() + path));
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        request.Headers.Add("tracestate", "a=secret");
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await app.StopAsync(Token);
        return (int)answer.StatusCode;
    }

    private static async Task<WebApplication> StartAsync(
        Ended ended, Sampler sampler, Action<HttpContext>? afterwards = null, bool handlesExceptions = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddProblemDetails();
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddRequests().SetSampler(sampler).AddProcessor(new TextlessTraces()).AddProcessor(ended));
        var app = builder.Build();
        app.Use(async (context, next) =>
        {
            await next(context);
            afterwards?.Invoke(context);
        });
        app.UseRequestTraces();
        if (handlesExceptions)
        {
            app.UseExceptionHandler();
        }

        app.UseRouting();
        app.MapGet("/things/{id}", static (int id) => id);
        app.MapGet("/broken/{id}", static (int id) => id < 0 ? id : throw new InvalidOperationException("A secret."));
        app.MapGet("/half/{id}", static async (int id, HttpContext context) =>
        {
            context.Response.ContentLength = 1_000;
            await context.Response.WriteAsync("half");
            throw new InvalidOperationException($"A secret of {id}.");
        });
        app.Map("/any/{id}", static (int id) => id);
        app.MapGet("/bad", static IResult () => throw new BadHttpRequestException("A secret.", StatusCodes.Status413PayloadTooLarge));
        app.MapGet("/away", static () => Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        await app.StartAsync(Token);
        return app;
    }

    private sealed class Ended : BaseProcessor<Activity>
    {
        public ConcurrentQueue<Activity> Spans { get; } = [];

        public override void OnEnd(Activity data) => Spans.Enqueue(data);
    }
}
