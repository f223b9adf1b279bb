using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Flowcharts;

/// <summary>A flowchart that cannot go on from an activity has done nothing yet: what is done again when it is repaired is done once.</summary>
public sealed class FlowchartRepairTests
{
    private const string ReadyOrFault = "if (!getReady()) { throw new Error('Synthetic.') } 'first'";
    private const string ReadyOrNonsense = "getReady() ? 'WaitAll' : 'nonsense'";

    [Theory]
    [InlineData(FlowchartMode.CounterBased, "FaultStrategy")]
    [InlineData(FlowchartMode.CounterBased, "ContinueWithIncidentsStrategy")]
    [InlineData(FlowchartMode.TokenBased, "FaultStrategy")]
    [InlineData(FlowchartMode.TokenBased, "ContinueWithIncidentsStrategy")]
    public void What_an_activity_leads_to_beside_a_join_that_cannot_be_read_runs_once(FlowchartMode mode, string strategy)
    {
        var world = new EngineWorld(mode);
        var instance = Run(
            world,
            Flowchart(
                "f",
                [Line("x", "x"), Line("beside", "beside"), Join("join", Js(ReadyOrNonsense)), Line("z", "after")],
                "x>beside", "x>join", "join>z"),
            Options(strategy));

        var incident = Assert.Single(instance.State.Incidents);
        Assert.Equal("join-mode-unknown", incident.Code);
        Assert.Equal("x", Assert.Single(world.Printed));

        Repair(world, instance);
        Assert.Equal(["x", "beside", "after"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    /// <summary>The race is won, which takes back the start of the loser's child; then the other join faults, and all of that is undone.</summary>
    [Theory]
    [InlineData(FlowchartMode.CounterBased)]
    [InlineData(FlowchartMode.TokenBased)]
    public void A_child_whose_start_was_taken_back_by_something_that_is_undone_is_started(FlowchartMode mode)
    {
        var world = new EngineWorld(mode);
        world.Publish(Definition("child", Event("e", "Go")));
        var call = Activity("Elsa.ExecuteWorkflow", "call", ("workflowDefinitionId", Literal("child")), ("waitForCompletion", Literal("True")));
        var instance = Run(
            world,
            Flowchart(
                "f",
                [Activity("Elsa.Start", "s"), call, Line("x", "x"), Join("first", Literal("WaitAny")), Join("join", Js(ReadyOrNonsense)), Line("z", "won")],
                "s>call", "s>x", "call>first", "x>first", "x>join", "first>z"),
            Options("ContinueWithIncidentsStrategy"));

        Assert.Equal("join-mode-unknown", Assert.Single(instance.State.Incidents).Code);
        Assert.Single(instance.State.Bookmarks);
        Assert.Equal(2, world.Instances.Count);
    }

    [Theory]
    [InlineData(FlowchartMode.CounterBased)]
    [InlineData(FlowchartMode.TokenBased)]
    public void A_repair_in_one_round_of_a_loop_leaves_the_next_round_as_it_is(FlowchartMode mode)
    {
        var world = new EngineWorld(mode);
        var instance = Run(
            world,
            Flowchart(
                "f",
                [
                    Set("count", "N", Js("getN() + 1")), LineJs("x", "'x' + getN()"), LineJs("y", "'y' + getN()"), Join("join", Js(ReadyOrNonsense)),
                    Activity("Elsa.FlowDecision", "again", ("condition", Js("getN() < 3"))), Line("z", "after"),
                ],
                "count>x", "count>y", "x>join", "y>join", "join>again", "again.True>count", "again.False>z"),
            Options("FaultStrategy"));

        Repair(world, instance);
        Assert.Equal("x1 y1 x2 y2 x3 y3 after", string.Join(' ', world.Printed));
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Theory]
    [InlineData(FlowchartMode.CounterBased)]
    [InlineData(FlowchartMode.TokenBased)]
    public void A_repair_does_not_end_what_other_branches_wait_for(FlowchartMode mode)
    {
        var world = new EngineWorld(mode);
        var instance = Run(
            world,
            Flowchart(
                "f",
                [
                    Line("x", "x"), Event("slow", "Slow"), Join("first", Literal("WaitAny")), Line("won", "won"),
                    Join("join", Js(ReadyOrNonsense)), Line("z", "after"), Line("s", "start"),
                ],
                "s>x", "s>slow", "slow>first", "x>first", "first>won", "x>join", "join>z"),
            Options("ContinueWithIncidentsStrategy"));

        Assert.Equal("join-mode-unknown", Assert.Single(instance.State.Incidents).Code);
        Assert.Equal("Slow", Assert.Single(instance.State.Bookmarks.Values).Key);
        Repair(world, instance);
        Assert.Empty(instance.State.Bookmarks);
        Assert.Equal(["start", "x", "won", "after"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void A_branch_that_is_repaired_after_the_race_was_won_does_not_win_it_again()
    {
        var world = new EngineWorld(FlowchartMode.CounterBased);
        var instance = Run(
            world,
            Flowchart(
                "f",
                [
                    Line("s", "start"), Line("x", "x"), Event("fast", "Fast"), Join("first", Literal("WaitAny")), Line("won", "won"),
                    Join("join", Js(ReadyOrNonsense)), Line("z", "after"),
                ],
                "s>x", "s>fast", "x>join", "x>first", "fast>first", "first>won", "join>z"),
            Options("ContinueWithIncidentsStrategy"));

        world.Signal("Fast", JsonValues.Null, correlationId: null, only: null);
        Assert.Equal(["start", "x", "won"], world.Printed);
        Repair(world, instance);
        Assert.Equal(["start", "x", "won", "after"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void A_race_that_is_repaired_when_nobody_runs_any_more_ends_the_flowchart()
    {
        var world = new EngineWorld(FlowchartMode.CounterBased);
        var instance = Run(
            world,
            Sequence(
                "seq",
                Flowchart(
                    "f",
                    [Line("s", "start"), Event("slow", "Slow"), Join("first", Literal("WaitAny")), Join("join", Js(ReadyOrNonsense))],
                    "s>slow", "s>first", "slow>first", "slow>join"),
                Line("z", "after")),
            Options("ContinueWithIncidentsStrategy"));

        Assert.Equal("first", Assert.Single(instance.State.Incidents).ActivityId);
        instance.SetVariable("Ready", JsonValues.True);
        world.Signal("Slow", JsonValues.Null, correlationId: null, only: null);
        Repair(world, instance);
        Assert.Equal(["start", "after"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    /// <summary>A loop that may be entered past its head cannot be repaired; it must not be half followed at each attempt either.</summary>
    [Fact]
    public void What_an_improper_loop_stands_beside_does_not_run_however_often_it_is_tried()
    {
        var world = new EngineWorld(FlowchartMode.CounterBased);
        var instance = Run(
            world,
            Flowchart("f", [Line("s", "start"), Line("a", "a"), Line("b", "b"), Line("beside", "beside")], "s>a", "s>b", "a>b", "b>beside", "b>a"),
            Options("ContinueWithIncidentsStrategy"));
        for (var tried = 0; tried < 3; tried++)
        {
            Assert.Equal("loop-improper", Assert.Single(instance.State.Incidents).Code);
            Assert.Equal(["start", "a", "b"], world.Printed);
            Assert.Null(world.Retry(instance, instance.State.Incidents[0].Id));
        }
    }

    [Fact]
    public void Whoever_wins_a_race_whose_losers_starve_a_merge_runs_when_the_merge_is_repaired()
    {
        var world = new EngineWorld(FlowchartMode.TokenBased);
        var instance = Run(
            world,
            Flowchart(
                "f",
                [Line("s", "start"), Line("quick", "quick"), Event("slow", "Slow"), Merging("Race", Line("win", "won")), Merging("Merge", Line("both", "both"))],
                "s>quick", "s>slow", "quick>win", "slow>win", "quick>both", "slow>both"),
            Options("FaultStrategy"));
        Assert.Equal("merge-starved", Assert.Single(instance.State.Incidents).Code);

        Repair(world, instance);

        Assert.Equal(["both", "quick", "start", "won"], world.Printed.Order(StringComparer.Ordinal));
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void An_event_reaches_also_those_that_waited_for_it_behind_a_fault_when_that_is_repaired()
    {
        var world = new EngineWorld();
        var instance = Run(
            world,
            Container("Elsa.Parallel", "all", Sequence("one", Event("first", "Go"), LineJs("l1", ReadyOrFault)), Sequence("two", Event("second", "Go"), Line("l2", "second"))),
            Options("FaultStrategy"));
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);
        Assert.Equal(InstanceSubStatus.Faulted, instance.State.SubStatus);

        Repair(world, instance);

        Assert.Equal(["first", "second"], world.Printed.Order(StringComparer.Ordinal));
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    private static JsonObject Merging(string mode, JsonObject activity)
    {
        activity["customProperties"] = new JsonObject { ["mergeMode"] = mode };
        return activity;
    }

    private static JsonObject Join(string id, JsonObject mode) => Activity("Elsa.FlowJoin", id, ("mode", mode));

    private static void Repair(EngineWorld world, WorldInstance instance)
    {
        world.Restart();
        instance.SetVariable("Ready", JsonValues.True);
        do
        {
            Assert.Null(world.Retry(instance, instance.State.Incidents[0].Id));
        }
        while (!instance.State.Incidents.IsEmpty);
    }

    private static (string, JsonNode?)[] Options(string strategy) =>
    [
        ("options", new JsonObject { ["incidentStrategyType"] = strategy }),
        ("variables", new JsonArray(Variable("Ready", "Boolean", "False"), Variable("N", "Int32", "0"))),
    ];
}
