using AssessmentFlow.Assessments.Deadlines;

namespace AssessmentFlow.UnitTests.Deadlines;

public sealed class DeadlineTests
{
    private static readonly IReadOnlyDictionary<string, HolidayCalendar> Shipped = Repository.ShippedReference().Calendars;

    [Theory]
    [InlineData("48 hours", "2008-05-09T09:00:00Z", "2008-05-11T09:00:00Z")]
    [InlineData("0 hours", "2008-05-09T09:00:00Z", "2008-05-09T09:00:00Z")]
    [InlineData("2 weeks", "2008-05-09T09:00:00Z", "2008-05-23T09:00:00Z")]
    [InlineData("6 months", "2008-05-09T09:00:00Z", "2008-11-09T09:00:00Z")]
    [InlineData("1 month", "2008-01-31T09:00:00Z", "2008-02-29T09:00:00Z")]
    [InlineData("1 month", "2009-01-31T09:00:00Z", "2009-02-28T09:00:00Z")]
    [InlineData("12 months", "2008-02-29T09:00:00Z", "2009-02-28T09:00:00Z")]
    [InlineData("6 months by 23:59", "2009-02-03T00:00:00Z", "2009-08-03T23:59:00Z")]
    [InlineData("0 working days by 17:00", "2008-05-10T09:00:00Z", "2008-05-10T17:00:00Z")]
    public void A_rule_counts_its_own_unit_from_the_anchor(string rule, string anchor, string due) => Assert.Equal(due, Compute.Due(rule, anchor));

    [Theory]
    [InlineData("5 working days before", "2008-05-16T09:00:00Z", "2008-05-09T09:00:00Z")]
    [InlineData("5 working days on KH-2008 before", "2008-05-22T09:00:00Z", "2008-05-09T09:00:00Z")]
    [InlineData("1 month before by 12:00", "2008-03-31T09:00:00Z", "2008-02-29T12:00:00Z")]
    [InlineData("48 hours before", "2008-05-11T09:00:00Z", "2008-05-09T09:00:00Z")]
    public void A_rule_before_a_meeting_counts_back_from_it(string rule, string meeting, string due) =>
        Assert.Equal(due, Compute.Due(rule, meeting, Shipped));

    [Theory]
    [InlineData("1 calendar day by 17:00 in Asia/Phnom_Penh", "2008-05-09T16:59:00Z", "2008-05-10T10:00:00Z")]
    [InlineData("1 calendar day by 17:00 in Asia/Phnom_Penh", "2008-05-09T17:00:00Z", "2008-05-11T10:00:00Z")]
    [InlineData("1 working day by 09:00 in Asia/Phnom_Penh", "2008-05-09T20:00:00Z", "2008-05-12T02:00:00Z")]
    public void Days_begin_and_end_in_the_zone_of_the_rule(string rule, string anchor, string due) => Assert.Equal(due, Compute.Due(rule, anchor));

    [Theory]
    [InlineData("1 calendar day in America/New_York", "2008-03-08T14:00:00Z", "2008-03-09T13:00:00Z")] // The clock goes forward in between.
    [InlineData("24 hours", "2008-03-08T14:00:00Z", "2008-03-09T14:00:00Z")]
    [InlineData("1 calendar day in America/New_York", "2008-11-01T13:00:00Z", "2008-11-02T14:00:00Z")] // The clock goes back in between.
    [InlineData("1 calendar day by 02:30 in America/New_York", "2008-03-08T14:00:00Z", "2008-03-09T07:30:00Z")] // 02:30 does not exist: 03:30 is as far after the gap.
    [InlineData("1 calendar day by 01:30 in America/New_York", "2008-11-01T14:00:00Z", "2008-11-02T05:30:00Z")] // 01:30 happens twice: the first one.
    public void Days_follow_the_clocks_of_the_zone_and_hours_do_not(string rule, string anchor, string due) => Assert.Equal(due, Compute.Due(rule, anchor));

