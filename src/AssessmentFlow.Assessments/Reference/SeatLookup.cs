using System.Collections.Immutable;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using NodaTime;

namespace AssessmentFlow.Assessments.Reference;

/// <summary>Finds who held the seats of a roster on a date.</summary>
internal static class SeatLookup
{
    /// <returns>Null when seats were found; else why not.</returns>
    public static Refusal? TryFind(
        CaseTurn turn,
        string? rosterId,
        string? rosterOfRegime,
        LocalDate? date,
        out Roster roster,
        out ImmutableArray<string> seats,
        out LocalDate day)
    {
        roster = null!;
        seats = [];
        day = date ?? LocalDate.FromDateTime(turn.Now.UtcDateTime);
        var id = rosterId ?? rosterOfRegime;
        if (id is null || !turn.Reference.Rosters.TryGetValue(id, out var found))
        {
            return new Refusal(
                RefusalKind.Invalid,
                "roster-unknown",
                $"There is no roster '{id}'. Known are {string.Join(", ", turn.Reference.Rosters.Keys)}; name one, or set one in the regime.",
                "roster");
        }

        roster = found;
        seats = found.SeatsOn(day);
        return seats.IsEmpty
            ? new Refusal(
                RefusalKind.Invalid,
                "roster-empty",
                $"The roster '{id}' names no seats on {day:uuuu-MM-dd}; it knows {found.Span}. Give a date that it knows, or add the terms.",
                "date")
            : null;
    }
}
