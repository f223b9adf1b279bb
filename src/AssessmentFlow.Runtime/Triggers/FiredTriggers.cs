using System.Text.Json;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Runtime.Triggers;

/// <summary>Triggers in force, by what fires them.</summary>
internal static class FiredTriggers
{
    private const int PageSize = 200;

    /// <summary>The triggers of all published versions that something fires.</summary>
    /// <param name="queries">The lists that turns keep.</param>
    /// <param name="kind">Type name of their activity.</param>
    /// <param name="key">What fires them.</param>
    /// <param name="publishedBy">When given, only versions that were published by then.</param>
    /// <param name="cancellationToken">To stop.</param>
    public static async Task<IReadOnlyList<PinnedTrigger>> FindAsync(
        IJournalQueries queries, string kind, string key, DateTimeOffset? publishedBy, CancellationToken cancellationToken)
    {
        var latest = publishedBy is { } by ? ViewChanges.Micros(by) : long.MaxValue;
        var found = new List<PinnedTrigger>();
        for (ViewPosition? after = null; ;)
        {
            var page = await queries.ListAsync(
                new ViewQuery { View = Views.Triggers, Scope = kind, A = [key], After = after, Max = PageSize }, cancellationToken);
            found.AddRange(page.Where(row => row.Row.At <= latest).Select(row => JsonSerializer.Deserialize(row.Row.Body, TriggerJson.Plain.PinnedTrigger)!));
            if (page.Count < PageSize)
            {
                return found;
            }

            after = new ViewPosition(page[^1].Row.At, page[^1].Id);
        }
    }
}
