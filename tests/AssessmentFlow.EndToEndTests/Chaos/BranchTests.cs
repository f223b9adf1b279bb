using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>Branches of one instance that are resumed at the same moment, through two servers.</summary>
public sealed class BranchTests(ITestOutputHelper output)
{
    private const int Branches = 50;
    private const string Workflow = "chaos-branches";
    private const string Joined = "joined";

    /// <summary>How often (count).</summary>
    private static readonly int Rounds = ChaosPlan.Number("ASSESSMENTFLOW_BRANCH_ROUNDS", 20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fifty_branches_of_one_instance_that_are_resumed_at_once_all_go_on_once_and_none_gets_stuck()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var cluster = await ChaosCluster.StartAsync(servers: 2);
        using var first = await RestClient.OfAsync(cluster.Servers[0]);
        using var second = first.At(cluster.Servers[1]);
        await new Stage(first).PublishAsync(Definition());

        var ids = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            var started = await first.ChangeAsync(Stage.Secretariat, "POST", "/api/v1/instances", new JsonObject { ["definitionId"] = Workflow }, Token);
            var id = (string)started.Json["id"]!;
            ids.Add(id);
            var answers = await Task.WhenAll(Enumerable.Range(0, Branches).Select(branch => ((branch + round) % 2 is 0 ? first : second).SendAsync(Stage.Signal(id, Name(branch)), Token)));
            Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.OK, $"A branch of {id} was answered {answer}"));
        }

        var chain = await cluster.RestAsync(Token);
        chain.AssertUnbroken();
        var lines = chain.Turns.ToLookup(turn => turn.Entity, turn => Encoding.UTF8.GetString(turn.Facts), StringComparer.Ordinal);
        string[] all = [.. Enumerable.Range(0, Branches).Select(Name), Joined];
        Assert.All(ids, id =>
        {
            var facts = lines[$"instance/{id}"].SelectMany(text => JsonNode.Parse(text)!.AsArray()).Select(fact => fact!).ToList();
            var written = facts.Where(fact => (string?)fact["fact"] is "line-written").Select(fact => (string)fact["text"]!).ToList();
            Assert.Equal(all.Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
            Assert.Equal(Joined, written[^1]);
            Assert.Single(facts, fact => (string?)fact["fact"] is "instance-finished");
        });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Rounds} rounds of {Branches} branches: each went on once, none got stuck."));
    }

    private static string Name(int branch) => string.Create(CultureInfo.InvariantCulture, $"branch-{branch}");

    private static JsonObject Definition() => Definitions.Of(
        Workflow,
        Definitions.Steps(
            "branches",
            "Elsa.Parallel",
            [
                .. Enumerable.Range(0, Branches).Select(Name).Select(name => Definitions.Steps(
                    $"{name}-steps", "Elsa.Sequence", Definitions.Activity($"{name}-wait", "Elsa.Event", ("eventName", "String", "Literal", name)), Line(name))),
            ]),
        Line(Joined));

    private static JsonObject Line(string text) => Definitions.Activity($"{text}-line", "Elsa.WriteLine", ("text", "String", "Literal", text));
}
