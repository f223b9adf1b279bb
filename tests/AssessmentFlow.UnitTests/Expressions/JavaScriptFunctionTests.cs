using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Expressions;

/// <summary>What scripts find: Elsa's functions, and values as scripts know them.</summary>
public sealed class JavaScriptFunctionTests
{
    [Theory]
    [InlineData("getVariable('Item No') + getItemNo() + variables['Item No']", "21")]
    [InlineData("getVariable('Nothing') === null", "true")]
    [InlineData("setVariable('Item No', 8); getItemNo()", "8")]
    [InlineData("setItemNo(9); getItemNo()", "9")]
    [InlineData("getInput('State') + getState()", "CambodiaCambodia")]
    [InlineData("getInput('Nothing') === null", "true")]
    [InlineData("getNote()", "variable")]
    [InlineData("getCorrelationId()", "CASE-1")]
    [InlineData("setCorrelationId('CASE-2'); getCorrelationId()", "CASE-2")]
    [InlineData("setWorkflowInstanceName('Visit'); getWorkflowInstanceName()", "Visit")]
    [InlineData("getWorkflowInstanceName() === null", "true")]
    [InlineData("setCorrelationId(null); getCorrelationId() === null", "true")]
    [InlineData("setWorkflowInstanceName('Visit'); setWorkflowInstanceName(null); getWorkflowInstanceName() === null", "true")]
    [InlineData("typeof args + Object.keys(args).length", "object0")]
    [InlineData("getInput('STATE') + getInput('LOWER')", "Cambodiayes")]
    [InlineData("getWorkflowDefinitionId() + getWorkflowDefinitionVersion()", "drawn1")]
    [InlineData("getWorkflowDefinitionVersionId()", "hash-of-drawn")]
    [InlineData("getWorkflowInstanceId().length > 0", "true")]
    [InlineData("[isNullOrEmpty(''), isNullOrEmpty(null), isNullOrEmpty(' '), isNullOrEmpty()]", "[true,true,false,true]")]
    [InlineData("[isNullOrWhiteSpace(' '), isNullOrWhiteSpace(undefined), isNullOrWhiteSpace('a')]", "[true,true,false]")]
    [InlineData("toJson({ a: [1, 'x'] })", "{\"a\":[1,\"x\"]}")]
    [InlineData("parseGuid('4B0B8D0E61BB4D3C8B4A1FD1F7A58A52')", "4b0b8d0e-61bb-4d3c-8b4a-1fd1f7a58a52")]
    [InlineData("[getGuid(), getGuidString(), newGuid()].map(id => id.length).join()", "36,36,36")]
    [InlineData("newGuid().length + ' ' + newGuidString().length + ' ' + (newGuid() === newGuid())", "36 36 false")]
    [InlineData("[newShortGuid(), getShortGuid()].every(id => /^[A-Za-z0-9]{10,22}$/.test(id))", "true")]
    [InlineData("stringToBase64('é') + stringFromBase64('w6k=')", "w6k=é")]
    [InlineData("bytesToString(bytesFromString('é')) + bytesFromString('é').byteLength", "é2")]
    [InlineData("bytesToBase64(bytesFromString('é')) + bytesToString(bytesFromBase64('w6k='))", "w6k=é")]
    [InlineData("bytesToBase64([195, 169]) + bytesToString(new Uint8Array([195, 169])) + bytesToBase64(new Uint8Array([1, 195, 169]).subarray(1))", "w6k=éw6k=")]
    [InlineData("bytesToBase64('w6k=') + bytesToString('w6k=')", "w6k=é")]
    [InlineData("({ b: bytesFromString('é') })", "{\"b\":\"w6k=\"}")]
    [InlineData("bytesFromString('é')", "w6k=")]
    [InlineData("getlower() + getLower()", "yesyes")]
    [InlineData("setItemNo(9); variables['Item No']", "9")]
    [InlineData("setVariable('Made', 3); getVariable('Made')", "3")]
    [InlineData("typeof Math.random() + (Math.random() === Math.random())", "numberfalse")]
    [InlineData("getDay().getUTCFullYear() + ' ' + getText().length", "2030 20")]
    [InlineData("({ f: () => 1, u: undefined, n: null, d: new Date(Date.UTC(2030, 0, 2, 3, 4, 5, 60)) })", "{\"n\":null,\"d\":\"2030-01-02T03:04:05.06Z\"}")]
    [InlineData("[() => 1, undefined, 1.5, [true]]", "[null,null,1.5,[true]]")]
    [InlineData("getOutputFrom('before') + getOutputFrom('before', 'Result') + getResultFromBefore() + getLastResult()", "16")]
    [InlineData("getOutputFrom('before', 'Other') === null && typeof getResultFromNobody", "undefined")]
    public void A_script_finds_what_Elsa_gives_to_scripts(string script, string expected)
    {
        var world = new EngineWorld();
        Assert.Empty(world.Publish(Definition(
            "drawn",
            Sequence("s", Activity("Elsa.RunJavaScript", "before", ("script", Literal("2 + 2"))), Activity("Elsa.WriteLine", "p", ("text", Js(script)))),
            ("variables", new JsonArray(Variable("Item No", "Int32", "7"), Variable("Note", "String", "variable"), Variable("Day", "DateTimeOffset", "2030-05-01T00:00:00Z"), Variable("Text", "String", "2030-05-01T00:00:00Z"))))));
        var instance = world.Start("drawn", JsonValues.Object(("State", JsonValues.Of("Cambodia")), ("Note", JsonValues.Of("input")), ("lower", JsonValues.Of("yes"))), "CASE-1");

        Assert.Empty(instance.State.Incidents);
        Assert.Equal(expected, Assert.Single(world.Printed).Replace("True", "true", StringComparison.Ordinal).Replace("False", "false", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("getOutputFrom('nobody')", "activity-unknown")]
    [InlineData("getOutputFrom('nobody', 'Result')", "activity-unknown")]
    [InlineData("getOutputFrom()", "activity-unknown")]
    [InlineData("getResultFromNobody()", "script-failed")]
    [InlineData("getOtherFromBefore()", "script-failed")]
    public void To_ask_for_what_no_activity_puts_out_is_an_incident(string script, string code)
    {
        var instance = Run(new EngineWorld(), Sequence("s", Activity("Elsa.RunJavaScript", "before", ("script", Literal("2 + 2"))), LineJs("p", script)));

        var incident = Assert.Single(instance.State.Incidents);
        Assert.Equal(("p", code), (incident.ActivityId, incident.Code));
    }

    [Fact]
    public void An_activity_that_has_put_out_nothing_yet_is_there_all_the_same()
    {
        Assert.Equal("nullnull", Printed(Sequence("s", LineJs("p", "'' + getOutputFrom('later') + getResultFromLater()"), Activity("Elsa.RunJavaScript", "later", ("script", Literal("1"))))));
    }

    [Fact]
    public void A_declared_input_wins_over_a_variable_of_its_name_which_can_still_be_set()
    {
        var world = new EngineWorld();
        Assert.Empty(world.Publish(Definition(
            "drawn",
            LineJs("p", "getName() + ' ' + getNote() + ' ' + setName('new') + getName() + ' ' + getVariable('Name') + ' ' + variables.Name"),
            ("inputs", new JsonArray(new JsonObject { ["name"] = "Name", ["type"] = "String" }, new JsonObject { ["name"] = "note", ["type"] = "String" })),
            ("variables", new JsonArray(Variable("Name", "String", "variable"), Variable("Note", "String", "variable"))))));
        world.Start("drawn", JsonValues.Object(("Name", JsonValues.Of("input")), ("note", JsonValues.Of("input"))), correlationId: null);

        // The accessor of an input has its name as it stands: getnote is the input, getNote the variable.
        Assert.Equal("input variable undefinedinput new new", Assert.Single(world.Printed));
    }

    [Fact]
    public void An_input_is_found_by_its_name_in_any_case()
    {
        var world = new EngineWorld();
        Assert.Empty(world.Publish(Definition(
            "drawn",
            Sequence(
                "s",
                LineJs("a", "getAmount() + ' ' + getInput('AMOUNT') + ' ' + getInput('amount')"),
                Activity("Elsa.WriteLine", "b", ("text", Liquid("{{ Input.Amount }} {% for each in Input %}{{ each[0] }}{% endfor %}"))),
                Activity("Elsa.WriteLine", "c", ("text", Wrapped("Input", "Amount")))),
            ("inputs", new JsonArray(new JsonObject { ["name"] = "Amount", ["type"] = "Int32" })))));
        world.Start("drawn", JsonValues.Object(("amount", JsonValues.Of(5L))), correlationId: null);

        Assert.Equal(["5 5 5", "5 Amount", "5"], world.Printed);
    }

    [Theory]
    [InlineData("setOutcome('A')", "a")]
    [InlineData("setOutcomes(['A', 'B'])", "a b")]
    [InlineData("setOutcomes('B')", "b")]
    public void A_script_chooses_the_outcomes_that_are_followed(string script, string expected) => Assert.Equal(
        expected,
        Printed(Flowchart(
            "f", [Activity("Elsa.RunJavaScript", "x", ("script", Literal(script)), ("possibleOutcomes", Json("""["A","B"]"""))), Line("a", "a"), Line("b", "b")], "x.A>a", "x.B>b")));

    [Theory]
    [InlineData("stringFromBase64('%')", "base64-unreadable")]
    [InlineData("bytesFromBase64('%')", "base64-unreadable")]
    [InlineData("bytesToString({})", "bytes-unreadable")]
    [InlineData("bytesToBase64(null)", "bytes-unreadable")]
    [InlineData("bytesToString([256])", "bytes-unreadable")]
    [InlineData("parseGuid('no')", "guid-unreadable")]
    [InlineData("'x'.repeat(70000)", "value-too-large")]
    [InlineData("({ x: 'y'.repeat(70000) })", "value-too-large")]
    [InlineData("let a = []; for (let i = 0; i < 40; i++) { a = [a]; } a", "value-too-large")]
    public void A_value_that_cannot_be_taken_is_an_incident(string script, string code) =>
        Assert.Equal(code, Assert.Single(Run(new EngineWorld(), Activity("Elsa.RunJavaScript", "x", ("script", Literal(script)))).State.Incidents).Code);

    [Fact]
    public void Each_id_of_a_turn_is_another_and_the_same_when_the_turn_is_decided_again()
    {
        string[] Ids()
        {
            var world = new EngineWorld();
            var set = Activity("Elsa.SetOutput", "x", ("outputName", Js("newGuid()")), ("outputValue", Js("[getGuid(), Math.random(), globalThis['Ma' + 'th'].random(), newShortGuid()]")));
            var again = Activity("Elsa.SetOutput", "y", ("outputName", Js("newGuid()")), ("outputValue", Js("[getGuid(), Math.random(), newShortGuid()]")));
            return [.. Run(world, Sequence("s", set, again)).State.Output.SelectMany(output => output.Value.EnumerateArray().Select(id => id.ToString()).Append(output.Key))];
        }

        var ids = Ids();

        Assert.Equal(9, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(ids, Ids());
    }

    [Fact]
    public void A_variable_that_nobody_declared_is_made_in_the_container_around_and_lasts_as_long()
    {
        var world = new EngineWorld();
        Assert.Empty(world.Publish(Definition("drawn", Sequence(
            "outer",
            Sequence("inner", LineJs("a", "setVariable('Made', { n: 1 }); variables.Other = [2]; 'made'"), Event("e", "Go"), LineJs("b", "getMade().n + getOther()[0] + variables.Made.n"), Activity("Elsa.WriteLine", "c", ("text", Liquid("{{ Variables.Made.n }}")))),
            LineJs("d", "getVariable('Made') === null")))));
        var instance = world.Start("drawn", JsonValues.Null, correlationId: null);
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal(["made", "4", "1", "True"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Theory]
    [InlineData("setVariable('', 1)")]
    [InlineData("setVariable('(text)', 1)")]
    [InlineData("setVariable('x'.repeat(201), 1)")]
    public void A_variable_is_not_made_without_a_name_to_find_it_by(string script) =>
        Assert.Equal("variable-unknown", Assert.Single(Run(new EngineWorld(), LineJs("x", script)).State.Incidents).Code);

    [Fact]
    public void A_value_as_deep_as_the_limit_is_taken()
    {
        var script = $"let a = []; for (let i = 1; i < {EngineLimits.ValueDepthMax - 1}; i++) {{ a = [a]; }} a";

        Assert.Equal(InstanceSubStatus.Finished, Run(new EngineWorld(), Activity("Elsa.RunJavaScript", "x", ("script", Literal(script)))).State.SubStatus);
    }
}
