using System.Diagnostics;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Assessments.Reviews.ReviewState,
    AssessmentFlow.Assessments.Reviews.ReviewFact,
    AssessmentFlow.Assessments.Reviews.ReviewEffect>;

namespace AssessmentFlow.Assessments.Reviews;

/// <summary>Decides what reaches a review.</summary>
public static class AgencyReview
{
    private const int ChapterLengthMax = 500_000;

    /// <summary>Decides one input.</summary>
    public static Decision Decide(ReviewState state, ReviewInput input, Moment moment)
    {
        if (input is ReviewInput.Assign assign)
        {
            return state.Exists ? new Decision.Ignored() : Assign(state, assign, moment);
        }

        if (!state.Exists)
        {
            return Refuse(RefusalKind.NotFound, "review-unknown", $"There is no review '{state.Id}'.");
        }

        return input switch
        {
            ReviewInput.WriteChapter write => Write(state, write, moment),
            ReviewInput.PutFinding put => Put(state, put, moment),
            ReviewInput.RemoveFinding remove => Remove(state, remove),
            ReviewInput.Move move => MoveOn(state, move, moment),
            _ => state.Status is ReviewStatus.Accepted
                ? MoveTo(state, ReviewStatus.Released, Actor.System.Id, reason: null, "ReviewReleased", moment)
                : new Decision.Ignored(),
        };
    }

    /// <summary>The state after a fact.</summary>
    public static ReviewState Apply(ReviewState state, ReviewFact fact) => fact switch
    {
        ReviewFact.Assigned assigned => state with
        {
            AssessmentId = assigned.AssessmentId,
            Agency = assigned.Agency,
            Areas = assigned.Areas,
            DueAt = assigned.DueAt,
            AssignedAt = assigned.At,
            ChangedAt = 1,
        },
        ReviewFact.ChapterWritten written => state with
        {
            Chapter = ItemEntry.Written(state.Chapter, written.Version, written.Chapter.Mark),
            Status = ReviewStatus.Draft,
            ChangedAt = written.Version,
        },
        ReviewFact.FindingPut put => state with { Findings = state.Findings.SetItem(put.FindingId, ItemEntry.Written(state.Findings.GetValueOrDefault(put.FindingId), put.Version, put.Mark)) },
        ReviewFact.FindingRemoved removed => state with { Findings = state.Findings.Remove(removed.FindingId) },
        ReviewFact.Moved moved => state with
        {
            Status = moved.Status,
            SignOff = moved.Status is ReviewStatus.Submitted ? new SignOff(moved.By, moved.At) : state.SignOff,
            ReturnReason = moved.Status is ReviewStatus.Returned ? moved.Reason : moved.Status is ReviewStatus.Submitted ? null : state.ReturnReason,
            ChangedAt = moved.Version,
        },
        _ => throw new UnreachableException($"Fact {fact.GetType().Name} has no rule."),
    };

