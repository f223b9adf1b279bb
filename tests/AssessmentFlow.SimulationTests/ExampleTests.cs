using AssessmentFlow.Simulation;

namespace AssessmentFlow.SimulationTests;

/// <summary>How a definition of one's own is simulated: the example of docs/testing.md.</summary>
public sealed class ExampleTests
{
    [Fact]
    public void An_approval_comes_to_its_end_whatever_goes_wrong()
    {
        var scenario = new Scenario { EndsAlike = true }
            .Define(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "approval.json")))
            .Start("approval", correlationId: "KH-1")
            .Start("approval", correlationId: "KH-2")
            .Publish("approved", correlationId: "KH-1")
            .Publish("approved", correlationId: "KH-2")
            .CompleteTasks();

        Simulator.Check(scenario, seeds: 200);
    }
}
