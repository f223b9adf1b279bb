using System.Diagnostics;
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

    private static async Task<string> DriveAsync(ServerProcess server)
    {
        var start = new ProcessStartInfo("sh", [Path.Combine(RepositoryRoot.Path, "samples", "drive-cambodia.sh")]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["SERVER"] = server.Address.GetLeftPart(UriPartial.Authority);
        start.Environment["KEYS"] = Path.Combine(server.DataFolder, "api-keys.json");
        start.Environment["CIRCULATED_ON"] = "2009-01-15";
        start.Environment["SILENCE"] = "1";
        using var script = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            var errors = script.StandardError.ReadToEndAsync(deadline.Token);
            var output = await script.StandardOutput.ReadToEndAsync(deadline.Token);
            await script.WaitForExitAsync(deadline.Token);
            Assert.True(script.ExitCode is 0, $"The script ended with {script.ExitCode}: {await errors}\n{output}\n{server.Output}");
            return output;
        }
        catch (OperationCanceledException e)
        {
            script.Kill(entireProcessTree: true);
            throw new TimeoutException($"The script did not reach circulation within {Patience}. The server wrote:\n{server.Output}", e);
        }
    }
}
