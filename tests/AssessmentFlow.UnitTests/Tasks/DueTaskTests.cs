using AssessmentFlow.Engine.Execution;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Tasks;

public sealed class DueTaskTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void Warning_escalating_and_completing_when_due_are_three_settings_and_none_of_them_is_needed()
    {
        var world = new TaskWorld(("due", Literal("10 calendar days")));
        world.Advance(400 * Day);

        Assert.True(world.Task.IsOverdue);
        Assert.False(world.Task.IsWarned);
        Assert.Null(world.Task.EscalatedTo);
        Assert.Null(world.Bookmark.DueAt);
        Assert.Null(world.Complete(TaskWorld.Leader));
    }

    [Fact]
    public void A_task_without_a_due_rule_is_never_overdue()
    {
        var world = new TaskWorld();
        world.Advance(4_000 * Day);

        Assert.False(world.Task.IsOverdue);
    }

    [Fact]
    public void Its_holders_are_warned_before_it_is_due_and_it_is_escalated_when_it_is()
    {
        var world = new TaskWorld(("due", Literal("10 calendar days")), ("warnBefore", Literal("2.00:00:00")), ("escalateTo", Literal("secretariat")));
        world.Advance((8 * Day) - TimeSpan.FromTicks(1));
        Assert.False(world.Task.IsWarned);
        world.Advance(TimeSpan.FromTicks(1));
        Assert.True(world.Task.IsWarned);
        Assert.False(world.Task.IsOverdue);
        Assert.Equal("role-missing", world.Act("claim", TaskWorld.Secretariat));
        world.Advance(2 * Day);
        Assert.True(world.Task.IsOverdue);

        Assert.Equal("secretariat", world.Task.EscalatedTo);
        Assert.Null(world.Act("claim", TaskWorld.Secretariat));
        Assert.Equal("task-claimed", world.Complete(TaskWorld.Leader));
        Assert.Null(world.Complete(TaskWorld.Secretariat));
    }

    [Fact]
    public void Escalating_adds_a_role_and_takes_none_away()
    {
        var world = new TaskWorld(("due", Literal("1 week")), ("escalateTo", Literal("secretariat")));
        world.Advance(8 * Day);

        Assert.Null(world.Complete(TaskWorld.Leader));
    }

    [Theory]
    [InlineData("30.00:00:00")]
    [InlineData("10000000.00:00:00")]
    public void A_warning_that_would_lie_in_the_past_is_not_given(string before)
    {
        var world = new TaskWorld(("due", Literal("1 week")), ("warnBefore", Literal(before)));
        world.Advance(7 * Day);

        Assert.False(world.Task.IsWarned);
        Assert.True(world.Task.IsOverdue);
    }

    [Fact]
    public void A_task_may_complete_itself_when_due_with_an_outcome_that_nobody_can_choose()
    {
        var world = new TaskWorld(("outcomes", Json("""["Reported"]""")), ("due", Literal("6 months")), ("onDue", Literal("Overdue")));
        world.Act("claim", TaskWorld.Leader);
        Assert.Equal("outcome-unknown", world.Complete(TaskWorld.Leader, "Overdue"));
        Assert.Equal(["Reported"], world.Task.Outcomes);
        world.Advance(181 * Day);

        Assert.Equal("Overdue by system", world.Done);
    }

    [Fact]
    public void A_task_that_was_completed_in_time_is_not_completed_again_when_due()
    {
        var world = new TaskWorld(("due", Literal("1 week")), ("onDue", Literal("Overdue")));
        world.Complete(TaskWorld.Leader);
        world.Advance(30 * Day);

        Assert.Equal("Done by leader-1", world.Done);
    }

    [Fact]
    public void The_due_rule_counts_from_the_instant_that_the_author_names()
    {
        var world = new TaskWorld(("due", Literal("6 months by 23:59")), ("dueFrom", Literal("2029-12-01")));

        Assert.Equal(new DateTimeOffset(2030, 6, 1, 23, 59, 0, TimeSpan.Zero), world.Task.Deadline!.DueAt);
        Assert.Equal("6 months by 23:59", world.Task.Deadline.Rule);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("5 working days on KH-2008")]
    [InlineData("5 working days on ATLANTIS")]
    public void A_due_rule_that_cannot_be_used_is_a_fault_that_says_why(string rule)
    {
        var world = new TaskWorld(("due", Js($"'{rule}'"))); // A fixed one is refused before anything runs.

        Assert.Equal("due-rule-unusable", Assert.Single(world.Instance.State.Incidents).Code);
    }

    [Fact]
    public void Claims_and_delegations_do_not_move_the_due_time()
    {
        var world = new TaskWorld(("due", Literal("10 calendar days")), ("onDue", Literal("Late")));
        var due = world.Bookmark.DueAt;
        world.Act("claim", TaskWorld.Leader);
        world.Act("release", TaskWorld.Leader);
        world.Act("delegate", TaskWorld.Leader, """{ "to": "agency:IOM" }""");

        Assert.Equal(due, world.Bookmark.DueAt);
        Assert.Equal(InstanceStatus.Running, world.Instance.State.Status);
    }
}
