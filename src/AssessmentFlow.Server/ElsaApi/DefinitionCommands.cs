using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>Changing workflows: save, publish, retract, revert, delete, import; singly and in bulk.</summary>
internal static class DefinitionCommands
{
    /// <summary>Room for what Studio wraps around a document (bytes).</summary>
    private const int SaveSizeMaxBytes = DefinitionLimits.DocumentSizeMaxBytes + (64 * 1024);

    /// <summary>Tells our page that what was drawn is kept, although its publication may be refused.</summary>
    private const string KeptHeader = "X-Studio-Kept";

    public static void MapDefinitionCommands(this RouteGroupBuilder api)
    {
        api.MapPost("/workflow-definitions", SaveAsync);
        api.MapPost("/workflow-definitions/import", ImportAsync);
        api.MapPost("/workflow-definitions/{definitionId}/publish", PublishAsync);
        api.MapPost("/workflow-definitions/{definitionId}/retract", RetractAsync);
        api.MapPost("/workflow-definitions/{definitionId}/revert/{version:int}", RevertAsync);
        api.MapDelete("/workflow-definitions/{definitionId}", DeleteAsync);
        api.MapDelete("/workflow-definition-versions/{versionId}", DeleteVersionAsync);
        api.MapPost("/bulk-actions/publish/workflow-definitions/by-definition-ids", PublishManyAsync);
        api.MapPost("/bulk-actions/retract/workflow-definitions/by-definition-ids", RetractManyAsync);
        api.MapPost("/bulk-actions/delete/workflow-definitions/by-definition-id", DeleteManyAsync);
        api.MapPost("/bulk-actions/delete/workflow-definitions/by-id", DeleteVersionsAsync);
    }

    private static async Task<IResult> SaveAsync(HttpContext http, DefinitionWriting writing, DefinitionAnswers answers)
    {
        var request = StudioRequest.ToDraft(http);
        var body = await ElsaJson.ReadAsync(http, SaveSizeMaxBytes);
        var model = body["model"] as JsonObject ?? throw ElsaProblems.Refuse("model-missing", "A save needs the definition as \"model\".");
        var entry = await writing.SaveAsync(request, model);
        http.Response.Headers[KeptHeader] = "True";
        if (body.IsTrue("publish") && !request.Actor.MayPublish())
        {
            // Studio draws for nobody who has no link to publish, so a designer has one, and is told here.
            throw ElsaProblems.Refuse("role-missing", "Nothing was published: only the secretariat publishes. What was drawn is kept as a draft.");
        }

        return body.IsTrue("publish") && !entry.Latest.IsPublished
            ? await AnswerAsync(answers, request, await writing.PublishAsync(request, entry.DefinitionId, request.NeedNote(body), entry))
            : await AnswerAsync(answers, request, (entry, body.IsTrue("publish")));
    }

    private static async Task<IResult> ImportAsync(HttpContext http, DefinitionWriting writing, DefinitionAnswers answers)
    {
        var request = StudioRequest.ToDraft(http);
        var model = await ElsaJson.ReadAsync(http, SaveSizeMaxBytes);
        (model["customProperties"] as JsonObject)?.Remove(StudioDocument.SeenProperty); // A file was made from whatever there was then.
        var entry = await writing.SaveAsync(request, model);
        return ElsaJson.Of((await answers.ShowAsync(entry, entry.Latest, request.Actor))!);
    }

    private static async Task<IResult> PublishAsync(HttpContext http, string definitionId, DefinitionWriting writing, DefinitionAnswers answers)
    {
        var request = StudioRequest.ToPublish(http);
        var body = await ElsaJson.ReadAsync(http);
        return await AnswerAsync(answers, request, await writing.PublishAsync(request, definitionId, request.NeedNote(body)));
    }

    private static async Task<IResult> RetractAsync(HttpContext http, string definitionId, DefinitionWriting writing, DefinitionAnswers answers)
    {
        var request = StudioRequest.ToPublish(http);
        var entry = await writing.RetractAsync(request, definitionId);
        return ElsaJson.Of((await answers.ShowAsync(entry, entry.Latest, request.Actor))!);
    }

