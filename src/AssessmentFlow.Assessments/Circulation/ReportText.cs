using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;

namespace AssessmentFlow.Assessments.Circulation;

/// <summary>
/// Which text a report has, in a form that a reader can compute anew from what the interface shows
/// (<c>docs/report-text.md</c>). The text lies beside the state as items; the state knows the hash of each portion.
/// </summary>
public static class ReportText
{
    private const string Prefix = ItemRules.PortionKind + "/";

    /// <summary>The portions of a report in their order: that in which they were first written.</summary>
    public static IReadOnlyList<(string Id, ItemEntry Entry)> Portions(AssessmentState state) =>
    [
        .. state.Items
            .Where(item => item.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .OrderBy(item => item.Value.CreatedAt)
            .ThenBy(item => item.Key, StringComparer.Ordinal)
            .Select(item => (item.Key[Prefix.Length..], item.Value)),
    ];

    /// <summary>SHA-256 of the report: of one line for each portion, with its hash and its id, as <c>sha256sum</c> writes them.</summary>
    /// <returns>Lower-case hexadecimal digits; null when a portion was written by a build that kept no hashes.</returns>
    public static string? HashOf(AssessmentState state)
    {
        var lines = new StringBuilder();
        foreach (var (id, entry) in Portions(state))
        {
            if (entry.Sha256 is null)
            {
                return null;
            }

            lines.Append(entry.Sha256).Append("  ").Append(id).Append('\n');
        }

        return Sha256(lines.ToString());
    }

    /// <summary>SHA-256 of a portion: of its canonical JSON (RFC 8785), without the id and version that answers carry.</summary>
    /// <returns>Lower-case hexadecimal digits.</returns>
    public static string HashOf(JsonElement portion) => Sha256(CanonicalJson.Write(portion));

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
