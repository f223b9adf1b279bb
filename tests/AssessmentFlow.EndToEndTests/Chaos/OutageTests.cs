using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;
using Npgsql;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>The database goes away, or takes its time: clients are told so, and everything goes on by itself.</summary>
public sealed class OutageTests : IDisposable
{
    private const int Instances = 20;
    private const int WaitingMax = 4;

    private readonly HttpClient _http = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task While_the_database_is_away_requests_are_put_off_and_when_it_is_back_servers_go_on_by_themselves_with_all_that_was_acknowledged()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var cluster = await ChaosCluster.StartAsync(servers: 2);
        using var first = await RestClient.OfAsync(cluster.Servers[0]);
        using var second = first.At(cluster.Servers[1]);
        var signals = await InstancesAsync(first);
        var acknowledged = await SendAllAsync(first, signals.Select(Renewed));

        await cluster.Postgres.StopAsync(immediate: true);
        var answers = await SendAllAsync(first, signals);
        Assert.All(answers, answer => AssertPutOff(answer, HttpStatusCode.ServiceUnavailable, "database-unavailable"));
        foreach (var server in cluster.Servers)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, await HealthAsync(server, "ready"));
            Assert.Equal(HttpStatusCode.OK, await HealthAsync(server, "live"));
        }

        await cluster.Postgres.StartAgainAsync();
        foreach (var server in cluster.Servers)
        {
            await Eventually.HoldsAsync("the server is ready again", async () => await HealthAsync(server, "ready") is HttpStatusCode.OK, Token);
        }

        var repeated = await SendAllAsync(second, signals);
        var chain = await cluster.RestAsync(Token);
        chain.AssertUnbroken();
        Assert.All(acknowledged, answer => Assert.Equal((HttpStatusCode.OK, 2), (answer.Status, (int)answer.Json["version"]!)));
        Assert.All(repeated, answer => Assert.Equal((HttpStatusCode.OK, 3), (answer.Status, (int)answer.Json["version"]!)));
        Assert.Equal(3 * Instances, chain.Turns.Count(turn => turn.Entity.StartsWith("instance/", StringComparison.Ordinal) && acknowledged.Any(answer => turn.Entity.EndsWith((string)answer.Json["id"]!, StringComparison.Ordinal))));
    }

    [Fact]
    public async Task What_could_not_be_written_of_reference_data_and_workflows_is_not_answered_as_done_when_it_is_repeated()
    {
        const string agency = "/api/v1/agencies/synthetic-outage", workflows = "/api/v1/workflow-definitions", wait = "outage";
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var cluster = await ChaosCluster.StartAsync(servers: 1);
        using var api = await RestClient.OfAsync(cluster.Servers[0]);
        await api.ChangeAsync(Stage.Secretariat, "PUT", agency, Agency("before"), Token);
        await api.ChangeAsync(Stage.Secretariat, "POST", workflows, Definitions.Of(wait, Definitions.Wait("first")), Token);
        RestRequest[] changes =
        [
            Request("PUT", agency, Agency("after")), Request("POST", $"{workflows}/{wait}/publish", new JsonObject { ["note"] = "Synthetic." }),
        ];

        await cluster.Postgres.StopAsync(immediate: true);
        foreach (var change in new[] { changes, changes }.SelectMany(each => each))
        {
            Assert.Equal((change, HttpStatusCode.ServiceUnavailable), (change, (await api.SendAsync(change, Token)).Status));
        }

        await cluster.Postgres.StartAgainAsync();
        await Eventually.HoldsAsync("the server is ready again", async () => await HealthAsync(cluster.Servers[0], "ready") is HttpStatusCode.OK, Token);
        Assert.Equal("before", (string?)(await api.GetAsync(Stage.Secretariat, agency, Token))["value"]!["name"]);
        Assert.All(await SendOneByOneAsync(api, changes), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));

        await cluster.Servers[0].KillAsync();
        await cluster.Servers[0].StartAgainAsync();
        using var revived = api.At(cluster.Servers[0]);
        Assert.Equal("after", (string?)(await revived.GetAsync(Stage.Secretariat, agency, Token))["value"]!["name"]);
        Assert.Equal(1, (int)(await revived.GetAsync(Stage.Secretariat, $"{workflows}/{wait}/versions", Token))["publishedVersion"]!);

        static JsonObject Agency(string name) => new() { ["name"] = name, ["source"] = "Synthetic." };
        static RestRequest Request(string method, string path, JsonObject body) => Edits.Request(method, Stage.Secretariat, path, "*", body);
    }

    [Theory]
    [InlineData("Storage:QueueMax")]
    [InlineData("Requests:AtOnceMax")]
    public async Task Requests_beyond_those_that_may_wait_are_put_off_at_once_and_those_that_wait_are_written(string bound)
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var cluster = await ChaosCluster.StartAsync(servers: 1, $"{bound}={WaitingMax}", "Storage:BatchMax=1");
        using var api = await RestClient.OfAsync(cluster.Servers[0]);
        var signals = await InstancesAsync(api);

        List<Task<RestAnswer>> sent;
        await using (var connection = Databases.Postgres(cluster.ConnectionString))
        {
            // Nothing can be written now: as many as may are waiting, and behind the bound of turns one more is under way.
            await connection.OpenAsync(Token);
            await using var transaction = await connection.BeginTransactionAsync(Token);
            await using var hold = new NpgsqlCommand("LOCK TABLE turn IN ACCESS EXCLUSIVE MODE", connection, transaction);
            await hold.ExecuteNonQueryAsync(Token);
            sent = [.. signals.Select(signal => api.SendAsync(signal, Token))];
            await Eventually.HoldsAsync(
                "all but those that may wait are answered", () => Task.FromResult(sent.Count(each => each.IsCompleted) >= Instances - WaitingMax - 1), Token);
            Assert.All(
                await Task.WhenAll(sent.Where(each => each.IsCompleted)), answer => AssertPutOff(answer, HttpStatusCode.TooManyRequests, "too-busy"));
            Assert.Equal(HttpStatusCode.OK, await HealthAsync(cluster.Servers[0], "live"));
        }

        var answers = await Task.WhenAll(sent);
        Assert.InRange(answers.Count(answer => answer.Status is HttpStatusCode.OK), 1, WaitingMax + 1);
        Assert.All(await SendOneByOneAsync(api, signals), answer => Assert.Equal((HttpStatusCode.OK, 2), (answer.Status, (int)answer.Json["version"]!)));
    }

    /// <returns>An event for each of some instances that wait for it.</returns>
    private static async Task<IReadOnlyList<RestRequest>> InstancesAsync(RestClient api)
    {
        var stage = new Stage(api);
        var signals = new List<RestRequest>();
        for (var i = 0; i < Instances; i++)
        {
            var id = await stage.StartAsync(Definitions.Waits);
            signals.Add(Stage.Signal(id));
        }

        return signals;
    }

    private static RestRequest Renewed(RestRequest request) => request with { IdempotencyKey = Guid.NewGuid().ToString() };

    private static Task<RestAnswer[]> SendAllAsync(RestClient api, IEnumerable<RestRequest> requests) => Task.WhenAll(requests.Select(request => api.SendAsync(request, Token)));

    private static async Task<IReadOnlyList<RestAnswer>> SendOneByOneAsync(RestClient api, IEnumerable<RestRequest> requests)
    {
        var answers = new List<RestAnswer>();
        foreach (var request in requests)
        {
            answers.Add(await api.SendAsync(request, Token));
        }

        return answers;
    }

    private static void AssertPutOff(RestAnswer answer, HttpStatusCode status, string problem)
    {
        Assert.True(answer.Status == status, $"The request was answered {answer}");
        Assert.Equal(("application/problem+json", $"urn:assessmentflow:problem:{problem}", "1"), (answer.ContentType, (string?)answer.Json["type"], answer.RetryAfter));
    }

    private async Task<HttpStatusCode> HealthAsync(ServerProcess server, string what)
    {
        using var response = await _http.GetAsync(new Uri(server.Address, $"/health/{what}"), Token);
        return response.StatusCode;
    }
}