    [Theory]
    [InlineData("3 working days on A and B", "2030-01-11T09:00:00Z")]
    [InlineData("3 working days on A or B", "2030-01-09T09:00:00Z")]
    [InlineData("3 working days on A OR B", "2030-01-09T09:00:00Z")]
    [InlineData("3 working days on A", "2030-01-10T09:00:00Z")]
    public void Of_several_duty_stations_all_must_work_or_one_must_as_the_rule_says(string rule, string due)
    {
        // Synthetic: from Friday 4 January 2030, A rests on Tuesday and B on Wednesday.
        var calendars = new Dictionary<string, HolidayCalendar>(StringComparer.Ordinal)
        {
            ["A"] = Synthetic.Calendar("A", "2030-01-08"),
            ["B"] = Synthetic.Calendar("B", "2030-01-09"),
        };

        Assert.Equal(due, Compute.Due(rule, "2030-01-04T09:00:00Z", calendars));
    }

    [Fact]
    public void A_duty_station_may_rest_on_other_days_than_Saturday_and_Sunday()
    {
        var calendars = new Dictionary<string, HolidayCalendar>(StringComparer.Ordinal)
        {
            ["C"] = Synthetic.Calendar("C") with { Weekend = [NodaTime.IsoDayOfWeek.Friday, NodaTime.IsoDayOfWeek.Saturday] },
        };

        Assert.Equal("2030-01-06T09:00:00Z", Compute.Due("1 working day on C", "2030-01-03T09:00:00Z", calendars));
    }

    [Fact]
    public void An_unknown_calendar_is_refused_and_the_known_ones_are_named() => Assert.Equal(
        "There is no calendar 'UN-HQ-2008'; known are KH-2008, UN-HQ-2017, UN-HQ-2020.",
        Compute.Refusal("5 working days on UN-HQ-2008", "2008-05-09T09:00:00Z", Shipped));

    [Theory]
    [InlineData("5 working days on KH-2008", "2008-10-30T09:00:00Z", "2008-11-01")]
    [InlineData("1 working day on KH-2008", "2009-05-08T09:00:00Z", "2009-05-09")]
    [InlineData("5 working days on KH-2008 before", "2008-01-03T09:00:00Z", "2007-12-31")]
    [InlineData("5 working days on KH-2008 and UN-HQ-2020", "2020-05-04T09:00:00Z", "2020-05-05")]
    public void A_day_whose_holidays_no_calendar_knows_is_refused_and_not_guessed(string rule, string anchor, string day)
    {
        var refusal = Compute.Refusal(rule, anchor, Shipped);

        Assert.Contains($"comes to {day}", refusal, StringComparison.Ordinal);
        Assert.Contains("'KH-2008' knows its holidays only from 2008-01-01 to 2008-10-31", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_day_that_a_calendar_knows_can_still_be_counted() =>
        Assert.Equal("2008-10-30T09:00:00Z", Compute.Due("1 working day on KH-2008", "2008-10-28T09:00:00Z", Shipped));

    [Theory]
    [InlineData("10000 months", "9500-01-01T00:00:00Z")]
    [InlineData("10000 hours", "9999-12-31T00:00:00Z")]
    [InlineData("10000 working days", "9999-01-01T00:00:00Z")]
    [InlineData("10000 months before", "0100-01-01T00:00:00Z")]
    public void A_deadline_beyond_the_calendar_is_refused(string rule, string anchor) =>
        Assert.Contains("goes beyond the calendar", Compute.Refusal(rule, anchor), StringComparison.Ordinal);
}

/// <summary>Made-up calendars.</summary>
internal static class Synthetic
{
    public static HolidayCalendar Calendar(string id, params string[] holidays) => new(
        id,
        Version: 1,
        [NodaTime.IsoDayOfWeek.Saturday, NodaTime.IsoDayOfWeek.Sunday],
        [.. holidays.Select(day => NodaTime.Text.LocalDatePattern.Iso.Parse(day).Value)],
        new NodaTime.LocalDate(2030, 1, 1),
        new NodaTime.LocalDate(2030, 12, 31),
        Source: "synthetic");
}
