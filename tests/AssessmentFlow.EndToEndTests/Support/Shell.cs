using System.Diagnostics;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>Runs what a user types into a shell, against a server.</summary>
internal static class Shell
{
    /// <summary>Runs <c>sh</c> and expects that it ends well.</summary>
    /// <param name="what">What is run, as the beginning of a sentence.</param>
    /// <param name="arguments">Arguments of <c>sh</c>.</param>
    /// <param name="environment">Variables over those of this process.</param>
    /// <param name="server">The server that is talked to; what it wrote is told when something goes wrong.</param>
    /// <param name="patience">How long it may take.</param>
    /// <returns>What was printed.</returns>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public static async Task<string> RunAsync(
        string what, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, ServerProcess server, TimeSpan patience)
    {
        var start = new ProcessStartInfo("sh", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var shell = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            var errors = shell.StandardError.ReadToEndAsync(deadline.Token);
            var output = await shell.StandardOutput.ReadToEndAsync(deadline.Token);
            await shell.WaitForExitAsync(deadline.Token);
            Assert.True(shell.ExitCode is 0, $"{what} ended with {shell.ExitCode}: {await errors}\n{output}\n{server.Output}");
            return output;
        }
        catch (OperationCanceledException e)
        {
            shell.Kill(entireProcessTree: true);
            throw new TimeoutException($"{what} did not end within {patience}. The server wrote:\n{server.Output}", e);
        }
    }
}
