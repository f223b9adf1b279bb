using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Server.Api;

/// <summary>Instances as the API shows them.</summary>
internal static class InstanceAnswers
{
    public static JsonElement Show(InstanceState state, long version, WorkflowDefinition definition, bool withContent) => JsonValues.Object(
    [
        ("id", JsonValues.Of(state.Id)),
        ("version", JsonValues.Of(version)),
        ("definitionId", JsonValues.Of(state.DefinitionId)),
        ("definitionVersion", JsonValues.Of(state.DefinitionVersion)),
        ("definitionHash", JsonValues.Of(state.DefinitionHash)),
        ("status", JsonValues.Of(state.Status.ToString())),
        ("subStatus", JsonValues.Of(state.SubStatus.ToString())),
        ("isStuck", JsonValues.Of(state.IsStuck)),
        ("correlationId", JsonValues.Of(state.CorrelationId)),
        ("parentInstanceId", JsonValues.Of(state.Parent?.InstanceId)),
        ("children", JsonValues.Of(state.Children)),
        ("createdAt", JsonValues.Of(state.CreatedAt)),
        ("finishedAt", JsonValues.Of(state.FinishedAt)),
        ("waitingFor", JsonValues.Array(state.Bookmarks.Values.Select(bookmark => Waiting(state, bookmark, definition, withContent)))),
        ("incidents", JsonValues.Array(state.Incidents.Select(incident => Show(incident, withContent)))),
        .. withContent ? Content(state, definition) : [],
    ]);

    /// <summary>A row of the list of instances without what a workflow says of a case.</summary>
    public static FoundRow WithoutContent(FoundRow row) => row with
    {
        Row = row.Row with { Body = WithoutName(row.Row.Body) },
    };

    private static byte[] WithoutName(byte[] body) => JsonSerializer.SerializeToUtf8Bytes(JsonValues.Object(
        [.. JsonElement.Parse(body).EnumerateObject().Where(member => member.Name is not "name").Select(member => (member.Name, member.Value))]));

    private static (string, JsonElement)[] Content(InstanceState state, WorkflowDefinition definition)
    {
        var names = definition.Variables.ToDictionary(variable => variable.Id, variable => variable.Name, StringComparer.Ordinal);
        return
        [
            ("name", JsonValues.Of(state.Name)),
            ("input", JsonValues.Object([.. state.Input.Select(input => (input.Key, input.Value))])),
            ("output", JsonValues.Object([.. state.Output.Select(output => (output.Key, output.Value))])),
            ("variables", JsonValues.Object([.. state.Variables().Select(variable => (names.GetValueOrDefault(variable.Key, variable.Key), variable.Value))])),
        ];
    }

    private static JsonElement Waiting(InstanceState state, Bookmark bookmark, WorkflowDefinition definition, bool withContent)
    {
        var node = definition.Nodes[state.Executions[bookmark.Execution].Node];
        return JsonValues.Object(
        [
            ("bookmark", JsonValues.Of(bookmark.Id)),
            ("activityId", JsonValues.Of(node.Id)),
            ("activityType", JsonValues.Of(bookmark.Kind)),
            ("event", JsonValues.Of(bookmark.Key)),
            ("dueAt", JsonValues.Of(bookmark.DueAt)),
            ("since", JsonValues.Of(bookmark.CreatedAt)),
            .. withContent ? new[] { ("payload", bookmark.Payload) } : [],
        ]);
    }

    private static JsonElement Show(Incident incident, bool withContent) => JsonValues.Object(
        ("id", JsonValues.Of(incident.Id)),
        ("activityName", JsonValues.Of(incident.ActivityName)),
        ("activityId", JsonValues.Of(incident.ActivityId)),
        ("activityType", JsonValues.Of(incident.ActivityType)),
        ("code", JsonValues.Of(incident.Code)),
        ("message", withContent ? JsonValues.Of(incident.Message) : JsonValues.Null),
        ("input", withContent && incident.Input is { } input ? JsonValues.Object([.. input.Select(value => (value.Key, value.Value))]) : JsonValues.Null),
        ("at", JsonValues.Of(incident.At)));
}
