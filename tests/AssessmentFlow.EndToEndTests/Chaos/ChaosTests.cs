using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>
/// Three servers on one PostgreSQL, killed, stopped and cut off at random while clients work; afterwards everything that
/// was acknowledged is held against what is stored.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ChaosTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Whatever_befalls_three_servers_no_acknowledged_request_is_lost_nothing_happens_twice_and_no_case_gets_stuck()
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var run = await ChaosRun.Of(ChaosPlan.FromEnvironment(), new ServerSettings(), ChaosRun.EndWithin, TestContext.Current.CancellationToken);
        output.WriteLine(run.Report);

        run.Chain.AssertUnbroken();
        Assert.True(
            run.GaveUp is 0 && run.Verdict.IsSound && run.History.Surprises.Count is 0,
            string.Join(Environment.NewLine, [run.Report, .. run.Examples]));
    }
}
