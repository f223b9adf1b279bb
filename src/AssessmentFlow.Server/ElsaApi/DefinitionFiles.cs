using System.IO.Compression;
using System.Text.Json.Nodes;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Server.Auth;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>Workflows as files: what was exported can be imported again, here or elsewhere.</summary>
internal static class DefinitionFiles
{
    private const string Schema = "https://elsaworkflows.io/schemas/workflow-definition/v3.0.0/schema.json";
    private const int FilesMax = 500;

    public static void MapDefinitionFiles(this RouteGroupBuilder api)
    {
        api.MapGet("/workflow-definitions/{definitionId}/export", ExportAsync);
        api.MapPost("/bulk-actions/export/workflow-definitions", ExportManyAsync);
    }

    private static async Task<IResult> ExportAsync(
        HttpContext http, string definitionId, string? versionOptions, string? includeConsumingWorkflows, WorkflowCatalogue catalogue, ConsumingWorkflows consuming)
    {
        _ = http.Caller();
        if (await catalogue.FindAsync(definitionId) is not { } entry || DefinitionQuery.Pick(entry, versionOptions).FirstOrDefault() is not { } version)
        {
            return TypedResults.NotFound();
        }

        IReadOnlyList<FoundVersion> chosen = [new FoundVersion(entry, version, Asked: null)];
        if (bool.TryParse(includeConsumingWorkflows, out var isWithConsuming) && isWithConsuming)
        {
            chosen = await consuming.WithThemAsync(chosen);
        }

        return chosen.Count > 1 ? await ArchiveAsync(http, catalogue, chosen)
            : await FileAsync(catalogue, entry, version) is { } file ? TypedResults.File(file, "application/json", NameOf(entry, version))
            : TypedResults.NotFound();
    }

    private static async Task<IResult> ExportManyAsync(HttpContext http, WorkflowCatalogue catalogue, ConsumingWorkflows consuming)
    {
        var body = await ElsaJson.ReadAsync(http);
        var ids = body.Texts("ids");
        ExpectFew(ids.Length);
        var chosen = new List<FoundVersion>();
        foreach (var text in ids)
        {
            if (VersionId.TryParse(text) is { } id && await catalogue.FindAsync(id.DefinitionId) is { } entry && DefinitionQuery.Pick(entry, id) is { } version)
            {
                chosen.Add(new FoundVersion(entry, version, id));
            }
        }

        return await ArchiveAsync(http, catalogue, body.IsTrue("includeConsumingWorkflows") ? await consuming.WithThemAsync(chosen) : chosen);
    }

    private static async Task<IResult> ArchiveAsync(HttpContext http, WorkflowCatalogue catalogue, IReadOnlyList<FoundVersion> chosen)
    {
        ExpectFew(chosen.Count);
        using var buffer = new MemoryStream();
        using (var archive = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (entry, version, _) in chosen)
            {
                if (await FileAsync(catalogue, entry, version) is { } file)
                {
                    await using var content = await archive.CreateEntry(NameOf(entry, version)).OpenAsync(http.RequestAborted);
                    await content.WriteAsync(file, http.RequestAborted);
                }
            }
        }

        return TypedResults.File(buffer.ToArray(), "application/zip", "workflow-definitions.zip");
    }

    private static void ExpectFew(int files)
    {
        if (files > FilesMax)
        {
            throw ElsaProblems.Refuse("too-many-files", $"One archive holds {FilesMax} workflows at most.");
        }
    }

    /// <summary>The document as it is stored, with what tells its version.</summary>
    private static async Task<byte[]?> FileAsync(WorkflowCatalogue catalogue, WorkflowEntry entry, WorkflowVersion version)
    {
        if (await catalogue.FindDocumentAsync(version.Hash) is not { } stored)
        {
            return null;
        }

        var file = new JsonObject
        {
            ["$schema"] = Schema,
            ["id"] = new VersionId(entry.DefinitionId, version.Version).ToString(),
            ["definitionId"] = entry.DefinitionId,
            ["name"] = version.Name,
            ["createdAt"] = version.CreatedAt,
            ["version"] = version.Version,
            ["isLatest"] = version == entry.Latest,
            ["isPublished"] = version.IsPublished,
            ["isReadonly"] = false,
            ["isSystem"] = false,
        };
        foreach (var (name, value) in ElsaJson.Parse(stored))
        {
            file.TryAdd(name, value?.DeepClone());
        }

        return ElsaJson.ToBytes(file);
    }

    private static string NameOf(WorkflowEntry entry, WorkflowVersion version)
    {
        var name = new string([.. entry.DefinitionId.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '-')]);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"workflow-definition-{name}-{version.Version}.json");
    }
}
