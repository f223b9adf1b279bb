using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.UnitTests.Conformance;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class BulkDispatchTests
{
    [Fact]
    public void Each_item_starts_an_instance_with_the_common_inputs_and_its_own()
    {
        var world = World(LineJs("c", "[getInput('Item'), getInput('Name'), getInput('Common'), getCorrelationId()].join()"));
        Run(world, Bulk(
            ("items", Js("['a', {Name: 'b', Common: 'own'}]")),
            ("input", Json("""{"Common": "all"}""")),
            ("correlationIdFunction", Js("'case-' + (getItem().Name ?? getItem())"))));

        Assert.Equal(["a,,all,case-a", ",b,own,case-b"], world.Printed);
    }

    [Fact]
    public void The_correlation_id_may_ask_for_the_item_among_its_arguments()
    {
        var world = World(LineJs("c", "getCorrelationId()"));
        Run(world, Bulk(("items", Js("['a']")), ("defaultItemInputKey", Literal("Item No")), ("correlationIdFunction", Js("'case-' + args.itemNo"))));

        Assert.Equal("case-a", Assert.Single(world.Printed));
    }

    [Fact]
    public void What_a_port_keeps_under_another_name_is_no_input_of_it()
    {
        var world = World(Line("c", "child"));
        world.Publish(Definition(
            "drawn",
            Bulk(("items", Js("[1]")), ("childCompleted", Sequence(
                "s",
                Activity("Elsa.RunJavaScript", "r", ("script", Literal("setVariable('Amount', 2)"))),
                LineJs("l", "[getInput('Amount'), getVariable('Amount'), getInput('WorkflowSubStatus')].join()")))),
            ("inputs", new JsonArray(new JsonObject { ["name"] = "Amount", ["type"] = "Int32" }))));
        world.Start("drawn", JsonValues.Object(("Amount", JsonValues.Of(1L))), correlationId: null);

        Assert.Equal(["child", "1,2,Finished"], world.Printed);
    }

    [Fact]
    public void The_key_of_a_single_item_can_be_chosen()
    {
        var world = World(LineJs("c", "getInput('Agency')"));
        Run(world, Bulk(("items", Js("['IOM']")), ("defaultItemInputKey", Literal("Agency"))));

        Assert.Equal("IOM", Assert.Single(world.Printed));
    }

    [Fact]
    public void It_waits_for_all_ends_and_runs_a_port_for_each()
    {
        var world = World(Flowchart("f", [Event("e", "End"), Activity("Elsa.FlowDecision", "d", ("condition", Js("getInput('Item') == 'bad'"))), Activity("Elsa.Fault", "x")], "e>d", "d.True>x"));
        Run(world, Chart(
            ("items", Js("['good', 'bad']")),
            ("childCompleted", LineJs("ok", "'completed ' + (getChildInstanceId() != null)")),
            ("childFaulted", LineJs("no", "'faulted ' + getVariable('WorkflowSubStatus')"))));

        Assert.Empty(world.Printed);
        world.Signal("End", JsonValues.Null, correlationId: null, only: world.Instances[2]);
        Assert.Equal("faulted Faulted", Assert.Single(world.Printed));
        world.Signal("End", JsonValues.Null, correlationId: null, only: world.Instances[1]);
        Assert.Equal(["faulted Faulted", "completed true", "on Completed", "on Done"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, world.Instances[0].State.SubStatus);
    }

    [Fact]
    public void A_port_is_told_of_its_child_as_Elsa_tells_it()
    {
        var world = World(Activity("Elsa.SetOutput", "o", ("outputName", Literal("Y")), ("outputValue", Js("getInput('Item')"))));
        Run(world, Bulk(
            ("items", Js("['a']")),
            ("childCompleted", Sequence(
                "s",
                LineJs("l", "[getInput('WorkflowOutput').Y, getWorkflowOutput().Y, getInput('WorkflowSubStatus'), getInput('ChildInstanceId') === getInput('WorkflowInstanceId')].join()"),
                Activity("Elsa.WriteLine", "v", ("text", new JsonObject { ["expression"] = new JsonObject { ["type"] = "Variable", ["value"] = new JsonObject { ["name"] = "WorkflowStatus" } } }))))));

        Assert.Equal(["a,a,Finished,true", "Finished"], world.Printed);
    }

    [Fact]
    public void It_waits_for_what_its_ports_do_when_the_last_child_has_ended()
    {
        var world = World(Event("e", "End"));
        Run(world, Chart(("items", Js("[1, 2]")), ("childCompleted", Event("h", "Handled", ("eventName", Js("'Handled-' + getChildInstanceId()"))))));
        world.Signal("End", JsonValues.Null, correlationId: null, only: null);
        world.Signal("Handled-" + world.Instances[2].Id, JsonValues.Null, correlationId: null, only: null);

        Assert.Empty(world.Printed);
        world.Signal("Handled-" + world.Instances[1].Id, JsonValues.Null, correlationId: null, only: null);
        Assert.Equal(["on Completed", "on Done"], world.Printed);
    }

    [Fact]
    public void A_cancelled_child_is_told_by_the_port_canceled()
    {
        var world = World(Event("e", "End"));
        Run(world, Chart(("items", Js("[1, 2]"))));
        world.Cancel(world.Instances[1]);
        world.Signal("End", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal(["on Completed", "on Canceled", "on Done"], world.Printed);
    }

    [Theory]
    [InlineData("[]", "True")]
    [InlineData("[1, 2]", "False")]
    public void Without_children_to_wait_for_it_is_done_at_once(string items, string waits)
    {
        var world = World(Event("e", "End"));
        Run(world, Chart(("items", Js(items)), ("waitForCompletion", Literal(waits))));

        Assert.Equal("on Done", Assert.Single(world.Printed));
        Assert.All(world.Instances.Skip(1), child => Assert.Equal(InstanceSubStatus.Suspended, child.State.SubStatus));
    }

    [Fact]
    public void When_its_branch_ends_the_children_that_it_waits_for_end_as_well()
    {
        var world = World(Event("e", "End"));
        Run(world, Flowchart("f", [Activity("Elsa.Start", "s"), Bulk(("items", Js("[1, 2]"))), Event("w", "Enough"), Activity("Elsa.End", "z")], "s>b", "s>w", "w>z"));
        world.Signal("End", JsonValues.Null, correlationId: null, only: world.Instances[1]);
        world.Signal("Enough", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal(
            [InstanceSubStatus.Finished, InstanceSubStatus.Finished, InstanceSubStatus.Cancelled],
            world.Instances.Select(instance => instance.State.SubStatus));
    }

    [Fact]
    public void More_children_than_the_limit_are_a_fault_and_none_is_started()
    {
        var world = World(Line("c", "x"));
        var parent = Run(world, Bulk(("items", Js($"Array.from({{length: {EngineLimits.BranchesMax + 1}}}, (_, i) => i)"))));

        Assert.Equal("too-many-children", Assert.Single(parent.State.Incidents).Code);
        Assert.Single(world.Instances);
    }

    [Theory]
    [InlineData("FaultStrategy", true)]
    [InlineData("FaultStrategy", false)]
    [InlineData("ContinueWithIncidentsStrategy", true)]
    [InlineData("ContinueWithIncidentsStrategy", false)]
    public void Repairing_starts_that_were_refused_starts_no_other_child_again(string strategy, bool waits)
    {
        var world = World(LineJs("c", "'child ' + getInput('Item')"));
        world.RefuseStart = static start => start.Input["Item"].GetInt32() % 2 is 0 ? new Refusal(RefusalKind.Conflict, "taken", "Somebody has it.") : null;
        var parent = Run(world, Chart(("items", Js("[1, 2, 3, 4]")), ("waitForCompletion", Literal(waits ? "True" : "False"))), ("options", new JsonObject { ["incidentStrategyType"] = strategy }));
        Assert.Equal(["child 1", "child 3"], world.Printed);
        var incident = Assert.Single(parent.State.Incidents);
        Assert.Equal(("taken", "b"), (incident.Code, incident.ActivityId));

        world.RefuseStart = static _ => null;
        Assert.Null(world.Retry(parent, incident.Id));

        Assert.Equal(["child 1", "child 3", "child 2", "child 4"], world.Printed.Take(4));
        Assert.Equal(waits ? ["on Completed", "on Done"] : ["on Done"], world.Printed.Skip(4));
        Assert.Equal(5, world.Instances.Count);
        Assert.Equal(InstanceSubStatus.Finished, parent.State.SubStatus);
    }

    [Fact]
    public void A_repair_that_cannot_start_a_child_leaves_only_that_child_to_be_started()
    {
        var world = World(LineJs("c", "'child ' + getInput('Item')"));
        world.RefuseStart = static start => start.Input["Item"].GetInt32() % 2 is 0 ? new Refusal(RefusalKind.Conflict, "taken", "Somebody has it.") : null;
        var parent = Run(
            world,
            Chart(("items", Js("[1, 2, 3, 4]")), ("correlationIdFunction", Js("getItem() == 4 && getIsBroken() ? nothing.here : null"))),
            ("options", new JsonObject { ["incidentStrategyType"] = "FaultStrategy" }),
            ("variables", new JsonArray(Variable("IsBroken", "Boolean", "false"))));

        world.RefuseStart = static _ => null;
        Break(true);
        Assert.Null(world.Retry(parent, Assert.Single(parent.State.Incidents).Id));
        Assert.Equal("script-failed", Assert.Single(parent.State.Incidents).Code);
        Break(false);
        Assert.Null(world.Retry(parent, parent.State.Incidents[0].Id));
        Assert.Equal(["child 1", "child 3", "child 2", "child 4"], world.Printed.Take(4));
        Assert.Equal(5, world.Instances.Count);
        Assert.Equal(InstanceSubStatus.Finished, parent.State.SubStatus);

        void Break(bool isBroken) => parent.SetVariable("IsBroken", isBroken ? JsonValues.True : JsonValues.False);
    }

    [Fact]
    public void A_child_that_reports_twice_while_its_parent_lies_faulted_counts_once()
    {
        (string, JsonNode?) Ready() => ("variables", new JsonArray(Variable("Ready", "Boolean", "false")));
        var world = new EngineWorld();
        world.Publish(Definition("child", Sequence("cs", Event("e", "Go"), LineJs("x", "if (!getReady()) { throw new Error('no'); } 'child'")), Ready()));
        var bulk = Bulk(("items", Js("[1, 2]")), ("childCompleted", Line("ok", "completed")), ("childFaulted", Line("no", "faulted")));
        var parent = Run(
            world,
            Container("Elsa.Parallel", "par", bulk, LineJs("f", "if (!getReady()) { throw new Error('no'); } 'parent'")),
            Ready());
        var (first, second) = (world.Instances[1], world.Instances[2]);
        world.Signal("Go", JsonValues.Null, correlationId: null, first);
        Repair(first);
        Repair(parent);
        Assert.Equal(["child", "parent", "faulted"], world.Printed);
        Assert.Equal(InstanceStatus.Running, parent.State.Status);

        second.SetVariable("Ready", JsonValues.True);
        world.Signal("Go", JsonValues.Null, correlationId: null, second);
        Assert.Equal(["child", "parent", "faulted", "child", "completed"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, parent.State.SubStatus);

        void Repair(WorldInstance instance)
        {
            instance.SetVariable("Ready", JsonValues.True);
            Assert.Null(world.Retry(instance, Assert.Single(instance.State.Incidents).Id));
        }
    }

    [Fact]
    public void A_child_that_was_never_started_is_not_kept_among_the_children()
    {
        var world = World(Line("c", "x"));
        world.RefuseStart = static _ => new Refusal(RefusalKind.Conflict, "taken", "Somebody has it.");
        var parent = Run(world, Bulk(("items", Js("[1, 2]"))), ("options", new JsonObject { ["incidentStrategyType"] = "ContinueWithIncidentsStrategy" }));

        Assert.Empty(parent.State.Children);
        Assert.Single(parent.State.Incidents);
    }

    [Fact]
    public void When_an_item_cannot_be_worked_out_no_child_is_started()
    {
        var world = World(Line("c", "x"));
        var parent = Run(world, Bulk(("items", Js("[1, 2]")), ("correlationIdFunction", Js("getItem() > 1 ? nothing.here : 'c'"))));

        Assert.Single(world.Instances);
        Assert.Single(parent.State.Incidents);
        Assert.Empty(parent.State.Children);
    }

    private static EngineWorld World(JsonObject child)
    {
        var world = new EngineWorld();
        world.Publish(Definition("child", child));
        return world;
    }

    private static JsonObject Bulk(params (string Name, JsonNode? Value)[] members) =>
        Activity("Elsa.BulkDispatchWorkflows", "b", [("workflowDefinitionId", Literal("child")), .. members]);

    private static JsonObject Chart(params (string Name, JsonNode? Value)[] members) => Flowchart(
        "chart",
        [Bulk(members), Line("c", "on Completed"), Line("x", "on Canceled"), Line("d", "on Done")],
        "b.Completed>c", "b.Canceled>x", "b.Done>d");
}
