using System.Text.Json;

namespace AssessmentFlow.UnitTests.Deadlines;

public sealed class GoldenDeadlineTests
{
    private static readonly JsonElement Golden =
        JsonElement.Parse(File.ReadAllBytes(Repository.PathOf("tests", "AssessmentFlow.UnitTests", "Deadlines", "golden-cases.json")));

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var golden in Golden.GetProperty("cases").EnumerateArray())
        {
            var days = golden.GetProperty("days").GetInt32();
            cases.Add($"{days} calendar days", golden.GetProperty("calendarDays").GetString()!);
            cases.Add($"{days} working days", golden.GetProperty("workingDays").GetString()!);
            cases.Add($"{days} working days on KH-2008", golden.GetProperty("workingDaysOnKH2008").GetString()!);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_deadline_after_the_visit_week_falls_on_the_golden_date(string rule, string expected)
    {
        var start = DateTimeOffset.Parse(Golden.GetProperty("start").GetString() + "T09:00:00Z");

        var deadline = Compute.Deadline(rule, start, Repository.ShippedReference().Calendars);

        Assert.Equal(DateTimeOffset.Parse(expected + "T09:00:00Z"), deadline.DueAt);
    }

    [Fact]
    public void A_deadline_names_the_calendar_version_and_the_zone_data_that_it_was_computed_with()
    {
        var deadline = Compute.Deadline(
            "5 working days on KH-2008", DateTimeOffset.Parse("2008-05-09T09:00:00Z"), Repository.ShippedReference().Calendars);

        Assert.Equal(["KH-2008@1"], deadline.Calendars);
        Assert.Equal(NodaTime.DateTimeZoneProviders.Tzdb.VersionId, deadline.ZoneData);
        Assert.Equal("5 working days on KH-2008", deadline.Rule);
        Assert.Equal(DateTimeOffset.Parse("2008-05-09T09:00:00Z"), deadline.Anchor);
    }
}
