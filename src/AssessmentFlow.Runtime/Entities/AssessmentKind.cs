using System.Diagnostics;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Turns;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Assessments.Cases.AssessmentState,
    AssessmentFlow.Assessments.Cases.AssessmentFact,
    AssessmentFlow.Assessments.Cases.CaseEffect>;

namespace AssessmentFlow.Runtime.Entities;

/// <summary>Country assessments as entities.</summary>
internal sealed class AssessmentKind(IReferenceData reference) : IEntityKind<AssessmentState>
{
    public AssessmentState Empty(string key) => new() { Id = key };

    public AssessmentState Read(byte[] state) =>
        JsonSerializer.Deserialize(state, CaseJson.Plain.AssessmentState) ?? throw new JsonException("A case snapshot is null.");

    public async ValueTask<EntityDecision<AssessmentState>> DecideAsync(
        AssessmentState state, Envelope envelope, DateTimeOffset now, long version, CancellationToken cancellationToken)
    {
        var input = JsonSerializer.Deserialize(envelope.Input, CaseJson.Plain.AssessmentInput) ?? throw new JsonException("An input is null.");
        var moment = new Moment(now, version, await reference.GetAsync(cancellationToken));
        var origin = envelope.OriginInstance is { } instance ? new Origin(instance, envelope.OriginBookmark) : null;
        switch (Assessment.Decide(state, input, origin, moment))
        {
            case Decision.Refused refused:
                return new EntityDecision<AssessmentState>.Refused(refused.Refusal);
            case Decision.Accepted accepted:
                var views = new CaseViews(new EntityId(EntityKinds.Assessment, state.Id), state, accepted, moment);
                return new EntityDecision<AssessmentState>.Accepted(
                    accepted.State,
                    JsonSerializer.SerializeToUtf8Bytes(accepted.State, CaseJson.Plain.AssessmentState),
                    JsonSerializer.SerializeToUtf8Bytes([.. accepted.Facts], CaseJson.Plain.AssessmentFactArray),
                    [.. accepted.Effects.Select(effect => OutboxJson.Write(ToMessage(effect)))],
                    new EntityChanges(views.Changes(), ViewChanges.Timers(Assessment.Timers(state), Assessment.Timers(accepted.State)), []),
                    envelope.Fingerprint is null ? null : ViewChanges.Bytes(CaseAnswers.Of(accepted.State, input, version)));
            default:
                return new EntityDecision<AssessmentState>.Ignored();
        }
    }

    private static OutboxMessage ToMessage(CaseEffect effect) => effect switch
    {
        CaseEffect.StartWorkflow start => new OutboxMessage.StartInstance(start.InstanceId, start.DefinitionId, start.Input, start.CorrelationId),
        CaseEffect.Answer answer => InstanceKind.ToInstance(answer.Origin.InstanceId, new InstanceInput.Reply(answer.Origin.Bookmark, answer.Payload)),
        CaseEffect.AssignReview assign => ToReview(assign.ReviewId, new ReviewInput.Assign(assign.AssessmentId, assign.Agency, assign.Areas, assign.DueAt, assign.Workflow)),
        CaseEffect.ReleaseReview release => ToReview(release.ReviewId, new ReviewInput.Release()),
        CaseEffect.Publish publish => new OutboxMessage.Broadcast(publish.Name, publish.Payload, publish.CorrelationId),
        _ => throw new UnreachableException($"Effect {effect.GetType().Name} has no rule."),
    };

    private static OutboxMessage.Deliver ToReview(string reviewId, ReviewInput input) =>
        new($"{EntityKinds.Review}/{reviewId}", JsonSerializer.SerializeToElement(input, ReviewJson.Plain.ReviewInput));
}
