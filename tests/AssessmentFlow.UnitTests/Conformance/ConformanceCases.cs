using AssessmentFlow.Engine.Definitions;

namespace AssessmentFlow.UnitTests.Conformance;

/// <summary>
/// The recorded cases: our own in the repository, and those of the folders that <see cref="FoldersVariable"/> names
/// (separated by ':'). Without the variable, <c>shared/elsa</c> beside the checkout is taken where it exists.
/// </summary>
internal static class ConformanceCases
{
    public const string FoldersVariable = "ASSESSMENTFLOW_CONFORMANCE";

    private static readonly string[] BesideTheCheckout = ["conformance", "elsa-tests"];

    public static string OwnFolder { get; } = Path.Combine(Repository.Root, "tests", "AssessmentFlow.UnitTests", "Conformance", "Cases");

    public static IReadOnlyList<ConformanceCase> Own { get; } = In(OwnFolder, "own");

    public static IReadOnlyList<ConformanceCase> Provided { get; } = [.. ProvidedFolders().SelectMany(folder => In(folder, Path.GetFileName(folder.TrimEnd('/'))))];

    public static IReadOnlyList<ConformanceCase> All { get; } = [.. Own, .. Provided];

    /// <summary>Every case in every mode.</summary>
    public static TheoryData<string, FlowchartMode> Rows()
    {
        var rows = new TheoryData<string, FlowchartMode>();
        foreach (var each in All)
        {
            rows.Add(each.Label, FlowchartMode.CounterBased);
            rows.Add(each.Label, FlowchartMode.TokenBased);
        }

        return rows;
    }

    public static ConformanceCase Labelled(string label) => All.Single(each => each.Label == label);

    private static IEnumerable<string> ProvidedFolders()
    {
        if (Environment.GetEnvironmentVariable(FoldersVariable) is { } named)
        {
            return named.Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }

        var beside = Path.Combine(Repository.Root, "..", "shared", "elsa");
        return BesideTheCheckout.Select(name => Path.Combine(beside, name)).Where(Directory.Exists);
    }

    private static ConformanceCase[] In(string folder, string source) => !Directory.Exists(folder)
        ? throw new DirectoryNotFoundException($"{folder} holds no conformance cases: it does not exist.")
        : [
            .. Directory.EnumerateFiles(folder, "definition.json", SearchOption.AllDirectories)
                .Select(file => new ConformanceCase(source, Path.GetDirectoryName(file)!))
                .OrderBy(each => each.Name, StringComparer.Ordinal),
        ];
}
