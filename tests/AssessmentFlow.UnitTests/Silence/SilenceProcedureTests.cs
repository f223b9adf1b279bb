using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Silence;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.UnitTests.Silence;

public sealed class SilenceProcedureTests
{
    private static readonly TimeSpan Length = TimeSpan.FromDays(5); // Synthetic: no public rule gives one.

    private readonly LoneCase _case = new();

    private SilenceRound Round => _case.State.Silences[^1];

    [Fact]
    public void The_roster_is_frozen_when_the_procedure_is_opened()
    {
        Open();
        _case.Reference = LoneCase.Council("Peru", "Japan");

        Assert.Equal(["France", "Peru", "Viet Nam"], Round.Seats);
        Assert.Equal("seat-not-on-roster", Act(SilenceAct.Object, "Japan"));
        Assert.Null(Act(SilenceAct.Object, "France"));
        Assert.Equal(SilenceStatus.Broken, Round.Status);
    }

    [Fact]
    public void The_seats_of_another_date_decide_when_the_opening_names_it()
    {
        var reference = LoneCase.Council("France");
        _case.Reference = reference with
        {
            Rosters = reference.Rosters.SetItem("council", reference.Rosters["council"] with
            {
                Terms = [new("France", new(2030, 1, 1), new(2030, 12, 31), null), new("Japan", new(2031, 1, 1), new(2031, 12, 31), null)],
            }),
        };
        _case.Must(new AssessmentInput.OpenSilence("Report", "council", new NodaTime.LocalDate(2031, 1, 1), _case.Now + Length));

        Assert.Equal(["Japan"], Round.Seats);
    }

    [Theory]
    [InlineData("2029-12-31", "roster-empty")]
    [InlineData(null, null)]
    public void A_date_without_seats_is_refused(string? date, string? code) => Assert.Equal(code, _case.Code(new AssessmentInput.OpenSilence(
        "Report", Roster: null, date is null ? null : NodaTime.Text.LocalDatePattern.Iso.Parse(date).Value, _case.Now + Length)));

    [Fact]
    public void A_procedure_opens_only_for_a_future_instant_a_known_roster_and_one_at_a_time()
    {
        Assert.Equal("expiry-past", _case.Code(new AssessmentInput.OpenSilence("Report", null, null, _case.Now)));
        Assert.Equal("instant-too-far", _case.Code(new AssessmentInput.OpenSilence("Report", null, null, _case.Now.AddYears(11))));
        Assert.Equal("roster-unknown", _case.Code(new AssessmentInput.OpenSilence("Report", "troika", null, _case.Now + Length)));
        Open();
        Assert.Equal("silence-open", _case.Code(new AssessmentInput.OpenSilence("Report", null, null, _case.Now + Length)));
    }

    [Fact]
    public void A_second_procedure_may_follow_a_broken_one_and_each_keeps_its_own_record()
    {
        Open();
        Act(SilenceAct.Object, "France", "Paragraph 3.");
        Open();
        _case.Now += Length;
        _case.Must(new AssessmentInput.TimerFired("silence/2"));

        Assert.Equal([SilenceStatus.Broken, SilenceStatus.Adopted], _case.State.Silences.Select(round => round.Status));
        Assert.Equal("Paragraph 3.", _case.State.Silences[0].Objections.Single().Text);
        Assert.Empty(_case.State.Silences[1].Objections);
    }

    [Fact]
    public void A_late_objection_is_recorded_and_has_no_effect()
    {
        Open();
        _case.Now += Length + TimeSpan.FromDays(30);
        Assert.Null(Act(SilenceAct.Object, "France", "Too late."));

        Assert.Equal(SilenceStatus.Adopted, Round.Status);
        Assert.Equal(LoneCase.Start + Length, Round.EndedAt);
        Assert.True(Round.Objections.Single().IsLate);
    }

    [Fact]
    public void A_hold_stops_the_clock_and_a_lift_gives_back_what_was_left()
    {
        Open();
        _case.Now += TimeSpan.FromDays(4);
        Assert.Null(Act(SilenceAct.Hold, "France"));
        Assert.Equal("silence-held", Act(SilenceAct.Hold, "Peru"));
        _case.Now += TimeSpan.FromDays(100);
        Assert.Empty(Assessment.Timers(_case.State));
        Assert.Equal("hold-of-another-seat", Act(SilenceAct.Lift, "Peru"));
        Assert.Null(Act(SilenceAct.Lift, "France"));
        Assert.Equal("silence-not-held", Act(SilenceAct.Lift, "France"));

        Assert.Equal(LoneCase.Start + Length + TimeSpan.FromDays(100), Round.ExpiresAt);
        Assert.Equal(SilenceStatus.Open, Round.Status);
    }

