using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.UnitTests.Deadlines;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Tasks;

public sealed class HumanTaskTests
{
    [Fact]
    public void A_task_is_open_to_every_holder_of_its_role_until_one_claims_it()
    {
        var world = new TaskWorld();
        Assert.Equal("role-missing", world.Act("claim", LoneCase.Agency("IOM")));
        Assert.Null(world.Act("claim", TaskWorld.Leader));
        Assert.Equal("task-claimed", world.Act("claim", TaskWorld.OtherLeader));
        Assert.Equal("task-claimed", world.Act("claim", TaskWorld.Leader));
        Assert.Equal("task-claimed", world.Complete(TaskWorld.OtherLeader));
        Assert.Null(world.Complete(TaskWorld.Leader));

        Assert.Equal("Done by leader-1", world.Done);
    }

    [Fact]
    public void A_task_need_not_be_claimed_to_be_completed_and_is_completed_once()
    {
        var world = new TaskWorld();
        Assert.Equal("role-missing", world.Complete(TaskWorld.Secretariat));
        Assert.Null(world.Complete(TaskWorld.OtherLeader));

        Assert.Equal("Done by leader-2", world.Done);
        Assert.Equal("instance-finished", world.Complete(TaskWorld.Leader));
    }

    [Fact]
    public void A_claim_is_released_by_whoever_made_it_or_by_the_secretariat()
    {
        var world = new TaskWorld();
        Assert.Equal("task-not-claimed", world.Act("release", TaskWorld.Leader));
        world.Act("claim", TaskWorld.Leader);
        Assert.Equal("task-claimed", world.Act("release", TaskWorld.OtherLeader));
        Assert.Null(world.Act("release", TaskWorld.Leader));
        world.Act("claim", TaskWorld.Leader);
        Assert.Null(world.Act("release", TaskWorld.Secretariat));

        Assert.Null(world.Task.ClaimedBy);
    }

    [Theory]
    [InlineData("agency:IOM")]
    [InlineData("user:agency-IOM")]
    public void A_delegated_task_belongs_to_whom_it_was_delegated_and_no_longer_to_the_role_before(string to)
    {
        var world = new TaskWorld();
        world.Act("claim", TaskWorld.Leader);
        Assert.Null(world.Act("delegate", TaskWorld.Leader, $$"""{ "to": "{{to}}", "reason": "Knows the borders." }"""));

        Assert.Null(world.Task.ClaimedBy);
        Assert.Equal("role-missing", world.Complete(TaskWorld.Leader));
        var delegated = Assert.Single(world.Task.Delegations);
        Assert.Equal(("mission-leader", to, "leader-1", "Knows the borders.", world.Now), (delegated.From, delegated.To, delegated.By, delegated.Reason, delegated.At));
        Assert.Null(world.Complete(LoneCase.Agency("IOM")));
    }

    [Theory]
    [InlineData("20 working days", "2008-03-03", "20 working days on KH-2008")]
    [InlineData("20 working days on UN-HQ-2017", "2017-03-03", "20 working days on UN-HQ-2017")]
    [InlineData("30 calendar days", "2008-03-03", "30 calendar days")]
    public void The_calendar_chosen_beside_a_due_rule_counts_where_the_rule_names_none(string due, string from, string applied)
    {
        var world = new TaskWorld(("due", Js($"'{due}'")), ("calendar", Literal("KH-2008")), ("dueFrom", Literal($"{from}T09:00:00Z")));

        var expected = Compute.Deadline(applied, DateTimeOffset.Parse($"{from}T09:00:00Z"), Repository.ShippedReference().Calendars);
        Assert.Equal((expected.Rule, expected.DueAt), (world.Task.Deadline!.Rule, world.Task.Deadline.DueAt));
    }

