using System.Collections.Concurrent;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Runtime.Definitions;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>The workflows that may be used as activities, in every version that was ever published: drafts name any of them.</summary>
internal sealed class UsableWorkflows(WorkflowCatalogue catalogue, ActivityCatalog activities)
{
    /// <summary>Contents remembered (count). Content never changes, so beyond it all are simply read again.</summary>
    private const int ReadMax = 2_000;

    private readonly ConcurrentDictionary<string, UsableWorkflow?> _read = new(StringComparer.Ordinal);

    /// <summary>All of them. Type name and version are unique, as Studio needs it: of two workflows of one name, the first by id is there.</summary>
    public async Task<IReadOnlyList<UsableVersion>> ListAsync()
    {
        var found = new List<UsableVersion>();
        foreach (var entry in await catalogue.ListAsync())
        {
            foreach (var version in entry.Versions.Where(version => version.PublishedAt is not null))
            {
                if (await ReadAsync(version) is { } workflow)
                {
                    found.Add(new UsableVersion(workflow, version.Version, version.IsPublished));
                }
            }
        }

        return
        [
            .. found
                .Where(version => activities.Find(version.Workflow.Descriptor.TypeName) is null)
                .DistinctBy(version => (version.Workflow.Descriptor.TypeName, version.Version)),
        ];
    }

    private async Task<UsableWorkflow?> ReadAsync(WorkflowVersion version)
    {
        if (_read.TryGetValue(version.Hash, out var known))
        {
            return known;
        }

        var workflow = await catalogue.FindDocumentAsync(version.Hash) is { } document ? UsableWorkflow.Read(document, version.Hash, version.Version) : null;
        if (_read.Count >= ReadMax)
        {
            _read.Clear();
        }

        return _read[version.Hash] = workflow;
    }
}

/// <summary>A version of a workflow that may be used as an activity.</summary>
/// <param name="Workflow">The workflow.</param>
/// <param name="Version">Number of the version.</param>
/// <param name="IsPublished">Whether new uses get this version.</param>
internal sealed record UsableVersion(UsableWorkflow Workflow, int Version, bool IsPublished);
