using System.Diagnostics;
using System.Net;
using System.Text;
using AssessmentFlow.EndToEndTests.Chaos;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Telemetry;

/// <summary>What two servers tell a collector of one request.</summary>
public sealed class OneTraceTests
{
    private const string Secret = "Synthetic text that nobody but the case may hold";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_request_that_goes_over_two_servers_is_one_trace_from_HTTP_to_SQL_and_carries_no_text()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var receiver = new OtlpReceiver();
        await using var cluster = await ChaosCluster.StartAsync(servers: 1, $"OTEL_EXPORTER_OTLP_ENDPOINT={receiver.Address}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_BSP_SCHEDULE_DELAY=200");
        using var first = await RestClient.OfAsync(cluster.Servers[0]);
        var id = await new Stage(first).StartAsync(Definitions.Waits); // It lives on the only server that there is.
        using var second = first.At(await cluster.AddAsync());

        using var request = Begin();
        var answer = await second.SendAsync(Stage.Signal(id, payload: Secret), Token);
        Assert.True(answer.Status is HttpStatusCode.OK, $"The event was answered {answer}");

        List<ReceivedSpan> way = [];
        await Eventually.HoldsAsync(
            "the trace of the request leads from SQL back to it",
            () => Task.FromResult((way = WayFromSql(receiver.Of(request.TraceId.ToHexString()))).Count > 0),
            Token);
        Assert.Equal(
            ["Npgsql", "AssessmentFlow.Storage", "AssessmentFlow.Runtime", "AssessmentFlow.Calls", "AssessmentFlow.Calls", "Microsoft.AspNetCore"],
            way.Select(span => span.Source));
        Assert.Equal(2, way.Select(span => span.Process).Distinct(StringComparer.Ordinal).Count());
        Assert.DoesNotContain(receiver.Bodies, body => body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Secret)) >= 0);
    }

    [Fact]
    public async Task What_a_turn_asks_of_others_is_part_of_its_trace_and_the_next_turn_of_an_entity_links_to_the_one_before()
    {
        await using var receiver = new OtlpReceiver();
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Configuration = [$"OTEL_EXPORTER_OTLP_ENDPOINT={receiver.Address}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_BSP_SCHEDULE_DELAY=200"],
        });
        using var api = await RestClient.OfAsync(server);
        var stage = new Stage(api);
        var caseId = await stage.OpenCaseAsync();

        var asking = Begin();
        var review = await stage.OpenReviewAsync(caseId);
        asking.Stop();
        var writing = Begin();
        await stage.WriteChapterAsync(review);
        writing.Stop();

        await Eventually.HoldsAsync(
            "the trace of the request leads over the turn that asked and the delivery to the turn of a review, and the next turn of a review links to that",
            () =>
            {
                var spans = receiver.Of(asking.TraceId.ToHexString());
                var asked = spans.Where(span => span.Name is "turn" && WayUp(spans, span) is [.., { Source: "Microsoft.AspNetCore" }] way && way.Exists(each => each.Name is "deliver"));
                var links = receiver.Of(writing.TraceId.ToHexString()).Where(span => span.Name is "turn").SelectMany(span => span.Links);
                return Task.FromResult(asked.Select(span => span.SpanId).Intersect(links, StringComparer.Ordinal).Any());
            },
            Token);
    }

    private static Activity Begin() =>
        new Activity("request") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.SetIdFormat(ActivityIdFormat.W3C).Start();

    /// <returns>The spans from a commit's SQL up to the request; none while any of them is missing.</returns>
    private static List<ReceivedSpan> WayFromSql(IReadOnlyList<ReceivedSpan> spans) =>
        spans.Where(span => span.Source is "Npgsql").Select(sql => WayUp(spans, sql))
            .FirstOrDefault(way => way[^1].Source is "Microsoft.AspNetCore" && way.Exists(span => span.Name is "commit")) ?? [];

    /// <returns>A span and what it is part of, as far as that was received.</returns>
    private static List<ReceivedSpan> WayUp(IReadOnlyList<ReceivedSpan> spans, ReceivedSpan span)
    {
        var way = new List<ReceivedSpan> { span };
        while (spans.FirstOrDefault(each => each.SpanId == way[^1].ParentId) is { } parent)
        {
            way.Add(parent);
        }

        return way;
    }
}
