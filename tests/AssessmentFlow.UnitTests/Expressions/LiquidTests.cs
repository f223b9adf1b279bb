using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Expressions;

/// <summary>What templates find: Elsa's objects, and values as templates know them.</summary>
public sealed class LiquidTests
{
    [Theory]
    [InlineData("{{ Variables.Number | plus: 1 }}", "8")]
    [InlineData("{{ Variables.Text | upcase }}", "BAR")]
    [InlineData("{{ Variables.Tree.list | join: '-' }}", "1-b-true")]
    [InlineData("{{ Variables.Tree.inner.name }}", "deep")]
    [InlineData("{% if Variables.Tree.no %}yes{% else %}no{% endif %}", "no")]
    [InlineData("{% if Variables.Tree.yes %}yes{% else %}no{% endif %}", "yes")]
    [InlineData("[{{ Variables.Nothing }}{{ Variables.Tree.nothing }}{{ Input.Nothing }}]", "[]")]
    [InlineData("{{ Input.State }}", "Cambodia")]
    [InlineData("{{ CorrelationId }} {{ WorkflowDefinitionId }} {{ WorkflowDefinitionVersion }}", "CASE-1 drawn 1")]
    [InlineData("{{ WorkflowInstanceName }}", "Visit")]
    [InlineData("{{ 'now' | date: '%Y-%m-%d %H:%M' }}", "2030-01-01 00:00")]
    public void A_template_finds_what_Elsa_gives_to_templates(string template, string expected)
    {
        var world = new EngineWorld();
        Assert.Empty(world.Publish(Definition(
            "drawn",
            Sequence("s", Activity("Elsa.SetName", "n", ("value", Literal("Visit"))), Activity("Elsa.WriteLine", "p", ("text", Liquid(template)))),
            ("variables", new JsonArray(
                Variable("Number", "Int32", "7"),
                Variable("Text", "String", "bar"),
                Variable("Tree", "JsonObject", """{"list":[1,"b",true],"inner":{"name":"deep"},"no":false,"yes":true,"nothing":null}"""))))));
        var instance = world.Start("drawn", JsonValues.Object(("State", JsonValues.Of("Cambodia"))), "CASE-1");

        Assert.Empty(instance.State.Incidents);
        Assert.Equal(expected, Assert.Single(world.Printed));
    }
}
