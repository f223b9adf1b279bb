using System.Net;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>
/// A server that stood still goes on with what it has in memory, while others have taken its cases over and it cannot learn
/// of that yet. Whether it begins a turn before it ends is still up to chance, so that this is done again until one was
/// refused: a run in which nothing was has shown nothing.
/// </summary>
[Collection(nameof(Alone))]
public sealed class FencingTests(ITestOutputHelper output)
{
    /// <summary>Instances on the server that stands still (count).</summary>
    private const int Instances = 24;

    /// <summary>How often a server stands still until an activation was refused its turn (count): the first time is enough as a rule.</summary>
    private const int RoundsMax = 4;

    /// <summary>What a server writes when it ends an activation that is behind another.</summary>
    private const string Refusal = "An activation was refused its turn and ends";

    /// <summary>What in a server tells of its probes.</summary>
    private const string Membership = "Orleans.Runtime.MembershipService";

    /// <summary>What a server writes when it has missed an answer to its probes and still votes against nobody.</summary>
    private const string NoVote = "Suppressing vote to suspect silo";

    /// <summary>Probes that a server which stands still may miss without a vote against it (count): as many as it takes to vote.</summary>
    private const int NoVotesMax = 3;

    /// <summary>Turns of each: its start, and one event before, during and after the server stood still.</summary>
    private const int Turns = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_activations_of_one_instance_never_both_commit_and_the_caller_of_the_loser_asks_again_once_at_most()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var cluster = await ChaosCluster.StartAsync(servers: 1, $"Logging:LogLevel:{Membership}=Information");
        using var stopped = await RestClient.OfAsync(cluster.Servers[0]);
        var stage = new Stage(stopped);
        var ids = await StartAsync(stage); // They live on the only server that there is.
        using var living = stopped.At(await cluster.AddAsync());

        var (rounds, again, all) = (1, await SplitAsync(cluster, stopped, living, ids), ids);
        for (; Refusals(cluster) is 0 && rounds < RoundsMax; rounds++)
        {
            await cluster.ReviveAsync(cluster.Servers[0], Token);
            ids = await StartAsync(stage); // About half of them live on the server that stands still next.
            again += await SplitAsync(cluster, stopped, living, ids);
            all = [.. all, .. ids];
        }

        output.WriteLine($"{Refusals(cluster)} activations were refused their turns (rounds: {rounds}); {again} callers asked again.");
        var chain = await cluster.RestAsync(Token);
        chain.AssertUnbroken();
        Assert.All(all, id => Assert.Equal(Turns, chain.Turns.Where(turn => turn.Entity == $"instance/{id}").Select(turn => turn.InputId).Distinct(StringComparer.Ordinal).Count()));
        Assert.Equal(Turns * all.Count, chain.Turns.Count(turn => all.Contains(turn.Entity.Split('/')[^1])));
        Assert.True(Refusals(cluster) > 0, $"No activation was refused its turn (rounds: {rounds}): there never were two of one instance.");
    }

    private static async Task<IReadOnlyList<string>> StartAsync(Stage stage)
    {
        var ids = new List<string>();
        for (var i = 0; i < Instances; i++)
        {
            ids.Add(await stage.StartAsync(Definitions.Waits));
        }

        return ids;
    }

    /// <summary>Activations of all servers that ended since another one had moved on (count).</summary>
    private static int Refusals(ChaosCluster cluster) => cluster.Servers.Sum(server => Count(server, Refusal));

    private static int NoVotes(ChaosCluster cluster) => cluster.Servers.Sum(server => Count(server, NoVote));

    private static int Count(ServerProcess server, string line) => server.Output.Split(line).Length - 1;

    /// <summary>Lets the first server stand still, and go on when the second has taken its instances over.</summary>
    /// <returns>Callers that had to ask again (count); none had to twice.</returns>
    private static async Task<int> SplitAsync(ChaosCluster cluster, RestClient stopped, RestClient living, IReadOnlyList<string> ids)
    {
        var server = cluster.Servers[0];
        await Task.WhenAll(ids.Select(id => AcknowledgedAsync(stopped, Stage.Signal(id)))); // It knows where they live now, and asks nobody later.

        await server.PauseAsync();
        RestRequest[] late = [.. ids.Select(id => Stage.Signal(id))];
        Task<RestAnswer?>[] answers = [.. late.Select(request => TryAsync(stopped, request))]; // They lie at the door of the server that stands still.

        var noVotes = NoVotes(cluster);

        // What it was asked before it is given up would lie at its door too, and tell it as repeats how far the others have come.
        await cluster.GivenUpAsync(server, Token);
        Assert.InRange(NoVotes(cluster) - noVotes, 0, NoVotesMax);
        await Task.WhenAll(ids.Select(id => AcknowledgedAsync(living, Stage.Signal(id))));
        await cluster.ResumeUnawareAsync(server, Token);
        var again = 0;
        for (var i = 0; i < late.Length; i++)
        {
            if (await answers[i] is not { Status: HttpStatusCode.OK })
            {
                again++;
                var second = await living.SendAsync(late[i], Token);
                Assert.True(second.Status is HttpStatusCode.OK, $"{late[i]} was answered {await answers[i]}, then {second}");
            }
        }

        return again;
    }

    /// <summary>Asks until the request is acknowledged: what lived on the server that stands still has to be taken over first.</summary>
    private static async Task AcknowledgedAsync(RestClient api, RestRequest request)
    {
        while (await TryAsync(api, request) is not { Status: HttpStatusCode.OK })
        {
            await Task.Delay(Pause, Token);
        }
    }

    /// <returns>The answer; null when the connection ended without one.</returns>
    private static async Task<RestAnswer?> TryAsync(RestClient api, RestRequest request)
    {
        try
        {
            return await api.SendAsync(request, Token);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
