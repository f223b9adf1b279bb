using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>Workflow instances and signals.</summary>
internal static class InstanceEndpoints
{
    public static RouteGroupBuilder MapInstances(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/instances").WithTags("Instances");
        group.MapPost("/", StartAsync).Accepts<StartInstance>("application/json").Give<InstanceChangedAnswer>(StatusCodes.Status201Created).WithSummary("Start an instance of a published workflow.");
        group.MapGet("/", ListAsync).GivePage<InstanceRowAnswer>().WithSummary("List instances, newest first.");
        group.MapGet("/{id}", GetAsync).Give<InstanceAnswer>().WithSummary("Read an instance; operators see no content.");
        group.MapGet("/{id}/journal", JournalAsync).Give<JournalAnswer>().WithSummary("The recorded turns of an instance with their hash chain.");
        group.MapPost("/{id}/signals", SignalAsync).RequireIfMatch().Give<InstanceChangedAnswer>().Accepts<SignalInstance>("application/json").WithSummary("Send an event to this instance.");
        group.MapPost("/{id}/cancel", CancelAsync).RequireIfMatch().Give<InstanceChangedAnswer>().Accepts<CancelInstance>("application/json").WithSummary("End an instance and its children.");
        group.MapPost("/{id}/incidents/{incident:long}/retry", RetryAsync).RequireIfMatch().Give<InstanceChangedAnswer>().WithSummary("Do again what faulted, once its cause was dealt with.");
        api.MapPost("/signals", PublishAsync).WithTags("Instances").Accepts<PublishSignal>("application/json").Give<SignalAnswer>(StatusCodes.Status202Accepted).WithSummary("Publish an event to every instance that waits for it.");
        return api;
    }

    private static async Task<IResult> StartAsync(CommandRequest request, IEntities entities, IWorkflowCatalogue catalogue, CancellationToken cancellationToken)
    {
        NeedSecretariat(request.Actor, "starts instances");
        var body = request.Read(ApiJson.Default.StartInstance);
        AssessmentEndpoints.CheckText(body.DefinitionId, "definitionId", EngineLimits.KeyLengthMax);
        AssessmentEndpoints.CheckOptional(body.CorrelationId, "correlationId", EngineLimits.KeyLengthMax);
        AssessmentEndpoints.CheckOptional(body.Name, "name", 500);
        var version = await catalogue.FindPublishedAsync(body.DefinitionId, cancellationToken)
            ?? throw RequestProblemException.Invalid("definitionId", "definition-unknown", $"There is no published version of a workflow '{body.DefinitionId}'.");
        var id = request.NewId();
        var start = new InstanceInput.Start(
            body.DefinitionId, version.Version, version.Hash, body.Input ?? new(StringComparer.Ordinal), body.CorrelationId, body.Name);
        var answer = await entities.HandleAsync(
            new EntityId(EntityKinds.Instance, id), request.Envelope<InstanceInput>(start, EngineJson.Plain.InstanceInput) with { BeginsEntity = true }, cancellationToken);
        return Answers.Of(answer, StatusCodes.Status201Created, $"/api/v1/instances/{id}");
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        IJournalQueries queries,
        string? correlationId,
        string? definitionId,
        string? status,
        string? subStatus,
        string? cursor,
        int? limit,
        CancellationToken cancellationToken)
    {
        NeedWatcher(http.Caller().Actor);
        var max = Cursor.Size(limit);
        var rows = await queries.ListAsync(
            new ViewQuery
            {
                View = Views.Instances,
                Scope = correlationId,
                A = AssessmentEndpoints.Filter(definitionId),
                B = AssessmentEndpoints.Filter(status),
                C = AssessmentEndpoints.Filter(subStatus),
                IsDescending = true,
                After = Cursor.Read(cursor),
                Max = max,
            },
            cancellationToken);
        return Answers.Page(CaseAccess.HandlesCases(http.Caller().Actor) ? rows : [.. rows.Select(InstanceAnswers.WithoutContent)], max);
    }

    private static async Task<IResult> GetAsync(HttpContext http, string id, ITurnJournal journal, IDefinitionContents definitions, CancellationToken cancellationToken)
    {
        var actor = http.Caller().Actor;
        NeedWatcher(actor);
        var snapshot = await journal.LoadAsync(new EntityId(EntityKinds.Instance, id), cancellationToken)
            ?? throw RequestProblemException.NotFound($"instance '{id}'");
        var state = JsonSerializer.Deserialize(snapshot.State, EngineJson.Plain.InstanceState)!;
        var definition = await definitions.GetAsync(state.DefinitionHash, cancellationToken);
        return Answers.Of(InstanceAnswers.Show(state, snapshot.Version, definition, withContent: CaseAccess.HandlesCases(actor)));
    }

