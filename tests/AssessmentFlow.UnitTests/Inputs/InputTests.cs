using System.Globalization;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Engine.Execution.InstanceState,
    AssessmentFlow.Engine.Execution.InstanceFact,
    AssessmentFlow.Engine.Execution.InstanceEffect>;

namespace AssessmentFlow.UnitTests.Inputs;

/// <summary>What becomes of each input where an instance is not there yet, waits, has ended or lies faulted.</summary>
public sealed class InputTests
{
    private const string Taken = "taken";
    private const string Ignored = "ignored";
    private const long Nothing = 999;

    private static readonly DateTimeOffset Begin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("start", Taken)]
    [InlineData("start by an unknown trigger", "Conflict trigger-unknown")]
    [InlineData("start by what is no trigger", "Conflict trigger-unknown")]
    [InlineData("signal", "NotFound instance-unknown")]
    [InlineData("act", "NotFound instance-unknown")]
    [InlineData("time", "NotFound instance-unknown")]
    [InlineData("continue", "NotFound instance-unknown")]
    [InlineData("cancel", "NotFound instance-unknown")]
    [InlineData("retry", "NotFound instance-unknown")]
    public void An_instance_that_is_not_there_can_only_be_started(string input, string expected) =>
        Assert.Equal(expected, Outcome(New(), input));

    [Theory]
    [InlineData("start", "Conflict instance-exists")]
    [InlineData("signal", Taken)]
    [InlineData("signal for this case", Taken)]
    [InlineData("signal for another case", Ignored)]
    [InlineData("signal of another name", "Conflict signal-not-awaited")]
    [InlineData("signal for who waits by now", Taken)]
    [InlineData("signal for who waited before", "Conflict signal-not-awaited")]
    [InlineData("act", Taken)]
    [InlineData("act on the version of the task", Taken)]
    [InlineData("act on an older version", "Stale version-stale")]
    [InlineData("act on a closed task", "Conflict task-closed")]
    [InlineData("act on a closed task seen open", "Stale version-stale")]
    [InlineData("act that the task does not know", "Conflict act-unknown")]
    [InlineData("time", Taken)]
    [InlineData("time too early", Ignored)]
    [InlineData("time of something gone", Ignored)]
    [InlineData("time of what waits for no time", Ignored)]
    [InlineData("reply to something gone", Ignored)]
    [InlineData("end of an unknown child", Ignored)]
    [InlineData("rest of an unknown child", Ignored)]
    [InlineData("continue", Ignored)]
    [InlineData("cancel", Taken)]
    [InlineData("retry", "NotFound incident-unknown")]
    [InlineData("oversized", Taken)]
    public void An_instance_that_waits_takes_what_it_waits_for_and_what_people_decide(string input, string expected) =>
        Assert.Equal(expected, Outcome(Waiting(), input));

    [Theory]
    [InlineData("start", "Conflict instance-exists")]
    [InlineData("signal", "Conflict instance-finished")]
    [InlineData("act", "Conflict instance-finished")]
    [InlineData("cancel", "Conflict instance-finished")]
    [InlineData("retry", "Conflict instance-finished")]
    [InlineData("time", Ignored)]
    [InlineData("reply", Ignored)]
    [InlineData("end of an unknown child", Ignored)]
    [InlineData("continue", Ignored)]
    [InlineData("oversized", Ignored)]
    public void An_instance_that_has_ended_tells_people_so_and_lets_the_rest_pass(string input, string expected) =>
        Assert.Equal(expected, Outcome(Accepted(Waiting(), Input("cancel")).State, input));

    [Theory]
    [InlineData("start", "Conflict instance-exists")]
    [InlineData("signal", "Conflict instance-finished")]
    [InlineData("act", "Conflict instance-finished")]
    [InlineData("cancel", Taken)]
    [InlineData("retry", "NotFound incident-unknown")]
    [InlineData("time", Ignored)]
    [InlineData("reply", Taken)]
    [InlineData("reply to something gone", Ignored)]
    [InlineData("rest of an unknown child", Ignored)]
    [InlineData("continue", Ignored)]
    public void An_instance_that_lies_faulted_keeps_the_answers_that_a_repair_would_wait_for(string input, string expected) =>
        Assert.Equal(expected, Outcome(Accepted(Waiting(), Input("oversized")).State, input));

    [Fact]
    public void An_end_by_a_person_says_who_and_why_and_one_by_size_says_how_large()
    {
        var cancelled = Assert.Single(Accepted(Waiting(), Input("cancel")).Facts.OfType<InstanceFact.InstanceFinished>());
        var oversized = Assert.Single(Accepted(Waiting(), Input("oversized")).Facts.OfType<InstanceFact.InstanceFinished>());

        Assert.Equal((InstanceSubStatus.Cancelled, "bopha", "no longer needed"), (cancelled.SubStatus, cancelled.By, cancelled.Reason));
        Assert.Equal((InstanceSubStatus.Faulted, "system"), (oversized.SubStatus, oversized.By));
        Assert.Contains("2000000 bytes", oversized.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, Taken)]
    [InlineData(1, "Invalid value-too-large")]
    public void An_input_of_the_workflow_may_be_as_long_as_the_limit_says(int more, string expected) =>
        Assert.Equal(expected, Outcome(New(), StartWith($"\"{new string('x', EngineLimits.ValueSizeMaxBytes - 2 + more)}\"")));

    [Theory]
    [InlineData(0, "", Taken)]
    [InlineData(0, "7", Taken)]
    [InlineData(1, "", "Invalid value-too-deep")]
    public void An_input_of_the_workflow_may_be_as_deep_as_the_limit_says_whatever_lies_in_the_deepest_level(int more, string inside, string expected)
    {
        var levels = EngineLimits.ValueDepthMax - 1 + more;
        Assert.Equal(expected, Outcome(New(), StartWith($"[\"{new string('x', 100)}\",{new string('[', levels)}{inside}{new string(']', levels)}]")));
    }

    private static InstanceState New() => new() { Id = "i" };

    /// <summary>Waits for an event, for an hour to pass and for a task.</summary>
    private static InstanceState Waiting() => Accepted(New(), Input("start")).State;

    private static readonly WorkflowDefinition Drawn = new EngineWorld().Read(Definition("drawn", Container(
        "Elsa.Parallel", "p", Event("e", "Go"), Activity("Elsa.Delay", "d", ("timeSpan", Literal("01:00:00"))), Activity("Elsa.RunTask", "t", ("taskName", Literal("Read")))))).Definition!;

    private static long BookmarkOf(string kind) => Waiting().Bookmarks.Values.Single(bookmark => bookmark.Kind == kind).Id;

    private static InstanceInput Input(string name)
    {
        var person = new Actor("bopha", ["secretariat"]);
        InstanceInput Act(long bookmark, long? version, string act = "complete") => new InstanceInput.Act(bookmark, act, JsonValues.EmptyObject, person, version);
        InstanceInput Begun(string? trigger) => new InstanceInput.Start("drawn", 1, "hash", [], "CASE-1", Trigger: trigger);
        return name switch
        {
            "start" => Begun(null),
            "start by an unknown trigger" => Begun("nowhere"),
            "start by what is no trigger" => Begun(Drawn.Root.NodeId),
            "signal" => new InstanceInput.Signal("Go", JsonValues.Null),
            "signal for this case" => new InstanceInput.Signal("Go", JsonValues.Null, "CASE-1"),
            "signal for another case" => new InstanceInput.Signal("Go", JsonValues.Null, "CASE-2"),
            "signal for who waits by now" => new InstanceInput.Signal("Go", JsonValues.Null, BegunBy: Begin),
            "signal for who waited before" => new InstanceInput.Signal("Go", JsonValues.Null, BegunBy: Begin.AddTicks(-1)),
            "signal of another name" => new InstanceInput.Signal("Stop", JsonValues.Null),
            "act" => Act(BookmarkOf("Elsa.RunTask"), null),
            "act on the version of the task" => Act(BookmarkOf("Elsa.RunTask"), 1),
            "act on an older version" => Act(BookmarkOf("Elsa.RunTask"), 0),
            "act on a closed task" => Act(Nothing, null),
            "act on a closed task seen open" => Act(Nothing, 1),
            "act that the task does not know" => Act(BookmarkOf("Elsa.RunTask"), null, "claim"),
            "time" or "time too early" => new InstanceInput.TimerFired(BookmarkOf("Elsa.Delay")),
            "time of something gone" => new InstanceInput.TimerFired(Nothing),
            "time of what waits for no time" => new InstanceInput.TimerFired(BookmarkOf("Elsa.Event")),
            "reply" => new InstanceInput.Reply(BookmarkOf("Elsa.RunTask"), JsonValues.Null),
            "reply to something gone" => new InstanceInput.Reply(Nothing, JsonValues.Null),
            "end of an unknown child" => new InstanceInput.ChildEnded("nobody", BookmarkOf("Elsa.RunTask"), JsonValues.Null),
            "rest of an unknown child" => new InstanceInput.ChildRested("nobody", Nothing, JsonValues.Null),
            "continue" => new InstanceInput.Continue(),
            "cancel" => new InstanceInput.Cancel("no longer needed", person),
            "retry" => new InstanceInput.Retry(Nothing, person),
            "oversized" => new InstanceInput.Oversized(2_000_000),
            _ => throw new ArgumentException(name, nameof(name)),
        };
    }

    private static InstanceInput.Start StartWith(string json) => new(
        "drawn", 1, "hash", new(StringComparer.Ordinal) { ["Given"] = Element(json) }, CorrelationId: null);

    private static string Outcome(InstanceState state, string input) =>
        Outcome(Decide(state, Input(input), input is "time" ? Begin.AddHours(1) : Begin.AddHours(1).AddTicks(-1)));

    private static string Outcome(InstanceState state, InstanceInput input) => Outcome(Decide(state, input, Begin));

    private static string Outcome(Decision decision) => decision switch
    {
        Decision.Accepted => Taken,
        Decision.Refused { Refusal: var refusal } => string.Create(CultureInfo.InvariantCulture, $"{refusal.Kind} {refusal.Code}"),
        _ => Ignored,
    };

    private static Decision.Accepted Accepted(InstanceState state, InstanceInput input) => Assert.IsType<Decision.Accepted>(Decide(state, input, Begin));

    private static Decision Decide(InstanceState state, InstanceInput input, DateTimeOffset now) =>
        WorkflowEngine.Decide(Drawn, state, input, new Moment(now, state.Exists ? 2 : 1));
}
