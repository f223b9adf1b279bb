using System.Text.Json.Nodes;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Server.Auth;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>Reading workflows: lists, single versions, whether a name is free.</summary>
internal static class DefinitionEndpoints
{
    public static void MapDefinitions(this RouteGroupBuilder api)
    {
        api.MapGet("/workflow-definitions", ListAsync);
        api.MapGet("/workflow-definitions/by-definition-id/{definitionId}", GetAsync);
        api.MapGet("/workflow-definitions/by-id/{versionId}", GetVersionAsync);
        api.MapGet("/workflow-definitions/validation/is-name-unique", IsNameUniqueAsync);
    }

    private static async Task<IResult> ListAsync(HttpContext http, DefinitionQuery query, WorkflowCatalogue catalogue, DefinitionAnswers answers)
    {
        var actor = http.Caller().Actor;
        var entries = await catalogue.ListAsync();
        var known = entries.Select(entry => entry.DefinitionId).ToHashSet(StringComparer.Ordinal);
        var deleted = await answers.DeletedAsync(query.Ids.Select(VersionId.TryParse).OfType<VersionId>().Where(id => !known.Contains(id.DefinitionId)));
        var all = query.Find([.. entries, .. deleted]);
        var items = new JsonArray();
        foreach (var found in query.Take(all))
        {
            items.Add(await answers.SummaryAsync(found.Entry, found.Version, actor, found.Asked));
        }

        return ElsaJson.Of(new JsonObject { ["items"] = items, ["totalCount"] = all.Count, ["links"] = DefinitionAnswers.ListLinks(actor) });
    }

    private static async Task<IResult> GetAsync(HttpContext http, string definitionId, string? versionOptions, WorkflowCatalogue catalogue, DefinitionAnswers answers) =>
        await catalogue.FindAsync(definitionId) is { } entry
        && DefinitionQuery.Pick(entry, versionOptions).FirstOrDefault() is { } version
        && await answers.ShowAsync(entry, version, http.Caller().Actor) is { } shown
            ? ElsaJson.Of(shown)
            : TypedResults.NotFound();

    private static async Task<IResult> GetVersionAsync(HttpContext http, string versionId, DefinitionAnswers answers) =>
        await answers.FindAsync(versionId, http.Caller().Actor) is { } shown ? ElsaJson.Of(shown) : TypedResults.NotFound();

    private static async Task<IResult> IsNameUniqueAsync(string name, string? definitionId, WorkflowCatalogue catalogue)
    {
        var taken = (await catalogue.ListAsync()).Any(entry => entry.DefinitionId != definitionId && string.Equals(entry.Latest.Name, name, StringComparison.OrdinalIgnoreCase));
        return ElsaJson.Of(new JsonObject { ["isUnique"] = !taken });
    }
}
