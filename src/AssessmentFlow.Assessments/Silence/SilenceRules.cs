using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Circulation;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Assessments.Silence;

/// <summary>
/// The rules of the silence procedure. Every input to a case first settles what time alone has decided, by server
/// time and in the same turn: an objection and the expiry can never both take effect.
/// </summary>
internal static class SilenceRules
{
    /// <summary>Longest objection or reason (characters).</summary>
    private const int TextLengthMax = 10_000;

    /// <summary>Most objections of one procedure, late ones included (count): the state must not grow without end.</summary>
    private const int ObjectionsMax = 100;

    /// <summary>
    /// How far ahead an expiry or the lapse of a hold may lie. A bound of the machinery, not a rule of any regime:
    /// without it a hold could push the expiry beyond the calendar.
    /// </summary>
    private static readonly TimeSpan HorizonMax = TimeSpan.FromDays(3_653);

    /// <summary>Carries out what time alone has decided by now: a hold that lapsed, an expiry that passed.</summary>
    public static void Settle(CaseTurn turn)
    {
        if (turn.State.OpenSilence is { Status: SilenceStatus.Held, Hold: { LapsesAt: { } lapse } hold } held && lapse <= turn.Now)
        {
            Lift(turn, held, hold, lapse, by: null);
        }

        // At the very instant of the expiry the text is adopted: an objection must come before it.
        if (turn.State.OpenSilence is { Status: SilenceStatus.Open } open && open.ExpiresAt <= turn.Now)
        {
            End(turn, open, SilenceStatus.Adopted, open.ExpiresAt, by: null, reason: null);
        }
    }

    public static Refusal? Open(CaseTurn turn, AssessmentInput.OpenSilence input, Origin? origin)
    {
        if (turn.State.OpenSilence is { } running)
        {
            return new Refusal(RefusalKind.Conflict, "silence-open", $"Silence procedure {running.Number} is still open.");
        }

        if (input.ExpiresAt <= turn.Now)
        {
            return new Refusal(RefusalKind.Invalid, "expiry-past", $"The expiry {input.ExpiresAt:u} is not in the future; it is {turn.Now:u} now.", "expiresAt");
        }

        if (CheckHorizon(turn, input.ExpiresAt, "expiresAt") is { } tooFar)
        {
            return tooFar;
        }

        if (SeatLookup.TryFind(turn, input.Roster, Regime(turn)?.DecidingRoster, input.RosterDate, out var roster, out var seats, out _) is { } unknown)
        {
            return unknown;
        }

        foreach (var phase in new[] { input.Phase, input.HeldPhase }.OfType<string>())
        {
            if (CaseRules.CheckPhase(turn.State, phase) is { } unknownPhase)
            {
                return unknownPhase;
            }
        }

        turn.Record(new AssessmentFact.SilenceOpened(new SilenceRound
        {
            Number = turn.State.Silences.Length + 1,
            Subject = input.Subject,
            Roster = roster.Id,
            Seats = seats,
            TextSha256 = ReportText.HashOf(turn.State),
            TextVersion = turn.State.ReportChangedAt,
            OpenedAt = turn.Now,
            ExpiresAt = input.ExpiresAt,
            Phase = input.Phase,
            HeldPhase = input.HeldPhase,
            Origin = origin,
            ChangedAt = turn.Moment.Version,
        }));

        // In the same turn as the opening: a procedure that is refused leaves the phase as it is.
        Enter(turn, input.Phase, turn.Now);
        return null;
    }

    /// <param name="turn">The turn, settled.</param>
    /// <param name="before">The case as the actor can have seen it, before the turn settled anything.</param>
    /// <param name="input">The act.</param>
    public static Refusal? Act(CaseTurn turn, AssessmentState before, AssessmentInput.ActOnSilence input)
    {
        if (input.Round < 1 || input.Round > turn.State.Silences.Length)
        {
            return new Refusal(RefusalKind.NotFound, "silence-unknown", $"The case has no silence procedure {input.Round}.");
        }

        var round = turn.State.Silences[input.Round - 1];
        if (CheckActor(round, input) is { } forbidden)
        {
            return forbidden;
        }

        if (input.Act is SilenceAct.Object && string.IsNullOrWhiteSpace(input.Text))
        {
            // The procedure is broken by a written objection or amendment only.
            return new Refusal(RefusalKind.Invalid, "text-missing", "An objection is written: say in the text what is objected to, or which amendment is proposed.", "text");
        }

        if (input.Text is { Length: > TextLengthMax })
        {
            return new Refusal(RefusalKind.Invalid, "text-too-long", $"The text may have {TextLengthMax} characters.", "text");
        }

        var seen = before.Silences[input.Round - 1].ChangedAt;
        if (input.IfChangedAt is { } expected && expected != seen)
        {
            return Stale.Version("The silence procedure", seen, expected);
        }

        return input.Act is SilenceAct.Object
            ? Object(turn, round, input)
            : !round.IsOpen
                ? new Refusal(RefusalKind.Conflict, "silence-ended", $"Silence procedure {round.Number} ended {round.EndedAt:u} as {round.Status}.")
                : Change(turn, round, input);
    }

    private static Refusal? Object(CaseTurn turn, SilenceRound round, AssessmentInput.ActOnSilence input)
    {
        if (round.Objections.Length >= ObjectionsMax)
        {
            return new Refusal(RefusalKind.Conflict, "too-many-objections", $"Silence procedure {round.Number} has {ObjectionsMax} objections already; no more are recorded.");
        }

        var objection = new Objection(input.Seat!, turn.Now, input.Text, IsLate: !round.IsOpen);
        turn.Record(new AssessmentFact.SilenceObjected(round.Number, objection, turn.Moment.Version));
        if (!objection.IsLate)
        {
            End(turn, turn.State.Silences[round.Number - 1], SilenceStatus.Broken, turn.Now, input.Seat, input.Text);
        }

        return null;
    }

