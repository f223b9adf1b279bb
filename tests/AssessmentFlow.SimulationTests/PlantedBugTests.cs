using AssessmentFlow.PlantedBugs;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Simulation;

namespace AssessmentFlow.SimulationTests;

/// <summary>The simulation finds what it is there to find, and shows how little it takes.</summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    private const int SeedsMax = 1_000;

    [Fact]
    public void A_turn_that_is_acknowledged_before_it_is_written_is_found() => AssertFound(Scenarios.Cases(), Plant.AcknowledgeBeforeCommit, Promise.Kept);

    [Fact]
    public void A_journal_that_does_not_look_at_the_version_is_found() => AssertFound(Scenarios.Branches(), Plant.DropVersionGuard, Promise.Chain);

    [Fact]
    public void A_message_that_is_in_memory_only_is_found() => AssertFound(Scenarios.Cases(), Plant.ForgetOutboxRow, Promise.Woken, Promise.Told);

    [Fact]
    public void A_journal_that_lets_instances_run_side_by_side_is_found() => AssertFound(Scenarios.Alone(), Plant.DropClaims, Promise.Apart);

    [Fact]
    public void An_instance_that_keeps_others_from_beginning_after_its_end_is_found() => AssertFound(Scenarios.Alone(), Plant.KeepClaims, Promise.Rest);

    private void AssertFound(Scenario scenario, Func<ITurnJournal, ITurnJournal> bug, params Promise[] promises)
    {
        var runs = new ScenarioRuns(scenario, bug);
        var seed = Simulator.FirstFailing(runs, SeedsMax);
        Assert.True(seed is not null, $"None of {SeedsMax} seeds finds it.");

        var failure = runs.Shrink(runs.ScheduleOf(seed.Value));
        output.WriteLine($"Found by seed {seed}.");
        output.WriteLine(failure!.Describe(scenario));

        Assert.Contains(failure.Result.Violation!.Promise, promises);
        Assert.Equal(failure.Result.Violation, runs.Run(failure.Shrunk).Violation);
        Assert.True(
            failure.Shrunk.Misfortunes.Length < failure.Original.Misfortunes.Length || failure.Shrunk.LeftOut.Count > 0,
            "All misfortunes and all requests remain.");
        Assert.Null(new ScenarioRuns(scenario).Run(failure.Shrunk).Violation);
    }
}
