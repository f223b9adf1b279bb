using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Silence;
using CsCheck;

namespace AssessmentFlow.UnitTests.Silence;

/// <summary>
/// Objection, hold, lapse, lift, extension, withdrawal and the timer racing around the exact expiry, through the real
/// decisions, held against an hourglass.
/// </summary>
public sealed class SilenceRaceTests
{
    private const int Interleavings = 20_000;

    /// <summary>Most moves fall within a few microseconds of an instant at which something is decided.</summary>
    private static readonly Gen<int> Instants = Gen.Frequency(
        (5, Gen.Int[SilenceRace.Expiry - 3, SilenceRace.Expiry + 3]),
        (2, Gen.Int[SilenceRace.Expiry + 95, SilenceRace.Expiry + 105]),
        (2, Gen.Int[0, SilenceRace.Expiry + 300]));

    private static readonly Gen<Move> AnyMove =
        from at in Instants
        from kind in Gen.Frequency(
            (6, Gen.Const(MoveKind.Object)), (4, Gen.Const(MoveKind.Hold)), (3, Gen.Const(MoveKind.Lift)), (3, Gen.Const(MoveKind.Extend)),
            (1, Gen.Const(MoveKind.Withdraw)), (4, Gen.Const(MoveKind.Timer)), (1, Gen.Const(MoveKind.ElectOthers)), (1, Gen.Const(MoveKind.Else)))
        from seat in Gen.OneOf<string?>(SilenceRace.First, SilenceRace.First, SilenceRace.Second, SilenceRace.Newcomer, null)
        from until in Gen.OneOf(Gen.Const((int?)null), Gen.Int[-2, 4].Select(few => (int?)(at + few)), Gen.Int[1, 300].Select(some => (int?)(at + some)))
        select new Move(at, kind, seat, until);

    private static readonly Gen<Move[]> Races = AnyMove.Array[1, 12].Select(moves => moves.OrderBy(move => move.At).ToArray());

    [Fact]
    public void An_objection_and_the_expiry_never_both_take_effect_and_the_hourglass_agrees() => FixedSeeds.Check(
        Races,
        Interleavings,
        moves => Assert.Equal(Hourglass.Run(moves), new SilenceRace().Play(moves)),
        moves => string.Join('\n', moves.Select(move => move.ToString())));

    [Fact]
    public void Every_order_of_three_moves_around_the_expiry_ends_as_the_hourglass_says()
    {
        var instants = new[] { SilenceRace.Expiry - 1, SilenceRace.Expiry, SilenceRace.Expiry + 1 };
        var moves = instants.SelectMany(at => new Move[]
        {
            new(at, MoveKind.Object, SilenceRace.First),
            new(at, MoveKind.Hold, SilenceRace.Second),
            new(at, MoveKind.Hold, SilenceRace.First, at + 1),
            new(at, MoveKind.Lift),
            new(at, MoveKind.Extend, Seat: null, SilenceRace.Expiry + 1),
            new(at, MoveKind.Withdraw),
            new(at, MoveKind.Timer),
        }).ToArray();
        var played = 0;
        foreach (var first in moves)
        {
            foreach (var second in moves.Where(move => move.At >= first.At))
            {
                foreach (var third in moves.Where(move => move.At >= second.At))
                {
                    Move[] race = [first, second, third];
                    var (expected, actual) = (Hourglass.Run(race), new SilenceRace().Play(race));
                    Assert.True(expected == actual, $"{first}; {second}; {third}\nexpected {expected}\nactual   {actual}");
                    played++;
                }
            }
        }

        Assert.Equal(7 * 7 * 7 * 10, played);
    }

    [Theory]
    [InlineData(-1, SilenceStatus.Broken)]
    [InlineData(0, SilenceStatus.Adopted)]
    [InlineData(1, SilenceStatus.Adopted)]
    public void At_the_exact_instant_of_the_expiry_the_text_is_adopted_however_late_the_timer_comes(int microseconds, SilenceStatus status)
    {
        var ending = new SilenceRace().Play([new Move(SilenceRace.Expiry + microseconds, MoveKind.Object, SilenceRace.First)]);

        Assert.Equal(status, ending.Status);
        Assert.Equal(status is SilenceStatus.Broken ? SilenceRace.Expiry - 1 : SilenceRace.Expiry, ending.EndedAt);
        Assert.Equal(status is SilenceStatus.Adopted, ending.Objections.EndsWith("late", StringComparison.Ordinal));
    }

    [Fact]
    public void A_timer_that_comes_early_or_twice_changes_nothing()
    {
        var race = new SilenceRace();
        var before = race.Case.Version;
        race.Case.Must(new AssessmentInput.TimerFired("silence/1"));
        Assert.Equal(before, race.Case.Version);

        race.Play([]);
        var after = race.Case.Version;
        race.Case.Must(new AssessmentInput.TimerFired("silence/1"));
        Assert.Equal(after, race.Case.Version);
    }
}
