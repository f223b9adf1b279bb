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
        var named = input.Agencies.IsEmpty ? members.Select(member => member.Agency) : input.Agencies;
        var agencies = named.Distinct(StringComparer.Ordinal).ToImmutableArray();
        if (agencies.IsEmpty)
        {
            return new Refusal(RefusalKind.Conflict, "delegation-empty", "The case has no delegation and no agency was named: compose the delegation first.");
        }

        if (agencies.FirstOrDefault(agency => !turn.Reference.Agencies.ContainsKey(agency) && members.All(member => member.Agency != agency)) is { } stranger)
        {
            return new Refusal(
                RefusalKind.Invalid,
                "agency-unknown",
                $"There is no agency '{stranger}' on the delegation or in the reference data: nobody could write its review.",
                "agencies");
        }

        var quorum = input.Quorum ?? agencies.Length;
        if (quorum < 1 || quorum > agencies.Length)
        {
            return new Refusal(
                RefusalKind.Invalid,
                "quorum-unreachable",
                $"A quorum of {quorum} cannot be reached by {agencies.Length} agencies; choose 1 to {agencies.Length}.",
                "quorum");
        }

        var known = (turn.State.Reviews?.Reviews ?? []).ToImmutableDictionary(review => review.Agency, StringComparer.Ordinal);
        // The case waits anew: what was signed off meanwhile counts and is no annex.
        var reviews = agencies
            .Select(agency => known.TryGetValue(agency, out var entry)
                ? entry with { IsAnnexed = false }
                : new ReviewEntry(agency, ReviewIds.Of(turn.State.Id, agency), nameof(ReviewStatus.Assigned), SignedOffAt: null, IsAnnexed: false, Version: 0))
            .ToImmutableArray();
        turn.Record(new AssessmentFact.ReviewsOpened(new ReviewRound(quorum, reviews, origin, input.DueAt, IsQuorumReached: false)));
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

        // A chapter that came in time stays in the report, also when it was returned and signed off again later.
        var isLate = round.Origin is null && review.SignedOffAt is null;
        var isSignOff = input.Status is nameof(ReviewStatus.Submitted);
        turn.Record(new AssessmentFact.ReviewProgressed(input.Agency, input.Status, input.At, input.Version, IsAnnexed: isSignOff && isLate));
        if (input.Status is nameof(ReviewStatus.Accepted) && !turn.State.Circulations.IsEmpty)
        {
            // The circulation releases what was accepted by then; what is accepted or heard of later follows it.
            turn.Tell(new CaseEffect.ReleaseReview(review.ReviewId));
        }

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
