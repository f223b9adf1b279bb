using System.Net;
using System.Text.RegularExpressions;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>A first start is quiet, and what the README shows of it is what happens.</summary>
public sealed partial class FirstStartTests(PostgresFixture postgres)
{
    private const string Address = "http://127.0.0.1:5080";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public Task A_first_start_on_SQLite_logs_neither_warnings_nor_errors() => AssertQuietAsync(new ServerSettings());

    [Fact]
    public async Task A_first_start_on_PostgreSQL_logs_neither_warnings_nor_errors() =>
        await AssertQuietAsync(new ServerSettings { PostgresConnectionString = await postgres.CreateDatabaseAsync() });

    [Fact]
    public async Task Every_command_of_the_first_steps_in_the_README_gives_the_answer_that_stands_there()
    {
        await using var server = await ServerProcess.StartAsync(new ServerSettings());
        var steps = Section(await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "README.md"), TestContext.Current.CancellationToken), "## First steps");
        var blocks = Block().Matches(steps).Select(match => (Kind: match.Groups["kind"].Value, Text: match.Groups["text"].Value)).ToList();
        Assert.True(blocks.Count(block => block.Kind is "json") >= 3, "The README shows few answers.");

        // Each block runs in a shell that has run those before it; what the last one printed stands behind the mark.
        var script = "set -e\n";
        for (var i = 0; i < blocks.Count; i++)
        {
            if (blocks[i].Kind is "sh")
            {
                script += $"printf '\\n§{i}§\\n'\n{blocks[i].Text}\n";
            }
        }

        var output = await RunAsync(server, script);
        for (var i = 0; i < blocks.Count; i++)
        {
            var printed = i > 0 && blocks[i].Kind is "json" ? output.Split($"§{i - 1}§\n")[1].Split('§')[0] : null;
            Assert.True(printed is null || Matches(printed, blocks[i].Text), $"The README shows\n{blocks[i].Text}\nand the command before it gives\n{printed}");
        }

        Assert.DoesNotContain("curl:", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\"status\":404", output, StringComparison.Ordinal);
        Assert.Contains("\"phase\":\"ConsentRequested\"", await AskAsync(server), StringComparison.Ordinal);
    }

    private static async Task AssertQuietAsync(ServerSettings settings)
    {
        await using var server = await ServerProcess.StartAsync(settings);
        Assert.Contains("KH-2008-05", await AskAsync(server), StringComparison.Ordinal);

        Assert.Equal(0, await server.StopAsync());

        var loud = server.Output.Split('\n').Where(line => Loud().IsMatch(line)).ToList();
        Assert.True(loud.Count is 0, $"The first start says {string.Join('\n', loud)}; all it wrote:\n{server.Output}");
        Assert.Contains("Ready", server.Output, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(ServerProcess server)
    {
        using var api = await RestClient.OfAsync(server);
        var answer = await api.SendAsync(new RestRequest("GET", "/api/v1/assessments") { Client = Stage.Secretariat }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Text;
    }

    private static string Section(string text, string heading)
    {
        var start = text.IndexOf(heading + "\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"The README has no section {heading}.");
        var end = text.IndexOf("\n## ", start + heading.Length, StringComparison.Ordinal);
        return text[start..end];
    }

    /// <summary>Whether an answer is the one shown: <c>…</c> stands for anything, and white space for nothing.</summary>
    private static bool Matches(string answer, string shown) => Regex.IsMatch(
        Blank().Replace(answer, ""),
        "^" + string.Join(".*", Blank().Replace(Identifier().Replace(shown, "…"), "").Split('…').Select(Regex.Escape)) + "$",
        RegexOptions.Singleline,
        TimeSpan.FromSeconds(5));

    private static Task<string> RunAsync(ServerProcess server, string script)
    {
        script = script
            .Replace(Address, server.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal)
            .Replace("data/api-keys.json", Path.Combine(server.DataFolder, "api-keys.json"), StringComparison.Ordinal);
        return Shell.RunAsync("The commands of the README", ["-c", script], new Dictionary<string, string>(StringComparer.Ordinal), server, Patience);
    }

    [GeneratedRegex(@"```(?<kind>sh|json)\n(?<text>.*?)```", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\s*(warn|fail|crit)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Loud();

    [GeneratedRegex(@"\s+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Blank();

    /// <summary>Ids of instances are made at each first start.</summary>
    [GeneratedRegex(@"[0-9a-f]{16}(?=[""-])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Identifier();
}
