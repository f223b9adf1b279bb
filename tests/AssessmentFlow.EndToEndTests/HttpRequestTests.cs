using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Workflows send HTTP requests to a real receiver: each outcome goes on where its port says, once.</summary>
public sealed class HttpRequestTests : IAsyncLifetime
{
    private static readonly string[] Ports = ["200", "Unmatched status code", "Failed to connect", "Timeout"];

    private readonly Receiver _receiver = new();
    private readonly Receiver _unlisted = new();
    private readonly int _deserted = LocalHttp.FreePort();
    private ServerProcess? _server;
    private RestClient? _api;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // "localhost" is listed by its name; that its address is listed as well is what the test of it lacks.
        _server = await ServerProcess.StartAsync(new ServerSettings
        {
            Configuration =
            [
                $"Http:AllowedHosts=127.0.0.1:{_receiver.Port};127.0.0.1:{_deserted};localhost:{_unlisted.Port}",
                "Http:Timeout=00:00:05",
                "Http:CallsMax=40",
                "FirstStart:LoadSample=false",
            ],
        });
        _api = await RestClient.OfAsync(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _receiver.DisposeAsync();
        await _unlisted.DisposeAsync();
    }

    [Fact]
    public async Task Every_outcome_of_a_request_follows_its_port()
    {
        Assert.Equal(["200: 42", "Done"], await OutcomeAsync(_receiver.Address + Receiver.Ok));
        Assert.Equal(["Unmatched status code: 42", "Done"], await OutcomeAsync(_receiver.Address + Receiver.Missing));
        Assert.Equal(["Timeout: "], await OutcomeAsync(_receiver.Address + Receiver.Silent));
        Assert.Equal(["Failed to connect: "], await OutcomeAsync($"http://127.0.0.1:{_deserted}/"));
    }

    [Fact]
    public async Task What_is_not_allowed_is_not_sent_whether_it_is_named_resolved_or_redirected_to()
    {
        string[] urls =
        [
            _unlisted.Address + Receiver.Ok,
            $"http://localhost:{_unlisted.Port}{Receiver.Ok}",
            $"{_receiver.Address}/redirect?to={Uri.EscapeDataString(_unlisted.Address + Receiver.Ok)}",
            "http://169.254.169.254/latest/meta-data/",
        ];
        foreach (var url in urls)
        {
            var id = await StartAsync(Flow(url));
            Assert.Equal(["Failed to connect: "], await LinesAsync(id));
            Assert.Contains("Http:AllowedHosts", (await FactsAsync(id, "bookmark-burned")).Single()["payload"]!["message"]!.ToString(), StringComparison.Ordinal);
        }

        Assert.Empty(_unlisted.To(Receiver.Ok));
        Assert.Equal(["200: 42", "Done"], await OutcomeAsync($"{_receiver.Address}/redirect?to={Receiver.Ok}"));
    }

    [Fact]
    public async Task A_request_that_is_not_allowed_or_too_large_an_answer_is_an_incident_that_says_why()
    {
        var refused = await StartAsync(Bare(_unlisted.Address + Receiver.Ok));
        var large = await StartAsync(Bare(_receiver.Address + Receiver.Large));

        Assert.Equal("http-request-refused", (string?)(await EndAsync(refused))["incidents"]![0]!["code"]);
        Assert.Equal("http-answer-too-large", (string?)(await EndAsync(large))["incidents"]![0]!["code"]);
    }

