using System.Collections.Immutable;
using NodaTime;

namespace AssessmentFlow.Assessments.Deadlines;

/// <summary>A due rule applied to an anchor, with all that is needed to compute it again.</summary>
/// <param name="Rule">The rule as written.</param>
/// <param name="Anchor">The instant that the rule counts from.</param>
/// <param name="DueAt">The instant by which it is due.</param>
/// <param name="Calendars">Calendars used, as <c>name@version</c>.</param>
/// <param name="ZoneData">Version of the time zone data.</param>
/// <param name="IsIncomplete">Whether some day fell outside what a calendar covers, so that only its weekend was known.</param>
public sealed record Deadline(
    string Rule,
    DateTimeOffset Anchor,
    DateTimeOffset DueAt,
    ImmutableArray<string> Calendars,
    string ZoneData,
    bool IsIncomplete);

/// <summary>Computes deadlines.</summary>
public static class DeadlineCalculator
{
    /// <summary>Applies a rule. The day of the anchor does not count; the deadline is the end of the last day counted.</summary>
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

        var isIncomplete = false;
        DateTimeOffset due;
        try
        {
            due = rule.Unit is DueUnit.Hours
                ? anchor.AddHours(rule.IsBefore ? -rule.Amount : rule.Amount)
                : LastDayEnd(rule, anchor, used, out isIncomplete);
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
            DateTimeZoneProviders.Tzdb.VersionId,
            isIncomplete);
        return true;
    }

    private static DateTimeOffset LastDayEnd(DueRule rule, DateTimeOffset anchor, List<HolidayCalendar> calendars, out bool isIncomplete)
    {
        isIncomplete = false;
        var zone = DateTimeZoneProviders.Tzdb[rule.Zone];
        var local = Instant.FromDateTimeOffset(anchor).InZone(zone).LocalDateTime;
        var amount = rule.IsBefore ? -rule.Amount : rule.Amount;
        var day = rule.Unit switch
        {
            DueUnit.CalendarDays => local.Date.PlusDays(amount),
            DueUnit.Weeks => local.Date.PlusWeeks(amount),
            DueUnit.Months => local.Date.PlusMonths(amount),
            _ => CountWorkingDays(local.Date, amount, rule.IsAnyCalendarEnough, calendars, out isIncomplete),
        };

        // A time that a clock change skips is taken as the same distance after the gap.
        return (day + (rule.CutOff ?? local.TimeOfDay)).InZoneLeniently(zone).ToDateTimeOffset();
    }

    private static LocalDate CountWorkingDays(LocalDate from, int amount, bool isAnyEnough, List<HolidayCalendar> calendars, out bool isIncomplete)
    {
        isIncomplete = false;
        var step = Math.Sign(amount);
        var day = from;
        for (var left = Math.Abs(amount); left > 0;)
        {
            day = day.PlusDays(step);
            isIncomplete |= calendars.Exists(calendar => !calendar.Covers(day));
            if (IsWorkingDay(day, isAnyEnough, calendars))
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
