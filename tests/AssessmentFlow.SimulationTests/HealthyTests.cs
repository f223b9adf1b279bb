using AssessmentFlow.Simulation;

namespace AssessmentFlow.SimulationTests;

/// <summary>The product keeps its promises whatever goes wrong.</summary>
public sealed class HealthyTests
{
    private const int Seeds = 150;

    [Fact]
    public void Cases_with_children_timers_tasks_and_events_lose_nothing_and_do_nothing_twice() => Simulator.Check(Scenarios.Cases(), Seeds);

    [Fact]
    public void Branches_that_are_resumed_at_once_all_go_on_once() => Simulator.Check(Scenarios.Branches(), Seeds);

    [Fact]
    public void An_event_starts_what_it_triggers_once_and_the_answer_to_it_is_heard() => Simulator.Check(Scenarios.Events(), Seeds);

    [Fact]
    public void A_child_ends_with_its_parent_also_when_the_end_overtakes_the_beginning() => Simulator.Check(Scenarios.Orphans(), Seeds);

    [Fact]
    public void Starts_that_exclude_each_other_never_run_side_by_side() => Simulator.Check(Scenarios.Alone(), Seeds);

    [Fact]
    public void Runs_that_are_longer_than_a_turn_do_each_step_once() => Simulator.Check(Scenarios.Long(), Seeds / 3);

    [Fact]
    public void Silence_ends_once_by_objection_or_by_time() => Simulator.Check(CaseScenarios.Silence(), Seeds);

    [Fact]
    public void Reviews_are_asked_for_once_and_their_reports_reach_the_case() => Simulator.Check(CaseScenarios.Reviews(), Seeds);
}
