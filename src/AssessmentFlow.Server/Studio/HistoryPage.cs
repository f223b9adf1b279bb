using System.Globalization;
using System.Net;
using System.Text;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Server.ElsaApi;

namespace AssessmentFlow.Server.Studio;

/// <summary>Every version of a workflow with who made it, who published it, why, and what it changed.</summary>
internal static class HistoryPage
{
    /// <summary>The rows of the table, newest version first.</summary>
    public static async Task<string> RowsAsync(WorkflowEntry entry, WorkflowCatalogue catalogue)
    {
        var rows = new StringBuilder();
        for (var i = entry.Versions.Length - 1; i >= 0; i--)
        {
            var version = entry.Versions[i];
            var difference = i is 0 ? null : await DifferenceAsync(catalogue, entry.Versions[i - 1], version);
            rows.Append("<tr>");
            Cell(rows, version.Version.ToString(CultureInfo.InvariantCulture));
            Cell(rows, version.IsPublished ? "published" : version.PublishedAt is null ? "draft" : "was published");
            Cell(rows, $"{version.CreatedBy}, {Time(version.CreatedAt)}{(version.ChangedAt is { } changedAt ? $"; changed last by {version.ChangedBy}, {Time(changedAt)}" : "")}");
            rows.Append("<td>").AppendJoin("", version.Known().Reverse().Select(each => $"<p>{WebUtility.HtmlEncode(Text(each))}</p>")).Append("</td><td>");
            if (i is 0)
            {
                rows.Append("the first");
            }
            else if (difference is null)
            {
                rows.Append("cannot be told: the content of one of the two cannot be read");
            }
            else if (difference.Count is 0)
            {
                rows.Append("nothing but the drawing");
            }
            else
            {
                rows.Append("<ul>").AppendJoin("", difference.Select(line => $"<li>{WebUtility.HtmlEncode(line)}</li>")).Append("</ul>");
            }

            rows.Append("</td></tr>\n");
        }

        return rows.ToString();
    }

    private static async Task<IReadOnlyList<string>?> DifferenceAsync(WorkflowCatalogue catalogue, WorkflowVersion older, WorkflowVersion newer) =>
        await catalogue.FindDocumentAsync(older.Hash) is { } before && await catalogue.FindDocumentAsync(newer.Hash) is { } after
            ? DefinitionDifference.Between(ElsaJson.Parse(before), ElsaJson.Parse(after))
            : null;

    private static string Text(WorkflowPublication each) =>
        $"{each.By}, {Time(each.At)}{(each.EndedAt is { } end ? $", until {Time(end)}{(each.EndedBy is { } by ? $", by {by}" : "")}" : "")}{(each.Note is { } note ? $": {note}" : "")}";

    private static void Cell(StringBuilder rows, string text) => rows.Append("<td>").Append(WebUtility.HtmlEncode(text)).Append("</td>");

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
