using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using AssessmentFlow.Assessments.Activities;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Turns;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Engine.Execution.InstanceState,
    AssessmentFlow.Engine.Execution.InstanceFact,
    AssessmentFlow.Engine.Execution.InstanceEffect>;

namespace AssessmentFlow.Runtime.Entities;

/// <summary>Workflow instances as entities.</summary>
internal sealed class InstanceKind(IDefinitionContents definitions, IReferenceData reference, IJournalQueries queries) : IEntityKind<InstanceState>
{
    public InstanceState Empty(string key) => new() { Id = key };

    public InstanceState Read(byte[] state) =>
        JsonSerializer.Deserialize(state, EngineJson.Plain.InstanceState) ?? throw new JsonException("An instance snapshot is null.");

    public async ValueTask<EntityDecision<InstanceState>> DecideAsync(
        InstanceState state, Envelope envelope, DateTimeOffset now, long version, CancellationToken cancellationToken)
    {
        var input = JsonSerializer.Deserialize(envelope.Input, EngineJson.Plain.InstanceInput) ?? throw new JsonException("An input is null.");
        var hash = input is InstanceInput.Start start ? start.DefinitionHash : state.DefinitionHash;
        if (hash.Length is 0)
        {
            return new EntityDecision<InstanceState>.Refused(new Refusal(RefusalKind.NotFound, WorkflowEngine.InstanceUnknown, $"There is no instance '{state.Id}'."));
        }

        if (input is InstanceInput.Act act && IsReportOfSystem(state, act) && !act.Actor.Has(Roles.Secretariat) && !act.Actor.Has(Actor.SystemRole))
        {
            return new EntityDecision<InstanceState>.Refused(new Refusal(
                RefusalKind.Forbidden, "role-missing", "What another system reports is recorded by the secretariat."));
        }

        var definition = await definitions.GetAsync(hash, cancellationToken);
        var exclusion = InstanceClaims.Excluding(definition, state, input);
        if (exclusion is not null && await queries.FindRunningAsync(exclusion.DefinitionId, exclusion.CorrelationId, cancellationToken) is { } running)
        {
            return new EntityDecision<InstanceState>.Refused(InstanceClaims.Refuse(definition, exclusion, running));
        }

        var moment = new Moment(now, version, UsesReference(definition) ? await reference.GetAsync(cancellationToken) : null);
        var decision = WorkflowEngine.Decide(definition, state, input, moment);
        if (decision is not Decision.Accepted accepted)
        {
            return Unaccepted(decision);
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(accepted.State, EngineJson.Plain.InstanceState);
        if (json.Length > EngineLimits.StateSizeMaxBytes)
        {
            // The turn is not taken; the instance ends as faulted instead, from where it stood before.
            if (WorkflowEngine.Decide(definition, state, new InstanceInput.Oversized(json.Length), moment) is not Decision.Accepted ended)
            {
                // It has not begun, or lies faulted already.
                return new EntityDecision<InstanceState>.Refused(new Refusal(
                    RefusalKind.Invalid,
                    WorkflowEngine.StateTooLarge,
                    $"The state of the instance '{state.Id}' would have {json.Length} bytes; {EngineLimits.StateSizeMaxBytes} are allowed. Keep documents outside the workflow and pass their ids."));
            }

            accepted = ended;
            json = JsonSerializer.SerializeToUtf8Bytes(accepted.State, EngineJson.Plain.InstanceState);
        }

        var entity = new EntityId(EntityKinds.Instance, state.Id);
        return new EntityDecision<InstanceState>.Accepted(
            accepted.State,
            json,
            JsonSerializer.SerializeToUtf8Bytes([.. accepted.Facts], EngineJson.Plain.InstanceFactArray),
            [.. accepted.Effects.Select(effect => OutboxJson.Write(ToMessage(state.Id, effect, moment.Now)))],
            new EntityChanges(
                new InstanceViews(entity, definition, state, accepted, moment).Changes(),
                ViewChanges.Timers(Timers(state), Timers(accepted.State)),
                Waits(state, accepted.State))
            {
                Claims = InstanceClaims.Changes(definition, state, accepted.State, exclusion),
            },
            envelope.Fingerprint is null ? null : Answer(accepted, input, definition, version));
    }

    private static bool IsReportOfSystem(InstanceState state, InstanceInput.Act act) =>
        state.Bookmarks.TryGetValue(act.Bookmark, out var bookmark) && bookmark.Kind is TaskViews.SystemTask;

    private static EntityDecision<InstanceState> Unaccepted(Decision decision) => decision is Decision.Refused refused
        ? new EntityDecision<InstanceState>.Refused(refused.Refusal)
        : new EntityDecision<InstanceState>.Ignored();

    /// <summary>Only workflows with activities of the domain look at calendars and rosters.</summary>
    private static bool UsesReference(WorkflowDefinition definition) =>
        definition.Nodes.Any(static node => node.Activity.Descriptor.Category == AssessmentActivities.Category);

    private static OutboxMessage ToMessage(string instanceId, InstanceEffect effect, DateTimeOffset now) => effect switch
    {
        InstanceEffect.Ask ask => new OutboxMessage.Deliver($"{ask.Kind}/{ask.Id}", ask.Body, new Origin(instanceId, ask.Bookmark), ask.AnswersLater),
        InstanceEffect.Publish publish => new OutboxMessage.Broadcast(publish.Name, publish.Payload, publish.CorrelationId, publish.InstanceId, now),
        InstanceEffect.StartChild child => new OutboxMessage.StartInstance(
            child.ChildId, child.DefinitionId, child.Input, child.CorrelationId, new Origin(instanceId, child.Bookmark), child.WaitsFor),
        InstanceEffect.CancelChild child => ToInstance(child.ChildId, new InstanceInput.Cancel("The parent was cancelled.", Actor.System)),
        InstanceEffect.TellParent { HasEnded: false, Parent: { Bookmark: { } bookmark } parent } tell =>
            ToInstance(parent.InstanceId, new InstanceInput.ChildRested(instanceId, bookmark, tell.Result, parent.WaitsForEnd)),
        InstanceEffect.TellParent tell => ToInstance(tell.Parent.InstanceId, new InstanceInput.ChildEnded(instanceId, tell.Parent.Bookmark, tell.Result)),
        InstanceEffect.CallHttp call => new OutboxMessage.CallHttp(call.Call, new Origin(instanceId, call.Bookmark)),
        InstanceEffect.ContinueSelf => ToInstance(instanceId, new InstanceInput.Continue()),
        _ => throw new System.Diagnostics.UnreachableException($"Effect {effect.GetType().Name} has no rule."),
    };

    internal static OutboxMessage.Deliver ToInstance(string instanceId, InstanceInput input) =>
        new($"{EntityKinds.Instance}/{instanceId}", JsonSerializer.SerializeToElement(input, EngineJson.Plain.InstanceInput));

    private static IEnumerable<(string, DateTimeOffset)> Timers(InstanceState state) =>
        state.Status is InstanceStatus.Running
            ? state.Bookmarks.Values
                .Where(bookmark => bookmark.DueAt is not null)
                .Select(bookmark => (bookmark.Id.ToString(CultureInfo.InvariantCulture), bookmark.DueAt!.Value))
            : [];

    private static ImmutableArray<WaitChange> Waits(InstanceState before, InstanceState after) =>
    [
        .. Waiting(before).Except(Waiting(after)).Select(static wait => wait with { IsOver = true }),
        .. Waiting(after).Except(Waiting(before)),
    ];

    private static IEnumerable<WaitChange> Waiting(InstanceState state) => state.Status is InstanceStatus.Running
        ? state.Bookmarks.Values
            .Where(static bookmark => bookmark.Key is not null)
            .Select(bookmark => new WaitChange(bookmark.Id, bookmark.Key!, state.CorrelationId))
        : [];

    private static byte[] Answer(Decision.Accepted accepted, InstanceInput input, WorkflowDefinition definition, long version)
    {
        var state = accepted.State;
        if (input is InstanceInput.Act act)
        {
            // A task that is still there is shown as it is now; one that is gone, as closed.
            return ViewChanges.Bytes(state.Bookmarks.TryGetValue(act.Bookmark, out var bookmark)
                ? TaskViews.Open(state, bookmark, definition)
                : TaskViews.Closed(state.Id, act, version));
        }

        // Whoever asked by HTTP is answered what the workflow says; whoever asks again, the same.
        var answered = accepted.Facts.OfType<InstanceFact.HttpAnswered>().LastOrDefault();
        return ViewChanges.Bytes(JsonValues.Object(
        [
            ("id", JsonValues.Of(state.Id)),
            ("version", JsonValues.Of(version)),
            ("status", JsonValues.Of(state.Status.ToString())),
            ("subStatus", JsonValues.Of(state.SubStatus.ToString())),
            .. answered is null ? [] : new[] { (HttpRoutes.AnswerMember, JsonSerializer.SerializeToElement(answered, EngineJson.Plain.HttpAnswered)) },
        ]));
    }
}
