using AssessmentFlow.Assessments.Deadlines;
using CsCheck;

namespace AssessmentFlow.UnitTests.Deadlines;

public sealed class DueRuleTests
{
    private static readonly Gen<string> Written =
        from amount in Gen.Int[0, DueRule.AmountMax]
        from unit in Gen.OneOf("hours", "calendar days", "working days", "weeks", "months", "hour", "calendar day", "Working Day", "week", "MONTH")
        from calendars in Gen.OneOf("", " on KH-2008", " on A.1 and B_2", " on A or B or C", "  on  A  OR  B")
        from before in Gen.Bool
        from cutOff in Gen.OneOf("", " by 00:00", " by 17:05", " by 23:59")
        from zone in Gen.OneOf("", " in UTC", " in Asia/Phnom_Penh", " in America/New_York", " in Etc/GMT+5")
        let isWorking = unit.StartsWith("work", StringComparison.OrdinalIgnoreCase)
        let isHours = unit.StartsWith("hour", StringComparison.Ordinal)
        select $"{amount} {unit}{(isWorking ? calendars : "")}{(before ? " before" : "")}{(isHours ? "" : cutOff)}{zone}";

    [Fact]
    public void What_a_rule_prints_is_the_rule() => FixedSeeds.Check(
        Written,
        2_000,
        text =>
        {
            var rule = Compute.Rule(text);
            var again = Compute.Rule(rule.ToString());
            Assert.Equal(rule, again);
            Assert.Equal(rule.GetHashCode(), again.GetHashCode());
            Assert.Equal(
                (rule.Amount, rule.Unit, rule.IsBefore, string.Join(',', rule.Calendars), rule.IsAnyCalendarEnough, rule.CutOff, rule.Zone),
                (again.Amount, again.Unit, again.IsBefore, string.Join(',', again.Calendars), again.IsAnyCalendarEnough, again.CutOff, again.Zone));
        },
        text => text);

    [Theory]
    [InlineData("", "no due rule")]
    [InlineData("soon", "no due rule")]
    [InlineData("-3 weeks", "no due rule")]
    [InlineData("3.5 weeks", "no due rule")]
    [InlineData("3 fortnights", "no due rule")]
    [InlineData("3 weeks by 24:00", "no due rule")]
    [InlineData("3 weeks by 9:00", "no due rule")]
    [InlineData("3 working days on A and B or C", "no due rule")]
    [InlineData("3 weeks in UTC by 17:00", "no due rule")]
    [InlineData("10001 hours", "at most 10000")]
    [InlineData("3 weeks on KH-2008", "Only working days are counted on a calendar")]
    [InlineData("3 weeks in Asia/Atlantis", "no time zone 'Asia/Atlantis'")]
    [InlineData("48 hours by 17:00", "no cut-off hour")]
    public void A_rule_that_cannot_be_read_says_why(string text, string why)
    {
        Assert.False(DueRule.TryParse(text, out var rule, out var error));
        Assert.Null(rule);
        Assert.Contains(why, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_very_long_text_is_refused_in_time() =>
        Assert.False(DueRule.TryParse("1 working day on " + string.Concat(Enumerable.Repeat("a and ", 20_000)), out _, out _));
}
