using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Engine.Execution.InstanceState,
    AssessmentFlow.Engine.Execution.InstanceFact,
    AssessmentFlow.Engine.Execution.InstanceEffect>;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>
/// Tries one activity out. The engine is pure: it says what the activity would do, and nothing of that is done or kept. What
/// the activity would ask of others stays unanswered.
/// </summary>
internal static class ActivityTrial
{
    private const string TrialId = "trial";

    public static void MapActivityTrial(this RouteGroupBuilder api) => api.MapPost("/tests/activities", TryAsync);

    private static async Task<IResult> TryAsync(HttpContext http, WorkflowCatalogue catalogue, ActivityCatalog activities, IReferenceData reference, TimeProvider time)
    {
        http.Caller().Actor.NeedDraft();
        var body = await ElsaJson.ReadAsync(http);
        var version = VersionId.TryParse((body["workflowDefinitionHandle"] as JsonObject).Text("definitionVersionId") ?? "");
        var handle = body["activityHandle"] as JsonObject;
        var document = version is null || await catalogue.FindAsync(version.DefinitionId) is not { } entry || DefinitionQuery.Pick(entry, version) is not { } found
            ? null
            : await catalogue.FindDocumentAsync(version.Hash ?? found.Hash);
        if (document is null || Lone(ElsaJson.Parse(document), handle.Text("activityNodeId"), handle.Text("activityId")) is not { } lone)
        {
            throw RequestProblemException.NotFound("such activity");
        }

        var reading = DefinitionReader.Read(ElsaJson.ToBytes(lone), activities);
        return reading.Definition is { } definition
            ? ElsaJson.Of(Try(definition, new Moment(time.GetUtcNow(), 1, await reference.GetAsync(http.RequestAborted))))
            : throw ElsaProblems.Unsound(reading.Problems, "The activity cannot be tried out.");
    }

    /// <summary>The workflow with this activity alone.</summary>
    private static JsonObject? Lone(JsonObject document, string? nodeId, string? id)
    {
        StudioDocument.Show(document, static (_, _) => true);
        var meant = StudioDocument.Activities(document["root"]!.AsObject()).FirstOrDefault(activity => nodeId is null ? activity.Text("id") == id : activity.Text("nodeId") == nodeId);
        if (meant is null)
        {
            return null;
        }

        document["root"] = new JsonObject { ["id"] = TrialId, ["type"] = "Elsa.Sequence", ["version"] = 1, ["activities"] = new JsonArray(meant.DeepClone()) };
        return document;
    }

    private static JsonObject Try(WorkflowDefinition definition, Moment moment)
    {
        var start = new InstanceInput.Start(definition.DefinitionId, 1, TrialId, new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal), TrialId);
        if (WorkflowEngine.Decide(definition, new InstanceState { Id = TrialId }, start, moment) is not Decision.Accepted accepted)
        {
            throw ElsaProblems.Refuse("trial-refused", "The activity cannot be tried out by itself.");
        }

        var node = definition.Root.Children[0];
        var began = accepted.Facts.OfType<InstanceFact.ActivityStarted>().FirstOrDefault(fact => fact.Node == node.Index);
        var ended = accepted.Facts.OfType<InstanceFact.ActivityCompleted>().FirstOrDefault(fact => fact.Execution == began?.Execution);
        var incident = accepted.Facts.OfType<InstanceFact.ActivityFaulted>().Select(fact => fact.Incident).FirstOrDefault();
        return new JsonObject
        {
            ["activityState"] = Values(began?.Inputs),
            ["outputs"] = Values(ended?.Outputs),
            ["payload"] = ended is null ? new JsonObject() : new JsonObject { ["Outcomes"] = new JsonArray([.. ended.Outcomes.Select(outcome => (JsonNode)outcome)]) },
            ["exception"] = incident is null ? null : new JsonObject { ["type"] = incident.Code, ["message"] = incident.Message, ["stackTrace"] = incident.Cause, ["innerException"] = null },
            ["status"] = incident is not null ? "Faulted" : ended is not null ? "Completed" : "Running",
        };
    }

    private static JsonObject Values(OrderedDictionary<string, JsonElement>? values) =>
        new((values ?? []).Select(value => KeyValuePair.Create(value.Key, value.Value.ToNode())));
}
