using System.Collections.Concurrent;
using System.Diagnostics;
using AssessmentFlow.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
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
    [InlineData("/things/7?secret=1", "GET /things/{id}", "/things/{id}", 200, null, ActivityStatusCode.Unset)]
    [InlineData("/nowhere", "GET", null, 404, null, ActivityStatusCode.Unset)]
    [InlineData("/broken/7", "GET /broken/{id}", "/broken/{id}", 500, "System.InvalidOperationException", ActivityStatusCode.Error)]
    [InlineData("/away", "GET /away", "/away", 503, "503", ActivityStatusCode.Error)]
    public async Task The_span_of_a_request_tells_its_route_and_how_it_was_answered_and_neither_query_nor_message(
        string path, string name, string? route, int status, string? error, ActivityStatusCode outcome)
    {
        var ended = new Ended();
        await using var app = await StartAsync(ended, new AlwaysOnSampler());
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(app.Urls.Single() + path), Token);
        await app.StopAsync(Token);

        var span = Assert.Single(ended.Spans);

        Assert.Equal((name, ActivityKind.Server, outcome, null), (span.DisplayName, span.Kind, span.Status, span.StatusDescription));
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["http.request.method"] = "GET",
                ["url.scheme"] = "http",
                ["url.path"] = path.Split('?')[0],
                ["network.protocol.version"] = "1.1",
                ["http.route"] = route,
                ["http.response.status_code"] = status,
                ["error.type"] = error,
            }.Where(static tag => tag.Value is not null).OrderBy(static tag => tag.Key, StringComparer.Ordinal),
            span.TagObjects.OrderBy(static tag => tag.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_span_of_a_request_whose_answer_breaks_off_tells_its_route_and_no_message()
    {
        var ended = new Ended();
        await using var app = await StartAsync(ended, new AlwaysOnSampler());
        using var http = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(new Uri(app.Urls.Single() + "/half/7"), Token));
        await app.StopAsync(Token);

        var span = Assert.Single(ended.Spans);

        Assert.Equal(("GET /half/{id}", "/half/{id}", null), (span.DisplayName, span.GetTagItem("http.route"), span.StatusDescription));
    }

    [Fact]
    public async Task Of_a_request_that_is_not_recorded_nothing_is_told()
    {
        var ended = new Ended();
        await using var app = await StartAsync(ended, new AlwaysOffSampler());
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(app.Urls.Single() + "/things/7"), Token);
        await app.StopAsync(Token);

        Assert.Empty(ended.Spans);
    }

    private static async Task<WebApplication> StartAsync(Ended ended, Sampler sampler)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddProblemDetails();
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddRequests().SetSampler(sampler).AddProcessor(new TextlessTraces()).AddProcessor(ended));
        var app = builder.Build();
        app.UseRequestTraces();
        app.UseExceptionHandler();
        app.UseRouting();
        app.MapGet("/things/{id}", static (int id) => id);
        app.MapGet("/broken/{id}", static (int id) => id < 0 ? id : throw new InvalidOperationException("A secret."));
        app.MapGet("/half/{id}", static async (int id, HttpContext context) =>
        {
            context.Response.ContentLength = 1_000;
            await context.Response.WriteAsync("half");
            throw new InvalidOperationException($"A secret of {id}.");
        });
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
