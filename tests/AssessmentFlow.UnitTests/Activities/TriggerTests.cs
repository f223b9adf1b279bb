using System.Collections.Immutable;
using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.UnitTests.Conformance;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class TriggerTests
{
    private static readonly DateTimeOffset Published = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_event_that_may_start_the_workflow_starts_an_instance_with_its_payload_as_result()
    {
        var world = new EngineWorld();
        world.Publish(Definition("drawn", Sequence("s", Starting(Event("t", "Order")), LineJs("p", "getResultFromT().no + ' ' + getCorrelationId()"))));
        world.Signal("Order", Element("""{"no": 4}"""), "c1", only: null);

        Assert.Equal("4 c1", Assert.Single(world.Printed));
        Assert.Equal(InstanceSubStatus.Finished, Assert.Single(world.Instances).State.SubStatus);
    }

    [Fact]
    public void An_instance_started_by_a_trigger_waits_when_its_run_comes_to_the_trigger_again()
    {
        var world = new EngineWorld();
        world.Publish(Definition("drawn", Flowchart("f", [Starting(Event("t", "Order")), Line("p", "got")], "t>p", "p>t")));
        world.Signal("Order", JsonValues.Null, correlationId: null, only: null);

        var instance = Assert.Single(world.Instances);
        Assert.Equal("got", Assert.Single(world.Printed));
        world.Restart();
        world.Signal("Order", JsonValues.Null, correlationId: null, instance);
        Assert.Equal(["got", "got"], world.Printed);
        Assert.Single(instance.State.Bookmarks);
    }

    [Fact]
    public void A_trigger_deep_inside_containers_decides_which_branch_runs()
    {
        var world = new EngineWorld();
        world.Publish(Definition("drawn", Flowchart(
            "f",
            [
                Starting(Event("t1", "Mail")), Line("a", "mail"),
                Flowchart("in", [Starting(Event("t2", "Call")), Line("b", "call")], "t2>b"), Line("m", "meet"),
            ],
            "t1>a", "a>m", "in>m")));
        world.Signal("Call", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal(["call", "meet"], world.Printed);
    }

    [Fact]
    public void A_workflow_started_by_request_waits_at_its_trigger()
    {
        var instance = Run(new EngineWorld(), Sequence("s", Starting(Event("t", "Order")), Line("p", "got")));

        Assert.Equal("Order", Assert.Single(instance.State.Bookmarks.Values).Key);
    }

    [Fact]
    public void A_trigger_that_the_definition_does_not_have_starts_nothing()
    {
        var world = new EngineWorld();
        world.Publish(Definition("drawn", Line("p", "x")));
        var instance = world.Start("drawn", JsonValues.Null, correlationId: null, trigger: "Workflow1:gone");

        Assert.False(instance.State.Exists);
        Assert.Empty(world.Printed);
    }

    [Fact]
    public void The_triggers_of_a_definition_tell_kind_key_and_schedule()
    {
        var triggers = Triggers(Sequence(
            "s",
            Starting(Event("e", "Go", ("eventName", Js("'Go-' + getKey()")))),
            Starting(Activity("Elsa.Timer", "t", ("interval", Literal("02:00:00")))),
            Starting(Activity("Elsa.Cron", "c", ("cronExpression", Literal("0 30 9 * * 1-5")))),
            Starting(Activity("Elsa.StartAt", "a", ("dateTime", Literal("2031-05-01T00:00:00+02:00")))),
            Event("no", "Never"),
            Starting(Line("l", "no trigger at all"))));

        Assert.Equal(
            [
                new StartTrigger("Workflow1:s:e", "Elsa.Event", "Go-k", null),
                new StartTrigger("Workflow1:s:t", "Elsa.Timer", null, new TriggerSchedule { Every = TimeSpan.FromHours(2) }),
                new StartTrigger("Workflow1:s:c", "Elsa.Cron", null, new TriggerSchedule { Cron = "0 30 9 * * 1-5" }),
                new StartTrigger("Workflow1:s:a", "Elsa.StartAt", null, new TriggerSchedule { Once = new(2031, 4, 30, 22, 0, 0, TimeSpan.Zero) }),
            ],
            triggers);
    }

    [Fact]
    public void A_trigger_that_cannot_be_read_is_a_problem_at_the_input_that_does_not_say_it()
    {
        var definition = Read(Sequence("s", Starting(Activity("Elsa.Cron", "c", ("cronExpression", Js("'non' + 'sense'")))), Starting(Activity("Elsa.Timer", "t", ("interval", Literal("00:00:00"))))));
        StartTriggers.Of(definition, Published, out var problems);

        Assert.Equal(
            [("$.root.activities[0].cronExpression.expression.value", "trigger-unreadable", "c"), ("$.root.activities[1].interval.expression.value", "trigger-unreadable", "t")],
            problems.Select(problem => (problem.Path, problem.Code, problem.Activity)));
    }

    [Fact]
    public void A_trigger_inside_a_workflow_that_is_used_as_an_activity_starts_nothing()
    {
        var world = new EngineWorld();
        world.Publish(Definition("inner", Starting(Event("t", "Go")), ("name", "inner"), ("options", new JsonObject { ["usableAsActivity"] = true })));
        world.Publish(Definition("drawn", Activity("Inner", "u")));
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal("inner", Assert.Single(world.Instances).State.DefinitionId);
    }

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(7.5, 8)]
    public void A_timer_fires_at_whole_intervals_after_the_publication(double afterHours, double expectedHours) =>
        Assert.Equal(
            Published.AddHours(expectedHours),
            new TriggerSchedule { Every = TimeSpan.FromHours(2) }.Next(Published.AddHours(afterHours), Published));

    [Theory]
    [InlineData("0 30 9 * * MON", "2030-01-07T09:30:00Z")]
    [InlineData("30 9 * * MON", "2030-01-07T09:30:00Z")]
    [InlineData("*/10 * * * * *", "2030-01-01T00:00:10Z")]
    [InlineData("0 0 30 2 *", null)]
    public void A_cron_expression_fires_at_its_next_time_in_utc(string cron, string? expected) =>
        Assert.Equal(
            expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture),
            new TriggerSchedule { Cron = cron }.Next(Published, Published));

    [Fact]
    public void A_single_time_fires_once()
    {
        var schedule = new TriggerSchedule { Once = Published.AddDays(1) };

        Assert.Equal(Published.AddDays(1), schedule.Next(Published, Published));
        Assert.Null(schedule.Next(Published.AddDays(1), Published));
    }

    [Fact]
    public void Timer_and_cron_start_an_instance_at_each_of_their_times()
    {
        var world = new EngineWorld();
        world.Publish(Definition("drawn", Flowchart(
            "f",
            [
                Starting(Activity("Elsa.Timer", "t", ("interval", Literal("01:00:00")))), Line("a", "hour"),
                Starting(Activity("Elsa.Cron", "c", ("cronExpression", Literal("30 1 * * *")))), Line("b", "half past one"),
            ],
            "t>a", "c>b")));
        world.Advance(TimeSpan.FromHours(2));

        Assert.Equal(["hour", "half past one", "hour"], world.Printed);
    }

    private static ImmutableArray<StartTrigger> Triggers(JsonObject root)
    {
        var triggers = StartTriggers.Of(Read(root), Published, out var problems);
        Assert.Empty(problems);
        return triggers;
    }

    private static WorkflowDefinition Read(JsonObject root)
    {
        var reading = new EngineWorld().Read(Definition("drawn", root, ("variables", new JsonArray(Variable("Key", "String", "k")))));
        Assert.Empty(reading.Problems);
        return reading.Definition!;
    }
}
