using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class StateMachineTests
{
    [Fact]
    public void A_state_is_entered_and_left_by_its_activities_with_the_action_of_the_transition_between()
    {
        var world = new EngineWorld();
        var instance = Run(world, Sequence("s", Case(), Line("z", "after")));

        Assert.Equal(["enter draft"], world.Printed);
        Send(world, "Submit");
        Assert.Equal(["enter draft", "leave draft", "submit", "enter review"], world.Printed);
        Send(world, "Accept");
        Assert.Equal(["enter draft", "leave draft", "submit", "enter review", "leave review", "enter adopted", "after"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void The_transition_that_is_taken_ends_the_waiting_of_the_others()
    {
        var world = new EngineWorld();
        var instance = Run(world, Case());
        Send(world, "Submit");

        Assert.Equal(["Accept", "Return"], instance.State.Bookmarks.Values.Select(bookmark => bookmark.Key));
        Send(world, "Return");
        Assert.Equal("Submit", Assert.Single(instance.State.Bookmarks.Values).Key);
        Assert.Equal(["leave review", "enter draft"], world.Printed.TakeLast(2));
    }

    [Fact]
    public void A_state_may_be_gone_through_any_number_of_times()
    {
        var world = new EngineWorld();
        var instance = Run(world, Case());
        for (var round = 0; round < 20; round++)
        {
            Send(world, "Submit");
            Send(world, "Return");
            world.Restart();
        }

        Send(world, "Submit");
        Send(world, "Accept");
        Assert.Equal(21, world.Printed.Count(line => line is "enter review"));
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void One_event_that_two_transitions_wait_for_takes_the_first_of_them()
    {
        var world = new EngineWorld();
        var instance = Run(world, Machine(
            "a", [State("a"), State("b"), State("c")], Transition("a", "b", Event("e1", "Go")), Transition("a", "c", Event("e2", "Go"), action: Line("wrong", "wrong"))));
        Send(world, "Go");

        Assert.Empty(world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void A_trigger_that_completes_at_once_keeps_those_behind_it_from_beginning()
    {
        var world = new EngineWorld();
        Run(world, Machine(
            "a", [State("a"), State("b"), State("c")], Transition("a", "b", Line("first", "first")), Transition("a", "c", Line("second", "second")), Transition("b", "c", Event("e", "Go"))));

        Assert.Equal(["first"], world.Printed);
    }

    [Fact]
    public void A_trigger_whose_condition_does_not_hold_waits_again()
    {
        var world = new EngineWorld();
        var instance = Run(
            world,
            Machine("a", [State("a"), State("b", entry: Line("b", "b"))], Transition("a", "b", Sequence("t", Event("e", "Go"), Set("n", "N", Js("getN() + 1"))), Js("getN() > 1"))),
            ("variables", new JsonArray(Variable("N", "Int32", "0"))));

        Send(world, "Go");
        Assert.Equal("Go", Assert.Single(instance.State.Bookmarks.Values).Key);
        Assert.Empty(world.Printed);
        Send(world, "Go");
        Assert.Equal(["b"], world.Printed);
    }

    [Fact]
    public void A_transition_without_a_trigger_is_taken_at_once_the_first_whose_condition_holds()
    {
        var world = new EngineWorld();
        var instance = Run(world, Machine(
            "a",
            [State("a"), State("b", entry: Line("wrong", "wrong")), State("c", entry: Line("right", "right")), State("d", entry: Line("late", "late"))],
            Transition("a", "d", Event("e", "Never")),
            Transition("a", "b", condition: Literal("False")),
            Transition("a", "c", condition: Js("1 < 2")),
            Transition("a", "d", condition: Literal("True"))));

        Assert.Equal(["right"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void A_state_that_nothing_leads_out_of_when_no_condition_holds_is_an_incident_that_can_be_repaired()
    {
        var world = new EngineWorld();
        var instance = Run(
            world,
            Machine("a", [State("a", entry: Line("in", "in"), exit: Line("out", "out")), State("b", entry: Line("b", "b"))], Transition("a", "b", condition: Js("getReady()"))),
            ("options", new JsonObject { ["incidentStrategyType"] = "ContinueWithIncidentsStrategy" }),
            ("variables", new JsonArray(Variable("Ready", "Boolean", "False"))));

        var incident = Assert.Single(instance.State.Incidents);
        Assert.Equal("transition-missing", incident.Code);
        instance.SetVariable("Ready", JsonValues.True);
        Assert.Null(world.Retry(instance, incident.Id));
        Assert.Equal(["in", "out", "b"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void What_a_transition_had_done_before_a_condition_failed_is_done_once_after_the_repair()
    {
        var world = new EngineWorld();
        var instance = Run(
            world,
            Machine(
                "a",
                [State("a"), State("b", exit: Line("b", "leave b")), State("c", entry: Line("c", "c"))],
                Transition("a", "b", Event("e", "Go")),
                Transition("a", "c", Event("other", "Other")),
                Transition("b", "c", condition: Js("if (!getReady()) { throw new Error('not ready'); } true"))),
            ("variables", new JsonArray(Variable("Ready", "Boolean", "False"))));
        Send(world, "Go");

        world.Restart();
        instance.SetVariable("Ready", JsonValues.True);
        Assert.Null(world.Retry(instance, Assert.Single(instance.State.Incidents).Id));
        Assert.Equal(["leave b", "c"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    [Fact]
    public void A_transition_that_is_repaired_after_another_was_taken_is_not_taken_any_more()
    {
        var world = new EngineWorld();
        var instance = Run(
            world,
            Machine(
                "a",
                [State("a"), State("b", entry: Line("b", "enter b")), State("c", entry: Line("c", "enter c")), State("d")],
                Transition("a", "c", Event("e1", "One"), condition: Js("getReady() ? true : nothing.here")), Transition("a", "b", Event("e2", "Two")), Transition("b", "d", Event("e3", "Three")), Transition("c", "d")),
            ("options", new JsonObject { ["incidentStrategyType"] = "ContinueWithIncidentsStrategy" }),
            ("variables", new JsonArray(Variable("Ready", "Boolean", "false"))));
        Send(world, "One");
        Send(world, "Two");
        instance.SetVariable("Ready", JsonValues.True);
        Assert.Null(world.Retry(instance, Assert.Single(instance.State.Incidents).Id));

        Assert.Equal(["enter b"], world.Printed);
        Assert.Equal("Three", Assert.Single(instance.State.Bookmarks.Values).Key);
    }

    [Fact]
    public void Transitions_that_lead_in_a_ring_without_doing_anything_are_an_incident()
    {
        var instance = Run(new EngineWorld(), Machine("a", [State("a"), State("b")], Transition("a", "b"), Transition("b", "a")));

        Assert.Equal("transitions-endless", Assert.Single(instance.State.Incidents).Code);
    }

    [Fact]
    public void A_break_inside_leaves_the_loop_around_the_state_machine()
    {
        var machine = Machine("a", [State("a", entry: Activity("Elsa.Break", "stop")), State("b", entry: Line("wrong", "wrong"))], Transition("a", "b"));

        Assert.Equal("after", Printed(Sequence("s", Activity("Elsa.While", "w", ("condition", Literal("true")), ("body", machine)), Line("z", "after"))));
    }

    [Fact]
    public void It_begins_in_the_current_state_that_its_author_wrote_down()
    {
        var machine = Machine("a", [State("a", entry: Line("a", "a")), State("b", entry: Line("b", "b"))], Transition("a", "b"), Transition("b", "a", Event("e", "Never")));
        machine["currentState"] = "b";
        var world = new EngineWorld();
        Run(world, machine);

        Assert.Equal(["b"], world.Printed);
    }

    [Fact]
    public void A_state_machine_without_states_ends_at_once() =>
        Assert.Equal("after", Printed(Sequence("s", Activity("Elsa.StateMachine", "m", ("states", new JsonArray()), ("transitions", new JsonArray())), Line("z", "after"))));

    [Theory]
    [InlineData("initialState", "", "$.root.initialState", "state-initial-missing")]
    [InlineData("initialState", null, "$.root.initialState", "state-initial-missing")]
    [InlineData("initialState", "nowhere", "$.root.initialState", "state-initial-missing")]
    [InlineData("currentState", "nowhere", "$.root.currentState", "state-initial-missing")]
    [InlineData("transitions[0].to", "nowhere", "$.root.transitions[0].to", "transition-dangling")]
    [InlineData("transitions[1].from", "nowhere", "$.root.transitions[1].from", "transition-dangling")]
    [InlineData("states[1].name", " ", "$.root.states[1].name", "state-without-name")]
    [InlineData("states[2].name", "draft", "$.root.states[2].name", "state-repeated")]
    [InlineData("transitions[0].trigger.eventName", null, "$.root.transitions[0].trigger.eventName", "input-missing")]
    public void What_can_never_run_is_refused_with_its_place(string member, string? value, string path, string code)
    {
        var machine = Case();
        Replace(machine, member, value);
        var problems = new EngineWorld().Read(Definition("drawn", machine)).Problems;

        var problem = problems.First(each => each.Code == code);
        Assert.Equal((path, member.Contains("trigger", StringComparison.Ordinal) ? "t0" : "machine"), (problem.Path, problem.Activity));
    }

    [Fact]
    public void States_and_transitions_that_are_never_reached_are_warned_about()
    {
        var reading = new EngineWorld().Read(Definition("drawn", Machine(
            "a", [State("a"), State("b"), State("island")], Transition("a", "b"), Transition("a", "b", Event("e", "Late")), Transition("island", "b", Event("f", "F")))));

        Assert.Empty(reading.Problems);
        Assert.Equal(
            [("$.root.states[2]", "state-unreachable"), ("$.root.transitions[1]", "transition-never-taken")],
            reading.Warnings.Select(warning => (warning.Path, warning.Code)).Order());
    }

    private static JsonObject Case() => Machine(
        "draft",
        [
            State("draft", Line("ed", "enter draft"), Line("xd", "leave draft")),
            State("review", Line("er", "enter review"), Line("xr", "leave review")),
            State("adopted", Line("ea", "enter adopted")),
        ],
        Transition("draft", "review", Event("t0", "Submit"), action: Line("submit", "submit")),
        Transition("review", "adopted", Event("t1", "Accept")),
        Transition("review", "draft", Event("t2", "Return")));

    private static JsonObject Machine(string initial, JsonObject[] states, params JsonObject[] transitions) => Activity(
        "Elsa.StateMachine", "machine", ("initialState", initial), ("states", new JsonArray([.. states])), ("transitions", new JsonArray([.. transitions])));

    private static JsonObject State(string name, JsonObject? entry = null, JsonObject? exit = null) => new() { ["name"] = name, ["entry"] = entry, ["exit"] = exit };

    private static JsonObject Transition(string from, string to, JsonObject? trigger = null, JsonObject? condition = null, JsonObject? action = null) =>
        new() { ["name"] = "", ["displayName"] = null, ["from"] = from, ["to"] = to, ["trigger"] = trigger, ["condition"] = condition, ["action"] = action };

    private static void Send(EngineWorld world, string name) => world.Signal(name, JsonValues.Null, correlationId: null, only: null);

    private static void Replace(JsonNode at, string member, string? value)
    {
        var names = member.Split('.', '[').Select(name => name.TrimEnd(']')).ToArray();
        foreach (var name in names[..^1])
        {
            at = int.TryParse(name, out var position) ? at[position]! : at[name]!;
        }

        at[names[^1]] = value;
    }
}
