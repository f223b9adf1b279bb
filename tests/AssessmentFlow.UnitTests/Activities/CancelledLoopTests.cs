using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class CancelledLoopTests
{
    [Fact]
    public void A_branch_that_was_cancelled_while_it_looped_runs_again_when_the_flow_comes_back_to_it()
    {
        // Two branches: one asks and loops until it is answered, the other waits to go past; the first to arrive wins.
        var world = new EngineWorld();
        var instance = Run(
            world,
            Flowchart(
                "c",
                [
                    Activity("Elsa.FlowFork", "fork", ("branches", Json("""["Ask", "Past"]"""))),
                    Event("ask", "Asked"),
                    Activity("Elsa.FlowDecision", "answered", ("condition", Literal("false"))),
                    Event("past", "Past"),
                    Activity("Elsa.FlowJoin", "join", ("mode", Literal("WaitAny"))),
                    Line("round", "round"),
                ],
                "fork.Ask>ask",
                "fork.Past>past",
                "ask>answered",
                "answered.False>ask",
                "answered.True>join",
                "past>join",
                "join>round",
                "round>fork"));
        for (var round = 1; round <= 4; round++)
        {
            Assert.Equal(["Asked", "Past"], instance.State.Bookmarks.Values.Select(bookmark => bookmark.Key!).Order());
            world.Signal("Asked", JsonValues.Null, correlationId: null, only: null);
            world.Signal("Past", JsonValues.Null, correlationId: null, only: null);
            Assert.Equal(round, world.Printed.Count);
        }
    }
}
