using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Definitions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Definitions;

/// <summary>What keeps a definition from being published: each thing with its place and the name of the activity.</summary>
public sealed class PublicationCheckTests
{
    [Fact]
    public void A_cron_expression_that_is_none_is_refused() => AssertRefused(
        Activity("Elsa.Cron", "nightly", ("cronExpression", Literal("every night"))), "$.root.activities[0].cronExpression.expression.value", "cron-unreadable", "nightly");

    [Theory]
    [InlineData("0 0 31 2 *")]
    [InlineData("0 0 0 31 4 *")]
    public void A_cron_expression_whose_time_never_comes_is_refused_also_where_it_starts_the_workflow(string expression)
    {
        const string Path = "$.root.activities[0].cronExpression.expression.value";
        AssertRefused(Activity("Elsa.Cron", "never", ("cronExpression", Literal(expression))), Path, "cron-without-end", "never");
        AssertRefused(Starting(Activity("Elsa.Cron", "never", ("cronExpression", Literal(expression)))), Path, "cron-without-end", "never");
        AssertRefused(Starting(Activity("Elsa.Cron", "never", ("cronExpression", Js($"'{expression}'")))), Path, "cron-without-end", "never");
    }

    [Theory]
    [InlineData("Sometimes")]
    [InlineData("Acme.IncidentStrategies.FaultStrategy, Acme")]
    [InlineData("Elsa.Workflows.IncidentStrategies.ContinueWithIncidentsSometimesStrategy, Elsa.Workflows.Core")]
    public void An_incident_strategy_that_is_none_of_elsas_keeps_the_definition_from_being_published(string typeName)
    {
        var problem = Assert.Single(new EngineWorld().Publish(WithIncidentStrategy(typeName)));

        Assert.Equal(("$.options.incidentStrategyType", "incident-strategy-unknown", null), (problem.Path, problem.Code, problem.Activity));
    }

    [Theory]
    [InlineData(null, IncidentStrategy.Fault)]
    [InlineData("", IncidentStrategy.Fault)]
    [InlineData("FaultStrategy", IncidentStrategy.Fault)]
    [InlineData("ContinueWithIncidentsStrategy", IncidentStrategy.ContinueWithIncidents)]
    [InlineData("Elsa.Workflows.IncidentStrategies.FaultStrategy, Elsa.Workflows.Core", IncidentStrategy.Fault)]
    [InlineData("Elsa.Workflows.IncidentStrategies.ContinueWithIncidentsStrategy, Elsa.Workflows.Core, Version=3.8.0.0", IncidentStrategy.ContinueWithIncidents)]
    public void A_definition_names_its_incident_strategy_as_elsa_and_studio_write_it(string? typeName, IncidentStrategy expected)
    {
        Assert.Empty(new EngineWorld().Publish(WithIncidentStrategy(typeName)));
        Assert.Equal(expected, new EngineWorld().Read(WithIncidentStrategy(typeName)).Definition!.Options.IncidentStrategy);
    }

    [Fact]
    public void What_was_published_with_an_unknown_incident_strategy_runs_as_it_did() =>
        Assert.Equal(IncidentStrategy.ContinueWithIncidents, new EngineWorld().Read(WithIncidentStrategy("Acme.ContinueWithIncidentsForNow")).Definition!.Options.IncidentStrategy);

    [Theory]
    [InlineData("Elsa.Event", "eventName")]
    [InlineData("Elsa.PublishEvent", "eventName")]
    [InlineData("Elsa.RunTask", "taskName")]
    [InlineData("Elsa.Cron", "cronExpression")]
    [InlineData("Elsa.StartAt", "dateTime")]
    [InlineData("Elsa.DispatchWorkflow", "workflowDefinitionId")]
    public void A_required_input_that_is_not_there_is_refused(string type, string input) =>
        AssertRefused(Activity(type, "bare"), $"$.root.activities[0].{input}", "input-missing", "bare");

