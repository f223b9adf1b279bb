using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

/// <summary>How long scripts can ask for what earlier activities have put out.</summary>
public sealed class OutputsOfARunTests
{
    private const string Asks = "getResultFromX() + ' ' + getOutputFrom('x')";

    public static TheoryData<string> GoingOn => ["http", "execute", "execute to its end", "dispatch", "bulk"];

    [Theory]
    [MemberData(nameof(GoingOn))]
    public void Outputs_last_while_the_run_goes_on_by_itself(string by)
    {
        var world = World();
        Run(world, Sequence("s", Script("x", "'before'"), Between(by), LineJs("p", Asks)));

        Assert.Equal("before before", world.Printed[^1]);
    }

    [Fact]
    public void The_last_result_lasts_while_the_run_goes_on_by_itself()
    {
        var world = World();
        Run(world, Sequence("s", Script("x", "'before'"), Between("dispatch"), LineJs("p", "getLastResult()")));

        Assert.Equal("before", world.Printed[^1]);
    }

    [Theory]
    [InlineData("const a = 1;\ngetLastResult()")]
    [InlineData("const a = 1;\r\n\tgetResultFromX()")]
    public void Outputs_last_wherever_in_a_script_they_are_asked_for(string script)
    {
        var world = World();
        Run(world, Sequence("s", Script("x", "'before'"), Between("dispatch"), LineJs("p", script)));

        Assert.Equal("before", world.Printed[^1]);
    }