    [Fact]
    public void The_secretariat_may_lift_the_hold_of_a_seat_and_a_hold_may_lapse()
    {
        Open();
        Act(SilenceAct.Hold, "France");
        Assert.Null(Act(SilenceAct.Lift, seat: null));
        Assert.Equal("lapse-past", Act(SilenceAct.Hold, "France", until: _case.Now));
        Assert.Null(Act(SilenceAct.Hold, "France", until: _case.Now.AddDays(10)));
        Assert.Equal(_case.Now.AddDays(10), Round.WakeAt);
        _case.Now = _case.Now.AddDays(12);
        _case.Must(new AssessmentInput.TimerFired("silence/1"));

        Assert.Null(Round.Hold);
        Assert.Equal(LoneCase.Start + Length + TimeSpan.FromDays(10), Round.ExpiresAt);
    }

    [Fact]
    public void An_objection_breaks_a_held_procedure_too()
    {
        Open();
        Act(SilenceAct.Hold, "France");
        Assert.Null(Act(SilenceAct.Object, "Peru"));

        Assert.Equal(SilenceStatus.Broken, Round.Status);
        Assert.Null(Round.Hold);
    }

    [Fact]
    public void An_extension_moves_the_expiry_later_and_records_both_instants_the_reason_and_who()
    {
        Open();
        Assert.Equal("extension-not-later", Act(SilenceAct.Extend, seat: null, until: _case.Now + Length));
        Assert.Equal("extension-not-later", Act(SilenceAct.Extend, seat: null));
        Assert.Null(Act(SilenceAct.Extend, seat: null, "Asked for.", _case.Now + (2 * Length)));

        var fact = _case.Facts.OfType<AssessmentFact.SilenceExtended>().Single();
        Assert.Equal((LoneCase.Start + Length, LoneCase.Start + (2 * Length), "Asked for.", "secretariat"), (fact.From, fact.To, fact.Reason, fact.By));
    }

    [Fact]
    public void Only_seats_act_as_seats_and_only_the_secretariat_extends_or_withdraws()
    {
        Open();
        Assert.Equal("seat-missing", Act(SilenceAct.Object, seat: null));
        Assert.Equal("role-missing", Act(SilenceAct.Extend, "France", until: _case.Now + (2 * Length)));
        Assert.Equal("role-missing", Act(SilenceAct.Withdraw, "France"));
        Assert.Equal("seat-not-held", _case.Code(new AssessmentInput.ActOnSilence(1, SilenceAct.Object, "France", "Synthetic objection.", null, null, LoneCase.Seat("Peru"))));
        Assert.Equal("silence-unknown", _case.Code(new AssessmentInput.ActOnSilence(2, SilenceAct.Object, "France", "Synthetic objection.", null, null, LoneCase.Seat("France"))));
        Assert.Equal("text-too-long", Act(SilenceAct.Object, "France", new string('x', 10_001)));
        Assert.Equal("text-missing", Act(SilenceAct.Object, "France", ""));
        Assert.Equal("text-missing", Act(SilenceAct.Object, "France", " "));
        Assert.Null(Act(SilenceAct.Withdraw, seat: null));
        Assert.Equal("silence-ended", Act(SilenceAct.Hold, "France"));
    }

    [Fact]
    public void Of_two_seats_that_saw_the_same_version_the_second_is_told_that_it_is_stale()
    {
        Open();
        var seen = Round.ChangedAt;
        _case.Must(new AssessmentInput.ActOnSilence(1, SilenceAct.Hold, "France", null, null, seen, LoneCase.Seat("France")));

        Assert.Equal("version-stale", _case.Code(new AssessmentInput.ActOnSilence(1, SilenceAct.Object, "Peru", "Synthetic objection.", null, seen, LoneCase.Seat("Peru"))));
    }

    [Fact]
    public void A_seat_that_saw_the_open_procedure_may_object_late_with_that_version()
    {
        Open();
        var seen = Round.ChangedAt;
        _case.Now += Length;
        _case.Must(new AssessmentInput.ActOnSilence(1, SilenceAct.Object, "France", "Synthetic objection.", null, seen, LoneCase.Seat("France")));

        Assert.True(Round.Objections.Single().IsLate);
    }

