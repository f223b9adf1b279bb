using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>The tables of docs/roles.md: what each part may do by each operation.</summary>
internal static class RoleTable
{
    /// <summary>May.</summary>
    public const string Yes = "yes";

    /// <summary>May; a list of what is the client's own.</summary>
    public const string Own = "own";

    /// <summary>May not, and is told so.</summary>
    public const string No = "no";

    /// <summary>Is not told that there is such a thing.</summary>
    public const string Hidden = "–";

    private const string Prefix = "/api/v1";
    private const string StudioPrefix = "/elsa/";
    private const string Heading = "| Operation |";

    /// <summary>Cells by operation, such as <c>GET /api/v1/assessments</c>, then by part.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Rows { get; } = Read(ofStudio: false);

    /// <summary>Cells by operation of what Studio calls, such as <c>GET /elsa/api/workflow-definitions</c>, then by part.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Studio { get; } = Read(ofStudio: true);

    private static Dictionary<string, IReadOnlyDictionary<string, string>> Read(bool ofStudio)
    {
        var rows = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        string[] parts = [];
        foreach (var line in File.ReadLines(Path.Combine(RepositoryRoot.Path, "docs", "roles.md")))
        {
            if (line.StartsWith(Heading, StringComparison.Ordinal))
            {
                parts = Cells(line)[1..];
            }
            else if (line.StartsWith("| `", StringComparison.Ordinal) && Cells(line) is [var operation, .. var cells] && operation.Trim('`').Split(' ') is [var method, var path]
                && path.StartsWith(StudioPrefix, StringComparison.Ordinal) == ofStudio)
            {
                rows.Add($"{method} {(ofStudio ? "" : Prefix)}{path}", parts.Zip(cells).ToDictionary(cell => cell.First, cell => cell.Second, StringComparer.Ordinal));
            }
        }

        return rows;
    }

    private static string[] Cells(string line) => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries);
}
