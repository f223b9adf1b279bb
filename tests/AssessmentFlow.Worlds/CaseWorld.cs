using System.Text.Json;
using AssessmentFlow.Assessments.Activities;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Worlds;

/// <summary>
/// Cases, reviews and the workflows that drive them in memory on one clock: the pure decisions with their effects
/// carried out as messages, as the outbox does it, without a database.
/// </summary>
public sealed class CaseWorld(ReferenceSnapshot reference, DateTimeOffset now) : EngineWorld(AssessmentActivities.Catalog, now, FlowchartMode.CounterBased)
{
    private static readonly EntityForm<AssessmentState, AssessmentFact> CaseForm =
        new(CaseJson.Plain.AssessmentState, CaseJson.Plain.AssessmentFact, AssessmentStateApply.Apply);

    private static readonly EntityForm<ReviewState, ReviewFact> ReviewForm =
        new(ReviewJson.Plain.ReviewState, ReviewJson.Plain.ReviewFact, AgencyReview.Apply);

    public SortedDictionary<string, WorldEntity<AssessmentState, AssessmentFact, CaseEffect>> Cases { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, WorldEntity<ReviewState, ReviewFact, ReviewEffect>> Reviews { get; } = new(StringComparer.Ordinal);

    /// <summary>Reference data of the turns from now on.</summary>
    public ReferenceSnapshot Reference { get; set; } = reference;

    protected override Surroundings? Surroundings => Reference;

    /// <summary>Sends an input to a case.</summary>
    /// <returns>Why it was refused; null when it was not.</returns>
    public Refusal? Send(string caseId, AssessmentInput input)
    {
        var refusal = Decide(caseId, input, origin: null);
        CarryOut();
        return refusal;
    }

    /// <summary>Sends an input to a review.</summary>
    /// <returns>Why it was refused; null when it was not.</returns>
    public Refusal? SendToReview(string reviewId, ReviewInput input)
    {
        var refusal = Decide(reviewId, input);
        CarryOut();
        return refusal;
    }

    protected override IEnumerable<WorldTimer> Timers() => base.Timers().Concat(Cases.Values.SelectMany(each =>
        Assessment.Timers(each.State).Select(timer => new WorldTimer(
            each.Id, timer.Timer, timer.DueAt, () => Decide(each.Id, new AssessmentInput.TimerFired(timer.Timer), origin: null)))));

    protected override void Ask(WorldInstance instance, InstanceEffect.Ask ask)
    {
        var refusal = ask.Kind switch
        {
            "assessment" => Decide(ask.Id, ask.Body.Deserialize(CaseJson.Plain.AssessmentInput)!, new Origin(instance.Id, ask.Bookmark)),
            "review" => Decide(ask.Id, ask.Body.Deserialize(ReviewJson.Plain.ReviewInput)!),
            _ => throw new NotSupportedException($"This world has no entity of kind '{ask.Kind}'."),
        };
        if (refusal is not null || !ask.AnswersLater)
        {
            Post(() => Reply(instance.Id, ask.Bookmark, JsonValues.EmptyObject, refusal));
        }
    }

    private Refusal? Decide(string caseId, AssessmentInput input, Origin? origin)
    {
        if (!Cases.TryGetValue(caseId, out var found))
        {
            Cases[caseId] = found = new(caseId, new AssessmentState { Id = caseId }, CaseForm);
        }

        var decision = found.Take(state => Assessment.Decide(state, input, origin, MomentAt(found.Version + 1)));
        return Follow(decision, CarryOut);
    }

    private Refusal? Decide(string reviewId, ReviewInput input)
    {
        if (!Reviews.TryGetValue(reviewId, out var found))
        {
            Reviews[reviewId] = found = new(reviewId, new ReviewState { Id = reviewId }, ReviewForm);
        }

        var decision = found.Take(state => AgencyReview.Decide(state, input, MomentAt(found.Version + 1)));
        return Follow(decision, CarryOut);
    }

    private Refusal? Follow<TState, TFact, TEffect>(Decision<TState, TFact, TEffect> decision, Action<TEffect> carryOut)
    {
        if (decision is Decision<TState, TFact, TEffect>.Accepted accepted)
        {
            CountReplay();
            foreach (var effect in accepted.Effects)
            {
                Post(() => carryOut(effect));
            }
        }

        return (decision as Decision<TState, TFact, TEffect>.Refused)?.Refusal;
    }

    private void CarryOut(CaseEffect effect)
    {
        switch (effect)
        {
            case CaseEffect.StartWorkflow start:
                PostStart(start.DefinitionId, () => Begin(start.InstanceId, start.DefinitionId, start.Input, start.CorrelationId, parent: null));
                break;
            case CaseEffect.Answer answer:
                Reply(answer.Origin.InstanceId, answer.Origin.Bookmark, answer.Payload);
                break;
            case CaseEffect.AssignReview assign:
                Decide(assign.ReviewId, new ReviewInput.Assign(assign.AssessmentId, assign.Agency, assign.Areas, assign.DueAt, assign.Workflow));
                break;
            case CaseEffect.ReleaseReview release:
                Decide(release.ReviewId, new ReviewInput.Release());
                break;
            case CaseEffect.Publish publish:
                Broadcast(publish.Name, publish.Payload, publish.CorrelationId, onlyInstance: null, isKept: false);
                break;
            default:
                throw new NotSupportedException($"The world carries out no {effect.GetType().Name}.");
        }
    }

    private void CarryOut(ReviewEffect effect)
    {
        switch (effect)
        {
            case ReviewEffect.Report report:
                Decide(report.AssessmentId, new AssessmentInput.ReviewReported(report.Agency, report.Status, report.At, report.Version), origin: null);
                break;
            case ReviewEffect.Publish publish:
                Broadcast(publish.Name, publish.Payload, publish.CorrelationId, onlyInstance: null, isKept: false);
                break;
            case ReviewEffect.StartWorkflow start:
                PostStart(start.DefinitionId, () => Begin(start.InstanceId, start.DefinitionId, start.Input, start.CorrelationId, parent: null));
                break;
            default:
                throw new NotSupportedException($"The world carries out no {effect.GetType().Name}.");
        }
    }
}
