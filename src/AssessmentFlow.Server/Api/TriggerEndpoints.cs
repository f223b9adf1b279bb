using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>What starts instances of a workflow by itself.</summary>
internal static class TriggerEndpoints
{
    public static RouteGroupBuilder MapTriggers(this RouteGroupBuilder api)
    {
        api.MapGet("/workflow-definitions/{definitionId}/triggers", ListAsync).Give<TriggersAnswer>().WithTags("Workflow definitions")
            .WithSummary("What starts instances of the published version: events, times, when next, and starts that were refused.");
        return api;
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, string definitionId, IWorkflowCatalogue catalogue, ITurnJournal journal, CancellationToken cancellationToken)
    {
        var actor = http.Caller().Actor;
        InstanceEndpoints.NeedWatcher(actor);
        _ = await catalogue.FindAsync(definitionId, cancellationToken) ?? throw RequestProblemException.NotFound($"workflow '{definitionId}'");
        var snapshot = await journal.LoadAsync(new EntityId(EntityKinds.TriggerSet, definitionId), cancellationToken);
        var set = snapshot is null
            ? new TriggerSet { DefinitionId = definitionId }
            : JsonSerializer.Deserialize(snapshot.State, TriggerJson.Plain.TriggerSet)!;
        return Answers.Of(JsonValues.Object(
            ("definitionId", JsonValues.Of(definitionId)),
            ("publishedVersion", set.DefinitionVersion > 0 ? JsonValues.Of(set.DefinitionVersion) : JsonValues.Null),
            ("items", JsonValues.Array(set.Triggers.Select(trigger => Show(trigger, CaseAccess.HandlesCases(actor))))),
            ("next", JsonValues.Null)));
    }

    private static JsonElement Show(RegisteredTrigger registered, bool withContent) => JsonValues.Object(
        ("activity", JsonValues.Of(registered.Trigger.NodeId)),
        ("kind", JsonValues.Of(registered.Trigger.Kind)),
        ("key", JsonValues.Of(registered.Trigger.Key)),
        ("schedule", registered.Trigger.Schedule is { } schedule ? Show(schedule) : JsonValues.Null),
        ("nextAt", JsonValues.Of(registered.NextAt)),
        ("refusals", JsonValues.Of(registered.Refusals)),
        ("lastRefusal", registered.LastRefusal is { } refusal ? Show(refusal, withContent) : JsonValues.Null));

    private static JsonElement Show(TriggerSchedule schedule) => JsonValues.Object(
        ("every", schedule.Every is { } every ? JsonValues.Of(every) : JsonValues.Null),
        ("cron", JsonValues.Of(schedule.Cron)),
        ("once", JsonValues.Of(schedule.Once)));

    private static JsonElement Show(StartRefusal refusal, bool withContent) => JsonValues.Object(
        ("at", JsonValues.Of(refusal.At)),
        ("instanceId", JsonValues.Of(refusal.InstanceId)),
        ("code", JsonValues.Of(refusal.Code)),
        ("message", withContent ? JsonValues.Of(refusal.Message) : JsonValues.Null));
}
