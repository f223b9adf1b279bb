using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>A SQLite file has one process.</summary>
public sealed class OneProcessTests
{
    private static readonly string[] Configuration = ["FirstStart:LoadSample=false"];

    [Fact]
    public async Task A_second_process_on_the_same_file_is_refused_at_its_start_and_a_killed_one_leaves_the_file_to_the_next()
    {
        await using var first = await ServerProcess.StartAsync(new ServerSettings { Configuration = Configuration });

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ServerProcess.StartAsync(new ServerSettings { DataFolder = first.DataFolder, Configuration = Configuration }));

        Assert.Contains($"{first.SqlitePath} is in use by another process.", refusal.Message, StringComparison.Ordinal);
        await first.KillAsync();
        await first.StartAgainAsync();
    }
}
