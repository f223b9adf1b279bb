using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NodaTime;

namespace AssessmentFlow.Assessments.Deadlines;

/// <summary>
/// How long something may take, as an author writes it: <c>30 calendar days</c>,
/// <c>20 working days on KH-2008</c>, <c>10 working days on KH-2008 and UN-HQ-2020 by 17:00 in Asia/Phnom_Penh</c>,
/// <c>6 months</c>, <c>5 working days before</c>.
/// </summary>
public sealed partial record DueRule
{
    /// <summary>Largest amount of any unit (count).</summary>
    public const int AmountMax = 10_000;

    private DueRule(int amount, DueUnit unit)
    {
        Amount = amount;
        Unit = unit;
    }

    /// <summary>How many units.</summary>
    public int Amount { get; }

    /// <summary>The unit.</summary>
    public DueUnit Unit { get; }

    /// <summary>Whether the deadline lies before the anchor, such as before a meeting.</summary>
    public bool IsBefore { get; private init; }

    /// <summary>Calendars of the duty stations whose working days count; empty means Monday to Friday.</summary>
    public ImmutableArray<string> Calendars { get; private init; } = [];

    /// <summary>With several calendars: whether a day counts when one station works (true) or only when all do (false).</summary>
    public bool IsAnyCalendarEnough { get; private init; }

    /// <summary>Local time at which the last day ends; null keeps the time of day of the anchor.</summary>
    public LocalTime? CutOff { get; private init; }

    /// <summary>Zone in which days begin and end (IANA name).</summary>
    public string Zone { get; private init; } = "UTC";

    /// <summary>Reads a rule as an author writes it.</summary>
    /// <param name="text">The rule.</param>
    /// <param name="rule">The rule read; null when it cannot be read.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryParse(string text, out DueRule? rule, out string? error)
    {
        rule = null;
        error = null;
        var match = Grammar().Match(text.Trim());
        if (!match.Success)
        {
            error = $"'{text}' is no due rule. Write an amount and a unit, such as \"30 calendar days\", \"20 working days on KH-2008 by 17:00 in Asia/Phnom_Penh\", \"48 hours\" or \"6 months\".";
            return false;
        }

        if (!int.TryParse(match.Groups["amount"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) || amount > AmountMax)
        {
            error = $"The amount of a due rule is at most {AmountMax}.";
            return false;
        }

        var unit = UnitOf(match.Groups["unit"].Value);
        var calendars = match.Groups["calendars"].Value;
        if (calendars.Length > 0 && unit is not DueUnit.WorkingDays)
        {
            error = "Only working days are counted on a calendar.";
            return false;
        }

        if (unit is DueUnit.Hours && match.Groups["hour"].Success)
        {
            error = "Hours run by the clock and end at no cut-off hour; count days to end at one.";
            return false;
        }

        var zone = match.Groups["zone"].Success ? match.Groups["zone"].Value : "UTC";
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is null)
        {
            error = $"There is no time zone '{zone}'; use an IANA name such as Asia/Phnom_Penh.";
            return false;
        }

        rule = new DueRule(amount, unit)
        {
            IsBefore = match.Groups["before"].Success,
            Calendars = [.. Separator().Split(calendars).Where(name => name.Length > 0)],
            IsAnyCalendarEnough = calendars.Contains(" or ", StringComparison.OrdinalIgnoreCase),
            CutOff = match.Groups["hour"].Success
                ? new LocalTime(int.Parse(match.Groups["hour"].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups["minute"].Value, CultureInfo.InvariantCulture))
                : null,
            Zone = zone,
        };
        return true;
    }

    /// <summary>Whether the rule counts working days and leaves open on which calendar.</summary>
    public bool WantsCalendar => Unit is DueUnit.WorkingDays && Calendars.IsEmpty;

    /// <summary>Whether a calendar of this name can be written in a rule.</summary>
    public static bool IsCalendarName(string name) => CalendarName().IsMatch(name);

    /// <summary>The rule on a calendar, where it wants one.</summary>
    /// <param name="calendar">Name of the calendar.</param>
    public DueRule WithCalendar(string calendar) => WantsCalendar ? this with { Calendars = [calendar] } : this;

    /// <summary>The rule in the form that <see cref="TryParse"/> reads.</summary>
    public override string ToString()
    {
        var unit = Unit switch
        {
            DueUnit.Hours => "hour",
            DueUnit.CalendarDays => "calendar day",
            DueUnit.WorkingDays => "working day",
            DueUnit.Weeks => "week",
            _ => "month",
        };
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Amount} {unit}{(Amount is 1 ? "" : "s")}");
        if (!Calendars.IsEmpty)
        {
            text.Append(" on ").AppendJoin(IsAnyCalendarEnough ? " or " : " and ", Calendars);
        }

        if (IsBefore)
        {
            text.Append(" before");
        }

        if (CutOff is { } cutOff)
        {
            text.Append(CultureInfo.InvariantCulture, $" by {cutOff.Hour:00}:{cutOff.Minute:00}");
        }

        return (Zone is "UTC" ? text : text.Append(" in ").Append(Zone)).ToString();
    }

    /// <summary>Rules are equal when they say the same.</summary>
    public bool Equals(DueRule? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    private static DueUnit UnitOf(string unit) => unit.ToLowerInvariant() switch
    {
        "hour" or "hours" => DueUnit.Hours,
        "week" or "weeks" => DueUnit.Weeks,
        "month" or "months" => DueUnit.Months,
        "working day" or "working days" => DueUnit.WorkingDays,
        _ => DueUnit.CalendarDays,
    };

    [GeneratedRegex(
        @"^(?<amount>\d{1,6}) +(?<unit>hours?|calendar days?|working days?|weeks?|months?)( +on +(?<calendars>[\w.-]+(( +and +[\w.-]+)+|( +or +[\w.-]+)+)?))?(?<before> +before)?( +by +(?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d))?( +in +(?<zone>[\w/+-]+))?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Grammar();

    [GeneratedRegex(@"^[\w.-]{1,64}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CalendarName();

    [GeneratedRegex(@" +(and|or) +", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Separator();
}

/// <summary>Units of due rules.</summary>
public enum DueUnit
{
    /// <summary>Hours of 60 minutes, through nights and holidays.</summary>
    Hours = 0,

    /// <summary>Days of the calendar.</summary>
    CalendarDays = 1,

    /// <summary>Days on which the duty stations work.</summary>
    WorkingDays = 2,

    /// <summary>Seven calendar days.</summary>
    Weeks = 3,

    /// <summary>Months; the last day of a shorter month when the day does not exist there.</summary>
    Months = 4,
}
