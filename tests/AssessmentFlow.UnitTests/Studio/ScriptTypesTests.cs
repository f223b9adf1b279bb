using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Assessments.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Server.ElsaApi;

namespace AssessmentFlow.UnitTests.Studio;

/// <summary>What the editor of scripts offers is what the engine gives them.</summary>
public sealed class ScriptTypesTests
{
    public static TheoryData<string> Declared => [.. ScriptTypes.General.Select(function => function[..function.IndexOf('(', StringComparison.Ordinal)])];

    [Theory]
    [MemberData(nameof(Declared))]
    public void Every_function_that_is_declared_exists(string function)
    {
        var definition = DefinitionReader.Read(
            System.Text.Encoding.UTF8.GetBytes($$$$"""
                {"definitionId":"synthetic","name":"Synthetic","root":{"id":"steps","type":"Elsa.Sequence","version":1,"activities":[
                  {"id":"script","type":"Elsa.SetOutput","version":1,"outputName":{"typeName":"String","expression":{"type":"Literal","value":"Kind"}},
                   "outputValue":{"typeName":"Object","expression":{"type":"JavaScript","value":"typeof {{{{function}}}}"}}}]}}
                """),
            AssessmentActivities.Catalog).Definition!;
        var start = new InstanceInput.Start("synthetic", 1, "hash", new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal), CorrelationId: null);

        var decision = WorkflowEngine.Decide(definition, new InstanceState { Id = "synthetic" }, start, new Moment(DateTimeOffset.UnixEpoch, 1, Surroundings: null));

        var accepted = Assert.IsType<Decision<InstanceState, InstanceFact, InstanceEffect>.Accepted>(decision);
        Assert.Equal("function", accepted.State.Output["Kind"].GetString());
    }

    [Fact]
    public void Variables_inputs_and_outputs_of_the_workflow_are_declared()
    {
        var document = JsonNode.Parse("""
            {"variables":[{"id":"v","name":"Counter","typeName":"Int32"}],"inputs":[{"name":"State","type":"String"}],
             "root":{"id":"flow","type":"Elsa.Flowchart","activities":[{"id":"ask","name":"Ask agency","type":"Assessment.HumanTask"}]}}
            """)!.AsObject();

        var text = ScriptTypes.Write(document, AssessmentActivities.Catalog, isScriptActivity: false);

        Assert.Contains("declare function getCounter(): number;", text, StringComparison.Ordinal);
        Assert.Contains("declare function setCounter(value: number): void;", text, StringComparison.Ordinal);
        Assert.Contains("declare function getState(): string;", text, StringComparison.Ordinal);
        Assert.Contains("declare function getOutcomeFromAskAgency(): string;", text, StringComparison.Ordinal);
        Assert.DoesNotContain("setOutcome", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_that_an_input_and_a_variable_share_is_declared_as_that_of_the_input()
    {
        var document = JsonNode.Parse("""
            {"variables":[{"id":"v","name":"Name","typeName":"Int32"},{"id":"w","name":"Note","typeName":"Int32"}],
             "inputs":[{"name":"Name","type":"String"},{"name":"note","type":"String"}],"root":{"id":"s","type":"Elsa.Sequence","activities":[]}}
            """)!.AsObject();

        var text = ScriptTypes.Write(document, AssessmentActivities.Catalog, isScriptActivity: false);

        Assert.Equal(
            ["declare function getName(): string;", "declare function getNote(): number;"],
            text.Split('\n').Where(line => line.Contains(" getName(", StringComparison.Ordinal) || line.Contains(" getNote(", StringComparison.Ordinal)));
    }
}
