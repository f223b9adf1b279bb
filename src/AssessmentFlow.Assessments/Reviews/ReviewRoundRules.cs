using System.Collections.Immutable;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Assessments.Reviews;

/// <summary>The rules by which a case waits for the reviews of its agencies.</summary>
internal static class ReviewRoundRules
{
    public static Refusal? Open(CaseTurn turn, AssessmentInput.OpenReviews input, Origin? origin)
    {
        if (turn.State.Reviews is { Origin: not null })
        {
            return new Refusal(RefusalKind.Conflict, "reviews-open", "The case already waits for reviews.");
        }

        var members = turn.State.Delegation?.Members ?? [];
        var agencies = input.Agencies.IsEmpty ? [.. members.Select(member => member.Agency)] : input.Agencies;
        if (agencies.IsEmpty)
        {
            return new Refusal(RefusalKind.Conflict, "delegation-empty", "The case has no delegation and no agency was named: compose the delegation first.");
        }

        if (input.Quorum < 1 || input.Quorum > agencies.Length)
        {
            return new Refusal(
                RefusalKind.Invalid,
                "quorum-unreachable",
                $"A quorum of {input.Quorum} cannot be reached by {agencies.Length} agencies; choose 1 to {agencies.Length}.",
                "quorum");
        }

        var known = (turn.State.Reviews?.Reviews ?? []).ToImmutableDictionary(review => review.Agency, StringComparer.Ordinal);
        var reviews = agencies
            .Distinct(StringComparer.Ordinal)
            .Select(agency => known.GetValueOrDefault(agency) ?? new ReviewEntry(agency, ReviewIds.Of(turn.State.Id, agency), nameof(ReviewStatus.Assigned), SignedOffAt: null, IsAnnexed: false, Version: 0))
            .ToImmutableArray();
        turn.Record(new AssessmentFact.ReviewsOpened(new ReviewRound(input.Quorum, reviews, origin, input.DueAt, IsQuorumReached: false)));
        foreach (var review in reviews.Where(review => !known.ContainsKey(review.Agency)))
        {
            var areas = members.FirstOrDefault(member => member.Agency == review.Agency)?.Areas ?? [];
            turn.Tell(new CaseEffect.AssignReview(review.ReviewId, turn.State.Id, review.Agency, input.DueAt, input.Workflow, areas));
        }

        CheckQuorum(turn);
        return null;
    }

    public static void Report(CaseTurn turn, AssessmentInput.ReviewReported input)
    {
        var round = turn.State.Reviews;
        if (round?.Reviews.FirstOrDefault(entry => entry.Agency == input.Agency) is not { } review || input.Version <= review.Version)
        {
            return;
        }

        var isSignOff = input.Status is nameof(ReviewStatus.Submitted);
        turn.Record(new AssessmentFact.ReviewProgressed(input.Agency, input.Status, input.At, input.Version, IsAnnexed: isSignOff && round.Origin is null));
        CheckQuorum(turn);
    }

    /// <summary>Lets the case go on when its wait for reviews is over by time.</summary>
    public static void Settle(CaseTurn turn)
    {
        if (turn.State.Reviews is { Origin: not null, DueAt: { } due } && due <= turn.Now)
        {
            EndWait(turn, isQuorumReached: false);
        }
    }

    private static void CheckQuorum(CaseTurn turn)
    {
        if (turn.State.Reviews is { Origin: not null } round && round.Reviews.Count(IsSignedOff) >= round.Quorum)
        {
            EndWait(turn, isQuorumReached: true);
        }
    }

    private static void EndWait(CaseTurn turn, bool isQuorumReached)
    {
        var round = turn.State.Reviews!;
        turn.Record(new AssessmentFact.ReviewWaitEnded(isQuorumReached));
        turn.Tell(new CaseEffect.Answer(round.Origin!, JsonValues.Object(
            ("outcome", JsonValues.Of(isQuorumReached ? "QuorumReached" : "Overdue")),
            ("signedOff", JsonValues.Of(round.Reviews.Where(IsSignedOff).Select(entry => entry.Agency))),
            ("missing", JsonValues.Of(round.Reviews.Where(entry => !IsSignedOff(entry)).Select(entry => entry.Agency))))));
    }

    private static bool IsSignedOff(ReviewEntry entry) =>
        entry.Status is nameof(ReviewStatus.Submitted) or nameof(ReviewStatus.Accepted) or nameof(ReviewStatus.Released);
}

/// <summary>Ids of reviews.</summary>
public static class ReviewIds
{
    /// <summary>The id of an agency's review of a case: readable, and fit for a path.</summary>
    public static string Of(string assessmentId, string agency) => $"{assessmentId}.{agency}";
}