    private static async Task<IResult> RevertAsync(HttpContext http, string definitionId, int version, DefinitionWriting writing, DefinitionAnswers answers)
    {
        var request = StudioRequest.ToDraft(http);
        var entry = await writing.RevertAsync(request, definitionId, version);
        return ElsaJson.Of(await answers.SummaryAsync(entry, entry.Latest, request.Actor), StatusCodes.Status201Created);
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, string definitionId, DefinitionWriting writing)
    {
        await writing.DeleteAsync(StudioRequest.ToPublish(http), definitionId, http.RequestAborted);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> DeleteVersionAsync(HttpContext http, string versionId, DefinitionWriting writing)
    {
        var request = StudioRequest.ToDraft(http);
        await writing.DeleteVersionAsync(request, VersionId.TryParse(versionId) ?? throw RequestProblemException.NotFound("such version"), http.RequestAborted);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> PublishManyAsync(HttpContext http, DefinitionWriting writing, WorkflowCatalogue catalogue, DefinitionAnswers answers)
    {
        var request = StudioRequest.ToPublish(http);
        var body = await ElsaJson.ReadAsync(http);
        var note = request.NeedNote(body);
        var result = Lists("published", "alreadyPublished", "notFound", "updatedConsumers", "skipped", "failed");
        result["warnings"] = new JsonObject(); // What Studio's list shows: why something was not published.
        result["validationWarnings"] = new JsonObject();
        foreach (var definitionId in body.Texts("definitionIds"))
        {
            if (await catalogue.FindAsync(definitionId) is null)
            {
                Add(result, "notFound", definitionId);
                continue;
            }

            try
            {
                var (entry, wasPublished) = await writing.PublishAsync(request, definitionId, note);
                Add(result, wasPublished ? "alreadyPublished" : "published", definitionId);
                if (await answers.WarningsAsync(entry) is { Count: > 0 } odd)
                {
                    result["validationWarnings"]![definitionId] = odd;
                }
            }
            catch (RequestProblemException problem)
            {
                Add(result, "failed", definitionId);
                result["warnings"]![definitionId] = new JsonArray([.. ElsaProblems.TextsOf(problem).Select(text => (JsonNode)text)]);
            }
        }

        return ElsaJson.Of(result);
    }

    private static async Task<IResult> RetractManyAsync(HttpContext http, DefinitionWriting writing, WorkflowCatalogue catalogue)
    {
        var request = StudioRequest.ToPublish(http);
        var result = Lists("retracted", "alreadyRetracted", "notFound", "skipped", "notPublished");
        foreach (var definitionId in (await ElsaJson.ReadAsync(http)).Texts("definitionIds"))
        {
            var entry = await catalogue.FindAsync(definitionId);
            var isRetracted = entry is not null && (entry.Published is not null || await writing.HasRetractedAsync(request, definitionId));
            if (isRetracted)
            {
                await writing.RetractAsync(request, definitionId);
            }

            Add(result, entry is null ? "notFound" : isRetracted ? "retracted" : "notPublished", definitionId);
        }

        return ElsaJson.Of(result);
    }

    private static async Task<IResult> DeleteManyAsync(HttpContext http, DefinitionWriting writing)
    {
        var request = StudioRequest.ToPublish(http);
        var ids = (await ElsaJson.ReadAsync(http)).Texts("definitionIds");
        return await CountAsync(ids, id => writing.DeleteAsync(request, id, http.RequestAborted));
    }

    private static async Task<IResult> DeleteVersionsAsync(HttpContext http, DefinitionWriting writing)
    {
        var request = StudioRequest.ToDraft(http);
        var ids = (await ElsaJson.ReadAsync(http)).Texts("ids");
        return await CountAsync(ids, id => writing.DeleteVersionAsync(request, VersionId.TryParse(id) ?? throw RequestProblemException.NotFound("such version"), http.RequestAborted));
    }

    /// <summary>Deletes what can be deleted, and says why the rest is kept.</summary>
    private static async Task<IResult> CountAsync(string[] ids, Func<string, Task> delete)
    {
        var deleted = 0;
        var kept = new JsonArray();
        foreach (var id in ids)
        {
            try
            {
                await delete(id);
                deleted++;
            }
            catch (RequestProblemException problem)
            {
                kept.Add((JsonNode)problem.Message);
            }
        }

        return ElsaJson.Of(new JsonObject { ["deleted"] = deleted, ["kept"] = kept });
    }

    private static async Task<IResult> AnswerAsync(DefinitionAnswers answers, StudioRequest request, (WorkflowEntry Entry, bool WasPublished) saved) => ElsaJson.Of(new JsonObject
    {
        ["workflowDefinition"] = await answers.ShowAsync(saved.Entry, saved.Entry.Latest, request.Actor),
        ["alreadyPublished"] = saved.WasPublished,
        ["consumingWorkflowCount"] = 0,
        ["validationErrors"] = new JsonArray(),
        ["validationWarnings"] = await answers.WarningsAsync(saved.Entry), // Beyond what Elsa answers; Studio leaves it unread.
    });

    private static JsonObject Lists(params string[] names) => new(names.Select(name => KeyValuePair.Create(name, (JsonNode?)new JsonArray())));

    private static void Add(JsonObject result, string list, string id) => result[list]!.AsArray().Add((JsonNode)id);
}
