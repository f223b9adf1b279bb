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

        using var request = new Activity("request") { ActivityTraceFlags = ActivityTraceFlags.Recorded };
        request.SetIdFormat(ActivityIdFormat.W3C).Start();
        var answer = await second.SendAsync(Stage.Signal(id, payload: Secret), Token);
        Assert.True(answer.Status is HttpStatusCode.OK, $"The event was answered {answer}");

        List<ReceivedSpan> way = [];
        await Eventually.HoldsAsync(
            "the trace of the request leads from SQL back to it",
            () => Task.FromResult((way = WayFromSql(receiver.Of(request.TraceId.ToHexString()))).Count > 0),
            Token);
        Assert.Equal(
            ["Npgsql", "AssessmentFlow.Storage", "AssessmentFlow.Runtime", "Microsoft.Orleans.Application", "Microsoft.Orleans.Application", "Microsoft.AspNetCore"],
            way.Select(span => span.Source));
        Assert.Equal(2, way.Select(span => span.Process).Distinct(StringComparer.Ordinal).Count());
        Assert.DoesNotContain(receiver.Bodies, body => body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Secret)) >= 0);
    }

    /// <returns>The spans from a commit's SQL up to the request; none while any of them is missing.</returns>
    private static List<ReceivedSpan> WayFromSql(IReadOnlyList<ReceivedSpan> spans)
    {
        foreach (var sql in spans.Where(span => span.Source is "Npgsql"))
        {
            var way = new List<ReceivedSpan> { sql };
            while (spans.FirstOrDefault(span => span.SpanId == way[^1].ParentId) is { } parent)
            {
                way.Add(parent);
            }

            if (way[^1].Source is "Microsoft.AspNetCore" && way.Exists(span => span.Name is "commit"))
            {
                return way;
            }
        }

        return [];
    }
}