    private static Decision Assign(ReviewState state, ReviewInput.Assign input, Moment moment)
    {
        var fact = new ReviewFact.Assigned(input.AssessmentId, input.Agency, input.Areas, input.DueAt, moment.Now);
        ReviewEffect[] effects = input.Workflow is { } workflow
            ?
            [
                new ReviewEffect.StartWorkflow(
                    InstanceIds.From($"review/{state.Id}"),
                    workflow,
                    new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal)
                    {
                        ["ReviewId"] = JsonValues.Of(state.Id),
                        ["AssessmentId"] = JsonValues.Of(input.AssessmentId),
                        ["Agency"] = JsonValues.Of(input.Agency),
                        ["DueAt"] = JsonValues.Of(input.DueAt),
                    },
                    state.Id),
            ]
            : [];
        return new Decision.Accepted(Apply(state, fact), [fact], [.. effects]);
    }

    private static Decision Write(ReviewState state, ReviewInput.WriteChapter input, Moment moment)
    {
        if (CheckAuthor(state, input.Actor) is { } refusal)
        {
            return new Decision.Refused(refusal);
        }

        var seen = state.Chapter?.ChangedAt ?? 0;
        if (input.IfChangedAt is { } expected && expected != seen)
        {
            return new Decision.Refused(Stale.Version("The chapter", seen, expected));
        }

        if (input.Chapter.Text.Length > ChapterLengthMax)
        {
            return Refuse(RefusalKind.Invalid, "chapter-too-long", $"A chapter may have {ChapterLengthMax} characters.", "text");
        }

        var reference = ReferenceSnapshot.Of(moment);
        if (ItemRules.CheckMark(input.Chapter.Mark, reference) is { } badMark)
        {
            return new Decision.Refused(badMark);
        }

        var fact = new ReviewFact.ChapterWritten(input.Chapter with { Mark = input.Chapter.Mark?.In(reference.MarkingSchemes) }, input.Actor.Id, moment.Version);
        return new Decision.Accepted(Apply(state, fact), [fact], [new ReviewEffect.Report(state.AssessmentId, state.Agency, nameof(ReviewStatus.Draft), moment.Now, moment.Version)]);
    }

    private static Decision Put(ReviewState state, ReviewInput.PutFinding input, Moment moment)
    {
        if ((CheckAuthor(state, input.Actor) ?? ItemRules.CheckId(input.FindingId)) is { } refusal)
        {
            return new Decision.Refused(refusal);
        }

        var reference = ReferenceSnapshot.Of(moment);
        if (ItemRules.Read(ItemRules.FindingKind, input.Body, reference, out var item) is { } unsound)
        {
            return new Decision.Refused(unsound);
        }

        var seen = state.Findings.GetValueOrDefault(input.FindingId)?.ChangedAt ?? 0;
        if (input.IfChangedAt is { } expected && expected != seen)
        {
            return seen is 0
                ? new Decision.Refused(Stale.Missing($"finding '{input.FindingId}' in the review", expected))
                : expected is 0
                    ? Refuse(RefusalKind.Conflict, "item-exists", $"The review has a finding '{input.FindingId}' already.")
                    : new Decision.Refused(Stale.Version("The finding", seen, expected));
        }

        if (seen is 0 && state.Findings.Count >= ItemRules.ItemsMax)
        {
            return Refuse(RefusalKind.Invalid, "too-many-items", $"A review may have {ItemRules.ItemsMax} findings.");
        }

        var (body, mark) = ItemRules.Normalise(input.Body, item!.Mark, reference);
        var fact = new ReviewFact.FindingPut(input.FindingId, body, mark, input.Actor.Id, moment.Version);
        return new Decision.Accepted(Apply(state, fact), [fact], []);
    }

    private static Decision Remove(ReviewState state, ReviewInput.RemoveFinding input)
    {
        if (CheckAuthor(state, input.Actor) is { } refusal)
        {
            return new Decision.Refused(refusal);
        }

        if (!state.Findings.TryGetValue(input.FindingId, out var entry))
        {
            return new Decision.Refused(Stale.Missing($"finding '{input.FindingId}' in the review", input.IfChangedAt));
        }

        if (input.IfChangedAt is { } expected && expected != entry.ChangedAt)
        {
            return new Decision.Refused(Stale.Version("The finding", entry.ChangedAt, expected));
        }

        var fact = new ReviewFact.FindingRemoved(input.FindingId, input.Actor.Id);
        return new Decision.Accepted(Apply(state, fact), [fact], []);
    }

    private static Decision MoveOn(ReviewState state, ReviewInput.Move input, Moment moment)
    {
        // The system acts for whoever completed the task in front of it; the task was theirs to complete.
        var isSignOff = input.To is ReviewMove.SignOff;
        var isEntitled = input.Actor.Has(Actor.SystemRole) || input.Actor.Has(isSignOff ? Roles.OfAgency(state.Agency) : Roles.MissionLeader);
        if (!isEntitled)
        {
            return Refuse(RefusalKind.Forbidden, "role-missing", isSignOff ? $"Only {state.Agency} signs off its own chapter." : "Only the mission leader accepts or returns chapters.");
        }

        if (input.IfChangedAt is { } expected && expected != state.ChangedAt)
        {
            return new Decision.Refused(Stale.Version("The review", state.ChangedAt, expected));
        }

        switch (input.To)
        {
            case ReviewMove.SignOff when state.Chapter is null:
                return Refuse(RefusalKind.Conflict, "chapter-missing", "There is no chapter to sign off: write it first.");
            case ReviewMove.SignOff when state.Status is ReviewStatus.Draft:
                return MoveTo(state, ReviewStatus.Submitted, input.Actor.Id, reason: null, "ReviewSignedOff", moment);
            case ReviewMove.Return when string.IsNullOrWhiteSpace(input.Reason):
                return Refuse(RefusalKind.Invalid, "reason-missing", "Say why the chapter is returned.", "reason");
            case ReviewMove.Return when state.Status is ReviewStatus.Submitted:
                return MoveTo(state, ReviewStatus.Returned, input.Actor.Id, input.Reason, "ReviewReturned", moment);
            case ReviewMove.Accept when state.Status is ReviewStatus.Submitted:
                return MoveTo(state, ReviewStatus.Accepted, input.Actor.Id, input.Reason, "ReviewAccepted", moment);
            default:
                return Refuse(RefusalKind.Conflict, "review-status", $"The chapter is {state.Status}: {Rule(input.To)}.");
        }
    }

    private static string Rule(ReviewMove move) => move is ReviewMove.SignOff
        ? "only a draft can be signed off, so write the chapter anew first"
        : "only a chapter that was signed off can be accepted or returned";

    private static Decision MoveTo(ReviewState state, ReviewStatus status, string by, string? reason, string eventName, Moment moment)
    {
        var fact = new ReviewFact.Moved(status, by, reason, moment.Now, moment.Version);
        return new Decision.Accepted(
            Apply(state, fact),
            [fact],
            [
                new ReviewEffect.Report(state.AssessmentId, state.Agency, status.ToString(), moment.Now, moment.Version),
                new ReviewEffect.Publish(eventName, JsonValues.Object(("by", JsonValues.Of(by)), ("reason", JsonValues.Of(reason))), state.Id),
            ]);
    }

    private static Refusal? CheckAuthor(ReviewState state, Actor actor) =>
        !actor.Has(Roles.OfAgency(state.Agency))
            ? new Refusal(RefusalKind.Forbidden, "role-missing", $"Only {state.Agency} writes its own chapter and findings.")
            : state.Status switch
            {
                ReviewStatus.Submitted => Closed("The chapter was signed off: it can be changed again after the mission leader has returned it."),
                ReviewStatus.Accepted => Closed("The chapter was accepted by the mission leader: it and its findings no longer change."),
                ReviewStatus.Released => Closed("The chapter was released with the circulated report: it and its findings no longer change."),
                _ => null,
            };

    private static Refusal Closed(string message) => new(RefusalKind.Conflict, "review-status", message);

    private static Decision.Refused Refuse(RefusalKind kind, string code, string message, string? path = null) => new(new Refusal(kind, code, message, path));
}
