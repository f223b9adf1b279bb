using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Engine.Execution.InstanceState,
    AssessmentFlow.Engine.Execution.InstanceFact,
    AssessmentFlow.Engine.Execution.InstanceEffect>;

namespace AssessmentFlow.UnitTests.Flowcharts;

/// <summary>What happens between the arrival that wins a race and the beginning of what it leads to.</summary>
public sealed class RaceTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A turn is full between arrival and beginning for one length of the winning branch; which one, the limit says.</summary>
    [Theory]
    [InlineData(FlowchartMode.CounterBased)]
    [InlineData(FlowchartMode.TokenBased)]
    public void A_race_that_is_won_at_the_end_of_a_full_turn_leaves_no_loser_that_an_event_could_reach(FlowchartMode mode)
    {
        var wonAtTheEnd = 0;
        for (var length = EngineLimits.ActivitiesPerTurnMax - 10; length <= EngineLimits.ActivitiesPerTurnMax; length++)
        {
            var (definition, state) = Started(Race(length), mode);
            var join = definition.Nodes.Single(node => node.Id == "first").Index;
            if (state.Postponed is not { } work || work.Items.All(item => item.Node != join))
            {
                continue;
            }

            wonAtTheEnd++;
            Assert.Empty(state.Bookmarks);
            var late = WorkflowEngine.Decide(definition, state, new InstanceInput.Signal("Slow", JsonValues.Null, CorrelationId: null), new Moment(Now, Version: 2));
            Assert.Equal("signal-not-awaited", Assert.IsType<Decision.Refused>(late).Refusal.Code);
        }

        Assert.Equal(1, wonAtTheEnd);
    }

    [Theory]
    [InlineData(FlowchartMode.CounterBased)]
    [InlineData(FlowchartMode.TokenBased)]
    public void A_race_is_won_once_by_two_branches_that_arrive_in_the_same_turn(FlowchartMode mode)
    {
        var world = new EngineWorld(mode);
        var instance = Run(world, Flowchart("f", [Line("s", "start"), Line("a", "a"), Line("b", "b"), Join("first", "WaitAny"), Line("z", "won")], "s>a", "s>b", "a>first", "b>first", "first>z"));

        Assert.Equal(["start", "a", "b", "won"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void Two_ways_of_one_activity_that_are_followed_together_run_a_cascade_twice()
    {
        var world = new EngineWorld(FlowchartMode.TokenBased);
        var told = Line("told", "told");
        told["customProperties"] = new JsonObject { ["mergeMode"] = "Cascade" };
        var both = Activity("Elsa.FlowSwitch", "both", ("mode", Literal("MatchAny")), ("cases", new JsonArray(Case("A"), Case("B"))));
        var instance = Run(world, Flowchart("f", [both, told], "both.A>told", "both.B>told"));

        Assert.Equal(["told", "told"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    private static JsonObject Race(int length) => Flowchart(
        "f",
        [
            Line("s", "start"), Event("slow", "Slow"), Sequence("long", [.. Enumerable.Range(0, length).Select(each => Line($"l{each}", "step"))]),
            Join("first", "WaitAny"), Line("z", "won"),
        ],
        "s>slow", "s>long", "slow>first", "long>first", "first>z");

    private static JsonObject Join(string id, string mode) => Activity("Elsa.FlowJoin", id, ("mode", Literal(mode)));

    private static JsonObject Case(string label) => new() { ["label"] = label, ["condition"] = new JsonObject { ["type"] = "JavaScript", ["value"] = "true" } };

    private static (WorkflowDefinition Definition, InstanceState State) Started(JsonObject root, FlowchartMode mode)
    {
        var world = new EngineWorld(mode);
        var reading = world.Read(Definition("drawn", root, ("customProperties", new JsonObject { ["flowchartExecutionMode"] = mode.ToString() })));
        var start = new InstanceInput.Start("drawn", 1, "hash", new(StringComparer.Ordinal), CorrelationId: null);
        var decision = WorkflowEngine.Decide(reading.Definition!, new InstanceState { Id = "race" }, start, new Moment(Now, Version: 1));
        return (reading.Definition!, Assert.IsType<Decision.Accepted>(decision).State);
    }
}
