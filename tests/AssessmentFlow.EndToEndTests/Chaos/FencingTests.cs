using System.Net;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>
/// A server that stood still goes on with what it has in memory, while others have taken its cases over. Whether it still
/// begins a turn before it learns that it was given up is up to chance, so the count of refused turns is told and not
/// demanded: <c>TwoActivationsTests</c> bring the refusal about every time.
/// </summary>
[Collection(nameof(Alone))]
public sealed class FencingTests(ITestOutputHelper output)
{
    /// <summary>Instances on the server that stands still (count).</summary>
    private const int Instances = 24;

    /// <summary>Turns of each: its start, and one event before, during and after the server stood still.</summary>
    private const int Turns = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_two_activations_of_one_instance_never_both_commit_and_the_caller_of_the_loser_asks_again_once_at_most()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        await using var cluster = await ChaosCluster.StartAsync(servers: 1);
        var server = cluster.Servers[0];
        using var stopped = await RestClient.OfAsync(server);
        var stage = new Stage(stopped);
        var ids = new List<string>();
        for (var i = 0; i < Instances; i++)
        {
            ids.Add(await stage.StartAsync(Definitions.Waits)); // They live on the only server that there is.
        }

        using var living = stopped.At(await cluster.AddAsync());
        await Task.WhenAll(ids.Select(id => AcknowledgedAsync(living, Stage.Signal(id))));

        await server.PauseAsync();
        var late = ids.ConvertAll(id => Stage.Signal(id));
        var answers = late.ConvertAll(request => TryAsync(stopped, request)); // They lie at the door of the server that stands still.
        await Task.WhenAll(ids.Select(id => AcknowledgedAsync(living, Stage.Signal(id))));
        await server.ResumeAsync();
        var again = 0;
        for (var i = 0; i < late.Count; i++)
        {
            if (await answers[i] is not { Status: HttpStatusCode.OK })
            {
                again++;
                var second = await living.SendAsync(late[i], Token);
                Assert.True(second.Status is HttpStatusCode.OK, $"{late[i]} was answered {await answers[i]}, then {second}");
            }
        }

        var refused = server.Output.Split("An activation was refused its turn").Length - 1;
        output.WriteLine($"{refused} activations were refused their turns; {again} callers asked again.");
        var chain = await cluster.RestAsync(Token);
        chain.AssertUnbroken();
        Assert.All(ids, id => Assert.Equal(Turns, chain.Turns.Where(turn => turn.Entity == $"instance/{id}").Select(turn => turn.InputId).Distinct(StringComparer.Ordinal).Count()));
        Assert.Equal(Turns * Instances, chain.Turns.Count(turn => ids.Contains(turn.Entity.Split('/')[^1])));
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
