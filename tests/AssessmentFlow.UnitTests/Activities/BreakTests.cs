using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.UnitTests.Conformance;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class BreakTests
{
    [Theory]
    [InlineData("Elsa.For")]
    [InlineData("Elsa.ForEach")]
    [InlineData("Elsa.While")]
    public void A_break_leaves_the_loop_around_it(string type) =>
        Assert.Equal("in after", Printed(Sequence("s", Loop(type, "l", Sequence("b", Line("p", "in"), Break(), Line("q", "rest"))), Line("r", "after"))));

    [Fact]
    public void A_break_inside_a_condition_ends_the_sequences_up_to_the_loop()
    {
        var body = Sequence("b", Sequence("deep", Activity("Elsa.If", "if", ("condition", Literal("true")), ("then", Break())), Line("p", "inner")), Line("q", "outer"));

        Assert.Equal("after", Printed(Sequence("s", Loop("Elsa.While", "l", body), Line("r", "after"))));
    }

    [Fact]
    public void A_break_leaves_only_the_innermost_loop()
    {
        var inner = Loop("Elsa.For", "in", Sequence("b", LineJs("p", "getCurrentValue()"), Break()));

        Assert.Equal("1 then 1 then", Printed(LoopTests.For("out", 1, 2, 1, inclusive: true, Sequence("ob", inner, Line("t", "then")))));
    }

    [Fact]
    public void A_break_in_a_flowchart_body_ends_the_flowchart_and_the_loop()
    {
        var body = Flowchart("c", [Line("a", "a"), Break(), Line("z", "rest")], "a>brk", "brk>z");

        Assert.Equal("a after", Printed(Sequence("s", Loop("Elsa.ForEach", "l", body), Line("r", "after"))));
    }

    [Fact]
    public void Branches_beside_a_break_come_to_their_own_end_first()
    {
        var world = new EngineWorld();
        var instance = Run(world, Sequence(
            "s",
            Loop("Elsa.ForEach", "l", Container("Elsa.Parallel", "par", Sequence("b", Break(), Line("q", "rest")), Event("e", "Go"))),
            Line("r", "after")));

        Assert.Empty(world.Printed);
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);
        Assert.Equal("after", Assert.Single(world.Printed));
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void A_break_in_a_branch_of_a_fork_ends_the_fork_and_the_loop()
    {
        var fork = Activity("Elsa.Fork", "fork", ("branches", new JsonArray(Sequence("b", Break(), Line("q", "rest")), Event("e", "Go"))));

        Assert.Equal("after", Printed(Sequence("s", Loop("Elsa.ForEach", "l", fork), Line("r", "after"))));
    }

    [Fact]
    public void A_break_in_a_parallel_for_each_leaves_the_loop_around_it()
    {
        var body = Activity("Elsa.ParallelForEach", "par", ("items", Json("[1, 2]")), ("body", Sequence("b", LineJs("p", "getCurrentValue()"), Break())));

        Assert.Equal("1 2 after", Printed(Sequence("s", Loop("Elsa.For", "l", body), Line("r", "after"))));
    }

    [Fact]
    public void A_break_without_a_loop_ends_the_container_that_it_stands_in() =>
        Assert.Equal("a", Printed(Sequence("s", Line("p", "a"), Break(), Line("q", "b"))));

    [Fact]
    public void A_break_outlives_a_wait_of_its_siblings_and_a_restart()
    {
        var world = new EngineWorld();
        Run(world, Sequence(
            "s",
            Loop("Elsa.For", "l", Sequence("b", Container("Elsa.Parallel", "par", Break(), Event("e", "Go")), Line("q", "rest"))),
            Line("r", "after")));
        world.Restart();
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal("after", Assert.Single(world.Printed));
    }

    private static JsonObject Break() => Activity("Elsa.Break", "brk");

    private static JsonObject Loop(string type, string id, JsonObject body) => Activity(
        type, id, ("start", Literal("1")), ("end", Literal("3")), ("items", Json("[1, 2, 3]")), ("condition", Literal("true")), ("body", body));
}
