using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Assessments.Deadlines;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Engine.Execution;
using NodaTime;

namespace AssessmentFlow.Assessments.Reference;

/// <summary>
/// Reference data as it stood when a turn began. What a decision takes from it is recorded in its facts,
/// so later edits never change what was decided.
/// </summary>
/// <param name="Calendars">Holiday calendars by name.</param>
/// <param name="Rosters">Rosters of seats by name.</param>
/// <param name="Regimes">Regimes by id.</param>
/// <param name="MarkingSchemes">Marking schemes by name.</param>
public sealed record ReferenceSnapshot(
    ImmutableSortedDictionary<string, HolidayCalendar> Calendars,
    ImmutableSortedDictionary<string, Roster> Rosters,
    ImmutableSortedDictionary<string, Regime> Regimes,
    ImmutableSortedDictionary<string, MarkingScheme> MarkingSchemes) : Surroundings
{
    /// <summary>Organisations that may be on delegations, by the name that their role bears.</summary>
    public ImmutableSortedDictionary<string, Agency> Agencies { get; init; } = ImmutableSortedDictionary.Create<string, Agency>(StringComparer.Ordinal);

    /// <summary>No reference data at all.</summary>
    public static readonly ReferenceSnapshot Empty = new(
        ImmutableSortedDictionary<string, HolidayCalendar>.Empty,
        ImmutableSortedDictionary<string, Roster>.Empty,
        ImmutableSortedDictionary<string, Regime>.Empty,
        ImmutableSortedDictionary<string, MarkingScheme>.Empty);

    /// <summary>The reference data of a turn.</summary>
    public static ReferenceSnapshot Of(Moment moment) => moment.Surroundings as ReferenceSnapshot ?? Empty;
}

/// <summary>A body whose seats are held for periods, such as the Security Council.</summary>
/// <param name="Id">Name by which workflows refer to it.</param>
/// <param name="Name">Full name.</param>
/// <param name="Terms">Who held a seat when.</param>
public sealed record Roster(string Id, string Name, ImmutableArray<SeatTerm> Terms)
{
    /// <summary>Seats held on a date, in alphabetical order; empty when the roster knows nothing of that date.</summary>
    public ImmutableArray<string> SeatsOn(LocalDate date) =>
    [
        .. Terms
            .Where(term => term.From <= date && date <= term.To)
            .Select(term => term.Seat)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The dates that the roster knows, for messages.</summary>
    public string Span => Terms.IsEmpty ? "no dates" : $"{Terms.Min(term => term.From):uuuu-MM-dd} to {Terms.Max(term => term.To):uuuu-MM-dd}";
}

/// <summary>A seat held by a member for a period.</summary>
/// <param name="Seat">Who holds it; roles are <c>seat:</c> and this name.</param>
/// <param name="From">First day.</param>
/// <param name="To">Last day.</param>
/// <param name="Source">Where this is recorded.</param>
public sealed record SeatTerm(string Seat, LocalDate From, LocalDate To, string? Source);

/// <summary>An organisation that may be on delegations.</summary>
/// <param name="Id">Name by which delegations refer to it; roles are <c>agency:</c> and this name.</param>
/// <param name="Name">Full name.</param>
/// <param name="Source">Where it is recorded.</param>
public sealed record Agency(string Id, string Name, string? Source);

/// <summary>What differs between assessment regimes and is therefore data.</summary>
/// <param name="Id">Identity of the regime.</param>
/// <param name="Name">Full name.</param>
/// <param name="Phases">Phases that a case may enter, in their usual order.</param>
/// <param name="Workflow">Workflow that drives a case of this regime.</param>
/// <param name="DecidingRoster">Roster of those who decide by silence; null when nobody does.</param>
/// <param name="CirculationRoster">Roster of those who receive the report; null when it is not circulated.</param>
/// <param name="Source">Where the regime is laid down.</param>
public sealed record Regime(
    string Id,
    string Name,
    ImmutableArray<string> Phases,
    string Workflow,
    string? DecidingRoster,
    string? CirculationRoster,
    string? Source)
{
    /// <summary>No settings at all.</summary>
    public static readonly ImmutableSortedDictionary<string, RegimeSetting> NoSettings =
        ImmutableSortedDictionary.Create<string, RegimeSetting>(StringComparer.Ordinal);

    /// <summary>
    /// Values that the workflow of a case receives as inputs of the same name when the case is opened. Later edits do
    /// not touch the case.
    /// </summary>
    public ImmutableSortedDictionary<string, RegimeSetting> Settings { get; init; } = NoSettings;
}

/// <summary>A value that a regime leaves to whoever runs the installation, such as a quorum.</summary>
/// <param name="Value">The value.</param>
/// <param name="Basis">Where it is laid down; or, in words, that it is a choice and no rule.</param>
public sealed record RegimeSetting(JsonElement Value, string Basis)
{
    /// <summary>Inputs that every workflow of a case receives; a setting may not stand in for them.</summary>
    public static readonly ImmutableArray<string> ReservedNames = ["AssessmentId", "State", "StateName", "Regime"];

    /// <summary>Whether the text may name a setting.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 64
        && name.All(char.IsAsciiLetterOrDigit)
        && !ReservedNames.Contains(name, StringComparer.OrdinalIgnoreCase);
}
