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
    private const int RowsPerQuery = 1_000;
    private const string KeptForever = "Instances are evidence and are kept: nothing was deleted. Cancel an instance to end it.";
    private const string NotBroughtIn = "Instances are evidence of what ran here: nothing was imported. Export the workflow where it ran, import it among the definitions, and run it here.";

    public static void MapInstanceCommands(this RouteGroupBuilder api)
    {
        api.MapPost("/workflow-definitions/{definitionId}/execute", ExecuteAsync);
        api.MapPost("/workflow-definitions/{definitionId}/dispatch", DispatchAsync);
        api.MapPost("/events/{name}/trigger", TriggerAsync);
        api.MapPost("/cancel/workflow-instances/{id}", CancelAsync);
        api.MapPost("/bulk-actions/cancel/workflow-instances", CancelManyAsync);
        api.MapDelete("/workflow-instances/{id}", static IResult () => throw ElsaProblems.Refuse("instances-are-kept", KeptForever));
        api.MapPost("/bulk-actions/delete/workflow-instances/by-id", static IResult () => throw ElsaProblems.Refuse("instances-are-kept", KeptForever));
        api.MapPost("/bulk-actions/import/workflow-instances", static IResult () => throw ElsaProblems.Refuse("instances-are-evidence", NotBroughtIn));
    }

    private static async Task<IResult> ExecuteAsync(HttpContext http, string definitionId, WorkflowCatalogue catalogue, IEntities entities)
    {
        http.Response.Headers[CannotStartHeader] = "True"; // Studio reads this and no status: it would call whatever is refused below a success.
        var (id, refusal) = await StartAsync(http, definitionId, await ElsaJson.ReadAsync(http), "Latest", catalogue, entities);
        if (refusal is not null)
        {
            throw RequestProblemException.Of(refusal);
        }

        http.Response.Headers[InstanceHeader] = id;
        http.Response.Headers[CannotStartHeader] = "False";
        return ElsaJson.Of(new JsonObject { ["workflowState"] = new JsonObject { ["id"] = id } });
    }

    private static async Task<IResult> DispatchAsync(HttpContext http, string definitionId, WorkflowCatalogue catalogue, IEntities entities)
    {
        var (id, refusal) = await StartAsync(http, definitionId, await ElsaJson.ReadAsync(http), "Published", catalogue, entities);
        return refusal is null ? ElsaJson.Of(new JsonObject { ["workflowInstanceId"] = id }) : throw RequestProblemException.Of(refusal);
    }

    private static async Task<IResult> TriggerAsync(HttpContext http, string name, IEntities entities)
    {
        var request = NeedSecretariat(http);
        var body = await ElsaJson.ReadAsync(http);
        var payload = body["input"] is { } input ? JsonElement.Parse(input.ToJsonString()) : Engine.Expressions.JsonValues.EmptyObject;
        if (RequestProblemException.Key(body.Text("workflowInstanceId"), "workflowInstanceId") is { } instanceId)
        {
            await SendAsync(entities, instanceId, new InstanceInput.Signal(name, payload), request, http.RequestAborted);
            return TypedResults.Ok();
        }

        var id = request.NewId("signal");
        var signal = new PublishedSignal(id, name, RequestProblemException.Key(body.Text("correlationId"), "correlationId"), payload);
        await entities.HandleAsync(
            new EntityId(EntityKinds.Signal, id),
            new Envelope { InputId = $"studio/{id}", Input = JsonSerializer.SerializeToUtf8Bytes(signal, SignalJson.Plain.PublishedSignal), Actor = request.Actor.Id, BeginsEntity = true },
            http.RequestAborted);
        return TypedResults.Ok();
    }

    private static async Task<IResult> CancelAsync(HttpContext http, string id, IEntities entities) =>
        await EndAsync(entities, id, NeedEnder(http), http.RequestAborted) is { Refusal.Kind: RefusalKind.NotFound } ? TypedResults.NotFound() : TypedResults.Ok();

    private static async Task<IResult> CancelManyAsync(HttpContext http, IEntities entities, IJournalQueries queries)
    {
        var request = NeedEnder(http);
        var body = await ElsaJson.ReadAsync(http);
        var ids = body.Texts("ids").ToHashSet(StringComparer.Ordinal);
        var version = VersionId.TryParse(body.Text("definitionVersionId") ?? "");
        if ((version?.DefinitionId ?? body.Text("definitionId")) is { Length: > 0 } definitionId)
        {
            ids.UnionWith(await RunningAsync(queries, definitionId, version?.Version, http.RequestAborted));
        }

        var cancelled = 0;
        foreach (var id in ids.Where(EngineLimits.IsKey))
        {
            cancelled += await EndAsync(entities, id, request, http.RequestAborted) is { Refusal: null } ? 1 : 0;
        }

        return ElsaJson.Of(new JsonObject { ["cancelled"] = cancelled });
    }

    /// <summary>All instances that run on a workflow, or on one version of it.</summary>
    private static async Task<List<string>> RunningAsync(IJournalQueries queries, string definitionId, int? version, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        var query = new ViewQuery { View = Views.Instances, A = [definitionId], B = [nameof(InstanceStatus.Running)], Max = RowsPerQuery };
        while (await queries.ListAsync(query, cancellationToken) is [.., var last] rows)
        {
            found.AddRange(rows.Where(row => version is null || JsonElement.Parse(row.Row.Body).GetProperty("definitionVersion").GetInt32() == version).Select(row => row.Id));
            query = query with { After = new ViewPosition(last.Row.At, last.Id) };
        }

        return found;
    }

    /// <summary>Starts an instance on the version that Studio names; an author tries drafts out before they are published.</summary>
    private static async Task<(string Id, Refusal? Refusal)> StartAsync(
        HttpContext http, string definitionId, JsonObject body, string otherwise, WorkflowCatalogue catalogue, IEntities entities)
    {
        var request = NeedSecretariat(http);
        var correlationId = RequestProblemException.Key(body.Text("correlationId"), "correlationId");
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

        var id = request.NewId("instance");
        var start = new InstanceInput.Start(definitionId, version.Version, version.Hash, input, correlationId);
        var answer = await SendAsync(entities, id, start, request, http.RequestAborted);
        return (id, answer.Refusal);
    }

    private static Task<TurnAnswer> EndAsync(IEntities entities, string id, StudioRequest request, CancellationToken cancellationToken) =>
        SendAsync(entities, id, new InstanceInput.Cancel(Reason, request.Actor), request, cancellationToken);

    private static Task<TurnAnswer> SendAsync(IEntities entities, string id, InstanceInput input, StudioRequest request, CancellationToken cancellationToken) => entities.HandleAsync(
        new EntityId(EntityKinds.Instance, id),
        new Envelope
        {
            InputId = request.KeyOf($"{input.GetType().Name}/{id}"),
            Input = JsonSerializer.SerializeToUtf8Bytes(input, EngineJson.Plain.InstanceInput),
            Actor = request.Actor.Id,
            BeginsEntity = input is InstanceInput.Start,
        },
        cancellationToken);

    private static StudioRequest NeedSecretariat(HttpContext http) => http.Caller().Actor.Has(Roles.Secretariat)
        ? StudioRequest.Of(http)
        : throw RequestProblemException.Forbidden("Only the secretariat runs workflows.");

    private static StudioRequest NeedEnder(HttpContext http) => http.Caller().Actor is var actor && (actor.Has(Roles.Secretariat) || actor.Has(Roles.Operator))
        ? StudioRequest.Of(http)
        : throw RequestProblemException.Forbidden("Only the secretariat or an operator cancels instances.");
}
