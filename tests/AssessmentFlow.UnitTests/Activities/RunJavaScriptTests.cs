using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.UnitTests.Conformance;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class RunJavaScriptTests
{
    [Theory]
    [InlineData("setOutcome('A'); 1", "a")]
    [InlineData("setOutcomes(['A', 'B']); 1", "a b")]
    [InlineData("setOutcomes([]); 1", "")]
    [InlineData("setOutcome('A'); setOutcomes([]); 1", "")]
    [InlineData("1", "done")]
    public void A_script_says_which_ports_are_followed(string script, string expected) =>
        Assert.Equal(expected, Printed(Flowchart(
            "f",
            [Script("x", Literal(script)), Line("a", "a"), Line("b", "b"), Line("d", "done")],
            "x.A>a", "x.B>b", "x.Done>d")));

    [Theory]
    [InlineData("({n: 6 * 7})", "42")]
    [InlineData("return {n: 43};", "43")]
    [InlineData("const n = 44; ({n})", "44")]
    [InlineData("(async () => ({n: 45}))()", "45")]
    [InlineData("const twice = async n => 2 * await n; twice(Promise.resolve(23)).then(n => ({n}))", "46")]
    public void The_last_value_of_a_script_is_its_result(string script, string expected) =>
        Assert.Equal(expected, Printed(Sequence("s", Script("x", Literal(script)), LineJs("p", "getResultFromX().n"))));

    [Fact]
    public void A_script_without_a_value_leaves_what_its_result_is_bound_to()
    {
        var script = Script("x", Literal("setVariable('N', 'kept'); null"));
        script["result"] = Into("N");

        Assert.Equal("kept", Printed(Sequence("s", script, LineJs("p", "getN()")), ("variables", new JsonArray(Variable("N")))));
    }

    [Theory]
    [InlineData("new Promise(() => {})", "never comes")]
    [InlineData("Promise.reject(new Error('no such visit'))", "no such visit")]
    [InlineData("(async () => { throw new Error('no such visit'); })()", "no such visit")]
    [InlineData("(async () => { setVariable('N', 'kept'); await null; throw 'no such visit'; })()", "no such visit")]
    public void A_promise_that_a_script_does_not_keep_is_an_incident(string script, string told)
    {
        var instance = Run(new EngineWorld(), Sequence("s", Script("x", Literal(script)), Line("p", "after")));

        var incident = Assert.Single(instance.State.Incidents);
        Assert.Equal(("x", "script-failed"), (incident.ActivityId, incident.Code));
        Assert.Contains(told, incident.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_that_is_bound_to_nothing_is_no_output_of_the_workflow()
    {
        var script = Script("x", Literal("1 + 1"));
        script["result"] = Into("Foo");

        Assert.Empty(Run(new EngineWorld(), script.DeepClone().AsObject()).State.Output);
        var declared = Run(new EngineWorld(), script, ("outputs", new JsonArray(new JsonObject { ["name"] = "Foo", ["type"] = "Int32" })));
        Assert.Equal(2, declared.State.Output["Foo"].GetInt32());
    }

    [Fact]
    public void A_script_that_another_expression_makes_runs_as_well() =>
        Assert.Equal("3", Printed(Sequence("s", Script("x", Js("'1 + 2'")), LineJs("p", "getLastResult()"))));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void An_empty_script_does_nothing(string script) => Assert.Equal("after", Printed(Sequence("s", Script("x", Literal(script)), Line("p", "after"))));

    [Fact]
    public void A_script_that_does_not_parse_is_refused_at_import()
    {
        var problem = Assert.Single(new EngineWorld().Read(Definition("drawn", Script("x", Literal("1 +")))).Problems);

        Assert.Equal(("$.root.script.expression.value", "script-unreadable", "x"), (problem.Path, problem.Code, problem.Activity));
    }

    [Fact]
    public void Only_a_script_activity_may_set_outcomes()
    {
        var instance = Run(new EngineWorld(), LineJs("p", "setOutcome('A')"));

        Assert.Equal(InstanceSubStatus.Faulted, instance.State.SubStatus);
    }

    [Fact]
    public void A_script_that_would_never_end_is_a_fault()
    {
        var instance = Run(new EngineWorld(), Script("x", Literal("while (true) {}")));

        Assert.Equal("script-too-long-running", Assert.Single(instance.State.Incidents).Code);
    }

    [Theory]
    [InlineData("Elsa.RunCSharp")]
    [InlineData("Elsa.RunPython")]
    [InlineData("Elsa.ReadLine")]
    public void What_runs_with_the_rights_of_the_server_is_refused_with_the_reason(string type)
    {
        var problem = Assert.Single(new EngineWorld().Read(Definition("drawn", Activity(type, "x"))).Problems);

        Assert.Equal(("$.root.type", "activity-type-unknown"), (problem.Path, problem.Code));
        Assert.Contains("server", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CSharp")]
    [InlineData("Python")]
    public void Expressions_that_run_with_the_rights_of_the_server_are_refused_also_inside_dictionaries(string type)
    {
        var payload = new JsonObject { ["a"] = new JsonObject { ["type"] = type, ["value"] = "1" } }.ToJsonString();
        var reading = new EngineWorld().Read(Definition("drawn", Sequence(
            "s",
            Activity("Elsa.WriteLine", "p", ("text", Wrapped(type, "return 1;"))),
            Activity("Elsa.RunTask", "t", ("taskName", Literal("x")), ("payload", Json(payload))))));

        Assert.Equal(
            ["$.root.activities[0].text.expression.type", "$.root.activities[1].payload.expression.value.a.type"],
            reading.Problems.Select(problem => problem.Path));
        Assert.All(reading.Problems, problem => Assert.Contains("rights of the server", problem.Message, StringComparison.Ordinal));
    }

    private static JsonObject Script(string id, JsonObject script) => Activity("Elsa.RunJavaScript", id, ("script", script));

    [Fact]
    public void What_a_script_changes_in_variables_is_stored()
    {
        var world = new EngineWorld();
        Run(
            world,
            Sequence(
                "s",
                Activity("Elsa.RunJavaScript", "r", ("script", Js("setA(1); variables.B = 2; variables.L = [1]"))),
                Activity("Elsa.RunJavaScript", "more", ("script", Js("variables.L.push(3)"))),
                LineJs("l", "getA() + ' ' + getB() + ' ' + getL()")),
            ("variables", new JsonArray(Variable("A", "Int32", "0"), Variable("B", "Int32", "0"), Variable("L"))));

        Assert.Equal("1 2 1,3", Assert.Single(world.Printed));
    }
}