    private static Refusal? Change(CaseTurn turn, SilenceRound round, AssessmentInput.ActOnSilence input)
    {
        if (input.Until is { } farthest && CheckHorizon(turn, farthest, input.Act is SilenceAct.Hold ? "lapsesAt" : "expiresAt") is { } tooFar)
        {
            return tooFar;
        }

        var version = turn.Moment.Version;
        switch (input.Act)
        {
            case SilenceAct.Hold when round.Hold is { } held:
                return new Refusal(RefusalKind.Conflict, "silence-held", $"{held.Seat} has held the procedure since {held.At:u}.");
            case SilenceAct.Hold when input.Until <= turn.Now:
                return new Refusal(RefusalKind.Invalid, "lapse-past", "A hold can only lapse in the future.", "lapsesAt");
            case SilenceAct.Hold:
                turn.Record(new AssessmentFact.SilenceHeld(round.Number, new Hold(input.Seat!, turn.Now, input.Until, input.Text), version));
                Enter(turn, round.HeldPhase, turn.Now);
                return null;
            case SilenceAct.Lift when round.Hold is not { } hold:
                return new Refusal(RefusalKind.Conflict, "silence-not-held", "Nobody holds the procedure.");
            case SilenceAct.Lift when input.Seat is not null && input.Seat != round.Hold.Seat:
                return new Refusal(RefusalKind.Forbidden, "hold-of-another-seat", $"The hold is {round.Hold.Seat}'s to lift.");
            case SilenceAct.Lift:
                Lift(turn, round, round.Hold, turn.Now, input.Actor.Id);
                return null;
            case SilenceAct.Extend when input.Until is not { } until || until <= round.ExpiresAt:
                return new Refusal(RefusalKind.Invalid, "extension-not-later", $"An extension needs an expiry later than {round.ExpiresAt:u}.", "expiresAt");
            case SilenceAct.Extend:
                turn.Record(new AssessmentFact.SilenceExtended(round.Number, round.ExpiresAt, input.Until.Value, input.Text, input.Actor.Id, version));
                return null;
            default:
                End(turn, round, SilenceStatus.Withdrawn, turn.Now, input.Actor.Id, input.Text);
                return null;
        }
    }

    private static void Lift(CaseTurn turn, SilenceRound round, Hold hold, DateTimeOffset at, string? by)
    {
        turn.Record(new AssessmentFact.SilenceLifted(round.Number, at, round.ExpiresAt + HeldFor(hold, at), by, turn.Moment.Version));
        Enter(turn, round.HeldPhase is null ? null : round.Phase, at);
    }

    private static void Enter(CaseTurn turn, string? phase, DateTimeOffset at)
    {
        if (phase is not null && phase != turn.State.Phase)
        {
            turn.Record(new AssessmentFact.PhaseEntered(phase, turn.State.Phase, at, turn.Moment.Version));
        }
    }

    /// <summary>Never negative: the clock of another process may be a little behind the one that held.</summary>
    private static TimeSpan HeldFor(Hold hold, DateTimeOffset until) => until > hold.At ? until - hold.At : TimeSpan.Zero;

    private static Refusal? CheckHorizon(CaseTurn turn, DateTimeOffset instant, string member) => instant - turn.Now > HorizonMax
        ? new Refusal(RefusalKind.Invalid, "instant-too-far", $"{instant:u} lies more than {HorizonMax.Days} days ahead.", member)
        : null;

    private static void End(CaseTurn turn, SilenceRound round, SilenceStatus status, DateTimeOffset at, string? by, string? reason)
    {
        turn.Record(new AssessmentFact.SilenceEnded(round.Number, status, at, by, reason, turn.Moment.Version));
        if (round.Origin is { } origin)
        {
            turn.Tell(new CaseEffect.Answer(origin, JsonValues.Object(
                ("outcome", JsonValues.Of(status.ToString())),
                ("round", JsonValues.Of(round.Number)),
                ("at", JsonValues.Of(at)))));
        }
    }

    private static Refusal? CheckActor(SilenceRound round, AssessmentInput.ActOnSilence input)
    {
        switch (input.Act)
        {
            case SilenceAct.Extend or SilenceAct.Withdraw:
                return input.Actor.Has(Roles.Secretariat)
                    ? null
                    : new Refusal(RefusalKind.Forbidden, "role-missing", "Only the secretariat extends or withdraws, for the chair.");
            case SilenceAct.Lift when input.Actor.Has(Roles.Secretariat) && input.Seat is null:
                return null;
            default:
                if (input.Seat is null)
                {
                    return new Refusal(RefusalKind.Forbidden, "seat-missing", "Only a seat may do this: use the key of a seat.");
                }

                return !input.Actor.Has(Roles.OfSeat(input.Seat))
                    ? new Refusal(RefusalKind.Forbidden, "seat-not-held", $"The actor does not hold the seat of {input.Seat}.")
                    : round.Seats.Contains(input.Seat, StringComparer.Ordinal)
                        ? null
                        : new Refusal(RefusalKind.Forbidden, "seat-not-on-roster", $"{input.Seat} was not on the roster '{round.Roster}' when the procedure was opened.");
        }
    }

    private static Regime? Regime(CaseTurn turn) => turn.Reference.Regimes.GetValueOrDefault(turn.State.Regime);
}
