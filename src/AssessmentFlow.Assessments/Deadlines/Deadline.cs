using System.Collections.Immutable;
using NodaTime;

namespace AssessmentFlow.Assessments.Deadlines;

/// <summary>A due rule applied to an anchor, with all that is needed to compute it again.</summary>
/// <param name="Rule">The rule as written.</param>
/// <param name="Anchor">The instant that the rule counts from.</param>
/// <param name="DueAt">The instant by which it is due.</param>
/// <param name="Calendars">Calendars used, as <c>name@version</c>.</param>
/// <param name="ZoneData">Version of the time zone data.</param>
public sealed record Deadline(
    string Rule,
    DateTimeOffset Anchor,
    DateTimeOffset DueAt,
    ImmutableArray<string> Calendars,
    string ZoneData);

/// <summary>Computes deadlines.</summary>
public static class DeadlineCalculator
{
    /// <summary>
    /// Applies a rule. The day of the anchor does not count. On the last day counted the deadline is the cut-off hour of
    /// the rule, else the time of day of the anchor. A calendar whose holidays are not known on a day that is counted
    /// makes the deadline unknown: it is refused, never guessed.
    /// </summary>
    /// <param name="rule">The rule.</param>
    /// <param name="anchor">The instant to count from, such as when a letter was received.</param>
    /// <param name="calendars">The calendars that exist, by name.</param>
    /// <param name="deadline">The deadline; null when it cannot be computed.</param>
    /// <param name="error">Why it cannot be computed.</param>
    public static bool TryCompute(
        DueRule rule,
        DateTimeOffset anchor,
        IReadOnlyDictionary<string, HolidayCalendar> calendars,
        out Deadline? deadline,
        out string? error)
    {
        deadline = null;
        error = null;
        var used = new List<HolidayCalendar>();
        foreach (var name in rule.Calendars)
        {
            if (!calendars.TryGetValue(name, out var calendar))
            {
                error = $"There is no calendar '{name}'; known are {string.Join(", ", calendars.Keys.Order(StringComparer.Ordinal))}.";
                return false;
            }

            used.Add(calendar);
        }

        DateTimeOffset due;
        try
        {
            if (rule.Unit is DueUnit.Hours)
            {
                due = anchor.AddHours(rule.IsBefore ? -rule.Amount : rule.Amount);
            }
            else if (!TryFindLastDay(rule, anchor, used, out due, out error))
            {
                return false;
            }
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException or InvalidOperationException)
        {
            error = $"'{rule}' from {anchor:u} goes beyond the calendar.";
            return false;
        }

        deadline = new Deadline(
            rule.ToString(),
            anchor,
            due,
            [.. used.Select(calendar => $"{calendar.Id}@{calendar.Version}")],
            DateTimeZoneProviders.Tzdb.VersionId);
        return true;
    }

    private static bool TryFindLastDay(DueRule rule, DateTimeOffset anchor, List<HolidayCalendar> calendars, out DateTimeOffset due, out string? error)
    {
        due = default;
        error = null;
        var zone = DateTimeZoneProviders.Tzdb[rule.Zone];
        var local = Instant.FromDateTimeOffset(anchor).InZone(zone).LocalDateTime;
        var amount = rule.IsBefore ? -rule.Amount : rule.Amount;
        var day = rule.Unit switch
        {
            DueUnit.CalendarDays => local.Date.PlusDays(amount),
            DueUnit.Weeks => local.Date.PlusWeeks(amount),
            DueUnit.Months => local.Date.PlusMonths(amount),
            _ => CountWorkingDays(rule, local.Date, amount, calendars, out error),
        };
        if (error is not null)
        {
            return false;
        }

        // A time that a clock change skips is taken as the same distance after the gap.
        due = (day + (rule.CutOff ?? local.TimeOfDay)).InZoneLeniently(zone).ToDateTimeOffset();
        return true;
    }

    private static LocalDate CountWorkingDays(DueRule rule, LocalDate from, int amount, List<HolidayCalendar> calendars, out string? error)
    {
        error = null;
        var step = Math.Sign(amount);
        var day = from;
        for (var left = Math.Abs(amount); left > 0;)
        {
            day = day.PlusDays(step);
            if (calendars.Find(calendar => !calendar.Covers(day)) is { } blind)
            {
                error = $"'{rule}' from {from:uuuu-MM-dd} comes to {day:uuuu-MM-dd}, but the calendar '{blind.Id}' knows its holidays only from "
                    + $"{blind.CoversFrom:uuuu-MM-dd} to {blind.CoversTo:uuuu-MM-dd}: extend the calendar or name another.";
                return day;
            }

            if (IsWorkingDay(day, rule.IsAnyCalendarEnough, calendars))
            {
                left--;
            }
        }

        return day;
    }

    private static bool IsWorkingDay(LocalDate day, bool isAnyEnough, List<HolidayCalendar> calendars) => calendars.Count switch
    {
        0 => day.DayOfWeek is not (IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday),
        _ when isAnyEnough => calendars.Exists(calendar => calendar.IsWorkingDay(day)),
        _ => calendars.TrueForAll(calendar => calendar.IsWorkingDay(day)),
    };
}
