using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.UnitTests.Histories;

/// <summary>What one instance did, turn by turn, as a version of the engine wrote it.</summary>
/// <param name="Workflow">The definition that it ran on.</param>
/// <param name="InstanceId">Its id.</param>
/// <param name="Turns">Its turns, in order.</param>
internal sealed record History(JsonElement Workflow, string InstanceId, ImmutableArray<HistoryTurn> Turns)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static History Read(string json)
    {
        var root = JsonElement.Parse(json);
        return new History(
            root.GetProperty("workflow"),
            root.GetProperty("instance").GetString()!,
            [
                .. root.GetProperty("turns").EnumerateArray().Select(turn => new HistoryTurn(
                    turn.GetProperty("at").GetDateTimeOffset(),
                    turn.GetProperty("input").Deserialize(EngineJson.Plain.InstanceInput)!,
                    [.. turn.GetProperty("facts").EnumerateArray().Select(fact => fact.Deserialize(EngineJson.Plain.InstanceFact)!)],
                    turn.GetProperty("state").Deserialize(EngineJson.Plain.InstanceState)!)),
            ]);
    }

    public string Write() => new JsonObject
    {
        ["workflow"] = JsonNode.Parse(Workflow.GetRawText()),
        ["instance"] = InstanceId,
        ["turns"] = new JsonArray([
            .. Turns.Select(turn => new JsonObject
            {
                ["at"] = turn.At,
                ["input"] = JsonSerializer.SerializeToNode(turn.Input, EngineJson.Plain.InstanceInput),
                ["facts"] = new JsonArray([.. turn.Facts.Select(fact => JsonSerializer.SerializeToNode(fact, EngineJson.Plain.InstanceFact))]),
                ["state"] = JsonSerializer.SerializeToNode(turn.State, EngineJson.Plain.InstanceState),
            }),
        ]),
    }.ToJsonString(Indented) + "\n";

    public WorkflowDefinition Definition() =>
        DefinitionReader.Read(Encoding.UTF8.GetBytes(Workflow.GetRawText()), HistoryScenarios.Catalog).Definition
        ?? throw new InvalidOperationException("The definition that the instance ran on cannot be read any more.");
}

/// <summary>One turn.</summary>
/// <param name="At">Server time.</param>
/// <param name="Input">What reached the instance.</param>
/// <param name="Facts">What happened.</param>
/// <param name="State">Where the instance stood afterwards.</param>
internal sealed record HistoryTurn(DateTimeOffset At, InstanceInput Input, ImmutableArray<InstanceFact> Facts, InstanceState State);
