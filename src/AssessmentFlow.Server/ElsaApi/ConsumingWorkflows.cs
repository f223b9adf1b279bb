using System.Collections.Immutable;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Runtime.Definitions;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>The workflows that use others as activities. Their newest versions count, as they would be exported.</summary>
internal sealed class ConsumingWorkflows(WorkflowCatalogue catalogue, ActivityCatalog activities)
{
    /// <summary>What was chosen, then what uses it, directly or by what it uses; each workflow that was added is there once.</summary>
    public async Task<IReadOnlyList<FoundVersion>> WithThemAsync(IReadOnlyList<FoundVersion> chosen)
    {
        var others = await ReadAsync(chosen);
        var found = chosen.ToList();
        for (var i = 0; i < found.Count; i++)
        {
            var used = found[i].Entry;
            foreach (var other in others.Where(other => other.References.Any(reference => Means(reference, used))).ToArray())
            {
                others.Remove(other);
                found.Add(new FoundVersion(other.Entry, other.Entry.Latest, Asked: null));
            }
        }

        return found;
    }

    /// <summary>The workflows that were not chosen and use any other one.</summary>
    private async Task<List<(WorkflowEntry Entry, ImmutableArray<WorkflowReference> References)>> ReadAsync(IReadOnlyList<FoundVersion> chosen)
    {
        var known = chosen.Select(each => each.Entry.DefinitionId).ToHashSet(StringComparer.Ordinal);
        var others = new List<(WorkflowEntry Entry, ImmutableArray<WorkflowReference> References)>();
        foreach (var entry in (await catalogue.ListAsync()).Where(entry => !known.Contains(entry.DefinitionId)))
        {
            if (await catalogue.FindDocumentAsync(entry.Latest.Hash) is { } document && WorkflowReferences.In(document, activities) is { IsEmpty: false } references)
            {
                others.Add((entry, references));
            }
        }

        return others;
    }

    /// <summary>Whether an activity is a use of a workflow. Not every draft says the id; the name of the type is that of some version.</summary>
    private static bool Means(WorkflowReference reference, WorkflowEntry entry) => reference.DefinitionId is { } id
        ? id == entry.DefinitionId
        : entry.Versions.Any(version => UsableWorkflow.TypeNameOf(version.Name) == reference.TypeName);
}
