using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>One run of chaos finds what it is there to find, in real servers in which a mistake is planted.</summary>
[Collection(nameof(Alone))]
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    private const string HookVariable = "DOTNET_STARTUP_HOOKS";
    private const string BugVariable = "ASSESSMENTFLOW_PLANTED_BUG";

    /// <summary>The assembly that plants the mistakes; it is built beside this one.</summary>
    private static readonly string Hook = Path.Combine(
        AppContext.BaseDirectory.Replace("AssessmentFlow.EndToEndTests", "AssessmentFlow.PlantedBugs", StringComparison.Ordinal), "AssessmentFlow.PlantedBugs.dll");

    /// <summary>Cases that got stuck are not waited for as long as others: that they do is what is looked for.</summary>
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(20);

    private static ChaosPlan Plan => ChaosPlan.FromEnvironment();

    [Fact]
    public async Task A_turn_that_is_acknowledged_before_it_is_written_is_found_as_lost()
    {
        var run = await RunAsync("AcknowledgeBeforeCommit", Plan);

        Assert.NotEmpty(run.Verdict.Lost);
    }

    [Fact]
    public async Task A_message_that_is_in_memory_only_is_found_as_a_case_that_got_stuck()
    {
        var run = await RunAsync("ForgetOutboxRow", Plan with { Only = Disturbance.Cut });

        Assert.NotEmpty(run.Verdict.Stuck);
    }

    [Fact]
    public async Task A_journal_that_does_not_look_at_the_version_is_found_as_lost()
    {
        // Whether a server that was given up goes on with a case that has moved on is up to chance.
        var run = await RunAsync("DropVersionGuard", Plan with { Only = Disturbance.Oversleep, Duration = 2 * Plan.Duration });

        Assert.NotEmpty(run.Verdict.Lost);
    }

    private async Task<ChaosRun> RunAsync(string bug, ChaosPlan plan)
    {
        Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var settings = new ServerSettings
        {
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { [HookVariable] = Hook, [BugVariable] = bug },
        };
        var run = await ChaosRun.Of(plan, settings, EndWithin, TestContext.Current.CancellationToken);
        output.WriteLine(string.Join(Environment.NewLine, [run.Report, .. run.Examples]));
        return run;
    }
}
