using System.Globalization;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>
/// Three servers on one PostgreSQL, killed, stopped and cut off at random while clients work; afterwards everything that
/// was acknowledged is held against what is stored.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_befalls_three_servers_no_acknowledged_request_is_lost_nothing_happens_twice_and_no_case_gets_stuck()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var plan = ChaosPlan.FromEnvironment();
        var history = new ChaosHistory();
        await using var cluster = await ChaosCluster.StartAsync();
        using var load = await ChaosLoad.StartAsync(cluster, history, Token);
        await cluster.DisturbAsync(plan, Token);
        var gaveUp = await load.StopAsync();
        var underWay = gaveUp is 0 ? [] : await cluster.UnderWayAsync();

        var chain = await cluster.RestAsync(Token);
        var verdict = ChaosVerdict.Of(history.Acknowledgements, StoredOutcome.Of(chain));
        var report = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            Seed {plan.Seed}, {plan.Duration.TotalSeconds:F0} s: {cluster}.
            {history}.
            Lost {verdict.Lost.Count}, doubled {verdict.Doubled.Count}, stuck {verdict.Stuck.Count}, clients that gave up {gaveUp}.
            """);
        output.WriteLine(report);

        chain.AssertUnbroken();
        Assert.True(
            gaveUp is 0 && verdict.IsSound && history.Surprises.Count is 0,
            string.Join(Environment.NewLine, [report, .. verdict.Examples, .. underWay, .. history.Surprises.Take(5), .. cluster.Failures().Take(5)]));
    }
}