    [Fact]
    public void Outputs_that_are_too_large_together_go_the_oldest_first()
    {
        var large = 0;
        var world = World();
        world.Committed = turn => large = Math.Max(large, turn.Facts.OfType<InstanceFact.OutputsKept>().Sum(fact => fact.Run?.Outputs.Count ?? 0));
        var scripts = Enumerable.Range(0, 6).Select(number => (JsonNode)Script($"x{number}", $"'{number}' + 'x'.repeat(60000)"));
        var instance = Run(world, Sequence("s", [.. scripts, Between("dispatch"), LineJs("p", "(getResultFromX0() === null) + getResultFromX5()[0]")]));

        Assert.Equal("true5", world.Printed[^1]);
        Assert.Equal(4, large);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void Outputs_last_over_several_requests_and_a_restart()
    {
        var world = World();
        world.AnswerHttp = _ =>
        {
            world.Restart();
            return new HttpAnswer { Outcome = HttpOutcome.Answered, StatusCode = 200, Body = "answer" };
        };
        Run(world, Sequence("s", Script("x", "'before'"), Http("one"), Script("y", "'between'"), Http("two"), LineJs("p", "getResultFromX() + ' ' + getResultFromY() + ' ' + getStatusCodeFromOne()")));

        Assert.Equal("before between 200", world.Printed[^1]);
    }

    [Fact]
    public void Outputs_end_where_somebody_is_waited_for()
    {
        var world = World();
        var instance = Run(world, Sequence("s", Script("x", "'before'"), Between("http"), Event("e", "Go"), LineJs("p", Asks)));
        Assert.Null(instance.State.Outputs);
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal("null null", world.Printed[^1]);
    }

    [Fact]
    public void Outputs_end_where_a_workflow_that_is_executed_waits()
    {
        var world = new EngineWorld();
        world.Publish(Definition("child", Event("ce", "Go")));
        var instance = Run(world, Sequence("s", Script("x", "'before'"), Between("execute to its end"), LineJs("p", Asks)));
        Assert.Null(instance.State.Outputs);
        Assert.Equal(InstanceSubStatus.Suspended, instance.State.SubStatus);
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal("null null", world.Printed[^1]);
    }

    [Fact]
    public void Of_outputs_that_are_too_large_together_the_one_that_was_put_out_last_is_kept()
    {
        var world = World();
        var loop = Activity("Elsa.For", "f", ("start", Literal("1")), ("end", Literal("2")), ("body", Sequence("b", Script("first", "'1' + 'x'.repeat(60000)"), Script("second", "'2'"))));
        var others = Enumerable.Range(0, 3).Select(number => (JsonNode)Script($"x{number}", "'x'.repeat(60000)"));
        Run(world, Sequence("s", [Script("second", "'0'"), Script("first", "'0'"), .. others, Script("large", "'x'.repeat(60000)"), loop, Between("dispatch"), LineJs("p", "getResultFromFirst()[0] + (getResultFromX0() === null)")]));

        Assert.Equal("1true", world.Printed[^1]);
    }

    [Theory]
    [InlineData("done")]
    [InlineData("'' + getResultFromX1() + (getResultFromX19()[0])")]
    public void A_run_longer_than_a_turn_carries_no_more_outputs_along_than_a_state_may_hold(string script)
    {
        var large = 0;
        var world = World();
        world.Committed = turn => large = Math.Max(large, turn.Facts.OfType<InstanceFact.WorkPostponed>().Sum(fact => fact.Work.Outputs.Sum(each => each.Value.Sum(output => output.Value.GetRawText().Length))));
        var scripts = Enumerable.Range(0, 20).Select(number => (JsonNode)Script($"x{number}", $"'{number}' + 'x'.repeat(60000)"));
        var loop = LoopTests.For("f", 1, 300, 1, inclusive: true, Activity("Elsa.SetName", "n", ("value", Js("'' + getCurrentValue()"))));
        var instance = Run(world, Sequence("s", [.. scripts, loop, script is "done" ? Line("p", script) : LineJs("p", script)]));

        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        Assert.InRange(large, script is "done" ? 0 : 1, script is "done" ? 0 : EngineLimits.RunOutputsSizeMaxBytes);
    }

    [Fact]
    public void A_script_that_is_made_as_the_instance_runs_may_ask_for_outputs()
    {
        var world = World();
        var made = Activity("Elsa.RunJavaScript", "made", ("script", Js("getText()")), ("result", Into("Answer")));
        Run(
            world,
            Sequence("s", Script("x", "'before'"), Between("dispatch"), made, LineJs("p", "getAnswer()")),
            ("variables", new JsonArray(Variable("Text", "String", Asks), Variable("Answer"))));

        Assert.Equal("before before", world.Printed[^1]);
    }

    [Theory]
    [InlineData("inputs")]
    [InlineData("outputs")]
    [InlineData("default")]
    public void A_setting_of_the_journal_may_ask_for_outputs(string section)
    {
        // Without the output the setting would show everything.
        var mode = new JsonObject { ["evaluationMode"] = "Expression", ["expression"] = Js("getResultFromX() === 'before' ? 'Exclude' : 'Include'")["expression"]!.DeepClone() };
        var line = Script("p", "'after'");
        line["customProperties"] = new JsonObject
        {
            ["logPersistenceConfig"] = section switch
            {
                "inputs" => new JsonObject { ["inputs"] = new JsonObject { ["script"] = mode } },
                "outputs" => new JsonObject { ["outputs"] = new JsonObject { ["result"] = mode } },
                _ => new JsonObject { ["default"] = mode },
            },
        };
        var instance = Run(World(), Sequence("s", Script("x", "'before'"), Between("dispatch"), line));

        var started = instance.Facts.OfType<InstanceFact.ActivityStarted>().Single(fact => fact.ActivityId is "p");
        var completed = instance.Facts.OfType<InstanceFact.ActivityCompleted>().Single(fact => fact.Execution == started.Execution);
        Assert.Equal(section is "outputs", started.Inputs is { Count: > 0 });
        Assert.Equal(section is "inputs", completed.Outputs is { Count: > 0 });
    }

    [Theory]
    [InlineData("done")]
    [InlineData("getResultFromX() is what a script would say")]
    public void A_run_whose_scripts_never_ask_for_outputs_carries_none_along(string text)
    {
        var kept = 0;
        var world = World();
        world.Committed = turn => kept += turn.Facts.OfType<InstanceFact.OutputsKept>().Count();
        Run(world, Sequence("s", Script("x", "'before'"), Http("h"), Between("dispatch"), Line("p", text)));

        Assert.Equal(0, kept);
    }

    private static EngineWorld World()
    {
        var world = new EngineWorld { AnswerHttp = static _ => new HttpAnswer { Outcome = HttpOutcome.Answered, StatusCode = 200 } };
        world.Publish(Definition("child", Line("c", "child")));
        return world;
    }

    private static JsonObject Script(string id, string text) => Activity("Elsa.RunJavaScript", id, ("script", Literal(text)));

    private static JsonObject Http(string id) => Activity("Elsa.FlowSendHttpRequest", id, ("url", Literal("http://receiver.example/")));

    private static JsonObject Between(string by) => by switch
    {
        "http" => Http("b"),
        "execute" => Activity("Elsa.ExecuteWorkflow", "b", ("workflowDefinitionId", Literal("child"))),
        "execute to its end" => Activity("Elsa.ExecuteWorkflow", "b", ("workflowDefinitionId", Literal("child")), ("waitForCompletion", Literal("True"))),
        "dispatch" => Activity("Elsa.DispatchWorkflow", "b", ("workflowDefinitionId", Literal("child"))),
        _ => Activity("Elsa.BulkDispatchWorkflows", "b", ("workflowDefinitionId", Literal("child")), ("items", Js("[1, 2]")), ("waitForCompletion", Literal("False"))),
    };
}
