using System.Collections.Immutable;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Definitions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Flowcharts;

/// <summary>What is said of a flowchart when it is imported.</summary>
public sealed class FlowchartCheckTests
{
    private static JsonObject Begin => Activity("Elsa.Start", "begin");

    [Fact]
    public void An_activity_that_nothing_leads_to_is_warned_about_by_path_and_name()
    {
        var warning = Assert.Single(Warnings(Flowchart("f", [Begin, Line("a", "a"), Line("lost", "lost")], "begin>a")));

        Assert.Equal(("$.root.activities[2]", "activity-unreachable", "lost"), (warning.Path, warning.Code, warning.Activity));
    }

    [Fact]
    public void Every_trigger_leads_somewhere_also_beside_a_start_activity() =>
        Assert.Empty(Warnings(Flowchart("f", [Begin, Line("a", "a"), Starting(Event("t", "T")), Line("b", "b")], "begin>a", "t>b")));

    [Theory]
    [InlineData("d.True>x", "d.False>y", "x>j", "y>j")]
    [InlineData("d.True>j", "d.False>x", "x>y", "y>j")]
    [InlineData("d.True>x", "x>y", "y>j", "d.False>j")]
    public void A_join_that_waits_for_both_ways_of_a_decision_is_warned_about(params string[] connections)
    {
        var flowchart = Flowchart("f", [Begin, Decision("d"), Line("x", "x"), Line("y", "y"), Join("j", "WaitAll")], [.. connections, "begin>d"]);

        var warning = Assert.Single(Warnings(flowchart), each => each.Code is "join-never-runs");

        Assert.Equal(("$.root.activities[4].mode", "j"), (warning.Path, warning.Activity));
        Assert.Contains("'d'", warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("WaitAll", "begin>x", "begin>y", "x>j", "y>j", "begin>d")] // Both are taken.
    [InlineData("WaitAllActive", "begin>d", "d.True>x", "d.False>y", "x>j", "y>j")] // One is enough.
    [InlineData("WaitAll", "begin>d", "d.True>x", "begin>y", "x>j", "y>j")] // One may be taken.
    [InlineData("WaitAll", "begin>d", "d.True>x", "d.True>y", "x>j", "y>j")] // Both or none are taken.
    [InlineData("WaitAll", "begin>d", "d.True>x", "d.False>x", "d.False>y", "x>j", "y>j")] // One way leads to both.
    [InlineData("WaitAll", "begin>d", "d.True>x", "d.False>y", "x>j", "y>j", "y>d")] // A loop may take one and then the other.
    public void A_join_that_may_run_is_not_warned_about(string mode, params string[] connections) => Assert.DoesNotContain(
        Warnings(Flowchart("f", [Begin, Decision("d"), Line("x", "x"), Line("y", "y"), Join("j", mode)], connections)),
        warning => warning.Code is "join-never-runs");

    [Fact]
    public void A_join_behind_a_switch_is_warned_about_when_the_switch_takes_one_case_only()
    {
        Assert.Contains(Warnings(Switched("MatchFirst")), warning => warning.Code is "join-never-runs");
        Assert.DoesNotContain(Warnings(Switched("MatchAny")), warning => warning.Code is "join-never-runs");

        static JsonObject Switched(string mode) => Flowchart(
            "f", [Begin, Switch("s", mode, "A", "B"), Line("x", "x"), Line("y", "y"), Join("j", "WaitAll")], "begin>s", "s.A>x", "s.B>y", "x>j", "y>j");
    }

    [Fact]
    public void A_strict_merge_of_both_ways_of_a_decision_is_warned_about_by_tokens_only()
    {
        var meet = Line("meet", "meet");
        meet["customProperties"] = new JsonObject { ["mergeMode"] = "Merge" };
        var flowchart = Flowchart("f", [Begin, Decision("d"), Line("x", "x"), meet], "begin>d", "d.True>x", "x>meet", "d.False>meet");

        var warning = Assert.Single(Warnings(flowchart, FlowchartMode.TokenBased));

        Assert.Equal(("$.root.activities[3].customProperties.mergeMode", "join-never-runs", "meet"), (warning.Path, warning.Code, warning.Activity));
        Assert.Empty(Warnings(flowchart));
    }

    [Fact]
    public void A_connection_from_an_outcome_that_the_activity_does_not_have_is_warned_about()
    {
        var warning = Assert.Single(Warnings(Flowchart("f", [Begin, Decision("d"), Line("x", "x")], "begin>d", "d.Maybe>x")), each => each.Code is "outcome-unknown");

        Assert.Equal(("$.root.activities[1]", "d"), (warning.Path, warning.Activity));
        Assert.Contains("Maybe", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_from_a_branch_that_a_fork_does_not_have_is_warned_about()
    {
        var fork = Activity("Elsa.FlowFork", "k", ("branches", Json("""["A","B"]""")));
        var flowchart = Flowchart("f", [Begin, fork, Line("x", "x"), Line("y", "y")], "begin>k", "k.A>x", "k.C>y");

        Assert.Equal([("outcome-unknown", "k"), ("activity-unreachable", "y")], Warnings(flowchart).Select(warning => (warning.Code, warning.Activity)).OrderByDescending(each => each.Code));
    }

    [Fact]
    public void The_branches_of_a_fork_that_are_computed_are_left_to_the_run()
    {
        var fork = Activity("Elsa.FlowFork", "k", ("branches", Js("['C']")));

        Assert.Empty(Warnings(Flowchart("f", [Begin, fork, Line("y", "y")], "begin>k", "k.C>y")));
    }

    [Fact]
    public void A_fork_without_branches_leaves_by_Done() =>
        Assert.Empty(Warnings(Flowchart("f", [Begin, Activity("Elsa.FlowFork", "k"), Line("y", "y")], "begin>k", "k>y")));

    [Theory]
    [InlineData("Elsa.End", "begin>x", "begin>e", "x>j", "e>j")]
    [InlineData("Elsa.Finish", "begin>x", "begin>e", "e>y", "x>j", "y>j")]
    [InlineData("Elsa.Fault", "begin>x", "begin>e", "x>j", "e>j")]
    [InlineData("Elsa.FlowDecision", "begin>x", "begin>e", "x>j", "e.Maybe>j")]
    [InlineData("Elsa.FlowDecision", "begin>x", "begin>e", "e.Maybe>y", "x>j", "y>j")]
    public void A_join_that_waits_for_a_branch_that_never_comes_is_warned_about(string type, params string[] connections)
    {
        var flowchart = Flowchart("f", [Begin, Activity(type, "e"), Line("x", "x"), Line("y", "y"), Join("j", "WaitAll")], connections);

        var warning = Assert.Single(Warnings(flowchart), each => each.Code is "join-never-runs");

        Assert.Equal(("$.root.activities[4].mode", "j"), (warning.Path, warning.Activity));
        Assert.Contains(connections.Contains("y>j") ? "'y'" : "'e'", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_strict_merge_that_waits_for_a_branch_that_never_comes_is_warned_about_by_tokens_only()
    {
        var meet = Line("meet", "meet");
        meet["customProperties"] = new JsonObject { ["mergeMode"] = "Converge" };
        var flowchart = Flowchart("f", [Begin, Line("x", "x"), Activity("Elsa.End", "end"), meet], "begin>x", "begin>end", "x>meet", "end>meet");

        Assert.Equal(
            ("$.root.activities[3].customProperties.mergeMode", "join-never-runs", "meet"),
            Assert.Single(Warnings(flowchart, FlowchartMode.TokenBased).Select(warning => (warning.Path, warning.Code, warning.Activity))));
        Assert.Empty(Warnings(flowchart));
    }

    [Theory]
    [InlineData("WaitAllActive", "begin>x", "begin>e", "x>j", "e>j")] // One is enough.
    [InlineData("WaitAny", "begin>x", "begin>e", "x>j", "e>j")]
    [InlineData("WaitAll", "begin>x", "begin>y", "x>j", "y>j", "begin>e", "j>e")] // The end does not lead to it.
    public void A_join_to_which_enough_comes_is_not_warned_about(string mode, params string[] connections) => Assert.DoesNotContain(
        Warnings(Flowchart("f", [Begin, Activity("Elsa.End", "e"), Line("x", "x"), Line("y", "y"), Join("j", mode)], connections)),
        warning => warning.Code is "join-never-runs");

    [Fact]
    public void A_join_that_runs_when_a_trigger_starts_the_workflow_is_not_warned_about()
    {
        JsonObject[] activities = [Begin, Activity("Elsa.End", "end"), Line("x", "x"), Starting(Event("t", "T")), Line("y", "y"), Line("z", "z"), Join("j", "WaitAll")];

        Assert.DoesNotContain(
            Warnings(Flowchart("f", activities, "begin>x", "begin>end", "x>j", "end>j", "t>y", "t>z", "y>j", "z>j")), warning => warning.Code is "join-never-runs");
    }

    [Theory]
    [InlineData("Elsa.End")]
    [InlineData("Elsa.Finish")]
    [InlineData("Elsa.Complete")]
    [InlineData("Elsa.Break")]
    [InlineData("Elsa.Fault")]
    public void What_follows_the_end_in_a_sequence_or_flowchart_is_warned_about(string type)
    {
        Assert.Equal(
            [("$.root.activities[2]", "activity-unreachable", "b"), ("$.root.activities[3]", "activity-unreachable", "c")],
            Warnings(Sequence("s", Line("a", "a"), Activity(type, "end"), Line("b", "b"), Activity(type, "c"))).Select(warning => (warning.Path, warning.Code, warning.Activity!)));
        Assert.Empty(Warnings(Sequence("s", Line("a", "a"), Activity(type, "end"))));
        Assert.Equal(
            ("activity-unreachable", "after"),
            Assert.Single(Warnings(Flowchart("f", [Begin, Activity(type, "end"), Line("after", "after")], "begin>end", "end>after")).Select(warning => (warning.Code, warning.Activity))));
    }

    [Theory]
    [InlineData("begin>gone", "$.root.connections[0].target.activity")]
    [InlineData("gone>begin", "$.root.connections[0].source.activity")]
    public void A_connection_to_or_from_nothing_is_refused(string connection, string path)
    {
        var problem = Assert.Single(new EngineWorld().Read(Definition("drawn", Flowchart("f", [Begin], connection))).Problems);

        Assert.Equal((path, "connection-dangling", "f"), (problem.Path, problem.Code, problem.Activity));
        Assert.Contains("gone", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Whenever")]
    [InlineData("1")]
    public void A_merge_mode_that_does_not_exist_is_refused(string mode)
    {
        var odd = Line("odd", "odd");
        odd["customProperties"] = new JsonObject { ["mergeMode"] = mode };

        var problem = Assert.Single(new EngineWorld().Read(Definition("drawn", Flowchart("f", [Begin, odd], "begin>odd"))).Problems);

        Assert.Equal(("$.root.activities[1].customProperties.mergeMode", "merge-mode-unknown", "odd"), (problem.Path, problem.Code, problem.Activity));
    }

    private static ImmutableArray<DefinitionProblem> Warnings(JsonObject root, FlowchartMode mode = FlowchartMode.CounterBased)
    {
        var reading = new EngineWorld(mode).Read(Definition("drawn", (JsonObject)root.DeepClone()));
        Assert.Empty(reading.Problems);
        return reading.Warnings;
    }

    private static JsonObject Decision(string id) => Activity("Elsa.FlowDecision", id, ("condition", Js("true")));

    private static JsonObject Join(string id, string mode) => Activity("Elsa.FlowJoin", id, ("mode", Literal(mode)));

    private static JsonObject Switch(string id, string mode, params string[] labels) => Activity(
        "Elsa.FlowSwitch",
        id,
        ("mode", Literal(mode)),
        ("cases", new JsonArray([.. labels.Select(label => new JsonObject { ["label"] = label, ["condition"] = new JsonObject { ["type"] = "JavaScript", ["value"] = "true" } })])));
}
