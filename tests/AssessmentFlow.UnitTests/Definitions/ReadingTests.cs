using System.Text;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Definitions;

/// <summary>What a document has to be before there is a definition, and what is told of it when it is not.</summary>
public sealed class ReadingTests
{
    [Theory]
    [InlineData("{", "$", "json-unreadable")]
    [InlineData("[1]", "$", "definition-malformed")]
    [InlineData("""{"root":{"type":"Elsa.Start","id":"s"}}""", "$.definitionId", "definition-id-missing")]
    [InlineData("""{"definitionId":" ","root":{"type":"Elsa.Start","id":"s"}}""", "$.definitionId", "definition-id-missing")]
    [InlineData("""{"definitionId":"a\u0007b","root":{"type":"Elsa.Start","id":"s"}}""", "$.definitionId", "definition-id-malformed")]
    [InlineData("""{"definitionId":"d"}""", "$.root", "root-missing")]
    [InlineData("""{"definitionId":"d","root":[]}""", "$.root", "root-missing")]
    [InlineData("""{"definitionId":"d","root":{"type":"Elsa.Start"}}""", "$.root.id", "activity-id-missing")]
    [InlineData("""{"definitionId":"d","root":{"id":"s"}}""", "$.root.type", "activity-type-unknown")]
    [InlineData("""{"definitionId":"d","root":{"id":"s","type":"Elsa.Workflow"}}""", "$.root.type", "activity-type-unknown")]
    [InlineData("""{"definitionId":"d","root":{"id":"s","type":"Elsa.Start","version":2}}""", "$.root.version", "activity-version-unknown")]
    [InlineData("""{"definitionId":"d","root":{"id":"s","type":"Elsa.Start","version":1.5}}""", "$.root.version", "activity-version-unknown")]
    [InlineData("""{"definitionId":"d","root":{"id":"s","type":"Elsa.Start"},"variables":[{"id":"a"}]}""", "$.variables[0]", "variable-malformed")]
    [InlineData("""{"definitionId":"d","root":{"id":"s","type":"Elsa.Start"},"variables":[{"name":"a"},{"name":"n","typeName":"Int32","value":"x"}]}""", "$.variables[1].value", "variable-value-unreadable")]
    public void What_is_wrong_with_a_document_is_told_with_its_place(string json, string path, string code)
    {
        var reading = Read(json);

        Assert.Null(reading.Definition);
        var problem = Assert.Single(reading.Problems);
        Assert.Equal((path, code), (problem.Path, problem.Code));
    }

    [Theory]
    [InlineData("Elsa.WriteLine", "\"text\":{\"expression\":\"x\"}", "text.expression", "expression-malformed")]
    [InlineData("Elsa.WriteLine", "\"text\":{\"expression\":{\"type\":\"Telepathy\",\"value\":\"x\"}}", "text.expression.type", "expression-type-unknown")]
    [InlineData("Elsa.WriteLine", "\"text\":{\"expression\":{\"type\":\"Variable\",\"value\":{}}}", "text.expression.value", "variable-reference-malformed")]
    [InlineData("Elsa.WriteLine", "\"text\":{\"expression\":{\"type\":\"Variable\",\"value\":\"{broken\"}}", "text.expression.value", "variable-reference-malformed")]
    [InlineData("Elsa.WriteLine", "\"text\":{\"expression\":{\"type\":\"Input\",\"value\":\"\"}}", "text.expression.value", "input-reference-malformed")]
    [InlineData("Elsa.WriteLine", "\"text\":{\"expression\":{\"type\":\"Input\",\"value\":{}}}", "text.expression.value", "input-reference-malformed")]
    [InlineData("Elsa.For", "\"start\":{\"expression\":{\"type\":\"Literal\",\"value\":\"one\"}}", "start.expression.value", "literal-unreadable")]
    [InlineData("Elsa.RunTask", "\"taskName\":{\"expression\":{\"type\":\"Literal\",\"value\":\"t\"}},\"payload\":{\"expression\":{\"type\":\"Object\",\"value\":\"{\"}}", "payload.expression.value", "json-unreadable")]
    [InlineData("Elsa.FlowJoin", "\"mode\":{\"expression\":{\"type\":\"Literal\",\"value\":\"Sometimes\"}}", "mode.expression.value", "option-unknown")]
    [InlineData("Elsa.Fork", "\"joinMode\":\"Sometimes\"", "joinMode", "option-unknown")]
    [InlineData("Elsa.SetVariable", "\"variable\":{\"id\":\"N\"}", "variable", "variable-unknown")]
    [InlineData("Elsa.Switch", "\"cases\":[{\"condition\":{\"type\":\"Literal\",\"value\":true}}]", "cases[0].label", "case-without-label")]
    [InlineData("Elsa.Start", "\"customProperties\":{\"mergeMode\":\"Sideways\"}", "customProperties.mergeMode", "merge-mode-unknown")]
    [InlineData("Elsa.Sequence", "\"activities\":[{\"id\":\"a\",\"type\":\"Elsa.Start\"},{\"id\":\"a\",\"type\":\"Elsa.Start\"}]", "activities[1].id", "activity-id-repeated")]
    public void What_is_wrong_with_an_activity_is_told_with_its_place(string type, string members, string path, string code)
    {
        var reading = Read($$$"""{"definitionId":"d","root":{"id":"s","type":"{{{type}}}",{{{members}}}}}""");

        Assert.Equal([($"$.root.{path}", code)], reading.Problems.Select(problem => (problem.Path, problem.Code)));
    }