    private static async Task<IResult> JournalAsync(
        HttpContext http, string id, ITurnJournal journal, IJournalQueries queries, long? after, int? limit, CancellationToken cancellationToken)
    {
        if (!CaseAccess.HandlesCases(http.Caller().Actor))
        {
            throw RequestProblemException.Forbidden("The journal of an instance holds content: it is for those who handle cases.");
        }

        var entity = new EntityId(EntityKinds.Instance, id);
        return await journal.LoadAsync(entity, cancellationToken) is null
            ? throw RequestProblemException.NotFound($"instance '{id}'")
            : await Journals.PageAsync(queries, entity, after, limit, cancellationToken);
    }

    private static async Task<IResult> SignalAsync(CommandRequest request, string id, IEntities entities, CancellationToken cancellationToken)
    {
        NeedSecretariat(request.Actor, "signals instances");
        var body = request.Read(ApiJson.Default.SignalInstance);
        AssessmentEndpoints.CheckText(body.Name, "name", EngineLimits.KeyLengthMax);
        var signal = new InstanceInput.Signal(body.Name, body.Payload ?? JsonValues.EmptyObject);
        return Answers.Of(await entities.HandleAsync(
            new EntityId(EntityKinds.Instance, id), request.Envelope<InstanceInput>(signal, EngineJson.Plain.InstanceInput, request.IfMatch), cancellationToken));
    }

    private static async Task<IResult> CancelAsync(CommandRequest request, string id, IEntities entities, CancellationToken cancellationToken)
    {
        if (!request.Actor.Has(Roles.Secretariat) && !request.Actor.Has(Roles.Operator))
        {
            throw RequestProblemException.Forbidden("Only the secretariat or an operator cancels instances.");
        }

        var body = request.Read(ApiJson.Default.CancelInstance);
        AssessmentEndpoints.CheckText(body.Reason, "reason", 500);
        var cancel = new InstanceInput.Cancel(body.Reason, request.Actor);
        return Answers.Of(await entities.HandleAsync(
            new EntityId(EntityKinds.Instance, id), request.Envelope<InstanceInput>(cancel, EngineJson.Plain.InstanceInput, request.IfMatch), cancellationToken));
    }

    private static async Task<IResult> RetryAsync(CommandRequest request, string id, long incident, IEntities entities, CancellationToken cancellationToken)
    {
        if (!request.Actor.Has(Roles.Secretariat) && !request.Actor.Has(Roles.Operator))
        {
            throw RequestProblemException.Forbidden("Only the secretariat or an operator retries what faulted.");
        }

        var retry = new InstanceInput.Retry(incident, request.Actor);
        return Answers.Of(await entities.HandleAsync(
            new EntityId(EntityKinds.Instance, id), request.Envelope<InstanceInput>(retry, EngineJson.Plain.InstanceInput, request.IfMatch), cancellationToken));
    }

    private static async Task<IResult> PublishAsync(CommandRequest request, IEntities entities, CancellationToken cancellationToken)
    {
        NeedSecretariat(request.Actor, "publishes signals");
        var body = request.Read(ApiJson.Default.PublishSignal);
        AssessmentEndpoints.CheckText(body.Name, "name", EngineLimits.KeyLengthMax);
        AssessmentEndpoints.CheckOptional(body.CorrelationId, "correlationId", EngineLimits.KeyLengthMax);
        var id = request.NewId();
        var signal = new PublishedSignal(id, body.Name, body.CorrelationId, body.Payload ?? JsonValues.EmptyObject);
        return Answers.Of(
            await entities.HandleAsync(new EntityId(EntityKinds.Signal, id), request.Envelope(signal, SignalJson.Plain.PublishedSignal) with { BeginsEntity = true }, cancellationToken),
            StatusCodes.Status202Accepted);
    }

    private static void NeedSecretariat(Actor actor, string what)
    {
        if (!actor.Has(Roles.Secretariat))
        {
            throw RequestProblemException.Forbidden($"Only the secretariat {what}.");
        }
    }

    /// <summary>Whether and how workflows run is for those who handle cases and for operators.</summary>
    internal static bool MayWatch(Actor actor) => CaseAccess.HandlesCases(actor) || actor.Has(Roles.Operator);

    internal static void NeedWatcher(Actor actor)
    {
        if (!MayWatch(actor))
        {
            throw RequestProblemException.Forbidden("Instances are for those who handle cases and for operators.");
        }
    }
}
