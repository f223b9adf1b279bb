using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Deadlines;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Assessments.Circulation;

/// <summary>The rules of circulating a report.</summary>
internal static class CirculationRules
{
    public static Refusal? Circulate(CaseTurn turn, AssessmentInput.Circulate input, Origin? origin)
    {
        var regime = turn.Reference.Regimes.GetValueOrDefault(turn.State.Regime);
        if (SeatLookup.TryFind(turn, input.Roster, regime?.CirculationRoster, input.Date, out var roster, out var seats, out var day) is { } unknown)
        {
            return unknown;
        }

        DateTimeOffset? dueAt = null;
        if (input.Due is { } text)
        {
            if (!DueRule.TryParse(text, out var rule, out var error)
                || !DeadlineCalculator.TryCompute(rule!, turn.Now, turn.Reference.Calendars, out var deadline, out error))
            {
                return new Refusal(RefusalKind.Invalid, "due-rule-unusable", error!, "due");
            }

            dueAt = deadline!.DueAt;
        }

        var version = turn.Moment.Version;
        var portions = ReportText.Portions(turn.State).Select(portion => portion.Entry.Mark).OfType<Mark>();
        turn.Record(new AssessmentFact.Circulated(new ReportCirculation
        {
            Number = turn.State.Circulations.Length + 1,
            Title = input.Title,
            Roster = roster.Id,
            Date = day,
            IssuedAt = turn.Now,
            DueAt = origin is null ? null : dueAt,
            Copies = [.. seats.Select((seat, index) => new ReportCopy(index + 1, seat, AcknowledgedAt: null, AcknowledgedBy: null, version))],
            Marks = Mark.Highest(portions, turn.Reference.MarkingSchemes),
            TextSha256 = ReportText.HashOf(turn.State),
            TextVersion = turn.State.ReportChangedAt,
            Origin = origin,
        }));
        foreach (var review in turn.State.Reviews?.Reviews ?? [])
        {
            if (review.Status is "Accepted")
            {
                turn.Tell(new CaseEffect.ReleaseReview(review.ReviewId));
            }
        }

        return null;
    }

    public static Refusal? Acknowledge(CaseTurn turn, AssessmentInput.AcknowledgeCopy input)
    {
        var circulation = turn.State.Circulations.ElementAtOrDefault(input.Circulation - 1);
        if (circulation?.Copies.ElementAtOrDefault(input.Copy - 1) is not { } copy)
        {
            return new Refusal(RefusalKind.NotFound, "copy-unknown", $"The case has no copy {input.Copy} of circulation {input.Circulation}.");
        }

        if (!input.Actor.Has(Roles.OfSeat(copy.Seat)))
        {
            return new Refusal(RefusalKind.Forbidden, "seat-not-held", $"Copy {copy.Number} was issued to {copy.Seat}; only that seat acknowledges it.");
        }

        if (input.IfChangedAt is { } expected && expected != copy.ChangedAt)
        {
            return Stale.Version("The copy", copy.ChangedAt, expected);
        }

        if (copy.AcknowledgedAt is { } at)
        {
            return new Refusal(RefusalKind.Conflict, "copy-acknowledged", $"The copy was acknowledged {at:u}.");
        }

        turn.Record(new AssessmentFact.CopyAcknowledged(circulation.Number, copy.Number, input.Actor.Id, turn.Now, turn.Moment.Version));
        var after = turn.State.Circulations[circulation.Number - 1];
        if (after.IsAcknowledged)
        {
            EndWait(turn, after, isOverdue: false);
        }

        return null;
    }

    /// <summary>Reports circulations whose acknowledgements are overdue.</summary>
    public static void Settle(CaseTurn turn)
    {
        foreach (var circulation in turn.State.Circulations.Where(circulation => circulation.DueAt <= turn.Now))
        {
            EndWait(turn, circulation, isOverdue: true);
        }
    }

    private static void EndWait(CaseTurn turn, ReportCirculation circulation, bool isOverdue)
    {
        if (circulation.Origin is not { } origin)
        {
            return;
        }

        turn.Record(new AssessmentFact.CirculationWaitEnded(circulation.Number, isOverdue));
        turn.Tell(new CaseEffect.Answer(origin, JsonValues.Object(
            ("outcome", JsonValues.Of(isOverdue ? "Overdue" : "AllAcknowledged")),
            ("circulation", JsonValues.Of(circulation.Number)),
            ("acknowledged", JsonValues.Of(circulation.Copies.Count(copy => copy.AcknowledgedAt is not null))),
            ("copies", JsonValues.Of(circulation.Copies.Length)))));
    }
}
