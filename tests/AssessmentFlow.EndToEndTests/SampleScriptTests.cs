using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>The sample script does what the README promises.</summary>
public sealed class SampleScriptTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task The_script_drives_the_case_to_fifteen_acknowledged_copies_and_can_be_run_again()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings());

        var first = await DriveAsync(server);
        Assert.Contains("circulated on 2009-01-15: 15 numbered copies", first, StringComparison.Ordinal);
        Assert.Contains("[record] mission-leader: Carry out the visit", first, StringComparison.Ordinal);
        Assert.Contains("  copy 7 Japan\n", first, StringComparison.Ordinal);

        var again = await DriveAsync(server);
        Assert.DoesNotContain("[synthetic]", again, StringComparison.Ordinal);
        Assert.Contains("circulated on 2009-01-15: 15 numbered copies", again, StringComparison.Ordinal);
    }

    private static Task<string> DriveAsync(ServerProcess server) => Shell.RunAsync(
        "The sample script",
        [Path.Combine(RepositoryRoot.Path, "samples", "drive-cambodia.sh")],
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SERVER"] = server.Address.GetLeftPart(UriPartial.Authority),
            ["KEYS"] = Path.Combine(server.DataFolder, "api-keys.json"),
            ["CIRCULATED_ON"] = "2009-01-15",
            ["SILENCE"] = "1",
        },
        server,
        Patience);
}
