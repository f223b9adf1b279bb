using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Telemetry;

/// <summary>What a process shows of itself without any other component.</summary>
public sealed partial class OperationsTests : IDisposable
{
    private const int TracesMax = 5;
    private const string Secret = "Synthetic text that nobody but the case may hold";

    private readonly HttpClient _http = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Metrics_and_the_newest_traces_are_shown_without_text_of_a_case_and_no_more_traces_are_kept_than_the_setting_says()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings
        {
            Configuration = [$"Telemetry:RecentTraces={TracesMax.ToString(CultureInfo.InvariantCulture)}", "Telemetry:Metrics=true"],
        });
        using var api = await RestClient.OfAsync(server);
        var id = await new Stage(api).StartAsync(Definitions.Waits, correlationId: Secret);
        for (var i = 0; i < TracesMax + 1; i++)
        {
            await api.ChangeAsync(Stage.Secretariat, "POST", $"/api/v1/instances/{id}/signals", new JsonObject { ["name"] = "go", ["payload"] = Secret }, Token);
        }

        var traces = "";
        await Eventually.HoldsAsync("the last request is shown", async () => (traces = await GetAsync(server, "/operations/traces")).Contains($"instance/{id}", StringComparison.Ordinal), Token);
        var metrics = await GetAsync(server, "/metrics");

        Assert.Equal(TracesMax, Trace().Count(traces));
        Assert.Contains("commit", traces, StringComparison.Ordinal);
        Assert.Matches(Turns(), metrics);
        Assert.Contains("http_server_request_duration_seconds", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, traces + metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(id, metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_its_caller_leaves_out_of_traces_is_left_out_at_its_grains_too()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings { Configuration = ["Telemetry:RecentTraces=1000"] });
        using var api = await RestClient.OfAsync(server);
        var id = await new Stage(api).StartAsync(Definitions.Waits);

        await SignalAsync(ActivityTraceFlags.None);
        var recorded = await SignalAsync(ActivityTraceFlags.Recorded);
        List<string> traces = [];
        await Eventually.HoldsAsync(
            "the turn of the second event is shown",
            async () =>
            {
                traces = [.. (await GetAsync(server, "/operations/traces")).Split("<details>").Where(trace => trace.Contains($"instance/{id}", StringComparison.Ordinal))];
                return traces.Exists(trace => trace.Contains(recorded, StringComparison.Ordinal));
            },
            Token);

        Assert.Equal(2, traces.Count); // Of its start and of the second event.

        async Task<string> SignalAsync(ActivityTraceFlags flags)
        {
            using var request = new Activity("request") { ActivityTraceFlags = flags }.SetIdFormat(ActivityIdFormat.W3C).Start();
            await api.SendAsync(Stage.Signal(id), Token);
            return request.TraceId.ToHexString();
        }
    }

    [Fact]
    public async Task Unless_they_are_asked_for_there_are_neither_traces_nor_metrics()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings());

        foreach (var path in new[] { "/operations/traces", "/metrics" })
        {
            using var response = await _http.GetAsync(new Uri(server.Address, path), Token);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    private Task<string> GetAsync(ServerProcess server, string path) => _http.GetStringAsync(new Uri(server.Address, path), Token);

    [GeneratedRegex("<details>", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Trace();

    [GeneratedRegex(@"^assessmentflow_turns_total\{?[^\n]* [1-9][0-9]*$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Turns();
}