    [Fact]
    public void Only_its_holders_and_the_secretariat_delegate_a_task_and_only_to_roles_that_exist()
    {
        var world = new TaskWorld();
        Assert.Equal("role-unknown", world.Act("delegate", TaskWorld.Leader, """{ "to": "king" }"""));
        Assert.Equal("role-unknown", world.Act("delegate", TaskWorld.Leader, """{ "to": "user:" }"""));
        Assert.Equal("role-unknown", world.Act("delegate", TaskWorld.Leader));
        Assert.Equal("role-missing", world.Act("delegate", LoneCase.Agency("IOM"), """{ "to": "agency:IOM" }"""));
        world.Act("claim", TaskWorld.Leader);
        Assert.Equal("task-claimed", world.Act("delegate", TaskWorld.OtherLeader, """{ "to": "agency:IOM" }"""));
        Assert.Null(world.Act("delegate", TaskWorld.Secretariat, """{ "to": "agency:IOM" }"""));
        Assert.Equal("act-unknown", world.Act("paint", TaskWorld.Secretariat));
    }

    [Fact]
    public void A_task_is_delegated_a_bounded_number_of_times()
    {
        var world = new TaskWorld();
        for (var i = 0; i < 20; i++)
        {
            Assert.Null(world.Act("delegate", TaskWorld.Secretariat, """{ "to": "mission-leader" }"""));
        }

        Assert.Equal("too-many-delegations", world.Act("delegate", TaskWorld.Secretariat, """{ "to": "mission-leader" }"""));
    }

    [Fact]
    public void Of_two_who_saw_the_same_version_of_a_task_the_second_is_told_that_it_is_stale()
    {
        var world = new TaskWorld();
        var seen = world.Bookmark.ChangedAt;
        Assert.Null(world.Act("claim", TaskWorld.Leader, ifChangedAt: seen));

        Assert.Equal("version-stale", world.Act("delegate", TaskWorld.Secretariat, """{ "to": "agency:IOM" }""", seen));
    }

    [Theory]
    [InlineData("Yes", null)]
    [InlineData("No", null)]
    [InlineData("yes", "outcome-unknown")]
    [InlineData("", "outcome-unknown")]
    public void A_task_is_completed_with_one_of_its_outcomes(string outcome, string? code)
    {
        var world = new TaskWorld(("outcomes", Json("""["Yes", "No"]""")));

        Assert.Equal(code, world.Complete(TaskWorld.Leader, outcome));
        Assert.Equal(code is null ? $"{outcome} by leader-1" : null, world.Done);
    }

    [Theory]
    [InlineData("text", "\"x\"", true)]
    [InlineData("text", "1", false)]
    [InlineData("date", "\"2030-02-28\"", true)]
    [InlineData("date", "\"2030-02-30\"", false)]
    [InlineData("date", "\"28 February\"", false)]
    [InlineData("instant", "\"2030-02-28T09:00:00Z\"", true)]
    [InlineData("instant", "\"later\"", false)]
    [InlineData("number", "1.5", true)]
    [InlineData("number", "\"1.5\"", false)]
    [InlineData("boolean", "false", true)]
    [InlineData("boolean", "\"false\"", false)]
    [InlineData("list", "[]", true)]
    [InlineData("list", "{}", false)]
    public void The_first_outcome_carries_the_data_that_the_task_asks_for(string type, string value, bool isSound)
    {
        foreach (var mark in new[] { "", "?" })
        {
            var world = new TaskWorld(("outcomes", Json("""["Yes", "No"]""")), ("fields", Json($"""["f:{type}{mark}"]""")));

            Assert.Equal(mark.Length is 0 ? "field-missing" : null, world.Complete(TaskWorld.Leader, "Yes", "{}"));
            if (mark.Length is 0)
            {
                Assert.Equal(isSound ? null : "field-unreadable", world.Complete(TaskWorld.Leader, "Yes", $$"""{ "f": {{value}} }"""));
            }
        }
    }

    [Fact]
    public void Whoever_says_no_needs_no_data() =>
        Assert.Null(new TaskWorld(("outcomes", Json("""["Yes", "No"]""")), ("fields", Json("""["f:date"]"""))).Complete(TaskWorld.Leader, "No"));

