using AssessmentFlow.Engine.Execution;
using AssessmentFlow.UnitTests.Conformance;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class TimerTests
{
    [Theory]
    [InlineData("Elsa.Delay", "timeSpan", "500.00:00:00", 500 * 24)]
    [InlineData("Elsa.Timer", "interval", "02:00:00", 2)]
    [InlineData("Elsa.Cron", "cronExpression", "0 0 3 * * *", 3)]
    [InlineData("Elsa.StartAt", "dateTime", "2030-01-01T05:00:00Z", 5)]
    public void A_wait_for_time_inside_a_workflow_ends_once_at_its_time(string type, string input, string value, int hours)
    {
        var world = new EngineWorld();
        var instance = Run(world, Sequence("s", Activity(type, "t", (input, Literal(value))), Line("p", "after")));

        Assert.Equal(world.Now.AddHours(hours), Assert.Single(instance.State.Bookmarks.Values).DueAt);
        world.Restart();
        world.Advance(TimeSpan.FromHours(hours) - TimeSpan.FromTicks(1));
        Assert.Empty(world.Printed);
        world.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("after", Assert.Single(world.Printed));
        world.Advance(TimeSpan.FromDays(1_000));
        Assert.Equal("after", Assert.Single(world.Printed));
    }

    [Theory]
    [InlineData("Elsa.Delay", "timeSpan", "10000000.00:00:00")]
    [InlineData("Elsa.Timer", "interval", "10000000.00:00:00")]
    public void A_time_that_never_comes_is_a_fault(string type, string input, string value) =>
        Assert.Equal(InstanceSubStatus.Faulted, Run(new EngineWorld(), Activity(type, "t", (input, Literal(value)))).State.SubStatus);

    [Fact]
    public void A_cron_expression_that_cannot_be_read_is_refused_at_import()
    {
        var problem = Assert.Single(new EngineWorld().Read(Definition("drawn", Activity("Elsa.Cron", "c", ("cronExpression", Literal("nonsense"))))).Problems);

        Assert.Equal(("$.root.cronExpression.expression.value", "cron-unreadable", "c"), (problem.Path, problem.Code, problem.Activity));
    }

    [Fact]
    public void A_delay_in_a_loop_waits_each_time()
    {
        var world = new EngineWorld();
        Run(world, LoopTests.For("f", 1, 3, 1, inclusive: true, Sequence("b", Activity("Elsa.Delay", "d", ("timeSpan", Literal("01:00:00"))), LineJs("p", "getCurrentValue()"))));
        world.Advance(TimeSpan.FromHours(2));

        Assert.Equal(["1", "2"], world.Printed);
    }
}
