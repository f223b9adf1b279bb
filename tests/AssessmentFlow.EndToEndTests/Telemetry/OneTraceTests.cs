using System.Diagnostics;
using System.Net;
using System.Text;
using AssessmentFlow.EndToEndTests.Chaos;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Telemetry;

/// <summary>What servers tell a collector of a request and of what it brings about.</summary>
public sealed class OneTraceTests
{
    private const string Secret = "Synthetic text that nobody but the case may hold";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_request_that_goes_over_two_servers_is_one_trace_from_HTTP_to_SQL_and_carries_no_text()
    {
        await using var receiver = new OtlpReceiver();
        await using var cluster = await StartAsync(receiver);
        using var first = await RestClient.OfAsync(cluster.Servers[0]);
        var id = await new Stage(first).StartAsync(Definitions.Waits); // It lives on the only server that there is.
        using var second = first.At(await cluster.AddAsync());

        var request = await AskAsync(() => second.SendAsync(Stage.Signal(id, payload: Secret), Token));

        List<ReceivedSpan> way = [];
        await Eventually.HoldsAsync(
            "the trace of the request leads from SQL back to it", () => Task.FromResult((way = WayFromSql(receiver.Of(request))).Count > 0), Token);
        Assert.Equal(
            ["Npgsql", "AssessmentFlow.Storage", "AssessmentFlow.Runtime", "AssessmentFlow.Runtime", "Microsoft.AspNetCore"],
            way.Select(span => span.Source));
        Assert.Equal(2, way.Select(span => span.Process).Distinct(StringComparer.Ordinal).Count());
        ExpectNoSecret(receiver);
    }

    [Fact]
    public async Task What_the_database_says_of_a_failure_is_in_no_trace_and_no_statement_begins_one()
    {
        await using var receiver = new OtlpReceiver();
        await using var cluster = await StartAsync(receiver);
        using var api = await RestClient.OfAsync(cluster.Servers[0]);
        var id = await new Stage(api).StartAsync(Definitions.Waits);
        await using (var connection = Databases.Postgres(cluster.ConnectionString))
        {
            await connection.OpenAsync(Token);
            await using var command = connection.CreateCommand();
            command.CommandText =
                $"""
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{Secret}'; END $$;
                CREATE TRIGGER refuse BEFORE INSERT ON turn FOR EACH ROW EXECUTE FUNCTION refuse();
                """;
            await command.ExecuteNonQueryAsync(Token);
        }

        var request = await AskAsync(() => api.SendAsync(Stage.Signal(id), Token), HttpStatusCode.InternalServerError);

        await Eventually.HoldsAsync(
            "the failure of the statement is received, and the request that failed with it",
            () => Task.FromResult(receiver.Of(request) is var spans && spans.Any(span => span.Source is "Npgsql" && span.Events.Contains("exception")) && spans.Any(span => span.Source is "Microsoft.AspNetCore")),
            Token);
        ExpectNoSecret(receiver);
        Assert.DoesNotContain(receiver.Spans, span => span is { Source: "Npgsql", ParentId: "" });
    }

    [Fact]
    public async Task What_a_turn_asks_of_others_is_part_of_its_trace_and_the_next_turn_of_an_entity_links_to_the_one_before_over_a_restart()
    {
        await using var receiver = new OtlpReceiver();
        using var folder = new TemporaryFolder();
        var settings = new ServerSettings { DataFolder = folder.Path, Configuration = SendingTo(receiver) };
        Activity asking;
        string review;
        await using (var server = await ServerProcess.StartAsync(settings))
        {
            using var api = await RestClient.OfAsync(server);
            var stage = new Stage(api);
            var caseId = await stage.OpenCaseAsync();
            asking = Begin();
            review = await stage.OpenReviewAsync(caseId);
            asking.Stop();
            await Eventually.HoldsAsync(
                "the trace of the request leads over a delivery to the first turn of a review",
                () => Task.FromResult(receiver.Of(asking) is var spans && spans.Any(span =>
                    span.Name is "turn" && WayUp(spans, span) is [.., { Source: "Microsoft.AspNetCore" }] way && way.Exists(each => each.Name is "deliver"))),
                Token);
        }

        await using (var server = await ServerProcess.StartAsync(settings))
        {
            using var api = await RestClient.OfAsync(server);
            using var writing = Begin();
            await new Stage(api).WriteChapterAsync(review);
            writing.Stop();
            await Eventually.HoldsAsync(
                "the next turn of the review links to the one before",
                () => Task.FromResult(receiver.Of(writing).SelectMany(span => span.Links).Intersect(receiver.Of(asking).Where(span => span.Name is "turn").Select(span => span.SpanId), StringComparer.Ordinal).Any()),
                Token);
        }
    }

    [Fact]
    public async Task A_timer_that_is_due_begins_a_trace_of_which_its_turn_is_part()
    {
        await using var receiver = new OtlpReceiver();
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(new ServerSettings { DataFolder = folder.Path, Configuration = SendingTo(receiver) });
        using var api = await RestClient.OfAsync(server);
        var stage = new Stage(api);
        var sleeping = await stage.PublishAsync(Definitions.Of("synthetic-nap", Definitions.Activity("sleep", "Elsa.Delay", ("timeSpan", "TimeSpan", "Literal", "00:00:00.300"))));

        await stage.StartAsync(sleeping);

        await Eventually.HoldsAsync(
            "a trace leads from a commit to the timer",
            () => Task.FromResult(receiver.Spans.ToList() is var spans && spans.Exists(span =>
                span.Source is "AssessmentFlow.Storage" && WayUp(spans, span) is [.., { Name: "turn" }, { Name: "call" }, { Name: "timer", ParentId: "" }])),
            Token);
    }

    /// <summary>One server on PostgreSQL, to which others can be added.</summary>
    private static Task<ChaosCluster> StartAsync(OtlpReceiver receiver)
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        return ChaosCluster.StartAsync(servers: 1, SendingTo(receiver));
    }

    /// <summary>Traces are sent to the receiver soon after they end, and so would logs be.</summary>
    private static string[] SendingTo(OtlpReceiver receiver) =>
        [$"OTEL_EXPORTER_OTLP_ENDPOINT={receiver.Address}", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_BSP_SCHEDULE_DELAY=200", "OTEL_BLRP_SCHEDULE_DELAY=200"];

    /// <summary>Fails when the secret came, or anything else than traces: logs carry the texts of exceptions.</summary>
    private static void ExpectNoSecret(OtlpReceiver receiver)
    {
        Assert.Equal(["/v1/traces"], receiver.Paths);
        Assert.DoesNotContain(receiver.Bodies, body => body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Secret)) >= 0);
    }

    /// <summary>Asks for something that is traced.</summary>
    private static async Task<Activity> AskAsync(Func<Task<RestAnswer>> ask, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = Begin();
        var answer = await ask();
        Assert.True(answer.Status == expected, $"The request was answered {answer}");
        return request;
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