    [Theory]
    [InlineData("Literal", "")]
    [InlineData("Literal", "  ")]
    [InlineData("JavaScript", "")]
    [InlineData("Liquid", "\n")]
    public void A_required_input_that_was_emptied_is_as_good_as_missing(string type, string value) => AssertRefused(
        Activity("Elsa.Event", "emptied", ("eventName", Wrapped(type, value))), "$.root.activities[0].eventName.expression.value", "input-missing", "emptied");

    [Fact]
    public void A_trigger_whose_required_input_was_emptied_is_told_once() => AssertRefused(
        Starting(Activity("Elsa.Event", "emptied", ("eventName", Literal("")))), "$.root.activities[0].eventName.expression.value", "input-missing", "emptied");

    [Theory]
    [InlineData("JavaScript", "1 +")]
    [InlineData("JavaScript", "return (")]
    [InlineData("Liquid", "{% if Variables.X %} never closed")]
    [InlineData("Liquid", "{{ Variables.X | }}")]
    public void An_expression_that_cannot_be_parsed_is_refused(string type, string text) => AssertRefused(
        Activity("Elsa.WriteLine", "broken", ("text", Wrapped(type, text))), "$.root.activities[0].text.expression.value", "script-unreadable", "broken");

    [Fact]
    public void A_script_that_cannot_be_parsed_is_refused() => AssertRefused(
        Activity("Elsa.RunJavaScript", "broken", ("script", Literal("if (")), ("possibleOutcomes", Json("[]"))),
        "$.root.activities[0].script.expression.value",
        "script-unreadable",
        "broken");

    [Fact]
    public void A_condition_of_a_case_that_cannot_be_parsed_is_refused()
    {
        var condition = new JsonObject { ["label"] = "A", ["condition"] = new JsonObject { ["type"] = "JavaScript", ["value"] = "a b" } };
        AssertRefused(
            Activity("Elsa.FlowSwitch", "choose", ("cases", new JsonArray(condition))), "$.root.activities[0].cases[0].condition.value", "script-unreadable", "choose");
    }

    [Fact]
    public void An_activity_of_an_unknown_type_is_refused() =>
        AssertRefused(Activity("Elsa.Telegraph", "wire"), "$.root.activities[0].type", "activity-type-unknown", "wire");

    [Fact]
    public void What_starts_the_workflow_is_refused_when_it_cannot_be_worked_out() => AssertRefused(
        Starting(Activity("Elsa.Cron", "computed", ("cronExpression", Js("'every ' + 'night'")))),
        "$.root.activities[0].cronExpression.expression.value",
        "trigger-unreadable",
        "computed");

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var problems = new EngineWorld().Publish(Definition("drawn", Sequence(
            "s",
            Activity("Elsa.Event", "one", ("eventName", Literal(""))),
            Activity("Elsa.PublishEvent", "two", ("eventName", Js(" "))),
            Starting(Activity("Elsa.Cron", "three", ("cronExpression", Js("'never'")))))));

        Assert.Equal(["one", "two", "three"], problems.Select(problem => problem.Activity));
    }

    [Fact]
    public void A_draft_keeps_its_name_while_it_is_unsound_and_none_when_it_has_no_identity()
    {
        var unsound = new EngineWorld().Read(Definition("drawn", Activity("Elsa.Telegraph", "wire"), ("name", "Drawn by hand")));
        var nameless = new EngineWorld().Read(Definition(" ", Line("a", "a")));

        Assert.Equal(new DraftName("drawn", "Drawn by hand"), unsound.Draft);
        Assert.Null(nameless.Draft);
    }

    private static string WithIncidentStrategy(string? typeName) =>
        Definition("drawn", Line("a", "a"), ("options", new JsonObject { ["incidentStrategyType"] = typeName }));

    private static void AssertRefused(JsonObject activity, string path, string code, string name)
    {
        var problem = Assert.Single(new EngineWorld().Publish(Definition("drawn", Sequence("s", activity))));

        Assert.Equal((path, code, name), (problem.Path, problem.Code, problem.Activity));
    }
}
