using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.UnitTests.RandomRuns;

public sealed class RandomRunTests
{
    /// <summary>Runs of which each kind has to be seen (count); of fewer, some kinds may be missing by chance.</summary>
    private const int RunsThatShowTheMixMin = 1_000;

    [Fact]
    public void A_run_that_is_disturbed_at_every_turn_stands_where_the_undisturbed_one_does()
    {
        var counts = RandomSeeds.ForEach(typeof(RandomRunTests).FullName!, RandomRun.Of);

        if (counts.Count < RunsThatShowTheMixMin)
        {
            return;
        }

        // Drawings that end at once or never get anywhere would prove little.
        Assert.True(counts.Average(count => count.Turns) > 3, $"{counts.Average(count => count.Turns)} turns per run.");
        foreach (var end in (InstanceSubStatus[])[InstanceSubStatus.Finished, InstanceSubStatus.Faulted, InstanceSubStatus.Suspended, InstanceSubStatus.Cancelled])
        {
            Assert.True(counts.Count(count => count.SubStatus == end) > counts.Count / 50, $"{counts.Count(count => count.SubStatus == end)} of {counts.Count} runs end as {end}.");
        }
    }
}
