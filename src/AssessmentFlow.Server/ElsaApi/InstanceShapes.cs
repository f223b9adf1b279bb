using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>Instances as Studio reads them. Those who may not know what a case says see that something happened and not what.</summary>
internal sealed class InstanceShapes(WatchedInstance instance, bool withContent)
{
    private readonly InstanceState _state = instance.State;

    /// <summary>The instance with where it stands.</summary>
    public JsonObject Instance() => new()
    {
        ["id"] = _state.Id,
        ["definitionId"] = _state.DefinitionId,
        ["definitionVersionId"] = VersionId(),
        ["version"] = _state.DefinitionVersion,
        ["status"] = _state.Status.ToString(),
        ["subStatus"] = _state.SubStatus.ToString(),
        ["correlationId"] = _state.CorrelationId,
        ["name"] = withContent ? _state.Name : null,
        ["incidentCount"] = _state.Incidents.Length,
        ["createdAt"] = _state.CreatedAt,
        ["updatedAt"] = instance.History.At,
        ["finishedAt"] = _state.FinishedAt,
        ["parentWorkflowInstanceId"] = _state.Parent?.InstanceId,
        ["workflowState"] = State(),
    };

    /// <summary>Whether it still runs, and when it last did something.</summary>
    public JsonObject ExecutionState() => new()
    {
        ["status"] = _state.Status.ToString(),
        ["subStatus"] = _state.SubStatus.ToString(),
        ["updatedAt"] = instance.History.At,
    };

    /// <summary>The workflow variables.</summary>
    public JsonObject Variables()
    {
        var names = instance.Definition.Variables.ToDictionary(variable => variable.Id, variable => variable.Name, StringComparer.Ordinal);
        return ElsaJson.List(withContent
            ? _state.Variables().Select(variable => (JsonNode)new JsonObject
            {
                ["id"] = variable.Key,
                ["name"] = names.GetValueOrDefault(variable.Key, variable.Key),
                ["value"] = variable.Value.ToNode(),
            })
            : []);
    }

    /// <summary>A run of an activity.</summary>
    /// <param name="run">The run.</param>
    /// <param name="isWhole">Whether with what went in and came out.</param>
    public JsonObject Execution(ActivityRun run, bool isWhole)
    {
        var shown = new JsonObject
        {
            ["id"] = IdOf(run.Execution),
            ["workflowInstanceId"] = _state.Id,
            ["activityId"] = run.Node.Id,
            ["activityNodeId"] = run.Node.NodeId,
            ["activityType"] = run.Node.Activity.Descriptor.TypeName,
            ["activityTypeVersion"] = run.Node.Activity.Descriptor.Version,
            ["activityName"] = run.Node.Name,
            ["startedAt"] = run.StartedAt,
            ["completedAt"] = run.EndedAt,
            ["hasBookmarks"] = run.Waits > 0,
            ["status"] = run.Status,
            ["aggregateFaultCount"] = Below(run).Count(each => each.Incident is not null),
            ["schedulingActivityExecutionId"] = run.Parent is { } parent ? IdOf(parent) : null,
            ["schedulingActivityId"] = run.Parent is { } by ? instance.History.Runs.GetValueOrDefault(by)?.Node.Id : null,
            ["schedulingWorkflowInstanceId"] = run.Parent is null ? null : _state.Id,
            ["callStackDepth"] = Ancestors(run).Count(),
            ["metadata"] = new JsonObject(),
        };
        if (isWhole)
        {
            // Without it Studio would ask for the record again every second.
            shown["activityState"] = withContent ? Values(run.Inputs) : new JsonObject();
            shown["outputs"] = withContent ? Values(run.Outputs) : new JsonObject();
            shown["payload"] = run.Outcomes.IsEmpty ? new JsonObject() : new JsonObject { ["Outcomes"] = new JsonArray([.. run.Outcomes.Select(outcome => (JsonNode)outcome)]) };
            shown["properties"] = new JsonObject();
            shown["exception"] = run.Incident is { } incident ? Exception(incident) : null;
        }

        return shown;
    }

    /// <summary>The runs around a run, outermost first, itself last.</summary>
    public IEnumerable<ActivityRun> CallStack(ActivityRun run) => Ancestors(run).Reverse().Append(run);

    /// <summary>A line of the journal.</summary>
    public JsonObject Line(JournalLine line) => new()
    {
        ["id"] = $"{_state.Id}:line:{line.Sequence}",
        ["activityInstanceId"] = IdOf(line.Run.Execution),
        ["parentActivityInstanceId"] = line.Run.Parent is { } parent ? IdOf(parent) : null,
        ["activityId"] = line.Run.Node.Id,
        ["activityType"] = line.Run.Node.Activity.Descriptor.TypeName,
        ["activityTypeVersion"] = line.Run.Node.Activity.Descriptor.Version,
        ["activityName"] = line.Run.Node.Name,
        ["nodeId"] = line.Run.Node.NodeId,
        ["timestamp"] = line.At,
        ["sequence"] = line.Sequence,
        ["eventName"] = line.Name,
        ["message"] = withContent ? line.Message : null,
        ["source"] = null,
        ["activityState"] = withContent ? Values(line.Run.Inputs) : null,
        ["payload"] = null,
    };

