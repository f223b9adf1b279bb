using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.UnitTests.Conformance;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class LoopTests
{
    [Theory]
    [InlineData(0, 4, 2, true, "0 2 4")]
    [InlineData(0, 4, 2, false, "0 2")]
    [InlineData(0, 5, 2, true, "0 2 4")]
    [InlineData(2, 0, -1, true, "2 1 0")]
    [InlineData(2, 0, -1, false, "2 1")]
    [InlineData(7, 7, 1, true, "7")]
    [InlineData(7, 7, 1, false, "")]
    [InlineData(3, 1, 1, true, "")]
    [InlineData(2147483646, 2147483647, 1, true, "2147483646 2147483647")]
    public void For_counts_from_its_start_to_its_outer_bound(int start, int end, int step, bool inclusive, string expected) =>
        Assert.Equal(expected, Printed(For("f", start, end, step, inclusive, LineJs("p", "getCurrentValue()"))));

    [Fact]
    public void For_keeps_the_bounds_that_it_began_with()
    {
        var loop = Activity("Elsa.For", "f", ("start", Literal("1")), ("end", Js("getN()")), ("body", Sequence(
            "b", Set("s", "N", Js("getN() + 10")), LineJs("p", "getCurrentValue()"))));

        Assert.Equal("1 2 3", Printed(loop, ("variables", new JsonArray(Variable("N", "Int32", "3")))));
    }

    [Fact]
    public void For_with_a_step_of_zero_faults_instead_of_turning_for_ever()
    {
        var instance = Run(new EngineWorld(), For("f", 0, 3, 0, inclusive: true, Line("p", "x")));

        Assert.Equal(InstanceSubStatus.Faulted, instance.State.SubStatus);
        Assert.Equal("step-zero", Assert.Single(instance.State.Incidents).Code);
    }

    [Theory]
    [InlineData("Elsa.For")]
    [InlineData("Elsa.ForEach")]
    [InlineData("Elsa.ParallelForEach")]
    [InlineData("Elsa.While")]
    [InlineData("Elsa.FlowNode")]
    [InlineData("Elsa.Parallel")]
    [InlineData("Elsa.Fork")]
    public void An_activity_without_anything_inside_completes(string type) =>
        Assert.Equal("after", Printed(Sequence(
            "s", Activity(type, "a", ("items", Js("[1]")), ("end", Literal("3")), ("condition", Literal("true"))), Line("p", "after"))));

    [Theory]
    [InlineData("null", "f")]
    [InlineData("getV()", "f")]
    [InlineData("[]", "")]
    [InlineData(null, "")]
    public void For_each_over_nothing_where_a_list_is_meant_is_an_incident(string? items, string incidents)
    {
        var loop = Activity("Elsa.ForEach", "f", ("items", items is null ? null : Js(items)), ("body", Line("b", "never")));
        var world = new EngineWorld();
        var instance = Run(world, Sequence("s", loop, Line("p", "after")), ("variables", new JsonArray(Variable("V"))));

        Assert.Equal(incidents, string.Concat(instance.State.Incidents.Select(incident => incident.ActivityId)));
        Assert.Equal(incidents is "" ? ["after"] : [], world.Printed);
    }

    [Fact]
    public void For_each_hands_item_and_index_to_its_body_and_the_item_to_its_output()
    {
        var loop = Activity("Elsa.ForEach", "f", ("items", Json("""["x", "y"]""")), ("currentValue", Into("V")), ("body", LineJs(
            "p", "getCurrentIndex() + getVariable('CurrentValue') + getV()")));

        Assert.Equal("0xx 1yy y", Printed(Sequence("s", loop, LineJs("q", "getV()")), ("variables", new JsonArray(Variable("V")))));
    }

    [Fact]
    public void For_each_takes_the_list_as_it_was_when_the_loop_began()
    {
        var world = new EngineWorld();
        var instance = Run(
            world,
            Activity("Elsa.ForEach", "f", ("items", Js("getList()")), ("body", Sequence(
                "b", Set("s", "List", Json("[9]")), Event("e", "Go"), LineJs("p", "getCurrentValue()")))),
            ("variables", new JsonArray(Variable("List", "Int32", "[1,2,3]", isArray: true))));
        for (var i = 0; i < 3; i++)
        {
            world.Signal("Go", JsonValues.Null, correlationId: null, only: null);
        }

        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        Assert.Equal(["1", "2", "3"], world.Printed);
    }

    [Fact]
    public void Nested_loops_see_their_own_current_value()
    {
        var inner = Activity("Elsa.ForEach", "in", ("items", Json("[1, 2]")), ("body", LineJs("p", "getOuter() + '' + getCurrentValue()")));
        var outer = Activity("Elsa.ForEach", "out", ("items", Json("""["a", "b"]""")), ("currentValue", Into("Outer")), ("body", inner));

        Assert.Equal("a1 a2 b1 b2", Printed(outer, ("variables", new JsonArray(Variable("Outer")))));
    }

    [Fact]
    public void While_looks_at_its_condition_before_each_turn()
    {
        var loop = Activity("Elsa.While", "w", ("condition", Js("getN() < 2")), ("body", Sequence("b", Set("s", "N", Js("getN() + 1")), LineJs("p", "getN()"))));

        Assert.Equal("1 2", Printed(loop, ("variables", new JsonArray(Variable("N", "Int32", "0")))));
    }

    [Theory]
    [InlineData("""["x", "y", "z"]""")]
    [InlineData("[1, 2, 3]")]
    public void Parallel_for_each_begins_all_items_and_ends_with_the_last(string items)
    {
        var world = new EngineWorld();
        var instance = Run(world, Sequence(
            "s",
            Activity("Elsa.ParallelForEach", "f", ("items", Json(items)), ("body", Event("e", "Go", ("eventName", Js("'Go' + getCurrentIndex()"))))),
            Line("p", "after")));

        Assert.Equal(3, instance.State.Bookmarks.Count);
        world.Signal("Go2", JsonValues.Null, correlationId: null, only: null);
        world.Signal("Go0", JsonValues.Null, correlationId: null, only: null);
        Assert.Empty(world.Printed);
        world.Signal("Go1", JsonValues.Null, correlationId: null, only: null);
        Assert.Equal("after", Assert.Single(world.Printed));
    }

    [Fact]
    public void A_long_loop_goes_over_many_turns_and_its_state_does_not_grow()
    {
        var world = new EngineWorld();
        var instance = Run(world, For("f", 1, 2_000, 1, inclusive: true, Activity("Elsa.SetName", "n", ("value", Js("'' + getCurrentValue()")))));

        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        Assert.Equal("2000", instance.State.Name);
        Assert.True(instance.Version > 4, $"The run took {instance.Version} turns.");
        Assert.InRange(instance.StateSizeMaxBytes, 1, 4_096);
    }

    internal static JsonObject For(string id, int start, int end, int step, bool inclusive, JsonObject body) => Activity(
        "Elsa.For",
        id,
        ("start", Literal($"{start}")),
        ("end", Literal($"{end}")),
        ("step", Literal($"{step}")),
        ("outerBoundInclusive", Literal($"{inclusive}")),
        ("body", body));
}
