using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>Silence procedures: read, object, hold, lift, extend, withdraw.</summary>
internal static class SilenceEndpoints
{
    public static RouteGroupBuilder MapSilences(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/assessments/{caseId}/silences").WithTags("Silence");
        group.MapGet("/", ListAsync).WithSummary("List the silence procedures of a case.");
        group.MapGet("/{round:int}", GetAsync).WithSummary("Read a silence procedure.");
        group.MapPost("/{round:int}/object", ObjectAsync).RequireIfMatch().Accepts<SilenceObjection>("application/json")
            .WithSummary("Object. Use If-Match: * so that nothing that happens meanwhile keeps the objection out.");
        group.MapPost("/{round:int}/hold", HoldAsync).RequireIfMatch().Accepts<SilenceHold>("application/json").WithSummary("Hold: the clock stands still.");
        group.MapPost("/{round:int}/lift", LiftAsync).RequireIfMatch().Accepts<SilenceLift>("application/json").WithSummary("Lift a hold: the clock runs again.");
        group.MapPost("/{round:int}/extend", ExtendAsync).RequireIfMatch().Accepts<SilenceExtension>("application/json").WithSummary("Move the expiry to a later instant.");
        group.MapPost("/{round:int}/withdraw", WithdrawAsync).RequireIfMatch().Accepts<SilenceWithdrawal>("application/json").WithSummary("Withdraw the text.");
        return api;
    }

    private static async Task<IResult> ListAsync(HttpContext http, string caseId, CaseAccess access, CancellationToken cancellationToken)
    {
        var state = await FindAsync(http, caseId, access, cancellationToken);
        return Answers.Of(JsonValues.Object(
            ("items", JsonValues.Array(state.Silences.Select(round => CaseAnswers.Silence(state, round)))), ("next", JsonValues.Null)));
    }

    private static async Task<IResult> GetAsync(HttpContext http, string caseId, int round, CaseAccess access, CancellationToken cancellationToken)
    {
        var state = await FindAsync(http, caseId, access, cancellationToken);
        return round >= 1 && round <= state.Silences.Length
            ? Answers.Of(CaseAnswers.Silence(state, state.Silences[round - 1]))
            : throw RequestProblemException.NotFound($"silence procedure {round}");
    }

    private static Task<IResult> ObjectAsync(CommandRequest request, string caseId, int round, IEntities entities, CancellationToken cancellationToken)
    {
        var body = ReadOr(request, ApiJson.Default.SilenceObjection, new SilenceObjection());
        return ActAsync(request, caseId, round, SilenceAct.Object, body.Seat ?? SeatOf(request.Actor), body.Text, until: null, entities, cancellationToken);
    }

    private static Task<IResult> HoldAsync(CommandRequest request, string caseId, int round, IEntities entities, CancellationToken cancellationToken)
    {
        var body = ReadOr(request, ApiJson.Default.SilenceHold, new SilenceHold());
        return ActAsync(request, caseId, round, SilenceAct.Hold, body.Seat ?? SeatOf(request.Actor), body.Reason, body.LapsesAt, entities, cancellationToken);
    }

    private static Task<IResult> LiftAsync(CommandRequest request, string caseId, int round, IEntities entities, CancellationToken cancellationToken)
    {
        var body = ReadOr(request, ApiJson.Default.SilenceLift, new SilenceLift());
        return ActAsync(request, caseId, round, SilenceAct.Lift, body.Seat ?? SeatOf(request.Actor), text: null, until: null, entities, cancellationToken);
    }

    private static Task<IResult> ExtendAsync(CommandRequest request, string caseId, int round, IEntities entities, CancellationToken cancellationToken)
    {
        var body = request.Read(ApiJson.Default.SilenceExtension);
        return ActAsync(request, caseId, round, SilenceAct.Extend, seat: null, body.Reason, body.ExpiresAt, entities, cancellationToken);
    }

    private static Task<IResult> WithdrawAsync(CommandRequest request, string caseId, int round, IEntities entities, CancellationToken cancellationToken)
    {
        var body = request.Read(ApiJson.Default.SilenceWithdrawal);
        return ActAsync(request, caseId, round, SilenceAct.Withdraw, seat: null, body.Reason, until: null, entities, cancellationToken);
    }

    private static async Task<IResult> ActAsync(
        CommandRequest request,
        string caseId,
        int round,
        SilenceAct act,
        string? seat,
        string? text,
        DateTimeOffset? until,
        IEntities entities,
        CancellationToken cancellationToken)
    {
        var input = new AssessmentInput.ActOnSilence(round, act, seat, text, until, request.IfMatch, request.Actor);
        return Answers.Of(await entities.HandleAsync(
            new EntityId(EntityKinds.Assessment, caseId), request.Envelope<AssessmentInput>(input, CaseJson.Plain.AssessmentInput), cancellationToken));
    }

    /// <summary>Silence traffic is for those who handle the case and for the seats that decide; the State does not see it.</summary>
    private static async Task<AssessmentState> FindAsync(HttpContext http, string caseId, CaseAccess access, CancellationToken cancellationToken)
    {
        var state = await access.FindAsync(caseId, http.Caller(), cancellationToken);
        var actor = http.Caller().Actor;
        return CaseAccess.HandlesCases(actor)
            || state.Silences.Any(round => actor.Names(Roles.SeatPrefix).Any(seat => round.Seats.Contains(seat, StringComparer.Ordinal)))
                ? state
                : throw RequestProblemException.Forbidden("Silence procedures are for those who handle the case and for the seats that decide.");
    }

    /// <summary>A client that holds one seat need not name it.</summary>
    private static string? SeatOf(Actor actor) => actor.Names(Roles.SeatPrefix).ToArray() is [var only] ? only : null;

    private static T ReadOr<T>(CommandRequest request, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, T empty) =>
        request.Body.Length > 0 ? request.Read(type) : empty;
}
