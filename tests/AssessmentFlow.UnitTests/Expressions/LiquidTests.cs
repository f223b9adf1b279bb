using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
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
    [InlineData("{{ WorkflowDefinitionVersionId }} {{ Configuration.Secret }}", "hash-of-drawn ")]
    [InlineData("{{ Variables.Tree.inner }} {{ Variables.Tree.inner | json }}", "{\"name\":\"deep\"} {\"name\":\"deep\"}")]
    [InlineData("{% for member in Variables.Tree.inner %}{{ member[0] }}={{ member[1] }};{% endfor %}", "name=deep;")]
    [InlineData("{{ Variables.Tree.inner['name'] }} {{ Variables.Tree.size }} {{ Variables.Tree.inner.first | join: ':' }}", "deep 5 name:deep")]
    [InlineData("{{ Variables.Tree | keys | join: ',' }}", "list,inner,no,yes,nothing")]
    [InlineData("{{ Variables | keys | join: ',' }} {{ Input | keys | join: ',' }} {{ Input }}", "Number,Text,Tree,Day State {\"State\":\"Cambodia\"}")]
    [InlineData("{{ 'é' | base64 }} {{ 7 | base64 }} {{ true | base64 }} [{{ nil | base64 }}]", "w6k= Nw== VHJ1ZQ== []")]
    [InlineData("{{ Variables.Tree.list | base64 }} {{ Variables.Tree.inner | base64 }}", "WzEsImIiLHRydWVd eyJuYW1lIjoiZGVlcCJ9")]
    [InlineData("{{ Variables.Day }} {{ Variables.Day | date: '%d.%m.%Y' }}", "2030-05-01 00:00:00Z 01.05.2030")]
    [InlineData("{{ Variables.Tree.list }}", "1btrue")]
    [InlineData("{%- capture x -%} {% for i in (1..3) %}{% if i == 2 %}two{% elsif i == 3 %}{{ i | plus: 1 }}{% else %}{% raw %}{{ i }}{% endraw %}{% endif %},{%- endfor %} {% endcapture %}{{ x | strip }}", "{{ i }},two,4,")]
    [InlineData("{% case Variables.Number %}{% when 7 %}{% for i in (2..Variables.Number) reversed %}{{ i }}{% if i == 5 %}{% break %}{% endif %}{% endfor %}{% endcase %}", "765")]
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
                Variable("Tree", "JsonObject", """{"list":[1,"b",true],"inner":{"name":"deep"},"no":false,"yes":true,"nothing":null}"""),
                Variable("Day", "DateTimeOffset", "2030-05-01T00:00:00Z"))))));
        var instance = world.Start("drawn", JsonValues.Object(("State", JsonValues.Of("Cambodia"))), "CASE-1");

        Assert.Empty(instance.State.Incidents);
        Assert.Equal(expected, Assert.Single(world.Printed));
    }

    [Theory]
    [InlineData("{{ 'x' | upcase | shorten: 5 }}")]
    [InlineData("{% if Variables.A %}{% for i in (1..2) %}{% assign y = i | shorten %}{% endfor %}{% endif %}")]
    [InlineData("{{ 'x' | append: b | shorten }}")]
    public void A_filter_that_does_not_exist_is_told_at_import(string template)
    {
        var problem = Assert.Single(new EngineWorld().Publish(Definition("drawn", Activity("Elsa.WriteLine", "p", ("text", Liquid(template))))));

        Assert.Equal(("$.root.text.expression.value", "script-unreadable", "p"), (problem.Path, problem.Code, problem.Activity));
        Assert.Contains("'shorten'", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Elsa.WriteLine", "text", "Liquid", "{{ 'x' | shorten }}")]
    [InlineData("Elsa.WriteLine", "text", "JavaScript", "typeof 5n")]
    [InlineData("Elsa.RunJavaScript", "script", "Literal", "typeof 5n")]
    public void What_was_published_when_more_was_let_in_goes_on_in_running_cases(string type, string input, string syntax, string text)
    {
        var json = Definition("drawn", Activity(type, "p", (input, Wrapped(syntax, text))));
        Assert.Equal("script-unreadable", Assert.Single(new EngineWorld().Publish(json)).Code);

        var definition = new EngineWorld().Read(json).Definition!;
        var start = new InstanceInput.Start("drawn", 1, "hash", [], CorrelationId: null);
        var decision = WorkflowEngine.Decide(definition, new InstanceState { Id = "i" }, start, new Moment(DateTimeOffset.UnixEpoch, Version: 1));
        var state = Assert.IsType<Decision<InstanceState, InstanceFact, InstanceEffect>.Accepted>(decision).State;
        Assert.Equal(InstanceSubStatus.Finished, state.SubStatus);
    }

    [Theory]
    [InlineData("{{ 'x' | keys }}")]
    [InlineData("{% include 'other' %}")]
    public void A_template_that_asks_for_what_is_not_there_is_an_incident(string template) =>
        Assert.Equal("template-failed", Assert.Single(Run(new EngineWorld(), Activity("Elsa.WriteLine", "x", ("text", Liquid(template)))).State.Incidents).Code);

    [Fact]
    public void What_filters_cost_is_not_taken_from_what_a_template_may_capture()
    {
        var template = $"{{% capture x %}}{new string('-', 32 * 1024)}{{% endcapture %}}{{{{ Variables.Html | strip_html | size }}}}";

        Assert.Equal(
            ["40000"],
            Written(template, Variable("Html", "String", new string('x', 40_000))));
    }

    [Fact]
    public void What_a_template_captures_stays_bounded_whatever_its_filters_cost()
    {
        var template = $"{{% for i in (1..2000) %}}{{% capture x %}}{new string('-', 32 * 1024)}{{% endcapture %}}{{% endfor %}}{{{{ Variables.Html | strip_html | size }}}}";

        var instance = Run(new EngineWorld(), Activity("Elsa.WriteLine", "p", ("text", Liquid(template))));

        Assert.Equal("template-failed", Assert.Single(instance.State.Incidents).Code);
    }

    private static IReadOnlyList<string> Written(string template, JsonObject variable)
    {
        var world = new EngineWorld();
        Assert.Empty(Run(world, Activity("Elsa.WriteLine", "p", ("text", Liquid(template))), ("variables", new JsonArray(variable))).State.Incidents);
        return world.Printed;
    }
}
