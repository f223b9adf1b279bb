using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Server.Auth;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>Workflows as Studio reads them.</summary>
internal sealed class DefinitionAnswers(WorkflowCatalogue catalogue, ActivityCatalog activities, UsableWorkflows workflows)
{
    /// <summary>Version of Elsa whose form the documents have.</summary>
    private const string ToolVersion = "3.8.0.0";

    /// <summary>A version with its graph; null when its content is gone.</summary>
    /// <param name="entry">The workflow.</param>
    /// <param name="version">The version.</param>
    /// <param name="actor">For whom: without the right to design, Studio shows it without letting it be changed.</param>
    /// <param name="asked">The id that was asked for; null for that of the version.</param>
    public async Task<JsonObject?> ShowAsync(WorkflowEntry entry, WorkflowVersion version, Actor actor, VersionId? asked = null)
    {
        if (await catalogue.FindDocumentAsync(asked?.Hash ?? version.Hash) is not { } stored)
        {
            return null;
        }

        var document = ElsaJson.Parse(stored);
        var used = (await workflows.ListAsync()).ToLookup(each => each.Workflow.Descriptor.TypeName, each => each.Version, StringComparer.Ordinal);
        StudioDocument.Show(document, (type, number) => activities.Find(type) is { } found ? found.Descriptor.Version == number : used[type].Contains(number));
        foreach (var (name, value) in Summary(entry, version, actor, asked))
        {
            document[name] = value?.DeepClone();
        }

        document["description"] ??= "";
        document["toolVersion"] = ToolVersion;
        document["isSystem"] = false;
        document["customProperties"]![StudioDocument.SeenProperty] = entry.Etag;
        return document;
    }

    /// <summary>The version that an id means, with its graph; null when there is none. An instance can be looked at although its workflow was deleted.</summary>
    public async Task<JsonObject?> FindAsync(string versionId, Actor actor)
    {
        if (VersionId.TryParse(versionId) is not { } id)
        {
            return null;
        }

        var entry = await catalogue.FindAsync(id.DefinitionId) ?? (await DeletedAsync([id]) is [var deleted] ? deleted : null);
        return entry is not null && DefinitionQuery.Pick(entry, id) is { } version ? await ShowAsync(entry, version, actor, id) : null;
    }

    /// <summary>
    /// What is left of workflows that were deleted: the versions that instances ran on, which are named by their content. Studio's
    /// list of instances leaves out those whose version it cannot find.
    /// </summary>
    /// <param name="ids">Versions of workflows that there are no more.</param>
    public async Task<IReadOnlyList<WorkflowEntry>> DeletedAsync(IEnumerable<VersionId> ids)
    {
        var found = new List<WorkflowEntry>();
        foreach (var workflow in ids.GroupBy(id => id.DefinitionId, StringComparer.Ordinal))
        {
            var versions = new SortedList<int, WorkflowVersion>();
            foreach (var id in workflow)
            {
                if (id.Hash is { } hash && await catalogue.FindDocumentAsync(hash) is { } document)
                {
                    var name = ElsaJson.Parse(document).Text("name") ?? id.DefinitionId;
                    versions[id.Version] = new WorkflowVersion { Version = id.Version, Hash = hash, Name = name, CreatedAt = default, CreatedBy = "" };
                }
            }

            if (versions.Count > 0)
            {
                found.Add(new WorkflowEntry(workflow.Key, Etag: 0, [.. versions.Values]));
            }
        }

        return found;
    }

    /// <summary>What is odd about the newest version, when that is the published one: drafts are told of it by an import.</summary>
    public async Task<JsonArray> WarningsAsync(WorkflowEntry entry) => entry.Latest.IsPublished
        ?
        [
            .. (await catalogue.WarningsOfAsync(entry)).Select(warning => (JsonNode)new JsonObject
            {
                ["path"] = warning.Path,
                ["code"] = warning.Code,
                ["activity"] = warning.Activity,
                ["message"] = warning.Message,
            }),
        ]
        : [];

    /// <summary>A version in a list.</summary>
    public async Task<JsonObject> SummaryAsync(WorkflowEntry entry, WorkflowVersion version, Actor actor, VersionId? asked = null)
    {
        var summary = Summary(entry, version, actor, asked);
        summary["description"] = await catalogue.FindDocumentAsync(version.Hash) is { } document ? ElsaJson.Parse(document).Text("description") ?? "" : "";
        return summary;
    }

    /// <summary>What the caller may do with the list. Studio lets workflows be created only when there is a link to publish many.</summary>
    public static JsonArray ListLinks(Actor actor)
    {
        var links = new JsonArray(Link("/workflow-definitions", "self", "GET"), Link("/workflow-definitions/validation/is-name-unique", "is-name-unique", "GET"));
        if (actor.MayDraft())
        {
            links.Add(Link("/workflow-definitions", "create", "POST"));
            links.Add(Link("/workflow-definitions/import", "import", "POST"));
            links.Add(Link("/workflow-definitions/import-files", "import-files", "POST"));
            links.Add(Link("/bulk-actions/publish/workflow-definitions/by-definition-ids", "bulk-publish", "POST"));
            links.Add(Link("/bulk-actions/delete/workflow-definitions/by-id", "bulk-delete-by-id", "POST"));
        }

        if (actor.MayPublish())
        {
            links.Add(Link("/bulk-actions/retract/workflow-definitions/by-definition-ids", "bulk-retract", "POST"));
            links.Add(Link("/bulk-actions/delete/workflow-definitions/by-definition-id", "bulk-delete-by-definition-id", "POST"));
        }

        return links;
    }

    private static JsonObject Summary(WorkflowEntry entry, WorkflowVersion version, Actor actor, VersionId? asked) => new()
    {
        ["links"] = Links(entry, actor),
        ["id"] = (asked ?? new VersionId(entry.DefinitionId, version.Version)).ToString(),
        ["definitionId"] = entry.DefinitionId,
        ["name"] = version.Name,
        ["version"] = version.Version,
        ["isLatest"] = version == entry.Latest,
        ["isPublished"] = version.IsPublished,
        ["providerName"] = "AssessmentFlow",
        ["materializerName"] = "Json",
        ["isMaterializerAvailable"] = true,
        ["createdAt"] = version.CreatedAt,
        ["isReadonly"] = false,
    };

    /// <summary>What the caller may do. Studio lets a definition be changed only when there is a link to publish it.</summary>
    private static JsonArray Links(WorkflowEntry entry, Actor actor)
    {
        var self = $"/workflow-definitions/{Uri.EscapeDataString(entry.DefinitionId)}";
        var links = new JsonArray(Link(self, "self", "GET"), Link(self + "/export", "export", "GET"));
        if (actor.MayDraft())
        {
            links.Add(Link(self + "/publish", "publish", "POST"));
        }

        if (actor.MayPublish())
        {
            links.Add(Link(self + "/retract", "retract", "POST"));
            links.Add(Link(self + "/execute", "execute", "POST"));
            links.Add(Link(self, "delete", "DELETE"));
        }

        return links;
    }

    private static JsonObject Link(string href, string rel, string method) => new JsonObject { ["href"] = href, ["rel"] = rel, ["method"] = method };
}