    [Theory]
    [InlineData("Yes", """{ "f": "2030-01-07", "g": 1 }""", "field-unknown", "data.g")]
    [InlineData("No", """{ "F": "2030-01-07" }""", "field-unknown", "data.F")]
    [InlineData("No", """{ "f": "soon" }""", "field-unreadable", "data.f")]
    [InlineData("No", """["f"]""", "data-malformed", "data")]
    [InlineData("No", """{ "f": "2030-01-07" }""", null, null)]
    public void Data_that_the_task_does_not_ask_for_are_refused_where_they_stand_whatever_the_outcome(string outcome, string data, string? code, string? path)
    {
        var world = new TaskWorld(("outcomes", Json("""["Yes", "No"]""")), ("fields", Json("""["f:date"]""")));
        var refusal = world.Refuse(TaskWorld.Leader, outcome, data);

        Assert.Equal((code, path), (refusal?.Code, refusal?.Path));
    }

    [Fact]
    public void A_task_without_fields_takes_no_data() =>
        Assert.Equal("field-unknown", new TaskWorld().Complete(TaskWorld.Leader, "Done", """{ "comment": "x" }"""));

    [Theory]
    [InlineData("2030-01-05", "2030-01-04", "field-order")]
    [InlineData("2030-01-05", "2030-01-05", null)]
    [InlineData("2030-01-05", "2030-01-07", null)]
    [InlineData("2030-01-05", "2030-01-08", "date-in-future")]
    [InlineData("2031-01-05", null, null)]
    public void Dates_are_compared_as_the_task_says(string from, string? to, string? code)
    {
        var world = new TaskWorld(("fields", Json("""["from:date", "to:date? not before from and not in the future"]""")));

        Assert.Equal(code, world.Complete(TaskWorld.Leader, "Done", $$"""{ "from": "{{from}}", "to": {{(to is null ? "null" : $"\"{to}\"")}} }"""));
    }

    [Fact]
    public void A_day_that_has_begun_somewhere_on_earth_is_not_in_the_future()
    {
        var world = new TaskWorld(("fields", Json("""["on:date not in the future"]""")));
        world.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        Assert.Equal("date-in-future", world.Complete(TaskWorld.Leader, "Done", """{ "on": "2030-01-08" }"""));
        world.Advance(TimeSpan.FromSeconds(1)); // 10:00 at UTC: a new day begins 14 hours east of it.

        Assert.Null(world.Complete(TaskWorld.Leader, "Done", """{ "on": "2030-01-08" }"""));
    }

    [Theory]
    [InlineData("when:someday")]
    [InlineData("when")]
    [InlineData(":date")]
    [InlineData("a:b:date")]
    [InlineData("a:date not before b")]
    [InlineData("a:text not in the future")]
    [InlineData("a:date never")]
    public void A_field_that_cannot_be_read_is_a_fault_of_the_workflow(string field)
    {
        var world = new TaskWorld(("fields", Js($"['{field}']")));

        Assert.Equal("field-unreadable", Assert.Single(world.Instance.State.Incidents).Code);
        Assert.Equal(InstanceSubStatus.Faulted, world.Instance.State.SubStatus);
    }

    [Fact]
    public void The_secretariat_records_what_a_State_sent_on_paper_and_nobody_else_does()
    {
        var world = new TaskWorld(("assignedTo", Literal("state:KH")));
        Assert.Equal("role-missing", world.Complete(TaskWorld.Secretariat));
        Assert.Equal("not-on-behalf", world.Complete(TaskWorld.Leader, onBehalfOf: "state:KH"));
        Assert.Equal("not-on-behalf", world.Complete(TaskWorld.Secretariat, onBehalfOf: "state:VN"));
        Assert.Null(world.Complete(TaskWorld.Secretariat, onBehalfOf: "state:KH"));

        Assert.Equal("not-on-behalf", new TaskWorld().Complete(TaskWorld.Secretariat, onBehalfOf: "mission-leader"));
    }
}
