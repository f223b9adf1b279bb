using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

/// <summary>Whatever an author writes, the case waits for repair and nobody else's suffers.</summary>
public sealed class UnforeseenFaultTests
{
    private const string Nested = "let a = []; for (let i = 0; i < 30000; i++) a = [a]; ";

    [Theory]
    [InlineData(Nested + "String(a).length")]
    [InlineData(Nested + "JSON.stringify(a).length")]
    [InlineData(Nested + "a")]
    [InlineData("class A { get x() { return new A() } } JSON.stringify(new A())")]
    public void Values_that_nest_as_deep_as_a_script_can_make_them_do_not_end_the_process(string script)
    {
        var instance = Run(new EngineWorld(), Sequence("s", LineJs("x", script), Event("e", "Go")), Options());

        Assert.True(instance.State.Bookmarks.Count + instance.State.Incidents.Length is 1);
    }

    [Theory]
    [InlineData("Liquid", "{{ 1 | divided_by: 0 }}", "template-failed")]
    [InlineData("JavaScript", "setCorrelationId('a\\u0000b')", "key-malformed")]
    [InlineData("JavaScript", "setCorrelationId('x'.repeat(9000))", "key-malformed")]
    public void What_a_text_cannot_be_made_of_is_an_incident(string language, string expression, string code)
    {
        var instance = Run(new EngineWorld(), Activity("Elsa.WriteLine", "x", ("text", Wrapped(language, expression))), Options());

        Assert.Equal(code, Assert.Single(instance.State.Incidents).Code);
    }

    [Fact]
    public void A_bound_of_a_loop_without_a_value_is_zero()
    {
        var world = new EngineWorld();
        Run(world, Activity("Elsa.For", "f", ("start", Js("null")), ("end", Js("1")), ("step", Js("1")), ("body", Line("l", "turn"))));

        Assert.NotEmpty(world.Printed);
    }

    [Fact]
    public void A_faulted_instance_can_be_given_up_and_takes_with_it_what_it_started()
    {
        var world = new EngineWorld();
        world.Publish(Definition("child", Event("e", "Never")));
        var parent = Run(world, Sequence("s", Start("child"), LineJs("x", "throw new Error('Synthetic.')")), ("options", new JsonObject { ["incidentStrategyType"] = "FaultStrategy" }));
        Assert.Equal(InstanceSubStatus.Faulted, parent.State.SubStatus);

        world.Cancel(parent);

        Assert.Equal([InstanceSubStatus.Cancelled, InstanceSubStatus.Cancelled], world.Instances.Select(instance => instance.State.SubStatus));
        Assert.Equal("instance-finished", world.Retry(parent, 1)?.Code);
    }

    [Fact]
    public void What_is_started_and_given_up_in_one_turn_is_not_started()
    {
        var world = new EngineWorld();
        world.Publish(Definition("child", Event("e", "Never")));

        var parent = Run(world, Container("Elsa.Parallel", "p", Start("child", waits: true), Activity("Elsa.Finish", "end")));

        Assert.Single(world.Instances);
        Assert.Empty(parent.State.Children);
    }

    private static JsonObject Start(string definitionId, bool waits = false) => Activity(
        "Elsa.DispatchWorkflow", "start", ("workflowDefinitionId", Literal(definitionId)), ("waitForCompletion", Literal(waits ? "true" : "false")));

    private static (string, JsonNode?)[] Options() => [("options", new JsonObject { ["incidentStrategyType"] = "ContinueWithIncidentsStrategy" })];
}
