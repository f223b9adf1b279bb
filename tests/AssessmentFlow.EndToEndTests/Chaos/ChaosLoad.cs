using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>Clients at work on the servers of a cluster: on those that say they are ready.</summary>
internal sealed class ChaosLoad : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _givingUp;
    private readonly IReadOnlyList<RestClient> _ways;
    private readonly ReadyServers _ready;
    private readonly Task _watching;
    private readonly List<Task> _loops;

    private ChaosLoad(IReadOnlyList<ServerProcess> servers, IReadOnlyList<RestClient> ways, IReadOnlyList<string> shared, ChaosHistory history, CancellationToken cancellationToken)
    {
        _ways = ways;
        _givingUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _ready = new ReadyServers(servers, ways);
        _watching = _ready.WatchAsync(_givingUp.Token);
        _loops =
        [
            .. Enumerable.Range(0, ChaosPlan.Clients)
                .Select(number => new ChaosClient(_ready.At, history, number).RunAsync(_stopping.Token, _givingUp.Token)),
            .. Enumerable.Range(0, ChaosPlan.ImpatientClients)
                .Select(number => new ImpatientClient(_ready.At, history, shared, number).RunAsync(_stopping.Token, _givingUp.Token)),
        ];
    }

    /// <summary>Publishes the workflows and lets the clients begin.</summary>
    /// <param name="cluster">The servers.</param>
    /// <param name="history">Where clients write down what they were answered.</param>
    /// <param name="cancellationToken">To give everything up.</param>
    public static async Task<ChaosLoad> StartAsync(ChaosCluster cluster, ChaosHistory history, CancellationToken cancellationToken)
    {
        using var first = await RestClient.OfAsync(cluster.Servers[0]);
        var stage = new Stage(first);
        foreach (var definition in ChaosWorkflows.All)
        {
            await stage.PublishAsync(definition);
        }

        var shared = new List<string>();
        for (var i = 0; i < ChaosPlan.SharedCases; i++)
        {
            shared.Add(await stage.StartAsync(ChaosWorkflows.Shared));
        }

        return new ChaosLoad(cluster.Servers, [.. cluster.Servers.Select(first.At)], shared, history, cancellationToken);
    }

    /// <summary>Lets every client bring its case to the end.</summary>
    /// <param name="within">How long that may take.</param>
    /// <returns>Clients that did not manage to (count).</returns>
    public async Task<int> StopAsync(TimeSpan within)
    {
        await _stopping.CancelAsync();
        _givingUp.CancelAfter(within);
        await Task.WhenAll(_loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var gaveUp = _loops.Count(loop => !loop.IsCompletedSuccessfully);
        await _givingUp.CancelAsync();
        await _watching;
        return gaveUp;
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _givingUp.Cancel();
        _stopping.Dispose();
        _givingUp.Dispose();
        _ready.Dispose();
        foreach (var way in _ways)
        {
            way.Dispose();
        }
    }
}
