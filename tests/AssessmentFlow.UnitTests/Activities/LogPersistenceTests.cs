using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class LogPersistenceTests
{
    [Theory]
    [InlineData(null, null, true)]
    [InlineData("Exclude", null, false)]
    [InlineData("Exclude", "Inherit", false)]
    [InlineData("Exclude", "Include", true)]
    [InlineData("Include", "Exclude", false)]
    [InlineData("Inherit", "Inherit", true)]
    public void The_journal_shows_what_the_activity_says_else_what_the_workflow_says(string? workflow, string? activity, bool isShown)
    {
        var (inputs, outputs) = Journal(Custom(workflow), Custom(activity));

        Assert.Equal(isShown ? ["Script"] : [], inputs);
        Assert.Equal(isShown ? ["Result"] : [], outputs);
    }

    [Fact]
    public void Single_values_go_before_the_activity()
    {
        var custom = Custom("Exclude")!;
        custom["logPersistenceConfig"]!["outputs"] = new JsonObject { ["result"] = Strategy("Include") };

        var (inputs, outputs) = Journal(null, custom);
        Assert.Empty(inputs);
        Assert.Equal(["Result"], outputs);
    }

    [Theory]
    [InlineData("getSecret() ? 'Exclude' : 'Include'", false)]
    [InlineData("getSecret() ? 'Include' : 'Exclude'", true)]
    [InlineData("'Inherit'", true)]
    [InlineData("undefinedFunction()", false)]
    public void An_expression_may_decide_and_what_cannot_be_decided_is_not_shown(string script, bool isShown)
    {
        var custom = new JsonObject
        {
            ["logPersistenceConfig"] = new JsonObject
            {
                ["default"] = new JsonObject { ["evaluationMode"] = "Expression", ["expression"] = new JsonObject { ["type"] = "JavaScript", ["value"] = script } },
            },
        };

        Assert.Equal(isShown ? ["Script"] : [], Journal(null, custom).Inputs);
    }

    [Fact]
    public void The_older_form_is_read_as_well()
    {
        var (inputs, outputs) = Journal(
            null, new JsonObject { ["logPersistenceMode"] = new JsonObject { ["default"] = "Include", ["outputs"] = new JsonObject { ["result"] = "Exclude" } } });

        Assert.Equal(["Script"], inputs);
        Assert.Empty(outputs);
    }

    [Fact]
    public void A_value_that_the_journal_does_not_show_still_reaches_what_follows()
    {
        var world = new EngineWorld();
        var hidden = Event("e", "Go", ("result", Into("V")));
        hidden["customProperties"] = Custom("Exclude");
        var instance = Run(world, Sequence("s", hidden, LineJs("p", "getV().n + getResultFromE().n")), ("variables", new JsonArray(Variable("V"))));
        world.Signal("Go", Element("""{"n": 4}"""), correlationId: null, only: null);

        Assert.Equal("8", Assert.Single(world.Printed));
        Assert.True(Assert.Single(instance.Facts.OfType<InstanceFact.BookmarkBurned>()).Payload.IsNull());
    }

    [Fact]
    public void An_incident_does_not_repeat_what_the_journal_does_not_show()
    {
        var script = Activity("Elsa.WriteLine", "p", ("text", Js("'x'.repeat(5000)")));
        script["customProperties"] = Custom("Exclude");

        Assert.Null(Assert.Single(Run(new EngineWorld(), script).State.Incidents).Input);
    }

    private static (string[] Inputs, string[] Outputs) Journal(JsonObject? workflow, JsonObject? activity)
    {
        var script = Activity("Elsa.RunJavaScript", "x", ("script", Literal("'secret'")));
        script["customProperties"] = activity;
        var instance = Run(new EngineWorld(), script, ("customProperties", workflow), ("variables", new JsonArray(Variable("Secret", "Boolean", "true"))));
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        return (
            [.. instance.Facts.OfType<InstanceFact.ActivityStarted>().Single(fact => fact.ActivityId == "x").Inputs?.Keys ?? Enumerable.Empty<string>()],
            [.. instance.Facts.OfType<InstanceFact.ActivityCompleted>().Single(fact => fact.Outputs is not null || fact.Execution == 2).Outputs?.Keys ?? Enumerable.Empty<string>()]);
    }

    private static JsonObject? Custom(string? mode) => mode is null
        ? null
        : new JsonObject { ["logPersistenceConfig"] = new JsonObject { ["default"] = Strategy(mode) } };

    private static JsonObject Strategy(string mode) => new()
    {
        ["evaluationMode"] = "Strategy",
        ["strategyType"] = $"Elsa.Workflows.LogPersistence.Strategies.{mode}, Elsa.Workflows.Core",
    };
}