    [Theory]
    [InlineData("Elsa.WriteLine", "\"text\":{\"expression\":{\"type\":\"Variable\",\"value\":\"N\"}}")]
    [InlineData("Elsa.WriteLine", "\"text\":{\"expression\":{\"type\":\"Variable\",\"value\":\"{\\\"id\\\":\\\"n\\\"}\"}}")]
    [InlineData("Elsa.WriteLine", "\"text\":{\"expression\":{\"type\":\"Input\",\"value\":{\"name\":\"State\"}}}")]
    [InlineData("Elsa.For", "\"start\":{\"expression\":{\"type\":\"Literal\",\"value\":\"\"}}")]
    [InlineData("Elsa.FlowJoin", "\"mode\":{\"expression\":{\"type\":\"Literal\",\"value\":\"\"}}")]
    [InlineData("Elsa.Fork", "\"joinMode\":\"WaitAny\"")]
    [InlineData("Elsa.SetVariable", "\"variables\":[{\"id\":\"N\",\"name\":\"N\"}],\"variable\":{\"id\":\"N\"}")]
    [InlineData("Elsa.Start", "\"customProperties\":{\"mergeMode\":\"race\"}")]
    public void What_can_be_meant_is_read(string type, string members) =>
        Assert.Empty(Read($$$"""{"definitionId":"d","root":{"id":"s","type":"{{{type}}}",{{{members}}}}}""").Problems);

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "script-too-long")]
    public void A_script_may_be_as_long_as_the_limit_says(int more, string? code)
    {
        var script = new string(' ', DefinitionLimits.ScriptLengthMax - 1 + more) + "1";

        Assert.Equal(code, Read(Definition("d", LineJs("p", script))).Problems.SingleOrDefault()?.Code);
    }

    [Fact]
    public void A_sound_document_is_a_definition_with_the_name_that_people_know_it_by()
    {
        var named = Read("""{"definitionId":"d","name":"Visit","outcomes":["Adopted",7],"root":{"id":"s","type":"Elsa.Start","version":1}}""");
        var bare = Read("""{"definitionId":"d","root":{"id":"s","type":"Elsa.Start"}}""");

        Assert.Equal(("d", "Visit"), (named.Definition!.DefinitionId, named.Definition.Name));
        Assert.Equal(new DraftName("d", "Visit"), named.Draft);
        Assert.Equal("d", bare.Definition!.Name);
        Assert.Empty(named.Problems);
    }

    [Fact]
    public void A_document_that_is_wrong_can_be_kept_as_a_draft_when_it_says_what_it_is()
    {
        Assert.Equal(new DraftName("d", "d"), Read("""{"definitionId":"d"}""").Draft);
        Assert.Null(Read("""{"name":"Visit"}""").Draft);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "definition-too-large")]
    public void A_document_may_be_as_long_as_the_limit_says(int more, string? code)
    {
        var document = new byte[DefinitionLimits.DocumentSizeMaxBytes + more];
        Array.Fill(document, (byte)' ');
        Encoding.UTF8.GetBytes("""{"definitionId":"d","root":{"id":"s","type":"Elsa.Start"}}""").CopyTo(document, 0);

        Assert.Equal(code, DefinitionReader.Read(document, new ActivityCatalog(ActivityCatalog.General)).Problems.SingleOrDefault()?.Code);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "too-many-activities")]
    [InlineData(3, "too-many-activities")]
    public void A_definition_may_have_as_many_activities_as_the_limit_says(int more, string? code)
    {
        var children = Enumerable.Range(0, DefinitionLimits.ActivitiesMax - 1 + more).Select(each => Activity("Elsa.Start", $"a{each}")).ToArray<JsonNode>();

        Assert.Equal(code, Read(Definition("d", Sequence("s", children))).Problems.SingleOrDefault()?.Code);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "too-many-connections")]
    public void A_flowchart_may_have_as_many_connections_as_the_limit_says(int more, string? code)
    {
        var flowchart = Flowchart("f", [Line("a", "a"), Line("b", "b")], [.. Enumerable.Repeat("a>b", DefinitionLimits.ConnectionsMax + more)]);

        var problem = Read(Definition("d", flowchart)).Problems.SingleOrDefault();
        Assert.Equal((code, code is null ? null : "$.root.connections"), (problem?.Code, problem?.Path));
    }

    [Fact]
    public void A_connection_names_its_port_in_the_newer_form_before_the_older_one()
    {
        var flowchart = Flowchart("f", [Activity("Elsa.FlowDecision", "d", ("condition", Literal("true"))), Line("yes", "yes"), Line("no", "no")], "d.True>yes", "d.False>no");
        flowchart["connections"]![0]!["sourcePort"] = "False";

        Assert.Equal("yes", Printed(flowchart));
    }

    [Fact]
    public void Each_dangling_connection_is_told_once_with_its_own_place_and_none_beside_a_broken_activity()
    {
        var flowchart = Flowchart("f", [Line("a", "a"), Activity("No.Such", "broken")], "a>broken", "a>gone", "lost>a");
        flowchart["connections"]!.AsArray().Add(new JsonObject { ["source"] = "old", ["target"] = "a" });

        Assert.Equal(
            [
                ("$.root.activities[1].type", "activity-type-unknown"), ("$.root.connections[1].target.activity", "connection-dangling"),
                ("$.root.connections[2].source.activity", "connection-dangling"), ("$.root.connections[3].source", "connection-dangling"),
            ],
            Read(Definition("d", flowchart)).Problems.Select(problem => (problem.Path, problem.Code)));
    }

    [Fact]
    public void A_flowchart_without_activities_ends_at_once() => Assert.Equal("after", Printed(Sequence("s", Flowchart("f", []), Line("z", "after"))));

    [Theory]
    [InlineData("race", "first")]
    [InlineData("Race", "first")]
    [InlineData("", "a b")]
    public void A_merge_mode_is_read_whatever_its_case(string mode, string expected)
    {
        var world = new EngineWorld(FlowchartMode.TokenBased);
        var first = Line("first", "first");
        first["customProperties"] = new JsonObject { ["mergeMode"] = mode };
        Run(world, Flowchart("f", [Line("s", ""), Line("a", "a"), Sequence("wait", Event("e", "Go"), Line("b", "b")), first], "s>a", "s>wait", "a>first", "wait>first"));
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal(mode.Length > 0 ? $"a {expected}" : $"{expected} first", string.Join(' ', world.Printed));
    }

    [Theory]
    [InlineData("waitall")]
    [InlineData("WaitAll")]
    public void A_join_mode_that_is_computed_is_read_whatever_its_case(string mode) => Assert.Equal(
        "a b after",
        Printed(Flowchart(
            "f",
            [Line("s", ""), Line("a", "a"), Line("b", "b"), Activity("Elsa.FlowJoin", "j", ("mode", Js($"'{mode}'"))), Line("z", "after")],
            "s>a", "s>b", "a>j", "b>j", "j>z")));

    private static DefinitionReading Read(string json) => DefinitionReader.Read(Encoding.UTF8.GetBytes(json), new ActivityCatalog(ActivityCatalog.General));
}
