using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Silence;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.UnitTests.Silence;

/// <summary>What happens to a silence procedure at an instant.</summary>
/// <param name="At">When, in microseconds since the opening.</param>
/// <param name="Kind">What.</param>
/// <param name="Seat">Who; null for the secretariat.</param>
/// <param name="Until">New expiry, or lapse of a hold, in microseconds since the opening; null for none.</param>
internal sealed record Move(int At, MoveKind Kind, string? Seat = null, int? Until = null)
{
    public override string ToString() => $"{At}: {Kind} {Seat}{(Until is null ? "" : $" until {Until}")}";
}

internal enum MoveKind
{
    Object = 0,
    Hold = 1,
    Lift = 2,
    Extend = 3,
    Withdraw = 4,

    /// <summary>The pump delivers the timer, early, late or again.</summary>
    Timer = 5,

    /// <summary>The seats of the council change after the opening.</summary>
    ElectOthers = 6,

    /// <summary>Something else happens to the case.</summary>
    Else = 7,
}

/// <summary>How a silence procedure ended, as far as anybody may tell.</summary>
internal sealed record Ending(SilenceStatus Status, int? EndedAt, string Objections);

/// <summary>A silence procedure played through the real decisions of a case.</summary>
internal sealed class SilenceRace
{
    public const int Expiry = 1_000;
    public const int End = 5_000;
    public const string First = "France";
    public const string Second = "Viet Nam";
    public const string Newcomer = "Peru";

    private static readonly Origin Waiting = new("instance", 7);

    private readonly LoneCase _case = new(LoneCase.Council(First, Second));
    private int _answersSeen;

    public SilenceRace() => _case.Must(
        new AssessmentInput.OpenSilence("Report", Roster: null, RosterDate: null, Instant(Expiry)), Waiting);

    public LoneCase Case => _case;

    private SilenceRound Round => _case.State.Silences[0];

    /// <summary>Plays the moves in order, then lets the timer come late; checks after every turn what must always hold.</summary>
    public Ending Play(IEnumerable<Move> moves)
    {
        foreach (var move in moves.Append(new Move(End, MoveKind.Timer)))
        {
            _case.Now = Instant(move.At);
            Apply(move);
            Check();
        }

        return new Ending(
            Round.Status,
            Round.EndedAt is { } ended ? Offset(ended) : null,
            string.Join(' ', Round.Objections.Select(objection => $"{objection.Seat}@{Offset(objection.At)}{(objection.IsLate ? " late" : "")}")));
    }

    private void Apply(Move move)
    {
        switch (move.Kind)
        {
            case MoveKind.Timer:
                _case.Must(new AssessmentInput.TimerFired("silence/1"));
                break;
            case MoveKind.ElectOthers:
                _case.Reference = LoneCase.Council(Newcomer);
                break;
            case MoveKind.Else:
                _case.Must(new AssessmentInput.EnterPhase("Proposed"));
                break;
            default:
                _case.Send(new AssessmentInput.ActOnSilence(
                    1,
                    Enum.Parse<SilenceAct>(move.Kind.ToString()),
                    move.Seat,
                    Text: "Synthetic.",
                    move.Until is { } until ? Instant(until) : null,
                    IfChangedAt: null,
                    move.Seat is null ? LoneCase.Secretariat : LoneCase.Seat(move.Seat)));
                break;
        }
    }

    private void Check()
    {
        var endings = _case.Facts.OfType<AssessmentFact.SilenceEnded>().Count();
        var answers = _case.Answers.ToArray();
        Assert.Equal([First, Second], Round.Seats);
        Assert.True(endings <= 1, $"ended {endings} times");
        Assert.Equal(endings, answers.Length);
        Assert.Equal(Round.IsOpen, endings is 0);
        Assert.False(Round.Status is SilenceStatus.Adopted && Round.Objections.Any(objection => !objection.IsLate), "adopted against an objection in time");
        Assert.False(Round.IsOpen && !Round.Objections.IsEmpty, "open in spite of an objection");
        Assert.True(Round.Status is not SilenceStatus.Broken || Round.Objections.Count(objection => !objection.IsLate) is 1, "broken by other than one objection");
        Assert.Equal(Round.WakeAt is null, !Assessment.Timers(_case.State).Any());
        if (answers.Length > _answersSeen)
        {
            _answersSeen = answers.Length;
            Assert.Equal(Waiting, answers[^1].Origin);
            Assert.Equal(Round.Status.ToString(), answers[^1].Payload.Member("outcome").AsText());
            Assert.Null(Round.Origin);
        }
    }

    private static DateTimeOffset Instant(int offset) => LoneCase.Start.AddMicroseconds(offset);

    private static int Offset(DateTimeOffset instant) => (int)(instant - LoneCase.Start).TotalMicroseconds;
}

/// <summary>
/// The rule told a second time, by an hourglass: it runs out grain by grain, stands still while held, and what is left
/// when it is empty is adopted before anybody may speak at that instant.
/// </summary>
internal sealed class Hourglass
{
    private int _now;
    private int _grains = SilenceRace.Expiry;
    private int _expiryShown = SilenceRace.Expiry;
    private string? _holder;
    private int _heldSince;
    private int? _lapse;
    private SilenceStatus _status = SilenceStatus.Open;
    private int? _endedAt;

    private bool IsRunning => _endedAt is null && _holder is null;

    public static Ending Run(IReadOnlyList<Move> moves) => new Hourglass().Watch(moves);

    private Ending Watch(IReadOnlyList<Move> moves)
    {
        var objections = new List<string>();
        var next = 0;
        for (; _now <= SilenceRace.End; _now++)
        {
            if (_now == _lapse)
            {
                LetGo();
            }

            if (IsRunning && _grains is 0)
            {
                Finish(SilenceStatus.Adopted);
            }

            for (; next < moves.Count && moves[next].At == _now; next++)
            {
                if (moves[next] is { Kind: MoveKind.Object, Seat: SilenceRace.First or SilenceRace.Second } objection)
                {
                    objections.Add($"{objection.Seat}@{_now}{(_endedAt is null ? "" : " late")}");
                }

                if (_endedAt is null)
                {
                    Hear(moves[next]);
                }
            }

            _grains -= IsRunning ? 1 : 0;
        }

        return new Ending(_endedAt is null && _holder is not null ? SilenceStatus.Held : _status, _endedAt, string.Join(' ', objections));
    }

    private void Hear(Move move)
    {
        var isEntitled = move.Seat is SilenceRace.First or SilenceRace.Second;
        switch (move.Kind)
        {
            case MoveKind.Object when isEntitled:
                Finish(SilenceStatus.Broken);
                break;
            case MoveKind.Hold when isEntitled && _holder is null && (move.Until is null || move.Until > _now):
                (_holder, _heldSince, _lapse) = (move.Seat, _now, move.Until);
                break;
            case MoveKind.Lift when _holder is not null && (move.Seat is null || move.Seat == _holder):
                LetGo();
                break;
            case MoveKind.Extend when move.Seat is null && move.Until > _expiryShown:
                _grains += move.Until.Value - _expiryShown;
                _expiryShown = move.Until.Value;
                break;
            case MoveKind.Withdraw when move.Seat is null:
                Finish(SilenceStatus.Withdrawn);
                break;
        }
    }

    private void LetGo()
    {
        _expiryShown += _now - _heldSince;
        (_holder, _lapse) = (null, null);
    }

    private void Finish(SilenceStatus status)
    {
        (_status, _endedAt) = (status, _now);
        (_holder, _lapse) = (null, null);
    }
}
