using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.Activities;

public sealed class IncidentTests
{
    private const string BrokenUntilReady = "if (!getReady()) { throw new Error('not ready'); } 'ok'";

    [Fact]
    public void An_incident_tells_activity_message_cause_and_input()
    {
        var script = Activity("Elsa.RunTask", "t", ("taskName", Js("''")), ("payload", Json("""{"no": 7}""")));
        script["name"] = "Ask the agency";
        var incident = Assert.Single(Run(new EngineWorld(), script).State.Incidents);

        Assert.Equal(("t", "Ask the agency", "Elsa.RunTask", "input-empty"), (incident.ActivityId, incident.ActivityName, incident.ActivityType, incident.Code));
        Assert.Contains("Ask the agency", incident.Message, StringComparison.Ordinal);
        Assert.Equal("""{"no":7}""", incident.Input!["Payload"].GetRawText().Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public void An_incident_tells_long_inputs_by_their_size()
    {
        var incident = Assert.Single(Run(new EngineWorld(), Activity("Elsa.WriteLine", "p", ("text", Js("'x'.repeat(5000)")))).State.Incidents);

        Assert.Equal("(5002 bytes)", incident.Input!["Text"].GetString());
    }

    [Theory]
    [InlineData("FaultStrategy", InstanceStatus.Finished)]
    [InlineData("ContinueWithIncidentsStrategy", InstanceStatus.Running)]
    public void What_faulted_is_done_again_when_its_cause_was_dealt_with(string strategy, InstanceStatus meanwhile)
    {
        var world = new EngineWorld();
        var instance = Run(world, Sequence("s", Line("a", "before"), LineJs("x", BrokenUntilReady), Line("b", "after")), Options(strategy));

        Assert.Equal(meanwhile, instance.State.Status);
        instance.SetVariable("Ready", JsonValues.True);
        Assert.Null(world.Retry(instance, Assert.Single(instance.State.Incidents).Id));
        Assert.Equal(["before", "ok", "after"], world.Printed);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        Assert.Empty(instance.State.Incidents);
    }

    [Fact]
    public void What_faults_again_is_an_incident_again()
    {
        var world = new EngineWorld();
        var instance = Run(world, LineJs("x", BrokenUntilReady), Options("FaultStrategy"));
        var first = Assert.Single(instance.State.Incidents).Id;

        Assert.Null(world.Retry(instance, first));
        Assert.Equal(InstanceSubStatus.Faulted, instance.State.SubStatus);
        Assert.NotEqual(first, Assert.Single(instance.State.Incidents).Id);
        Assert.Equal("incident-unknown", world.Retry(instance, first)?.Code);
    }

    [Fact]
    public void A_fault_does_not_keep_from_beginning_what_was_to_begin_beside_it()
    {
        var world = new EngineWorld();
        var instance = Run(
            world, Sequence("s", Container("Elsa.Parallel", "par", LineJs("x", BrokenUntilReady), Line("b", "beside"), Event("e", "Go")), Line("z", "after")), Options("FaultStrategy"));

        Assert.Equal(["beside"], world.Printed);
        Assert.Equal(InstanceSubStatus.Faulted, instance.State.SubStatus);
        world.Restart();
        instance.SetVariable("Ready", JsonValues.True);
        world.Retry(instance, Assert.Single(instance.State.Incidents).Id);
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);
        Assert.Equal(["beside", "ok", "after"], world.Printed);
    }

    [Fact]
    public void A_repaired_instance_goes_on_with_what_did_not_fit_into_the_turn_that_faulted()
    {
        var world = new EngineWorld();
        var lines = Enumerable.Range(0, EngineLimits.ActivitiesPerTurnMax + 10).Select(number => Line($"l{number}", $"{number}"));
        var instance = Run(world, Container("Elsa.Parallel", "par", [LineJs("x", BrokenUntilReady), .. lines]), Options("FaultStrategy"));

        Assert.Equal(EngineLimits.ActivitiesPerTurnMax - 2, world.Printed.Count);
        world.Restart();
        instance.SetVariable("Ready", JsonValues.True);
        world.Retry(instance, Assert.Single(instance.State.Incidents).Id);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        Assert.Equal(EngineLimits.ActivitiesPerTurnMax + 11, world.Printed.Distinct().Count());
        Assert.Equal(EngineLimits.ActivitiesPerTurnMax + 11, world.Printed.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_faulted_and_lost_a_race_since_does_not_keep_the_instance_from_being_repaired(bool somebodyWaits)
    {
        var world = new EngineWorld();
        var after = somebodyWaits ? Event("z", "Go") : Line("z", "after");
        var race = Activity("Elsa.Fork", "race", ("joinMode", "WaitAny"));
        race["branches"] = new JsonArray(LineJs("x", BrokenUntilReady), Line("b", "beside"));
        var instance = Run(world, Sequence("s", race, after), Options("FaultStrategy"));

        Assert.Equal(InstanceSubStatus.Faulted, instance.State.SubStatus);
        Assert.Null(world.Retry(instance, Assert.Single(instance.State.Incidents).Id));
        Assert.Empty(instance.State.Incidents);
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        Assert.Equal(somebodyWaits ? ["beside"] : ["beside", "after"], world.Printed);
    }

    [Fact]
    public void An_instance_is_not_finished_beside_a_fault()
    {
        var world = new EngineWorld();
        var instance = Run(world, Container("Elsa.Parallel", "par", LineJs("x", BrokenUntilReady), Activity("Elsa.Finish", "end")), Options("FaultStrategy"));

        Assert.Equal(InstanceSubStatus.Faulted, instance.State.SubStatus);
        Assert.Equal(["x", "end"], instance.State.Incidents.Select(incident => incident.ActivityId));
        world.Retry(instance, instance.State.Incidents[1].Id);
        Assert.Equal(["x", "end"], instance.State.Incidents.Select(incident => incident.ActivityId)); // Not while the other is open.
        instance.SetVariable("Ready", JsonValues.True);
        world.Retry(instance, instance.State.Incidents[0].Id);
        world.Retry(instance, instance.State.Incidents[0].Id);
        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        Assert.Equal(["ok"], world.Printed);
    }

    [Fact]
    public void A_repaired_instance_waits_again_for_events_and_times_that_it_waited_for()
    {
        var world = new EngineWorld();
        var instance = Run(
            world, Sequence("s", Container("Elsa.Parallel", "par", Event("e", "Go"), Activity("Elsa.Delay", "d", ("timeSpan", Literal("01:00:00"))), LineJs("x", BrokenUntilReady)), Line("z", "after")), Options("FaultStrategy"));
        world.Advance(TimeSpan.FromHours(2));
        instance.SetVariable("Ready", JsonValues.True);
        world.Retry(instance, Assert.Single(instance.State.Incidents).Id);

        Assert.Equal(2, instance.State.Bookmarks.Count);
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);
        world.Advance(TimeSpan.Zero);
        Assert.Equal(["ok", "after"], world.Printed);
    }

    [Fact]
    public void The_end_of_a_child_reaches_a_parent_that_lay_faulted_when_it_is_repaired()
    {
        var world = new EngineWorld();
        world.Publish(Definition("child", Event("ce", "End")));
        var instance = Run(
            world,
            Sequence(
                "s",
                Container(
                    "Elsa.Parallel", "par",
                    Activity("Elsa.ExecuteWorkflow", "c", ("workflowDefinitionId", Literal("child")), ("waitForCompletion", Literal("True"))),
                    Sequence("then", Event("e", "Go"), LineJs("x", BrokenUntilReady))),
                LineJs("z", "getResultFromC() == null ? 'after' : getResultFromC().subStatus")),
            Options("FaultStrategy"));
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);
        world.Signal("End", JsonValues.Null, correlationId: null, only: null);
        Assert.Equal(InstanceSubStatus.Faulted, instance.State.SubStatus);
        Assert.Equal(InstanceSubStatus.Finished, world.Instances[1].State.SubStatus);

        world.Restart();
        instance.SetVariable("Ready", JsonValues.True);
        world.Retry(instance, Assert.Single(instance.State.Incidents).Id);
        Assert.Equal(["ok", "Finished"], world.Printed);
        Assert.Empty(instance.State.Deferred);
    }

    [Fact]
    public void A_loop_that_could_not_begin_its_next_turn_goes_on_with_that_turn()
    {
        var world = new EngineWorld();
        var loop = Activity("Elsa.While", "w", ("condition", Js("if (getN() == 1 && !getReady()) { throw new Error('no'); } getN() < 3")), ("body", Sequence(
            "b", Set("set", "N", Js("getN() + 1")), LineJs("p", "getN()"))));
        var instance = Run(world, Sequence("s", loop, Line("z", "after")), Options("FaultStrategy"));
        var incident = Assert.Single(instance.State.Incidents);

        Assert.Equal(["1"], world.Printed);
        Assert.Equal("p", incident.ActivityId); // As in Elsa: what ran last when the condition was looked at.
        instance.SetVariable("Ready", JsonValues.True);
        world.Retry(instance, incident.Id);
        Assert.Equal(["1", "2", "3", "after"], world.Printed);
    }

    [Theory]
    [InlineData("Elsa.For")]
    [InlineData("Elsa.ForEach")]
    public void A_counting_loop_repeats_the_number_that_its_variable_did_not_take(string type)
    {
        var world = new EngineWorld();
        var loop = Activity(
            type, "l", ("start", Literal("1")), ("end", Literal("3")), ("items", Js("[1, 2, 3]")), ("currentValue", Into("Flag")), ("body", LineJs("p", "getCurrentValue() + '' + getFlag()")));
        var instance = Run(world, loop, ("variables", new JsonArray(Variable("Flag", "Guid"))));

        Assert.Equal("value-unreadable", Assert.Single(instance.State.Incidents).Code);
        world.Retry(instance, instance.State.Incidents[0].Id);
        Assert.Equal("value-unreadable", Assert.Single(instance.State.Incidents).Code);
        Assert.Contains("'1'", instance.State.Incidents[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_incidents_each_is_dealt_with_on_its_own()
    {
        var world = new EngineWorld();
        var instance = Run(
            world,
            Sequence("s", Container("Elsa.Parallel", "par", LineJs("x", BrokenUntilReady), LineJs("y", BrokenUntilReady)), Line("z", "after")),
            Options("ContinueWithIncidentsStrategy"));
        instance.SetVariable("Ready", JsonValues.True);
        Assert.Equal(2, instance.State.Incidents.Length);

        world.Retry(instance, instance.State.Incidents[1].Id);
        Assert.Equal("x", Assert.Single(instance.State.Incidents).ActivityId);
        Assert.Equal(["ok"], world.Printed);
        world.Retry(instance, instance.State.Incidents[0].Id);
        Assert.Equal(["ok", "ok", "after"], world.Printed);
    }

    [Fact]
    public void What_was_cancelled_after_its_fault_cannot_be_done_again()
    {
        var world = new EngineWorld();
        var instance = Run(
            world,
            Activity("Elsa.Fork", "f", ("joinMode", "WaitAny"), ("branches", new JsonArray(LineJs("x", BrokenUntilReady), Sequence("b", Event("e", "Go"), Line("w", "won"))))),
            Options("ContinueWithIncidentsStrategy"));
        var incident = Assert.Single(instance.State.Incidents).Id;
        world.Publish(Definition("outer", Line("o", "o")));
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
        Assert.Equal("instance-finished", world.Retry(instance, incident)?.Code);
    }

    [Fact]
    public void What_a_container_cancelled_after_its_fault_is_obsolete()
    {
        var world = new EngineWorld();
        var instance = Run(
            world,
            Sequence(
                "s",
                Activity("Elsa.Fork", "f", ("joinMode", "WaitAny"), ("branches", new JsonArray(LineJs("x", BrokenUntilReady), Event("e", "Go")))),
                Event("last", "Never")),
            Options("ContinueWithIncidentsStrategy"));
        world.Signal("Go", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal("incident-obsolete", world.Retry(instance, Assert.Single(instance.State.Incidents).Id)?.Code);
    }

    [Fact]
    public void A_fault_with_open_handlers_ends_them_before_it_is_done_again()
    {
        var world = new EngineWorld();
        world.Publish(Definition("child", Event("ce", "End")));
        var instance = Run(
            world,
            Activity(
                "Elsa.BulkDispatchWorkflows", "b", ("workflowDefinitionId", Js("getReady() ? 'child' : 'nowhere'")), ("items", Js("[1]")), ("childCompleted", Event("h", "Handled"))),
            Options("FaultStrategy"));
        instance.SetVariable("Ready", JsonValues.True);
        world.Retry(instance, Assert.Single(instance.State.Incidents).Id);
        world.Signal("End", JsonValues.Null, correlationId: null, only: null);
        world.Signal("Handled", JsonValues.Null, correlationId: null, only: null);

        Assert.Equal(InstanceSubStatus.Finished, instance.State.SubStatus);
    }

    private static (string, JsonNode?)[] Options(string strategy) =>
    [
        ("options", new JsonObject { ["incidentStrategyType"] = strategy }),
        ("variables", new JsonArray(Variable("Ready", "Boolean", "False"), Variable("N", "Int32", "0"))),
    ];
}
