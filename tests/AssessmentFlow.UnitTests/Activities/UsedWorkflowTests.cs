using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.UnitTests.Conformance;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class UsedWorkflowTests
{
    [Fact]
    public void It_takes_inputs_and_gives_outputs_and_outcomes_to_the_workflow_that_uses_it()
    {
        var world = World("Charge card", Sequence(
            "in",
            LineJs("c", "getInput('Amount') + getAmount()"),
            Activity("Elsa.SetOutput", "o", ("outputName", Literal("Receipt")), ("outputValue", Js("'no. ' + getAmount()"))),
            Activity("Elsa.Complete", "end", ("outcomes", Js("['Paid']")))));
        var instance = Run(
            world,
            Flowchart("f", [Charge("u", ("amount", Literal("7")), ("receipt", Into("R"))), LineJs("p", "getR() + getReceiptFromU() + getOutputFrom('u', 'Receipt')"), Line("d", "declined")], "u.Paid>p", "u.Declined>d"),
            ("variables", new JsonArray(Variable("R"))));

        Assert.Equal(["14", "no. 7no. 7no. 7"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        Assert.Empty(instance.State.Output);
    }

    [Fact]
    public void It_runs_inside_the_instance_and_what_it_waits_for_is_waited_for_there()
    {
        var world = World("Charge card", Sequence("in", Event("e", "Go"), LineJs("c", "getAmount()")));
        var instance = Run(world, Flowchart(
            "f", [Activity("Elsa.Start", "s"), Charge("a", ("amount", Literal("1"))), Charge("b", ("amount", Literal("2"))), Line("m", "meet")], "s>a", "s>b", "a>m", "b>m"));

        Assert.Equal(2, instance.State.Bookmarks.Count);
        world.Restart();
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);
        Assert.Single(world.Instances);
        Assert.Equal(["1", "2", "meet"], world.Printed);
    }

    [Fact]
    public void Two_uses_keep_their_variables_apart_and_begin_anew_each_time()
    {
        var world = World(
            "Charge card",
            Sequence("in", Set("s", "Total", Js("getTotal() + getAmount()")), LineJs("c", "getTotal()")),
            ("variables", new JsonArray(Variable("Total", "Int32", "100"))));

        Run(world, Sequence("s", Charge("a", ("amount", Literal("1"))), Charge("b", ("amount", Literal("2")))));
        Assert.Equal(["101", "102"], world.Printed);
    }

    [Fact]
    public void An_output_that_was_not_set_leaves_what_it_is_bound_to()
    {
        var world = World("Charge card", Line("c", "nothing"));
        var instance = Run(world, Charge("u", ("receipt", Into("R"))), ("variables", new JsonArray(Variable("R", value: "old"))));

        Assert.Equal("old", instance.State.Variables()["R"].GetString());
    }

    [Fact]
    public void An_output_that_was_set_to_nothing_empties_what_it_is_bound_to()
    {
        var world = World("Charge card", Activity("Elsa.SetOutput", "o", ("outputName", Literal("Receipt")), ("outputValue", Js("null"))));
        var instance = Run(world, Charge("u", ("receipt", Into("R"))), ("variables", new JsonArray(Variable("R", value: "old"))));

        Assert.True(instance.State.Variables()["R"].IsNull());
    }

    [Fact]
    public void An_output_that_is_not_set_again_is_not_that_of_the_use_before()
    {
        var world = World("Charge card", Activity("Elsa.If", "i", ("condition", Js("getAmount() == 1")), ("then", Activity("Elsa.SetOutput", "o", ("outputName", Literal("Receipt")), ("outputValue", Literal("first"))))));
        Run(world, Activity("Elsa.ForEach", "loop", ("items", Json("[1, 2]")), ("body", Sequence("b", Charge("u", ("amount", Js("getCurrentValue()"))), LineJs("p", "'' + getReceiptFromU()")))));

        Assert.Equal(["first", "null"], world.Printed);
    }

    [Theory]
    [InlineData("Total", true)]
    [InlineData("Other", false)]
    public void An_output_that_it_does_not_declare_is_one_of_the_nearest_workflow_that_does_and_else_of_the_instance(string name, bool isDeclared)
    {
        var world = World("Charge card", Activity("Elsa.SetOutput", "o", ("outputName", Literal(name)), ("outputValue", Literal("7"))));
        world.Publish(Definition(
            "outer",
            Charge("c"),
            ("name", "outer"),
            ("outputs", new JsonArray(new JsonObject { ["name"] = "Total", ["type"] = "Object" })),
            ("options", new JsonObject { ["usableAsActivity"] = true })));
        var instance = Run(world, Sequence("s", Activity("Outer", "t", ("total", Into("T")))), ("variables", new JsonArray(Variable("T"))));

        Assert.Equal(isDeclared, instance.State.Variables()["T"].AsText() is "7");
        Assert.Equal(isDeclared ? [] : [name], instance.State.Output.Keys);
    }

    [Fact]
    public void An_input_of_the_instance_hides_none_of_its_variables()
    {
        var world = World("Charge card", LineJs("c", "getName() + getAmount()"), ("variables", new JsonArray(Variable("Name", "String", "inner"))));
        world.Publish(Definition(
            "drawn",
            Charge("u", ("amount", Literal("7"))),
            ("inputs", new JsonArray(new JsonObject { ["name"] = "Name", ["type"] = "String" }, new JsonObject { ["name"] = "Amount", ["type"] = "Int32" }))));
        world.Start("drawn", JsonValues.Object(("Name", JsonValues.Of("outer")), ("Amount", JsonValues.Of(1L))), correlationId: null);

        Assert.Equal("inner7", Assert.Single(world.Printed));
    }

    [Fact]
    public void Its_output_may_be_bound_to_an_output_of_the_workflow_that_uses_it()
    {
        var world = World("Charge card", Activity("Elsa.SetOutput", "o", ("outputName", Literal("Receipt")), ("outputValue", Literal("x"))));
        var instance = Run(world, Charge("u", ("receipt", Into("Final"))), ("outputs", new JsonArray(new JsonObject { ["name"] = "Final", ["type"] = "String" })));

        Assert.Equal("x", instance.State.Output["Final"].GetString());
    }

    [Fact]
    public void Workflows_may_use_workflows_that_use_workflows()
    {
        var world = World("Charge card", Activity("Elsa.SetOutput", "o", ("outputName", Literal("Receipt")), ("outputValue", Js("getAmount() * 2"))));
        world.Publish(Definition(
            "twice",
            Sequence("in", Charge("c1", ("amount", Js("getN()")), ("receipt", Into("R"))), Activity("Elsa.SetOutput", "o", ("outputName", Literal("Out")), ("outputValue", Js("getR() + 1")))),
            ("name", "twice"),
            ("variables", new JsonArray(Variable("R"))),
            ("inputs", new JsonArray(new JsonObject { ["name"] = "N", ["type"] = "Int32" })),
            ("outputs", new JsonArray(new JsonObject { ["name"] = "Out", ["type"] = "Int32" })),
            ("options", new JsonObject { ["usableAsActivity"] = true })));
        Run(world, Sequence("s", Activity("Twice", "t", ("n", Literal("5"))), LineJs("p", "getOutFromT()")));

        Assert.Equal("11", Assert.Single(world.Printed));
    }

    [Fact]
    public void A_finish_inside_ends_the_whole_instance_and_a_complete_only_the_used_workflow()
    {
        var world = World("Charge card", Flowchart("in", [Activity("Elsa.Complete", "c")]));
        Run(world, Sequence("s", Charge("u"), Line("p", "after")));
        Assert.Equal("after", Assert.Single(world.Printed));

        world = World("Charge card", Flowchart("in", [Activity("Elsa.Finish", "c")]));
        var instance = Run(world, Sequence("s", Charge("u"), Line("p", "after")));
        Assert.Empty(world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void A_workflow_that_would_contain_itself_is_refused()
    {
        var world = World("Charge card", Line("c", "x"));
        var problem = Assert.Single(world.Read(Definition("charge", Charge("u"), ("name", "Charge card"))).Problems);

        Assert.Equal(("workflow-uses-itself", "$.root", "u"), (problem.Code, problem.Path, problem.Activity));
    }

    [Fact]
    public void A_workflow_that_is_not_offered_as_an_activity_is_an_unknown_type()
    {
        var world = new EngineWorld();
        world.Publish(Definition("charge", Line("c", "x"), ("name", "Charge card")));

        Assert.Equal("activity-type-unknown", Assert.Single(world.Read(Definition("drawn", Charge("u"))).Problems).Code);
    }

    [Fact]
    public void Pinning_writes_the_content_that_a_type_means_now_into_the_document()
    {
        var catalog = new ActivityCatalog(ActivityCatalog.General);
        var first = Usable("first", "one");
        var second = Usable("second", "two");
        var document = System.Text.Encoding.UTF8.GetBytes(Definition("drawn", Sequence("s", Charge("u"))));

        var reference = Assert.Single(WorkflowReferences.In(document, catalog));
        Assert.Equal(new WorkflowReference("ChargeCard", null, null), reference);
        var pinned = WorkflowReferences.Pin(document, catalog, new WorkflowLibrary([first]));
        Assert.Equal(new WorkflowReference("ChargeCard", "charge", "first"), Assert.Single(WorkflowReferences.In(pinned, catalog)));

        // A later version does not change what is pinned; without references nothing is rewritten.
        Assert.Same(first, new WorkflowLibrary([second, first]).Find(WorkflowReferences.In(pinned, catalog)[0]));
        Assert.Same(pinned, WorkflowReferences.Pin(pinned, catalog, new WorkflowLibrary([first])));
        var plain = System.Text.Encoding.UTF8.GetBytes(Definition("drawn", Line("p", "x")));
        Assert.Same(plain, WorkflowReferences.Pin(plain, catalog, new WorkflowLibrary([first])));
    }

    [Fact]
    public void Its_descriptor_has_the_name_the_inputs_and_the_ports_of_the_workflow()
    {
        var descriptor = Usable("hash", "x").Descriptor;

        Assert.Equal("ChargeCard", descriptor.TypeName);
        Assert.Equal(["Amount"], descriptor.Inputs.Select(input => input.Name));
        Assert.Equal(["Receipt"], descriptor.Outputs.Select(output => output.Name));
        Assert.Equal(["Paid", "Declined"], descriptor.FlowPorts);
    }

    private static UsableWorkflow Usable(string hash, string line) =>
        UsableWorkflow.Read(System.Text.Encoding.UTF8.GetBytes(Offered("Charge card", Line("c", line))), hash, version: 1)!;

    private static EngineWorld World(string name, JsonObject root, params (string Name, JsonNode? Value)[] members)
    {
        var world = new EngineWorld();
        world.Publish(Offered(name, root, members));
        return world;
    }

    private static string Offered(string name, JsonObject root, params (string Name, JsonNode? Value)[] members) => Definition(
        "charge",
        root,
        [
            ("name", name),
            ("inputs", new JsonArray(new JsonObject { ["name"] = "Amount", ["type"] = "Int32" })),
            ("outputs", new JsonArray(new JsonObject { ["name"] = "Receipt", ["type"] = "Object" })),
            ("outcomes", new JsonArray("Paid", "Declined")),
            ("options", new JsonObject { ["usableAsActivity"] = true }),
            .. members,
        ]);

    private static JsonObject Charge(string id, params (string Name, JsonNode? Value)[] members) => Activity("ChargeCard", id, members);
}
