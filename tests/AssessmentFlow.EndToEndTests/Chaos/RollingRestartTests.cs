using System.Globalization;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>Servers that are replaced one after the other are nothing that clients notice.</summary>
[Collection(nameof(Alone))]
public sealed class RollingRestartTests(ITestOutputHelper output)
{
    /// <summary>Requests that are acknowledged between two restarts at least (count).</summary>
    private const int RequestsBetweenMin = 200;

    /// <summary>
    /// Program (.dll) of the servers that are replaced: that of an earlier build, to try an upgrade. Without it they are of this build.
    /// </summary>
    private static readonly string? Earlier = Environment.GetEnvironmentVariable("ASSESSMENTFLOW_EARLIER_SERVER");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_servers_are_restarted_or_upgraded_one_after_the_other_under_load_and_no_request_fails()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var history = new ChaosHistory();
        await using var cluster = await ChaosCluster.StartAsync(new ServerSettings { Program = Earlier, Configuration = ["Cluster:DrainFor=00:00:04"] });
        using var load = await ChaosLoad.StartAsync(cluster, history, Token);
        await WorkAsync(history);
        foreach (var server in cluster.Servers)
        {
            Assert.Equal(0, await server.StopAsync());
            await server.StartAgainUpgradedAsync();
            await WorkAsync(history);
        }

        var gaveUp = await load.StopAsync(ChaosRun.EndWithin);
        var (chain, leftOver) = await cluster.SettleAsync(Token);
        var verdict = ChaosVerdict.Of(history.Acknowledgements, StoredOutcome.Of(chain), leftOver);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{history}."));

        Assert.True(
            gaveUp is 0 && verdict.IsSound && history is { Surprises.Count: 0, PutOffs.Count: 0 },
            string.Join(Environment.NewLine, [$"{history}", $"{gaveUp} clients gave up", .. verdict.Examples, .. history.Surprises.Take(5), .. history.PutOffs.Take(5).Select(each => each.What), .. cluster.Failures().Take(5)]));
    }

    private static async Task WorkAsync(ChaosHistory history)
    {
        var begun = history.Acknowledgements.Count;
        await Eventually.HoldsAsync(
            $"{RequestsBetweenMin} requests are acknowledged", () => Task.FromResult(history.Acknowledgements.Count >= begun + RequestsBetweenMin), Token);
    }
}
