using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>Tasks: list, read, claim, release, delegate, complete.</summary>
internal static class TaskEndpoints
{
    private static readonly ImmutableArray<string> Statuses = ["open", "claimed", "completed", "cancelled"];

    public static RouteGroupBuilder MapTasks(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/tasks").WithTags("Tasks");
        group.MapGet("/", ListAsync).GivePage<TaskAnswer>().RefuseNobody().WithSummary("List tasks, oldest first: one's own, or all for those who handle cases.");
        group.MapGet("/{id}", GetAsync).Give<TaskAnswer>().RefuseNobody().WithSummary("Read a task.");
        group.MapPost("/{id}/claim", ClaimAsync).RequireIfMatch().Give<TaskAnswer>().WithSummary("Take a task: nobody else does it meanwhile.");
        group.MapPost("/{id}/release", ReleaseAsync).RequireIfMatch().Give<TaskAnswer>().WithSummary("Give a claimed task back.");
        group.MapPost("/{id}/delegate", DelegateAsync).RequireIfMatch().Give<TaskAnswer>().Accepts<DelegateTask>("application/json").WithSummary("Hand a task on to another role or person.");
        group.MapPost("/{id}/complete", CompleteAsync).RequireIfMatch().Give<TaskAnswer>().Accepts<CompleteTask>("application/json").WithSummary("Complete a task with an outcome and data.");
        return api;
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, IJournalQueries queries, string? assessment, string? status, string? role, string? claimedBy, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        var actor = http.Caller().Actor;
        if (status is not null && !Statuses.Contains(status, StringComparer.Ordinal))
        {
            throw RequestProblemException.Malformed("status", "status-unknown", $"\"status\" is one of {string.Join(", ", Statuses)}.");
        }

        if (role is not null && !Roles.IsKnown(role))
        {
            throw RequestProblemException.Malformed(
                "role", "role-unknown", $"'{role}' is no role; there are secretariat, mission-leader, agency:<name>, state:<iso>, seat:<name>, operator, auditor.");
        }

        var max = Cursor.Size(limit);
        var rows = await queries.ListAsync(
            new ViewQuery
            {
                View = Views.Tasks,
                Scope = assessment,
                A = AssessmentEndpoints.Filter(role),
                B = AssessmentEndpoints.Filter(status),
                C = AssessmentEndpoints.Filter(claimedBy),
                AOrD = CaseAccess.HandlesCases(actor) ? null : HeldBy(actor),
                After = Cursor.Read(cursor),
                Max = max,
            },
            cancellationToken);
        return Answers.Page(rows, max);
    }

    private static async Task<IResult> GetAsync(HttpContext http, string id, IJournalQueries queries, CancellationToken cancellationToken) =>
        Answers.Of((await FindAsync(id, http.Caller().Actor, queries, cancellationToken)).Body);

    private static Task<IResult> ClaimAsync(CommandRequest request, string id, IJournalQueries queries, IEntities entities, CancellationToken cancellationToken) =>
        ActAsync(request, id, "claim", JsonValues.EmptyObject, queries, entities, cancellationToken);

    private static Task<IResult> ReleaseAsync(CommandRequest request, string id, IJournalQueries queries, IEntities entities, CancellationToken cancellationToken) =>
        ActAsync(request, id, "release", JsonValues.EmptyObject, queries, entities, cancellationToken);

    private static Task<IResult> DelegateAsync(CommandRequest request, string id, IJournalQueries queries, IEntities entities, CancellationToken cancellationToken)
    {
        var body = request.Read(ApiJson.Default.DelegateTask);
        AssessmentEndpoints.CheckText(body.To, "to", EngineLimits.KeyLengthMax);
        AssessmentEndpoints.CheckOptional(body.Reason, "reason", 1_000);
        return ActAsync(request, id, "delegate", JsonValues.Object(("to", JsonValues.Of(body.To)), ("reason", JsonValues.Of(body.Reason))), queries, entities, cancellationToken);
    }

    private static Task<IResult> CompleteAsync(CommandRequest request, string id, IJournalQueries queries, IEntities entities, CancellationToken cancellationToken)
    {
        var body = request.Read(ApiJson.Default.CompleteTask);
        return ActAsync(
            request,
            id,
            "complete",
            JsonValues.Object(
                ("outcome", JsonValues.Of(body.Outcome)),
                ("data", body.Data ?? JsonValues.Null),
                ("onBehalfOf", JsonValues.Of(body.OnBehalfOf)),
                ("result", body.Result ?? JsonValues.Null)),
            queries,
            entities,
            cancellationToken);
    }

    private static async Task<IResult> ActAsync(
        CommandRequest request, string id, string name, JsonElement data, IJournalQueries queries, IEntities entities, CancellationToken cancellationToken)
    {
        if (!TaskIds.TryParse(id, out var instanceId, out var bookmark))
        {
            throw RequestProblemException.NotFound($"task '{id}'");
        }

        var act = new InstanceInput.Act(bookmark, name, data, request.Actor, request.IfMatch);
        var answer = await entities.HandleAsync(
            new EntityId(EntityKinds.Instance, instanceId), request.Envelope<InstanceInput>(act, EngineJson.Plain.InstanceInput), cancellationToken);
        return await CaseAccess.AnswerAsync(answer, request.Caller, () => FindAsync(id, request.Actor, queries, cancellationToken));
    }

    /// <summary>A task that the actor may see. Looked for after a refusal and not before the act: who has handed a task on may repeat that.</summary>
    /// <exception cref="RequestProblemException">There is none, or the actor may not see it.</exception>
    private static async Task<ViewRow> FindAsync(string id, Actor actor, IJournalQueries queries, CancellationToken cancellationToken) =>
        await queries.FindRowAsync(Views.Tasks, id, cancellationToken) is { Row: var row }
            && (CaseAccess.HandlesCases(actor) || (HeldBy(actor) is var roles && (Holds(roles, row.A) || Holds(roles, row.D) || row.C == actor.Id)))
                ? row
                : throw RequestProblemException.NotFound($"task '{id}'");

    /// <summary>The roles of an actor, and the role that names the actor alone.</summary>
    private static ImmutableArray<string> HeldBy(Actor actor) => [.. actor.Roles, $"user:{actor.Id}"];

    private static bool Holds(ImmutableArray<string> roles, string? role) => role is not null && roles.Contains(role, StringComparer.Ordinal);
}
