using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Simulation;

namespace AssessmentFlow.SimulationTests;

/// <summary>What the other tests rest on.</summary>
public sealed class WorldTests
{
    private const int Seeds = 40;

    [Fact]
    public void A_seed_makes_the_same_run_every_time()
    {
        var runs = new ScenarioRuns(Scenarios.Cases());
        for (var seed = 1UL; seed <= Seeds / 2; seed++)
        {
            Assert.Equal(runs.Run(runs.ScheduleOf(seed)).Print, runs.Run(runs.ScheduleOf(seed)).Print);
        }
    }

    /// <summary>Runs that get stuck at once would all end alike.</summary>
    [Fact]
    public void Every_scenario_gets_to_its_end_when_nothing_goes_wrong() => Assert.All(
        (Scenario[])[Scenarios.Cases(), Scenarios.Branches(), Scenarios.Events(), Scenarios.Alone(), Scenarios.Long(), CaseScenarios.Silence(), CaseScenarios.Reviews()],
        scenario =>
        {
            var ends = new ScenarioRuns(scenario).Calm.Instances;

            Assert.NotEmpty(ends);
            Assert.All(ends, end => Assert.Contains($" {nameof(InstanceSubStatus.Finished)}: ", end, StringComparison.Ordinal));
            Assert.All(ends, end => Assert.DoesNotMatch(": $", end));
        });

    /// <summary>Misfortunes that never strike would prove nothing.</summary>
    [Fact]
    public void Everything_that_can_go_wrong_does_within_a_few_seeds_and_no_two_of_them_run_alike()
    {
        var runs = new ScenarioRuns(Scenarios.Cases());
        var results = Enumerable.Range(1, Seeds).Select(seed => runs.Run(runs.ScheduleOf((ulong)seed))).ToArray();

        Assert.Equal(MisfortuneKinds.All, results.SelectMany(result => result.Struck).Distinct().Order());
        Assert.Equal(Seeds, results.Select(result => result.Print).Distinct().Count());
    }

    [Fact]
    public void A_definition_that_reaches_out_of_the_world_is_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => new Scenario().Define(Workflows.Request));

        Assert.Contains("'ask' sends an HTTP request", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_scenario_that_breaks_a_promise_by_itself_says_so_before_anything_goes_wrong()
    {
        var failure = Assert.Throws<SimulationFailedException>(() => Simulator.Check(CaseScenarios.Unpublished(), seeds: 1));

        Assert.Contains("though nothing goes wrong. Told:", failure.Message, StringComparison.Ordinal);
    }
}
