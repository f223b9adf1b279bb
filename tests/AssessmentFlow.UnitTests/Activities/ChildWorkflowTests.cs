using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.UnitTests.Conformance;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class ChildWorkflowTests
{
    private static readonly JsonObject Waits = Sequence(
        "cs", LineJs("c1", "'child ' + getInput('X')"), Event("ce", "Go"), Activity("Elsa.SetOutput", "co", ("outputName", Literal("Y")), ("outputValue", Literal("out"))));

    [Fact]
    public void Execute_workflow_takes_the_whole_result_also_of_a_child_that_had_to_wait()
    {
        var world = World(Waits);
        var parent = Run(world, Sequence("s", Execute(wait: true), LineJs("p", "getR().subStatus + getR().SubStatus + getR().output.Y")), Result());

        Assert.Equal("Elsa.ExecuteWorkflow", Assert.Single(parent.State.Bookmarks.Values).Kind);
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);
        Assert.Equal(["child in", "FinishedFinishedout"], world.Printed);
        Assert.Equal(3, parent.State.Variables()["R"].Member("SubStatus").GetInt32());
        Assert.Empty(parent.State.Children);
    }

    [Fact]
    public void Execute_workflow_without_waiting_goes_on_when_the_child_first_rests()
    {
        var world = World(Waits);
        var parent = Run(world, Sequence("s", Execute(wait: false), LineJs("p", "getR().Status + ' ' + getR().subStatus")), Result());

        Assert.Equal(["child in", "Running Suspended"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, parent.State.SubStatus);
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);
        Assert.Equal(InstanceSubStatus.Finished, world.Instances[1].State.SubStatus);
    }

    [Fact]
    public void Execute_workflow_without_waiting_sees_a_child_that_ended_at_once_as_ended()
    {
        var world = World(Line("c", "child"));
        Run(world, Sequence("s", Execute(wait: false), LineJs("p", "getR().subStatus")), Result());

        Assert.Equal(["child", "Finished"], world.Printed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_child_that_itself_executes_a_workflow_rests_when_that_does(bool grandchildWaits)
    {
        var output = Activity("Elsa.SetOutput", "o", ("outputName", Literal("Y")), ("outputValue", Js("getR().subStatus")));
        var world = new EngineWorld();
        world.Publish(Definition("grandchild", grandchildWaits ? Event("e", "Go") : Line("g", "grandchild")));
        world.Publish(Definition("child", Sequence("cs", Execute(wait: true, "grandchild"), output), Result()));
        Run(world, Sequence("s", Execute(wait: false), LineJs("p", "getR().subStatus + ' ' + getR().output.Y")), Result());

        Assert.Equal(grandchildWaits ? "Suspended undefined" : "Finished Finished", world.Printed[^1]);
    }

    [Fact]
    public void A_child_rests_when_what_it_waits_for_is_to_be_repaired()
    {
        var world = new EngineWorld();
        world.Publish(Definition(
            "child",
            Activity("Elsa.BulkDispatchWorkflows", "b", ("workflowDefinitionId", Literal("nowhere")), ("items", Js("[1]")), ("waitForCompletion", Literal("False"))),
            ("options", new JsonObject { ["incidentStrategyType"] = "ContinueWithIncidentsStrategy" })));
        Run(world, Sequence("s", Execute(wait: false), LineJs("p", "getR().subStatus")), Result());

        Assert.Equal("Suspended", Assert.Single(world.Printed));
    }

    [Fact]
    public void A_child_that_waits_for_the_system_alone_does_not_rest()
    {
        var world = World(Sequence(
            "cs", Activity("Elsa.FlowSendHttpRequest", "h", ("url", Literal("http://receiver.example/"))), Activity("Elsa.SetOutput", "o", ("outputName", Literal("Y")), ("outputValue", Literal("out")))));
        world.AnswerHttp = static _ => new HttpAnswer { Outcome = HttpOutcome.Answered, StatusCode = 200 };
        Run(world, Sequence("s", Execute(wait: false), LineJs("p", "getR().subStatus + ' ' + getR().output.Y")), Result());

        Assert.Equal("Finished out", world.Printed[^1]);
    }

    [Fact]
    public void A_long_child_is_told_to_its_parent_only_when_it_rests()
    {
        var world = World(LoopTests.For("f", 1, 600, 1, inclusive: true, Activity("Elsa.SetName", "n", ("value", Js("'' + getCurrentValue()")))));
        Run(world, Sequence("s", Execute(wait: false), LineJs("p", "getR().subStatus")), Result());

        Assert.Equal("Finished", Assert.Single(world.Printed));
    }

    [Fact]
    public void A_child_that_faults_is_a_result_and_not_a_fault_of_its_parent()
    {
        var world = World(Activity("Elsa.Fault", "cf", ("message", Literal("broke"))));
        var parent = Run(world, Sequence("s", Execute(wait: true), LineJs("p", "getR().subStatus")), Result());

        Assert.Equal("Faulted", Assert.Single(world.Printed));
        Assert.Equal(InstanceSubStatus.Finished, parent.State.SubStatus);
    }

    [Theory]
    [InlineData("Elsa.ExecuteWorkflow")]
    [InlineData("Elsa.DispatchWorkflow")]
    [InlineData("Elsa.BulkDispatchWorkflows")]
    public void A_workflow_that_is_not_published_is_a_fault_of_the_activity(string type)
    {
        var parent = Run(new EngineWorld(), Activity(type, "x", ("workflowDefinitionId", Literal("nowhere")), ("items", Js("[1]"))));

        Assert.Equal(InstanceSubStatus.Faulted, parent.State.SubStatus);
        Assert.Equal("x", Assert.Single(parent.State.Incidents).ActivityId);
    }

    [Fact]
    public void Dispatch_workflow_hands_over_inputs_and_correlation_id_and_takes_the_outputs()
    {
        var world = World(Waits);
        Run(
            world,
            Sequence("s", Dispatch(wait: true, ("correlationId", Literal("c7")), ("result", Into("R"))), LineJs("p", "JSON.stringify(getR())")),
            Result());

        var child = world.Instances[1].State;
        Assert.Equal("c7", child.CorrelationId);
        Assert.Equal(world.Instances[0].Id, child.Input["ParentInstanceId"].GetString());
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);
        Assert.Equal(["child in", """{"Y":"out"}"""], world.Printed);
    }

    [Fact]
    public void Dispatch_workflow_without_waiting_has_no_result()
    {
        var world = World(Waits);
        var parent = Run(world, Sequence("s", Dispatch(wait: false, ("result", Into("R"))), LineJs("p", "JSON.stringify(getR())")), Result());

        Assert.Equal(InstanceSubStatus.Finished, parent.State.SubStatus);
        Assert.Contains("null", world.Printed);
        Assert.Equal(InstanceSubStatus.Suspended, world.Instances[1].State.SubStatus);
    }

    [Fact]
    public void Cancelling_goes_down_the_whole_tree()
    {
        var world = World(Waits);
        world.Publish(Definition("middle", Dispatch(wait: true)));
        var top = Run(world, Activity("Elsa.DispatchWorkflow", "x", ("workflowDefinitionId", Literal("middle")), ("waitForCompletion", Literal("True"))));
        world.Cancel(top);

        Assert.Equal(3, world.Instances.Count);
        Assert.All(world.Instances, instance => Assert.Equal(InstanceSubStatus.Cancelled, instance.State.SubStatus));
    }

    [Theory]
    [InlineData("Elsa.End")]
    [InlineData("Elsa.Finish")]
    [InlineData("Elsa.Complete")]
    public void A_child_that_nobody_waits_for_any_more_is_cancelled(string type)
    {
        var world = World(Waits);
        Run(world, Flowchart(
            "f", [Activity("Elsa.Start", "st"), Execute(wait: true), Event("e", "Enough"), Activity(type, "z")], "st>x", "st>e", "e>z"));
        world.Signal("Enough", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal(InstanceSubStatus.Finished, world.Instances[0].State.SubStatus);
        Assert.Equal(InstanceSubStatus.Cancelled, world.Instances[1].State.SubStatus);
    }

    [Fact]
    public void A_child_that_was_only_dispatched_outlives_its_parent()
    {
        var world = World(Waits);
        Run(world, Flowchart("f", [Activity("Elsa.Start", "st"), Dispatch(wait: false), Activity("Elsa.Finish", "z")], "st>x", "x>z"));

        Assert.Equal(InstanceSubStatus.Finished, world.Instances[0].State.SubStatus);
        Assert.Equal(InstanceSubStatus.Suspended, world.Instances[1].State.SubStatus);
    }

    [Fact]
    public void A_channel_is_warned_about_and_ignored()
    {
        var world = World(Waits);
        var reading = world.Read(Definition("drawn", Dispatch(wait: false, ("channelName", Literal("fast")))));

        var warning = Assert.Single(reading.Warnings);
        Assert.Equal(("$.root.channelName", "channel-ignored", "x"), (warning.Path, warning.Code, warning.Activity));
        Assert.Empty(world.Read(Definition("drawn", Dispatch(wait: false, ("channelName", Literal(""))))).Warnings);
    }

    private static EngineWorld World(JsonObject child)
    {
        var world = new EngineWorld();
        world.Publish(Definition("child", (JsonObject)child.DeepClone()));
        return world;
    }

    private static (string, JsonNode?)[] Result() => [("variables", new JsonArray(Variable("R")))];

    private static JsonObject Execute(bool wait, string workflow = "child") => Activity(
        "Elsa.ExecuteWorkflow", "x", ("workflowDefinitionId", Literal(workflow)), ("waitForCompletion", Literal($"{wait}")), ("input", Json("""{"X": "in"}""")), ("result", Into("R")));

    private static JsonObject Dispatch(bool wait, params (string Name, JsonNode? Value)[] members) => Activity(
        "Elsa.DispatchWorkflow",
        "x",
        [("workflowDefinitionId", Literal("child")), ("waitForCompletion", Literal($"{wait}")), ("input", Json("""{"X": "in"}""")), .. members]);
}
