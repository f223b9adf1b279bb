using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Circulation;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using CsCheck;
using NodaTime;

namespace AssessmentFlow.UnitTests.Circulation;

public sealed class CirculationTests
{
    private static readonly Origin Waiting = new("instance", 3);

    private static readonly Gen<SeatTerm> AnyTerm =
        from seat in Gen.OneOf("A", "B", "C", "D", "E")
        from first in Gen.Int[0, 300]
        from days in Gen.Int[0, 200]
        select new SeatTerm(seat, new LocalDate(2030, 1, 1).PlusDays(first), new LocalDate(2030, 1, 1).PlusDays(first + days), Source: "synthetic");

    private readonly LoneCase _case = new();

    private ReportCirculation Last => _case.State.Circulations[^1];

    [Theory]
    [InlineData(2008, 12, 31, "Belgium Indonesia Italy Panama South Africa", "Austria Japan Mexico Turkey Uganda")]
    [InlineData(2009, 1, 1, "Austria Japan Mexico Turkey Uganda", "Belgium Indonesia Italy Panama")]
    [InlineData(2007, 6, 1, "Congo Ghana Peru Qatar Slovakia", "Burkina Faso Croatia Libya")]
    public void The_copies_go_to_those_who_hold_the_seats_on_the_date_of_circulation(int year, int month, int day, string members, string others)
    {
        var world = new CaseWorld(Repository.ShippedReference(), new DateTimeOffset(2009, 2, 1, 0, 0, 0, TimeSpan.Zero));
        world.Send("C", new AssessmentInput.Open("Synthetic", new AssessedState("Cambodia", "KH"), "unscr-1373", null, null, null, "synthetic", LoneCase.Secretariat));
        Assert.Null(world.Send("C", new AssessmentInput.Circulate("Report", Roster: null, new LocalDate(year, month, day), Due: null)));

        var seats = string.Join('|', world.Cases["C"].State.Circulations[0].Copies.Select(copy => copy.Seat));
        Assert.Equal(15, world.Cases["C"].State.Circulations[0].Copies.Length);
        Assert.All(members.Split(' ').Where(name => name is not ("South" or "Africa")), name => Assert.Contains(name, seats, StringComparison.Ordinal));
        Assert.All(others.Split(' ').Where(name => name is not ("Burkina" or "Faso")), name => Assert.DoesNotContain(name, seats, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_seat_held_on_the_date_receives_exactly_one_copy_and_nobody_else_does() => FixedSeeds.Check(
        Gen.Select(AnyTerm.Array[1, 12], Gen.Int[0, 500]),
        1_000,
        sample =>
        {
            var (terms, offset) = sample;
            var date = new LocalDate(2030, 1, 1).PlusDays(offset);
            var lone = new LoneCase(WithTerms(terms));
            var code = lone.Code(new AssessmentInput.Circulate("Report", Roster: null, date, Due: null));

            var expected = "ABCDE".Select(seat => seat.ToString()).Where(seat => terms.Any(term => term.Seat == seat && term.From <= date && date <= term.To)).ToArray();
            Assert.Equal(expected.Length is 0 ? "roster-empty" : null, code);
            Assert.Equal(expected, lone.State.Circulations.SelectMany(circulation => circulation.Copies).Select(copy => copy.Seat));
            Assert.Equal(Enumerable.Range(1, expected.Length), lone.State.Circulations.SelectMany(circulation => circulation.Copies).Select(copy => copy.Number));
        },
        sample => $"{string.Join("; ", sample.Item1.Select(term => $"{term.Seat} {term.From}-{term.To}"))} on day {sample.Item2}");

    [Fact]
    public void A_change_of_the_roster_does_not_touch_copies_that_were_issued()
    {
        Circulate();
        _case.Reference = LoneCase.Council("Japan");

        Assert.Equal(["France", "Peru", "Viet Nam"], Last.Copies.Select(copy => copy.Seat));
        Assert.Null(Acknowledge(1, LoneCase.Seat("France")));
        Assert.Equal("seat-not-held", Acknowledge(2, LoneCase.Seat("Japan")));
    }

    [Fact]
    public void A_State_with_two_roles_is_served_per_role_and_acknowledges_its_copy_only_for_its_seat()
    {
        Circulate();

        Assert.Equal("seat-not-held", Acknowledge(3, new Actor("donor", [Roles.OfState("VN")])));
        Assert.Null(Acknowledge(3, new Actor("both", [Roles.OfState("VN"), Roles.OfSeat("Viet Nam")])));
        Assert.Equal("both", Last.Copies[2].AcknowledgedBy);
    }

    [Fact]
    public void A_copy_is_acknowledged_once_and_only_in_the_version_that_was_seen()
    {
        Circulate();
        var seen = Last.Copies[0].ChangedAt;

        Assert.Equal("version-stale", _case.Code(new AssessmentInput.AcknowledgeCopy(1, 1, seen + 1, LoneCase.Seat("France"))));
        Assert.Null(_case.Code(new AssessmentInput.AcknowledgeCopy(1, 1, seen, LoneCase.Seat("France"))));
        Assert.Equal("copy-acknowledged", Acknowledge(1, LoneCase.Seat("France")));
        Assert.Equal("copy-unknown", Acknowledge(4, LoneCase.Seat("France")));
        Assert.Equal("copy-unknown", Acknowledge(0, LoneCase.Seat("France")));
        Assert.Equal("copy-unknown", _case.Code(new AssessmentInput.AcknowledgeCopy(2, 1, null, LoneCase.Seat("France"))));
    }

    [Fact]
    public void Whoever_waits_is_told_once_when_the_last_copy_is_acknowledged()
    {
        Circulate("5 calendar days");
        Acknowledge(1, LoneCase.Seat("France"));
        Acknowledge(2, LoneCase.Seat("Peru"));
        Assert.Empty(_case.Answers);
        Acknowledge(3, LoneCase.Seat("Viet Nam"));
        _case.Now += TimeSpan.FromDays(6);
        _case.Must(new AssessmentInput.TimerFired("circulation/1"));

        var answer = Assert.Single(_case.Answers);
        Assert.Equal((Waiting, "AllAcknowledged"), (answer.Origin, answer.Payload.Member("outcome").AsText()));
        Assert.Empty(Assessment.Timers(_case.State));
    }

    [Fact]
    public void Whoever_waits_is_told_once_when_acknowledgements_are_overdue_and_later_ones_still_count()
    {
        Circulate("5 calendar days");
        Acknowledge(1, LoneCase.Seat("France"));
        _case.Now = LoneCase.Start + TimeSpan.FromDays(5);
        Acknowledge(2, LoneCase.Seat("Peru")); // At the very instant: the circulation is overdue first.
        Acknowledge(3, LoneCase.Seat("Viet Nam"));

        var answer = Assert.Single(_case.Answers);
        Assert.Equal("Overdue", answer.Payload.Member("outcome").AsText());
        Assert.Equal(1, answer.Payload.Member("acknowledged").GetInt32());
        Assert.True(Last is { IsOverdue: true, IsAcknowledged: true });
    }

    [Theory]
    [InlineData("soon", "due-rule-unusable")]
    [InlineData("5 working days on KH-2008", "due-rule-unusable")]
    public void A_due_rule_that_cannot_be_used_is_refused_before_anything_is_issued(string due, string code)
    {
        Assert.Equal(code, _case.Code(new AssessmentInput.Circulate("Report", Roster: null, new LocalDate(2030, 1, 7), due)));
        Assert.Empty(_case.State.Circulations);
    }

    [Fact]
    public void A_report_that_is_circulated_keeps_its_level_and_its_portions()
    {
        Assert.Null(Put("p1", "UN", "confidential"));
        Assert.Null(Put("p2", "US", "U"));
        Circulate();

        Assert.Equal("report-frozen", Put("p1", "UN", "strictly confidential"));
        Assert.Equal([new Mark("UN", "confidential"), new Mark("US", "U")], Last.Marks);
    }

    private static ReferenceSnapshot WithTerms(SeatTerm[] terms)
    {
        var council = LoneCase.Council();
        return council with { Rosters = council.Rosters.SetItem("council", council.Rosters["council"] with { Terms = [.. terms] }) };
    }

    private void Circulate(string? due = null) => _case.Must(new AssessmentInput.Circulate("Report", Roster: null, Date: null, due), Waiting);

    private string? Acknowledge(int copy, Actor actor) => _case.Code(new AssessmentInput.AcknowledgeCopy(1, copy, IfChangedAt: null, actor));

    private string? Put(string id, string scheme, string level) => _case.Code(new AssessmentInput.PutItem(
        "portion", id, JsonElement.Parse($$"""{ "mark": { "scheme": "{{scheme}}", "level": "{{level}}" } }"""), IfChangedAt: null, LoneCase.Secretariat));
}
