using AssessmentFlow.Assessments.Deadlines;

namespace AssessmentFlow.UnitTests.Deadlines;

/// <summary>Applies rules as authors write them.</summary>
internal static class Compute
{
    public static readonly IReadOnlyDictionary<string, HolidayCalendar> NoCalendars = new Dictionary<string, HolidayCalendar>(StringComparer.Ordinal);

    public static DueRule Rule(string text)
    {
        Assert.True(DueRule.TryParse(text, out var rule, out var error), error);
        return rule!;
    }

    public static Deadline Deadline(string rule, DateTimeOffset anchor, IReadOnlyDictionary<string, HolidayCalendar>? calendars = null)
    {
        Assert.True(DeadlineCalculator.TryCompute(Rule(rule), anchor, calendars ?? NoCalendars, out var deadline, out var error), error);
        return deadline!;
    }

    public static string Due(string rule, string anchor, IReadOnlyDictionary<string, HolidayCalendar>? calendars = null) =>
        Deadline(rule, DateTimeOffset.Parse(anchor), calendars).DueAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");

    public static string Refusal(string rule, string anchor, IReadOnlyDictionary<string, HolidayCalendar>? calendars = null)
    {
        Assert.False(DeadlineCalculator.TryCompute(Rule(rule), DateTimeOffset.Parse(anchor), calendars ?? NoCalendars, out var deadline, out var error));
        Assert.Null(deadline);
        return error!;
    }
}
