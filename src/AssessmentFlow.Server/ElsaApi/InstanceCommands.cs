using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>Running workflows and ending instances, by the commands of our own interface.</summary>
internal static class InstanceCommands
{
    private const string InstanceHeader = "x-elsa-workflow-instance-id";
    private const string CannotStartHeader = "x-elsa-workflow-cannot-start";
    private const string Reason = "Cancelled in Studio.";
    private const string KeptForever = "Instances are evidence and are kept: nothing was deleted. Cancel an instance to end it.";

    public static void MapInstanceCommands(this RouteGroupBuilder api)
    {
        api.MapPost("/workflow-definitions/{definitionId}/execute", ExecuteAsync);
        api.MapPost("/workflow-definitions/{definitionId}/dispatch", DispatchAsync);
        api.MapPost("/events/{name}/trigger", TriggerAsync);
        api.MapPost("/cancel/workflow-instances/{id}", CancelAsync);
        api.MapPost("/bulk-actions/cancel/workflow-instances", CancelManyAsync);
        api.MapDelete("/workflow-instances/{id}", static IResult () => throw ElsaProblems.Refuse("instances-are-kept", KeptForever));
        api.MapPost("/bulk-actions/delete/workflow-instances/by-id", static IResult () => throw ElsaProblems.Refuse("instances-are-kept", KeptForever));
    }

    private static async Task<IResult> ExecuteAsync(HttpContext http, string definitionId, WorkflowCatalogue catalogue, IEntities entities)
    {
        var (id, refusal) = await StartAsync(http, definitionId, await ElsaJson.ReadAsync(http), "Latest", catalogue, entities);
        http.Response.Headers[InstanceHeader] = id;
        http.Response.Headers[CannotStartHeader] = refusal is null ? "False" : "True";
        return ElsaJson.Of(new JsonObject { ["workflowState"] = new JsonObject { ["id"] = id } });
    }

    private static async Task<IResult> DispatchAsync(HttpContext http, string definitionId, WorkflowCatalogue catalogue, IEntities entities)
    {
        var (id, refusal) = await StartAsync(http, definitionId, await ElsaJson.ReadAsync(http), "Published", catalogue, entities);
        return refusal is null ? ElsaJson.Of(new JsonObject { ["workflowInstanceId"] = id }) : throw RequestProblemException.Of(refusal);
    }

    private static async Task<IResult> TriggerAsync(HttpContext http, string name, IEntities entities)
    {
        var actor = NeedSecretariat(http);
        var body = await ElsaJson.ReadAsync(http);
        var payload = body["input"] is { } input ? JsonElement.Parse(input.ToJsonString()) : Engine.Expressions.JsonValues.EmptyObject;
        if (body.Text("workflowInstanceId") is { Length: > 0 } instanceId)
        {
            await SendAsync(entities, instanceId, new InstanceInput.Signal(name, payload), actor, http.RequestAborted);
            return TypedResults.Ok();
        }

        var id = Guid.CreateVersion7().ToString("n");
        var signal = new PublishedSignal(id, name, body.Text("correlationId"), payload);
        await entities.HandleAsync(
            new EntityId(EntityKinds.Signal, id),
            new Envelope { InputId = $"studio/{id}", Input = JsonSerializer.SerializeToUtf8Bytes(signal, SignalJson.Plain.PublishedSignal), Actor = actor.Id, BeginsEntity = true },
            http.RequestAborted);
        return TypedResults.Ok();
    }

    private static async Task<IResult> CancelAsync(HttpContext http, string id, IEntities entities) =>
        await EndAsync(entities, id, NeedEnder(http), http.RequestAborted) ? TypedResults.Ok() : TypedResults.NotFound();

    private static async Task<IResult> CancelManyAsync(HttpContext http, IEntities entities, IJournalQueries queries)
    {
        var actor = NeedEnder(http);
        var body = await ElsaJson.ReadAsync(http);
        var ids = body.Texts("ids").ToList();
        if ((body.Text("definitionId") ?? (body.Text("definitionVersionId") is { } version ? VersionId.TryParse(version)?.DefinitionId : null)) is { Length: > 0 } definitionId)
        {
            var running = await queries.ListAsync(
                new ViewQuery { View = Views.Instances, A = [definitionId], B = [nameof(InstanceStatus.Running)], Max = EngineLimits.BranchesMax }, http.RequestAborted);
            ids.AddRange(running.Select(row => row.Id));
        }

        var cancelled = 0;
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
        {
            cancelled += await EndAsync(entities, id, actor, http.RequestAborted) ? 1 : 0;
        }

        return ElsaJson.Of(new JsonObject { ["cancelled"] = cancelled });
    }

    /// <summary>Starts an instance on the version that Studio names; an author tries drafts out before they are published.</summary>
    private static async Task<(string Id, Refusal? Refusal)> StartAsync(
        HttpContext http, string definitionId, JsonObject body, string otherwise, WorkflowCatalogue catalogue, IEntities entities)
    {
        var actor = NeedSecretariat(http);
        if (await catalogue.FindAsync(definitionId) is not { } entry
            || DefinitionQuery.Pick(entry, body.Text("versionOptions") ?? otherwise).FirstOrDefault() is not { } version
            || await catalogue.FindDocumentAsync(version.Hash) is not { } document)
        {
            throw RequestProblemException.NotFound($"version of workflow '{definitionId}' to run");
        }

        if (version.PublishedAt is null && await catalogue.CheckAsync(document) is { IsEmpty: false } problems)
        {
            throw ElsaProblems.Unsound(problems, "The workflow cannot be run yet.");
        }

        var input = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in body["input"] as JsonObject ?? [])
        {
            input[name] = value is null ? Engine.Expressions.JsonValues.Null : JsonElement.Parse(value.ToJsonString());
        }

        var id = Guid.CreateVersion7().ToString("n");
        var start = new InstanceInput.Start(
            definitionId, version.Version, version.Hash, input, body.Text("correlationId") is { Length: > 0 } correlationId ? correlationId : null);
        var answer = await SendAsync(entities, id, start, actor, http.RequestAborted);
        return (id, answer.Refusal);
    }

    private static async Task<bool> EndAsync(IEntities entities, string id, Actor actor, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(entities, id, new InstanceInput.Cancel(Reason, actor), actor, cancellationToken);
        return answer.Refusal is null;
    }

    private static Task<TurnAnswer> SendAsync(IEntities entities, string id, InstanceInput input, Actor actor, CancellationToken cancellationToken) => entities.HandleAsync(
        new EntityId(EntityKinds.Instance, id),
        new Envelope
        {
            InputId = $"studio/{Guid.CreateVersion7():n}",
            Input = JsonSerializer.SerializeToUtf8Bytes(input, EngineJson.Plain.InstanceInput),
            Actor = actor.Id,
            BeginsEntity = input is InstanceInput.Start,
        },
        cancellationToken);

    private static Actor NeedSecretariat(HttpContext http) => http.Caller().Actor is var actor && actor.Has(Roles.Secretariat)
        ? actor
        : throw RequestProblemException.Forbidden("Only the secretariat runs workflows.");

    private static Actor NeedEnder(HttpContext http) => http.Caller().Actor is var actor && (actor.Has(Roles.Secretariat) || actor.Has(Roles.Operator))
        ? actor
        : throw RequestProblemException.Forbidden("Only the secretariat or an operator cancels instances.");
}
