using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Simulation;

namespace AssessmentFlow.UnitTests.RandomRuns;

public sealed class RandomFlowTests
{
    [Fact]
    public void Every_activity_of_a_flowchart_runs_as_often_as_the_drawing_says_in_whatever_order_events_come() =>
        RandomSeeds.ForEach(typeof(RandomFlowTests).FullName!, static seed =>
        {
            var dice = new Dice(seed);
            var mode = dice.Percent(50) ? FlowchartMode.TokenBased : FlowchartMode.CounterBased;
            var flow = new RandomFlow(dice.Fork(), mode);
            var runs = RunsOf(flow.Json(), mode, dice.Fork());

            var wrong = flow.Runs().Where(expected => runs.GetValueOrDefault(expected.Key) != expected.Value).ToArray();
            return wrong.Length is 0 ? true : throw new RandomRunException(
                $"{mode}: {string.Join(", ", wrong.Select(each => $"{each.Key} ran {runs.GetValueOrDefault(each.Key)} times instead of {each.Value}"))}\n{flow.Json()}");
        });

    private static Dictionary<string, int> RunsOf(string json, FlowchartMode mode, Dice dice)
    {
        var world = new EngineWorld(mode);
        Assert.Empty(world.Publish(json));
        var instance = world.Start("flow", JsonValues.Null, correlationId: null);
        while (instance.State.Bookmarks.Count > 0)
        {
            world.Signal(dice.One([.. instance.State.Bookmarks.Values]).Key!, JsonValues.Null, correlationId: null, only: instance);
        }

        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        return instance.Facts.OfType<InstanceFact.ActivityStarted>()
            .GroupBy(started => started.ActivityId, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
    }
}