    [Fact]
    public async Task A_file_is_downloaded_as_it_is_and_one_that_is_too_large_is_an_incident()
    {
        var definition = Definitions.Of(
            Triggered.Unique("downloads"), Download(_receiver.Address + Receiver.Document), Line("line", "JSON.stringify(getFile())"));
        definition["variables"] = new JsonArray(new JsonObject { ["id"] = "file", ["name"] = "File", ["typeName"] = "Object" });
        var large = await StartAsync(Definitions.Of(Triggered.Unique("large"), Download(_receiver.Address + Receiver.Large)));

        Assert.Equal(
            ["""{"Filename":"case 7.pdf","ContentType":"application/pdf","ETag":"\"v7\"","Content":"AP+A"}"""],
            await LinesAsync(await StartAsync(definition)));
        var incident = (await EndAsync(large))["incidents"]![0]!;
        Assert.Equal("http-answer-too-large", (string?)incident["code"]);
        Assert.Contains("The file has more than 46080 bytes", incident["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_resilience_a_busy_receiver_is_asked_again_under_the_same_key()
    {
        var id = await StartAsync(Flow(_receiver.Address + Receiver.Busy, resilient: true));

        Assert.Equal(["200: 42", "Done"], await LinesAsync(id));
        Assert.Equal(3, _receiver.To(Receiver.Busy).Count);
        Assert.Single(_receiver.To(Receiver.Busy).Select(request => request.IdempotencyKey).Distinct());
        Assert.Equal([503, 503, 200], (await FactsAsync(id, "bookmark-burned")).Select(fact => (int?)fact["payload"]?["statusCode"]).OfType<int>());
    }

    [Fact]
    public async Task After_a_kill_during_a_request_it_is_sent_again_under_the_same_key_and_the_workflow_goes_on_once()
    {
        _receiver.SilentTimes = 1;
        var path = Receiver.Silent + "-once";
        var id = await StartAsync(Flow(_receiver.Address + path));
        await Eventually.HoldsAsync("the request reaches the receiver", () => Task.FromResult(_receiver.To(path).Count is 1), Token);

        await _server!.KillAsync();
        await _server.StartAgainAsync();

        Assert.Equal(["200: 42", "Done"], await LinesAsync(id));
        var keys = _receiver.To(path).Select(request => request.IdempotencyKey).ToArray();
        Assert.Equal(2, keys.Length);
        Assert.Equal(keys[0], keys[1]);
        Assert.Single(await FactsAsync(id, "bookmark-burned"));
    }

    [Fact]
    public async Task While_many_requests_hang_other_messages_are_delivered()
    {
        var hanging = Definitions.Of("hangs", Send("call", _receiver.Address + Receiver.Silent, resilient: false));
        await PublishAsync(hanging);
        await PublishAsync(Definitions.Of("waits", Definitions.Wait("wait")));
        await PublishAsync(Definitions.Of("tells", Definitions.Activity("tell", "Elsa.PublishEvent", ("eventName", "String", "Literal", "go"))));
        var waits = await StartPublishedAsync("waits");
        for (var i = 0; i < 40; i++) // More than messages are delivered at once.
        {
            await StartPublishedAsync("hangs");
        }

        await Eventually.HoldsAsync("the requests reach the receiver", () => Task.FromResult(_receiver.To(Receiver.Silent).Count >= 33), Token);
        var answeredBefore = (await _api!.ListAsync(Stage.Secretariat, "/api/v1/instances?definitionId=hangs&status=Finished&limit=200", Token)).Count;
        await StartPublishedAsync("tells");
        await EndAsync(waits);

        TestContext.Current.TestOutputHelper?.WriteLine($"{answeredBefore} of 40 requests had timed out before.");
        Assert.True(answeredBefore < 40, "All requests had timed out before another message was sent: nothing was shown.");
    }

    private static JsonObject Send(string id, string url, bool resilient) => Definitions.Activity(
        id,
        "Elsa.FlowSendHttpRequest",
        ("url", "Uri", "Literal", url),
        ("method", "String", "Literal", "POST"),
        ("content", "Object", "JavaScript", "({ question: 6 * 7 })"),
        ("enableResiliency", "Boolean", "Literal", resilient ? "True" : "False"));

    private static JsonObject Download(string url)
    {
        var download = Definitions.Activity("download", "Elsa.DownloadHttpFile", ("url", "Uri", "Literal", url));
        download["result"] = new JsonObject { ["typeName"] = "HttpFile", ["memoryReference"] = new JsonObject { ["id"] = "file" } };
        return download;
    }

    private static JsonObject Bare(string url) => Definitions.Of(Triggered.Unique("bare"), Send("call", url, resilient: false));

    private static JsonObject Flow(string url, bool resilient = false)
    {
        var call = Send("call", url, resilient);
        call["parsedContent"] = new JsonObject { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = "content" } };
        var lines = Ports.Select((port, index) => Line($"p{index}", $"'{port}: ' + (getContent() ? getContent().answer : '')")).Append(Line("done", "'Done'"));
        var connections = Ports.Select((port, index) => Connection(port, $"p{index}")).Append(Connection("Done", "done"));
        return new JsonObject
        {
            ["definitionId"] = Triggered.Unique("calls"),
            ["name"] = "Synthetic: calls",
            ["variables"] = new JsonArray(new JsonObject { ["id"] = "content", ["name"] = "Content", ["typeName"] = "Object" }),
            ["root"] = new JsonObject
            {
                ["id"] = "flow",
                ["type"] = "Elsa.Flowchart",
                ["version"] = 1,
                ["activities"] = new JsonArray([call, .. lines]),
                ["connections"] = new JsonArray([.. connections]),
            },
        };
    }

    private static JsonObject Line(string id, string script) => Definitions.Activity(id, "Elsa.WriteLine", ("text", "String", "JavaScript", script));

    private static JsonObject Connection(string port, string target) => new()
    {
        ["source"] = new JsonObject { ["activity"] = "call", ["port"] = port },
        ["target"] = new JsonObject { ["activity"] = target, ["port"] = "In" },
    };

    private Task<string> PublishAsync(JsonObject definition) => new Stage(_api!).PublishAsync(definition);

    private async Task<string> StartPublishedAsync(string definitionId) =>
        (string)(await _api!.ChangeAsync(Stage.Secretariat, "POST", "/api/v1/instances", new JsonObject { ["definitionId"] = definitionId }, Token)).Json["id"]!;

    private async Task<string> StartAsync(JsonObject definition)
    {
        await PublishAsync(definition);
        return await StartPublishedAsync((string)definition["definitionId"]!);
    }

    private async Task<string[]> OutcomeAsync(string url) => await LinesAsync(await StartAsync(Flow(url)));

    private async Task<JsonNode> EndAsync(string id)
    {
        JsonNode? instance = null;
        await Eventually.HoldsAsync(
            $"instance {id} ends", async () => (string?)(instance = await _api!.GetAsync(Stage.Secretariat, $"/api/v1/instances/{id}", Token))["status"] is "Finished", Token);
        return instance!;
    }

    /// <summary>The lines of an instance that ended as planned.</summary>
    private async Task<string[]> LinesAsync(string id)
    {
        Assert.Equal("Finished", (string?)(await EndAsync(id))["subStatus"]);
        return [.. (await FactsAsync(id, "line-written")).Select(fact => (string)fact["text"]!)];
    }

    private async Task<IReadOnlyList<JsonNode>> FactsAsync(string id, string kind) =>
    [
        .. (await _api!.ListAsync("auditor", $"/api/v1/instances/{id}/journal", Token, next: "after"))
            .SelectMany(turn => turn["facts"]!.AsArray())
            .Where(fact => (string?)fact!["fact"] == kind)
            .Select(fact => fact!),
    ];
}
