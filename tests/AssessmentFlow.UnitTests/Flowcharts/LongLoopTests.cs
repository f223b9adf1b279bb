using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.UnitTests.Activities;
using static AssessmentFlow.UnitTests.Activities.Draw;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Engine.Execution.InstanceState,
    AssessmentFlow.Engine.Execution.InstanceFact,
    AssessmentFlow.Engine.Execution.InstanceEffect>;

namespace AssessmentFlow.UnitTests.Flowcharts;

/// <summary>What a turn costs does not depend on how much happened before it.</summary>
public sealed class LongLoopTests
{
    private const int ManyActivities = 10_000;

    /// <summary>Activities of one round: the event, two branches, where they meet.</summary>
    private const int ActivitiesPerRound = 4;

    private static readonly ActivityCatalog Catalog = new(ActivityCatalog.General);

    [Theory]
    [InlineData(FlowchartMode.CounterBased)]
    [InlineData(FlowchartMode.TokenBased)]
    public void The_state_after_ten_thousand_activities_is_as_large_as_after_a_hundred(FlowchartMode mode)
    {
        var run = new Run(mode);
        run.Rounds(100 / ActivitiesPerRound);
        var early = run.StateSizeBytes;
        run.Rounds((ManyActivities - 100) / ActivitiesPerRound);

        // Numbers get longer by a digit now and then; nothing else may be added.
        var numbers = run.NumbersInState;
        Assert.InRange(run.StateSizeBytes - early, 0, 3 * numbers);
    }

    [Theory]
    [InlineData(FlowchartMode.CounterBased)]
    [InlineData(FlowchartMode.TokenBased)]
    public void A_turn_after_ten_thousand_activities_allocates_what_one_after_ten_does(FlowchartMode mode)
    {
        var run = new Run(mode);
        run.Rounds(10); // What is made once is made now.
        var early = run.AllocatedBytesPerRound(50);
        run.Rounds(ManyActivities / ActivitiesPerRound);
        var late = run.AllocatedBytesPerRound(50);

        Assert.True(late < early * 1.2, $"{early} bytes per round after 40 activities, {late} after {ManyActivities}.");
    }

    [Theory]
    [InlineData(FlowchartMode.CounterBased)]
    [InlineData(FlowchartMode.TokenBased)]
    public void A_loop_that_never_waits_goes_on_from_turn_to_turn_with_a_state_of_bounded_size(FlowchartMode mode)
    {
        var world = new EngineWorld(mode);
        var root = Flowchart(
            "f",
            [Activity("Elsa.Start", "begin"), Set("inc", "N", Js("getN() + 1")), Activity("Elsa.FlowDecision", "again", ("condition", Js($"getN() < {ManyActivities / 2}")))],
            "begin>inc",
            "inc>again",
            "again.True>inc");
        var instance = Draw.Run(world, root, ("variables", new JsonArray(Variable("N", "Int32", "0"))));

        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        Assert.True(instance.Version >= ManyActivities / EngineLimits.ActivitiesPerTurnMax, $"{instance.Version} turns.");
        Assert.InRange(instance.StateSizeMaxBytes, 0, 4_096);
    }

    /// <summary>An instance that goes round once per event, for ever.</summary>
    private sealed class Run
    {
        private readonly WorkflowDefinition _definition;
        private InstanceState _state = new() { Id = "long" };
        private long _version;

        public Run(FlowchartMode mode)
        {
            var json = Definition("long", Flowchart(
                "f",
                [Activity("Elsa.Start", "begin"), Event("next", "Next"), Line("l", "l"), Line("r", "r"), Line("meet", "meet")],
                "begin>next",
                "next>l",
                "next>r",
                "l>meet",
                "r>meet",
                "meet>next"));
            _definition = DefinitionReader.Read(FlowchartModePin.Pin(Encoding.UTF8.GetBytes(json), mode), Catalog).Definition!;
            Take(new InstanceInput.Start("long", 1, "hash", [], CorrelationId: null));
        }

        public int StateSizeBytes => Write().Length;

        public int NumbersInState => Encoding.UTF8.GetString(Write()).Split(',').Length;

        public void Rounds(int count)
        {
            for (var i = 0; i < count; i++)
            {
                Take(new InstanceInput.Signal("Next", JsonValues.Null));
            }
        }

        public long AllocatedBytesPerRound(int rounds)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Rounds(rounds);
            return (GC.GetAllocatedBytesForCurrentThread() - before) / rounds;
        }

        private void Take(InstanceInput input)
        {
            var decision = (Decision.Accepted)WorkflowEngine.Decide(_definition, _state, input, new Moment(DateTimeOffset.UnixEpoch, ++_version));
            _state = decision.State;
        }

        private byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(_state, EngineJson.Plain.InstanceState);
    }
}