    [Fact]
    public void Holds_and_extensions_cannot_push_the_expiry_beyond_the_calendar()
    {
        Open();
        Assert.Equal("instant-too-far", Act(SilenceAct.Extend, seat: null, until: DateTimeOffset.MaxValue));
        Assert.Equal("instant-too-far", Act(SilenceAct.Hold, "France", until: DateTimeOffset.MaxValue));
        Assert.Equal(SilenceStatus.Open, Round.Status);
    }

    [Fact]
    public void The_clock_of_another_process_that_is_behind_takes_no_time_away()
    {
        Open();
        Act(SilenceAct.Hold, "France");
        _case.Now -= TimeSpan.FromSeconds(2);
        Act(SilenceAct.Lift, "France");

        Assert.Equal(LoneCase.Start + Length, Round.ExpiresAt);
    }

    [Fact]
    public void Late_objections_are_bounded()
    {
        Open();
        _case.Now += Length;
        for (var i = 0; i < 100; i++)
        {
            Assert.Null(Act(SilenceAct.Object, "France"));
        }

        Assert.Equal("too-many-objections", Act(SilenceAct.Object, "France"));
        Assert.Equal(100, Round.Objections.Length);
    }

    private void Open() => _case.Must(new AssessmentInput.OpenSilence("Report", Roster: null, RosterDate: null, _case.Now + Length));

    [Fact]
    public void The_portions_of_a_report_do_not_change_under_those_who_decide_on_it_nor_once_it_is_adopted()
    {
        Assert.Null(PutPortion());
        Open();
        Assert.Equal("report-frozen", PutPortion());
        Assert.Equal("report-frozen", _case.Code(new AssessmentInput.RemoveItem("portion", "p1", IfChangedAt: null, LoneCase.Secretariat)));
        Act(SilenceAct.Object, "France");
        Assert.Null(PutPortion());

        Open();
        _case.Now = Round.ExpiresAt;
        Assert.Equal("report-frozen", PutPortion());
    }

    [Fact]
    public void The_case_enters_the_phase_of_a_procedure_with_its_opening_and_not_when_it_is_refused()
    {
        _case.Must(new AssessmentInput.EnterPhase("Proposed", IsReportOpenToState: true));
        Assert.Equal("expiry-past", _case.Code(new AssessmentInput.OpenSilence("Report", null, null, _case.Now, "Silence", "Held")));
        Assert.Equal("phase-unknown", _case.Code(new AssessmentInput.OpenSilence("Report", null, null, _case.Now + Length, "Silence", "Noise")));
        Assert.Equal(("Proposed", true), (_case.State.Phase, _case.State.IsReportOpenToState));
        Assert.Empty(_case.State.Silences);

        OpenWithPhases();
        Assert.Equal(("Silence", false), (_case.State.Phase, _case.State.IsReportOpenToState));
    }

    [Fact]
    public void The_case_is_in_the_phase_of_a_hold_while_one_lasts_and_back_when_it_is_lifted_or_lapses()
    {
        OpenWithPhases();
        Act(SilenceAct.Hold, "France");
        Assert.Equal("Held", _case.State.Phase);
        Act(SilenceAct.Lift, "France");
        Assert.Equal("Silence", _case.State.Phase);

        var lapse = _case.Now.AddHours(6);
        Act(SilenceAct.Hold, "Peru", until: lapse);
        _case.Now += Length + Length;
        _case.Must(new AssessmentInput.TimerFired("silence/1"));
        Assert.Equal((SilenceStatus.Adopted, "Silence", lapse), (Round.Status, _case.State.Phase, _case.State.PhaseSince));
    }

    [Fact]
    public void A_procedure_without_phases_leaves_the_phase_of_the_case_alone()
    {
        _case.Must(new AssessmentInput.EnterPhase("Proposed"));
        Open();
        Act(SilenceAct.Hold, "France");
        Act(SilenceAct.Lift, "France");

        Assert.Equal("Proposed", _case.State.Phase);
    }

    private void OpenWithPhases() => _case.Must(new AssessmentInput.OpenSilence("Report", Roster: null, RosterDate: null, _case.Now + Length, "Silence", "Held"));

    private string? PutPortion() => _case.Code(new AssessmentInput.PutItem(
        "portion", "p1", System.Text.Json.JsonElement.Parse("""{ "paragraph": 1, "mark": null }"""), IfChangedAt: null, LoneCase.Secretariat));

    private string? Act(SilenceAct act, string? seat, string? text = null, DateTimeOffset? until = null) => _case.Code(new AssessmentInput.ActOnSilence(
        _case.State.Silences.Length, act, seat, text ?? (act is SilenceAct.Object ? "Synthetic objection." : null), until, IfChangedAt: null, seat is null ? LoneCase.Secretariat : LoneCase.Seat(seat)));
}
