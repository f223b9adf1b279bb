using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.UnitTests.Deployment;

/// <summary>What the documents say of settings and limits is what the code has.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Every_setting_is_in_the_README_with_its_default()
    {
        var rows = Rows("README.md").Where(row => row.Cells[0].Contains(':', StringComparison.Ordinal)).ToDictionary(row => row.Cells[0], row => row.Cells[1], StringComparer.Ordinal);
        foreach (var (name, value) in ServerSettingNames.Defaults)
        {
            Assert.True(rows.Remove(name, out var said), $"README.md does not list the setting {name}.");

            // A unit or a remark may follow the value.
            Assert.True($"{said} ".StartsWith($"{Show(value)} ", StringComparison.Ordinal) || Show(value).Length is 0, $"README.md gives {name} the default '{said}'; it is '{Show(value)}'.");
        }

        var unknown = rows.Keys.Where(name => ServerSettingNames.Sections.ContainsKey(name.Split(':')[0]));
        Assert.Empty(unknown);
    }

    [Theory]
    [InlineData(typeof(EngineLimits))]
    [InlineData(typeof(DefinitionLimits))]
    public void Every_limit_is_in_the_operations_page_with_its_value(Type limits)
    {
        var rows = Rows("docs/operations.md").GroupBy(row => row.Cells[0], StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First().Cells[1], StringComparer.Ordinal);
        foreach (var limit in limits.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            Assert.True(rows.TryGetValue(limit.Name, out var said), $"docs/operations.md does not list {limits.Name}.{limit.Name}.");
            Assert.Equal((limit.Name, Show(limit.GetValue(null))), (limit.Name, said));
        }
    }

    [Fact]
    public void Every_limit_of_a_request_has_a_number_and_a_unit()
    {
        var page = RepositoryFiles.Read("docs/operations.md");
        var section = page[page.IndexOf("### A request\n", StringComparison.Ordinal)..];
        var rows = section[..section.IndexOf("### A process", StringComparison.Ordinal)].Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToList();

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Matches(Limit(), row.Trim('|', ' ').Split('|')[^1].Trim()));
    }

    [Fact]
    public void Every_activity_of_Elsa_that_runs_here_is_in_the_table_of_compatibility()
    {
        var page = RepositoryFiles.Read("docs/elsa-compatibility.md");

        Assert.All(ActivityCatalog.General, activity => Assert.Contains($"`{activity.Descriptor.TypeName}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_code_that_a_definition_may_be_refused_or_warned_with_is_in_the_page_of_compatibility_and_no_other()
    {
        var page = RepositoryFiles.Read("docs/elsa-compatibility.md");
        var begin = page.IndexOf("## What is said before a workflow runs", StringComparison.Ordinal);
        var tables = page[begin..page.IndexOf("\n## ", begin, StringComparison.Ordinal)].Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        var listed = tables.SelectMany(line => ListedCode().Matches(line.Split('|')[1])).Select(match => match.Groups["code"].Value).ToHashSet(StringComparer.Ordinal);
        var given = Architecture.SourceFiles.Under("src", "AssessmentFlow.Engine")
            .Concat(Architecture.SourceFiles.Under("src", "AssessmentFlow.Assessments", "Activities"))
            .Concat(Architecture.SourceFiles.Under("src", "AssessmentFlow.Runtime", "Definitions"))
            .SelectMany(file => GivenCode().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["code"].Value)
            .ToHashSet(StringComparer.Ordinal);

        Assert.Equal([], given.Except(listed).Order());
        Assert.Equal([], listed.Except(given).Order());
    }

    [Fact]
    public void Links_between_documents_and_to_files_lead_somewhere()
    {
        var documents = Directory.EnumerateFiles(RepositoryFiles.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(RepositoryFiles.Root, "*.md"));
        var dangling = documents.SelectMany(document => Link().Matches(File.ReadAllText(document))
            .Select(match => match.Groups["target"].Value)
            .Where(target => !Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, target)))
            .Select(target => $"{Path.GetRelativePath(RepositoryFiles.Root, document)} -> {target}"));

        Assert.Empty(dangling);
    }

    /// <summary>A code in the call that reports it: the first text in kebab case of the statement.</summary>
    [GeneratedRegex(
        """(\b[Rr]eport|\bWarn|\bRepeated|new DefinitionProblem|new InputFlaw|TooManyActivities = |new\("\$", )[^;"]*("(?![a-z0-9]+(-[a-z0-9]+)+")[^"\n]*"[^;"]*?)*?"(?<code>[a-z0-9]+(-[a-z0-9]+)+)\x22""",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000)]
    private static partial Regex GivenCode();

    [GeneratedRegex("`(?<code>[a-z0-9-]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ListedCode();

    private static string Show(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(format: null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static IEnumerable<(string[] Cells, int Line)> Rows(string file) => RepositoryFiles.Read(file)
        .Split('\n')
        .Select((line, number) => (line, number))
        .Where(each => each.line.StartsWith("| `", StringComparison.Ordinal))
        .Select(each => (each.line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries).Select(cell => cell.Replace("`", "", StringComparison.Ordinal)).ToArray(), each.number));

    /// <summary>Numbers, each with its unit or sharing that of the last: <c>200; 100 characters</c>.</summary>
    [GeneratedRegex(@"^[\d,]+(; [\d,]+)* (?!each$)\p{L}+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Limit();

    [GeneratedRegex(@"\]\((?!https?:)(?<target>[^)#\s]+)[^)]*\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