    /// <summary>How often an activity ran and how it stands.</summary>
    public JsonObject Stats(string nodeId)
    {
        var runs = instance.History.Runs.Values.Where(run => run.Node.NodeId == nodeId).ToArray();
        var completed = runs.Count(run => run.Status is "Completed");
        return new JsonObject
        {
            ["activityId"] = nodeId[(nodeId.LastIndexOf(':') + 1)..],
            ["activityNodeId"] = nodeId,
            ["startedCount"] = runs.Length,
            ["completedCount"] = completed,
            ["uncompletedCount"] = runs.Length - completed,
            ["isBlocked"] = runs.Any(run => run.Waits > 0),
            ["isFaulted"] = runs.Any(run => run.Incident is not null),
            ["aggregateFaultCount"] = runs.Sum(run => Below(run).Count(each => each.Incident is not null)),
            ["metadata"] = new JsonObject(),
        };
    }

    /// <summary>Identity of a run over all instances.</summary>
    private string IdOf(long execution) => ExecutionId.Of(_state.Id, execution);

    private string VersionId() => new VersionId(_state.DefinitionId, _state.DefinitionVersion, _state.DefinitionHash).ToString();

    private JsonObject State() => new()
    {
        ["id"] = _state.Id,
        ["definitionId"] = _state.DefinitionId,
        ["definitionVersionId"] = VersionId(),
        ["definitionVersion"] = _state.DefinitionVersion,
        ["correlationId"] = _state.CorrelationId,
        ["status"] = _state.Status.ToString(),
        ["subStatus"] = _state.SubStatus.ToString(),
        ["isExecuting"] = _state.SubStatus is InstanceSubStatus.Executing,
        ["bookmarks"] = new JsonArray([.. _state.Bookmarks.Values.Select(Bookmark)]),
        ["incidents"] = new JsonArray([.. _state.Incidents.Select(Incident)]),
        ["completionCallbacks"] = new JsonArray(),
        ["activityExecutionContexts"] = new JsonArray([.. instance.History.Runs.Values.Where(run => run.Parent is null || run.EndedAt is null).Select(Context)]),
        ["scheduledActivities"] = new JsonArray(),
        ["executionLogSequence"] = instance.History.Lines.Count,
        ["input"] = withContent ? Values(_state.Input) : new JsonObject(),
        ["output"] = withContent ? Values(_state.Output) : new JsonObject(),
        ["properties"] = new JsonObject(),
        ["createdAt"] = _state.CreatedAt,
        ["updatedAt"] = instance.History.At,
        ["finishedAt"] = _state.FinishedAt,
    };

    private JsonNode Bookmark(Bookmark bookmark)
    {
        var run = instance.History.Runs.GetValueOrDefault(bookmark.Execution);
        return new JsonObject
        {
            ["id"] = ExecutionId.Of(_state.Id, bookmark.Id),
            ["name"] = bookmark.Kind,
            ["hash"] = bookmark.Key,
            ["payload"] = withContent ? bookmark.Payload.ToNode() : null,
            ["activityId"] = run?.Node.Id,
            ["activityNodeId"] = run?.Node.NodeId,
            ["activityInstanceId"] = IdOf(bookmark.Execution),
            ["createdAt"] = bookmark.CreatedAt,
            ["autoBurn"] = true,
            ["callbackMethodName"] = null,
            ["autoComplete"] = true,
        };
    }

    private JsonNode Incident(Incident incident) => new JsonObject
    {
        ["activityId"] = incident.ActivityId,
        ["activityNodeId"] = instance.Definition.Nodes[incident.Node].NodeId,
        ["activityType"] = incident.ActivityType,
        ["message"] = withContent ? incident.Message : incident.Code,
        ["exception"] = Exception(incident),
        ["timestamp"] = incident.At,
    };

    private JsonNode Context(ActivityRun run) => new JsonObject
    {
        ["id"] = IdOf(run.Execution),
        ["parentContextId"] = run.Parent is { } parent ? IdOf(parent) : null,
        ["scheduledActivityNodeId"] = run.Node.NodeId,
        ["ownerActivityNodeId"] = run.Parent is { } owner ? instance.History.Runs.GetValueOrDefault(owner)?.Node.NodeId : null,
        ["properties"] = new JsonObject(),
        ["metadata"] = new JsonObject(),
        ["activityState"] = new JsonObject(),
        ["dynamicVariables"] = new JsonArray(),
        ["status"] = run.Status,
        ["faultCount"] = run.Incident is null ? 0 : 1,
        ["startedAt"] = run.StartedAt,
        ["completedAt"] = run.EndedAt,
    };

    private JsonObject Exception(Incident incident) => new()
    {
        ["type"] = incident.Code,
        ["message"] = withContent ? incident.Message : incident.Code,
        ["stackTrace"] = withContent ? incident.Cause : null,
        ["innerException"] = null,
    };

    private IEnumerable<ActivityRun> Ancestors(ActivityRun run)
    {
        while (run.Parent is { } parent && instance.History.Runs.TryGetValue(parent, out var around))
        {
            yield return around;
            run = around;
        }
    }

    private IEnumerable<ActivityRun> Below(ActivityRun run) => instance.State.Incidents.IsEmpty
        ? []
        : instance.History.Runs.Values.Where(each => each == run || Ancestors(each).Contains(run));

    private static JsonObject Values(OrderedDictionary<string, JsonElement>? values) =>
        new((values ?? []).Select(value => KeyValuePair.Create(value.Key, value.Value.ToNode())));
}

/// <summary>Runs are numbered within their instance; Studio needs one text.</summary>
internal static class ExecutionId
{
    public static string Of(string instanceId, long execution) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{instanceId}:{execution}");

    /// <returns>Null when the text is none.</returns>
    public static (string InstanceId, long Execution)? TryParse(string? text)
    {
        var at = text?.LastIndexOf(':') ?? -1;
        return at > 0 && long.TryParse(text.AsSpan(at + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var execution)
            ? (text![..at], execution)
            : null;
    }
}
