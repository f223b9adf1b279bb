using System.Collections.Immutable;
using NodaTime;

namespace AssessmentFlow.Assessments.Deadlines;

/// <summary>Working days of one duty station or State for a stretch of dates.</summary>
/// <param name="Id">Name by which rules refer to it, such as <c>KH-2008</c>.</param>
/// <param name="Version">Grows with every edit; deadlines record the version that they were computed with.</param>
/// <param name="Weekend">Days of the week without work.</param>
/// <param name="Holidays">Dates without work.</param>
/// <param name="CoversFrom">First date whose holidays are known.</param>
/// <param name="CoversTo">Last date whose holidays are known.</param>
/// <param name="Source">Where the holidays are taken from.</param>
public sealed record HolidayCalendar(
    string Id,
    int Version,
    ImmutableArray<IsoDayOfWeek> Weekend,
    ImmutableSortedSet<LocalDate> Holidays,
    LocalDate CoversFrom,
    LocalDate CoversTo,
    string? Source)
{
    /// <summary>Whether the station works on the date.</summary>
    public bool IsWorkingDay(LocalDate date) => !Weekend.Contains(date.DayOfWeek) && !Holidays.Contains(date);

    /// <summary>Whether the holidays around the date are known; outside, nothing may be counted.</summary>
    public bool Covers(LocalDate date) => date >= CoversFrom && date <= CoversTo;
}
