using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.UnitTests.Conformance;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class BranchTests
{
    [Theory]
    [InlineData("MatchFirst", "b after")]
    [InlineData("MatchAny", "b c after")]
    public void A_switch_runs_the_first_case_that_holds_or_all_of_them(string mode, string expected) =>
        Assert.Equal(expected, Printed(Sequence("s", Switch(mode, ("A", "false"), ("B", "true"), ("C", "true")), Line("z", "after"))));

    [Theory]
    [InlineData("Elsa.Switch", "a 5")]
    [InlineData("Elsa.FlowSwitch", "5")]
    public void A_switch_looks_at_all_its_conditions_before_it_takes_the_first(string type, string expected)
    {
        var after = Sequence("s", Switch(type, "MatchFirst", ("A", "true"), ("B", "setN(5), false")), LineJs("p", "getN()"));
        Assert.Equal(expected, Printed(after, ("variables", new JsonArray(Variable("N", "Int32", "0")))));

        var world = new EngineWorld();
        var instance = Run(world, Sequence("s", Switch(type, "MatchFirst", ("A", "true"), ("B", "nope()")), Line("z", "after")));
        Assert.Equal("sw", Assert.Single(instance.State.Incidents).ActivityId);
        Assert.Empty(world.Printed);
    }

    [Fact]
    public void A_switch_leaves_what_its_output_is_bound_to()
    {
        var bound = Switch("MatchFirst", ("A", "true"));
        bound["output"] = Into("R");

        Assert.Equal("a kept", Printed(Sequence("s", bound, LineJs("p", "getR()")), ("variables", new JsonArray(Variable("R", value: "kept")))));
    }

    [Fact]
    public void A_switch_runs_its_default_only_when_no_case_holds() =>
        Assert.Equal("d after", Printed(Sequence("s", Switch("MatchAny", ("A", "false")), Line("z", "after"))));

    [Fact]
    public void A_case_that_holds_without_an_activity_completes_the_switch_without_its_default()
    {
        var empty = Switch("MatchFirst", ("A", "true"));
        empty["cases"]![0]!["activity"] = null;

        Assert.Equal("after", Printed(Sequence("s", empty, Line("z", "after"))));
    }

    [Fact]
    public void A_switch_waits_for_all_the_cases_that_it_runs()
    {
        var world = new EngineWorld();
        var both = Switch("MatchAny", ("A", "true"), ("B", "true"));
        both["cases"]![0]!["activity"] = Event("e", "Go");
        Run(world, Sequence("s", both, Line("z", "after")));

        Assert.Equal("b", Assert.Single(world.Printed));
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);
        Assert.Equal(["b", "after"], world.Printed);
    }

    [Theory]
    [InlineData("true", "then True")]
    [InlineData("false", "else False")]
    public void An_if_runs_one_of_its_branches_and_tells_which(string condition, string expected) => Assert.Equal(
        expected,
        Printed(
            Sequence("s", Activity("Elsa.If", "i", ("condition", Literal(condition)), ("then", Line("t", "then")), ("else", Line("e", "else")), ("result", Into("R"))), LineJs("p", "getR() ? 'True' : 'False'")),
            ("variables", new JsonArray(Variable("R", "Boolean")))));

    [Theory]
    [InlineData("true", "after")]
    [InlineData("false", "else after")]
    public void An_if_without_the_branch_that_is_meant_goes_on(string condition, string expected) => Assert.Equal(
        expected, Printed(Sequence("s", Activity("Elsa.If", "i", ("condition", Literal(condition)), ("else", Line("e", "else"))), Line("z", "after"))));

    [Theory]
    [InlineData("false", "none")]
    [InlineData("true", "one")]
    public void A_switch_of_a_flowchart_follows_its_default_only_when_no_case_holds(string condition, string expected) => Assert.Equal(
        expected,
        Printed(Flowchart(
            "f",
            [
                Activity("Elsa.FlowSwitch", "sw", ("cases", new JsonArray(new JsonObject { ["label"] = "One", ["condition"] = new JsonObject { ["type"] = "JavaScript", ["value"] = condition } }))),
                Line("one", "one"), Line("none", "none"),
            ],
            "sw.One>one", "sw.Default>none")));

    [Theory]
    [InlineData("Object", "[]", "")]
    [InlineData("JavaScript", "[]", "")]
    [InlineData("JavaScript", "null", "done")]
    [InlineData("Literal", "", "done")]
    public void A_fork_of_a_flowchart_whose_list_of_branches_is_empty_follows_nothing(string type, string branches, string expected) =>
        Assert.Equal(expected, Printed(Flowchart("f", [Activity("Elsa.FlowFork", "fork", ("branches", Wrapped(type, branches))), Line("z", "done")], "fork>z")));

    [Theory]
    [InlineData("Elsa.Finish")]
    [InlineData("Elsa.Complete")]
    public void What_ends_the_workflow_is_told_as_completed(string type)
    {
        var instance = Run(new EngineWorld(), Sequence("s", Activity(type, "end"), Line("z", "never")));

        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        var started = instance.Facts.OfType<InstanceFact.ActivityStarted>().Single(fact => fact.ActivityId is "end").Execution;
        Assert.Equal(["Done"], instance.Facts.OfType<InstanceFact.ActivityCompleted>().Single(fact => fact.Execution == started).Outcomes);
    }

    [Theory]
    [InlineData(null, "done")]
    [InlineData("", "done")]
    [InlineData("null", "done")]
    [InlineData("[]", "")]
    public void A_used_workflow_that_completes_without_naming_an_outcome_is_done_and_with_an_empty_list_followed_by_nothing(string? outcomes, string expected)
    {
        var world = new EngineWorld();
        var complete = Activity("Elsa.Complete", "c", ("outcomes", outcomes is null ? null : Js(outcomes)));
        Assert.Empty(world.Publish(Definition("Inner", complete, ("options", new JsonObject { ["usableAsActivity"] = true }))));
        var instance = Run(world, Flowchart("f", [Activity("Inner", "use"), Line("z", "done")], "use>z"));

        Assert.Equal(expected, string.Join(' ', world.Printed));
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void Parallel_ends_when_all_its_children_have()
    {
        var world = new EngineWorld();
        Run(world, Sequence("s", Container("Elsa.Parallel", "par", Event("e", "E"), Line("a", "a"), Event("f", "F")), Line("z", "after")));
        world.Signal("F", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal("a", Assert.Single(world.Printed));
        world.Signal("E", JsonValues.Null, correlationId: null, only: null);
        Assert.Equal(["a", "after"], world.Printed);
    }

    [Theory]
    [InlineData(null, "F", "")]
    [InlineData("WaitAll", "F", "")]
    [InlineData("WaitAny", "F", "after")]
    public void A_fork_waits_for_all_its_branches_or_for_the_first(string? mode, string first, string expected)
    {
        var world = new EngineWorld();
        var instance = Run(world, Sequence(
            "s", Activity("Elsa.Fork", "fork", ("joinMode", mode), ("branches", new JsonArray(Event("e", "E"), Event("f", "F")))), Line("z", "after")));
        world.Signal(first, JsonValues.Null, correlationId: null, only: null);

        Assert.Equal(expected, string.Join(' ', world.Printed));
        Assert.Equal(mode is "WaitAny" ? 0 : 1, instance.State.Bookmarks.Count);
    }

    [Fact]
    public void A_container_completes_with_its_body() =>
        Assert.Equal("a after", Printed(Flowchart("c", [Activity("Elsa.FlowNode", "n", ("body", Line("a", "a"))), Line("z", "after")], "n>z")));

    [Fact]
    public void A_branch_that_faults_keeps_parallel_open_until_it_is_repaired()
    {
        var world = new EngineWorld();
        var instance = Run(
            world,
            Sequence("s", Container("Elsa.Parallel", "par", Activity("Elsa.Fault", "f", ("message", Literal("no"))), Line("a", "a")), Line("z", "after")),
            ("options", new JsonObject { ["incidentStrategyType"] = "ContinueWithIncidentsStrategy" }));

        Assert.Equal("a", Assert.Single(world.Printed));
        Assert.Equal(InstanceStatus.Running, instance.State.Status);
        Assert.True(instance.State.IsStuck);
    }

    private static JsonObject Switch(string mode, params (string Label, string Condition)[] cases) => Switch("Elsa.Switch", mode, cases);

    private static JsonObject Switch(string type, string mode, params (string Label, string Condition)[] cases) => Activity(
        type,
        "sw",
        ("mode", Literal(mode)),
        ("cases", new JsonArray([.. cases.Select(each => new JsonObject
        {
            ["label"] = each.Label,
            ["condition"] = new JsonObject { ["type"] = "JavaScript", ["value"] = each.Condition },
            ["activity"] = Line(each.Label, each.Label.ToLowerInvariant()),
        })])),
        ("default", Line("def", "d")));
}
