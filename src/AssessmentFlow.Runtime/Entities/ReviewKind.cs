using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Turns;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Assessments.Reviews.ReviewState,
    AssessmentFlow.Assessments.Reviews.ReviewFact,
    AssessmentFlow.Assessments.Reviews.ReviewEffect>;

namespace AssessmentFlow.Runtime.Entities;

/// <summary>Agency reviews as entities.</summary>
internal sealed class ReviewKind(IReferenceData reference) : IEntityKind<ReviewState>
{
    public ReviewState Empty(string key) => new() { Id = key };

    public ReviewState Read(byte[] state) =>
        JsonSerializer.Deserialize(state, ReviewJson.Plain.ReviewState) ?? throw new JsonException("A review snapshot is null.");

    public async ValueTask<EntityDecision<ReviewState>> DecideAsync(
        ReviewState state, Envelope envelope, DateTimeOffset now, long version, CancellationToken cancellationToken)
    {
        var input = JsonSerializer.Deserialize(envelope.Input, ReviewJson.Plain.ReviewInput) ?? throw new JsonException("An input is null.");
        var moment = new Moment(now, version, await reference.GetAsync(cancellationToken));
        switch (AgencyReview.Decide(state, input, moment))
        {
            case Decision.Refused refused:
                return new EntityDecision<ReviewState>.Refused(refused.Refusal);
            case Decision.Accepted accepted:
                return new EntityDecision<ReviewState>.Accepted(
                    accepted.State,
                    JsonSerializer.SerializeToUtf8Bytes(accepted.State, ReviewJson.Plain.ReviewState),
                    JsonSerializer.SerializeToUtf8Bytes([.. accepted.Facts], ReviewJson.Plain.ReviewFactArray),
                    [.. accepted.Effects.Select(effect => OutboxJson.Write(ToMessage(effect)))],
                    new EntityChanges(Views(accepted, moment), [], []),
                    envelope.Fingerprint is null ? null : ViewChanges.Bytes(Answer(accepted.State, input, version)));
            default:
                return new EntityDecision<ReviewState>.Ignored();
        }
    }

    private static JsonElement Answer(ReviewState state, ReviewInput input, long version) => input switch
    {
        ReviewInput.PutFinding put => JsonValues.Object(("id", JsonValues.Of(put.FindingId)), ("version", JsonValues.Of(version))),
        ReviewInput.RemoveFinding remove => JsonValues.Object(("id", JsonValues.Of(remove.FindingId)), ("version", JsonValues.Of(version))),
        ReviewInput.WriteChapter => JsonValues.Object(("id", JsonValues.Of(state.Id)), ("version", JsonValues.Of(version))),
        _ => ReviewAnswers.Summary(state),
    };

    private static ImmutableArray<ViewChange> Views(Decision.Accepted accepted, Moment moment)
    {
        var state = accepted.State;
        var entity = new EntityId(EntityKinds.Review, state.Id);
        var changes = new ViewChanges(entity, moment.Version, moment.Now);
        foreach (var fact in accepted.Facts)
        {
            switch (fact)
            {
                case ReviewFact.ChapterWritten written:
                    ItemViews.Put(
                        changes, state.Id, "chapter", "chapter", JsonSerializer.SerializeToElement(written.Chapter, ReviewJson.Plain.Chapter), written.Chapter.Mark, state.Chapter!);
                    changes.Happened(state.AssessmentId, "chapter-written", ("agency", JsonValues.Of(state.Agency)), ("by", JsonValues.Of(written.By)));
                    break;
                case ReviewFact.FindingPut put:
                    ItemViews.Put(changes, state.Id, ItemRules.FindingKind, put.FindingId, put.Body, put.Mark, state.Findings[put.FindingId]);
                    break;
                case ReviewFact.FindingRemoved removed:
                    changes.Remove(Entities.Views.Items, ItemViews.IdOf(state.Id, ItemRules.FindingKind, removed.FindingId));
                    break;
                case ReviewFact.Moved moved:
                    changes.Happened(state.AssessmentId, "review-" + moved.Status.ToString().ToLowerInvariant(), ("agency", JsonValues.Of(state.Agency)), ("by", JsonValues.Of(moved.By)));
                    break;
            }
        }

        changes.Put(Entities.Views.Reviews, state.Id, new ViewRow(
            state.AssessmentId, state.Agency, state.Status.ToString(), C: null, D: null,
            ViewChanges.Micros(state.AssignedAt), state.ChangedAt, ViewChanges.Bytes(ReviewAnswers.Summary(state))));
        return changes.ToImmutable();
    }

    private static OutboxMessage ToMessage(ReviewEffect effect) => effect switch
    {
        ReviewEffect.Report report => new OutboxMessage.Deliver(
            $"{EntityKinds.Assessment}/{report.AssessmentId}",
            JsonSerializer.SerializeToElement<AssessmentInput>(
                new AssessmentInput.ReviewReported(report.Agency, report.Status, report.At, report.Version), CaseJson.Plain.AssessmentInput)),
        ReviewEffect.Publish publish => new OutboxMessage.Broadcast(publish.Name, publish.Payload, publish.CorrelationId),
        ReviewEffect.StartWorkflow start => new OutboxMessage.StartInstance(start.InstanceId, start.DefinitionId, start.Input, start.CorrelationId),
        _ => throw new UnreachableException($"Effect {effect.GetType().Name} has no rule."),
    };
}

/// <summary>Reviews as the API shows them.</summary>
public static class ReviewAnswers
{
    /// <summary>A review as the API shows it.</summary>
    public static JsonElement Summary(ReviewState state) => JsonValues.Object(
        ("id", JsonValues.Of(state.Id)),
        ("version", JsonValues.Of(state.ChangedAt)),
        ("assessmentId", JsonValues.Of(state.AssessmentId)),
        ("agency", JsonValues.Of(state.Agency)),
        ("areas", JsonValues.Of(state.Areas)),
        ("status", JsonValues.Of(state.Status.ToString())),
        ("assignedAt", JsonValues.Of(state.AssignedAt)),
        ("dueAt", JsonValues.Of(state.DueAt)),
        ("chapterVersion", JsonValues.Of(state.Chapter?.ChangedAt ?? 0)),
        ("findings", JsonValues.Of(state.Findings.Count)),
        ("signedOffBy", JsonValues.Of(state.SignOff?.By)),
        ("signedOffAt", state.SignOff is { } signOff ? JsonValues.Of(signOff.At) : JsonValues.Null),
        ("returnReason", JsonValues.Of(state.ReturnReason)));
}
