using AssessmentFlow.Simulation;

namespace AssessmentFlow.SimulationTests;

/// <summary>What the tests simulate.</summary>
internal static class Scenarios
{
    /// <summary>Three cases, each with a child, a timer, a task and two events of its own.</summary>
    public static Scenario Cases()
    {
        var scenario = new Scenario { EndsAlike = true }.Define(Workflows.Child).Define(Workflows.Case).CompleteTasks();
        foreach (var correlationId in (string[])["A", "B", "C"])
        {
            scenario.Start("case", correlationId).Publish("first", correlationId).Publish("last", correlationId);
        }

        return scenario;
    }

    /// <summary>Branches of two instances that are resumed at once.</summary>
    public static Scenario Branches() => new Scenario { EndsAlike = true }
        .Define(Workflows.Branches)
        .Start("branches", "A").Start("branches", "B")
        .Publish("one").Publish("two", "A").Publish("two", "B").Publish("one", "A", isAwaited: false).Publish("one", "B", isAwaited: false);

    /// <summary>An event starts an instance, which tells another one that waits, or will wait soon.</summary>
    public static Scenario Events() => new Scenario { EndsAlike = true }
        .Define(Workflows.Triggered).Define(Workflows.Listener)
        .Start("listener")
        .Publish("opened", isAwaited: false);

    /// <summary>Instances that start a child and end soon after; the child must not outlive them.</summary>
    public static Scenario Orphans()
    {
        var scenario = new Scenario { EndsAlike = true }.Define(Workflows.Endless).Define(Workflows.Parent);
        foreach (var correlationId in (string[])["A", "B", "C"])
        {
            scenario.Start("parent", correlationId).Publish("enough", correlationId);
        }

        return scenario;
    }

    /// <summary>Starts that stand in each other's way: one runs, the others are refused or come after.</summary>
    public static Scenario Alone() => new Scenario().Define(Workflows.Alone).Start("alone").Start("alone").Start("alone");

    /// <summary>Runs that are longer than a turn.</summary>
    public static Scenario Long() => new Scenario { EndsAlike = true }.Define(Workflows.Long).Start("long").Start("long");
}
