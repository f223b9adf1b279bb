using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Silence;
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
        group.MapGet("/", ListAsync).GivePage<SilenceAnswer>().WithSummary("List the silence procedures of a case.");
        group.MapGet("/{round:int}", GetAsync).Give<SilenceAnswer>().WithSummary("Read a silence procedure.");
        group.MapPost("/{round:int}/object", ObjectAsync).RequireIfMatch().Give<SilenceAnswer>().MayTake<SilenceObjection>()
            .WithSummary("Object. Use If-Match: * so that nothing that happens meanwhile keeps the objection out.");
        group.MapPost("/{round:int}/hold", HoldAsync).RequireIfMatch().Give<SilenceAnswer>().MayTake<SilenceHold>().WithSummary("Hold: the clock stands still.");
        group.MapPost("/{round:int}/lift", LiftAsync).RequireIfMatch().Give<SilenceAnswer>().MayTake<SilenceLift>().WithSummary("Lift a hold: the clock runs again.");
        group.MapPost("/{round:int}/extend", ExtendAsync).RequireIfMatch().Give<SilenceAnswer>().Accepts<SilenceExtension>("application/json").WithSummary("Move the expiry to a later instant.");
        group.MapPost("/{round:int}/withdraw", WithdrawAsync).RequireIfMatch().Give<SilenceAnswer>().Accepts<SilenceWithdrawal>("application/json").WithSummary("Withdraw the text.");
        return api;
    }

    private static async Task<IResult> ListAsync(HttpContext http, string caseId, CaseAccess access, CancellationToken cancellationToken)
    {
        var (state, rounds) = await FindAllAsync(http.Caller(), caseId, access, cancellationToken);
        return Answers.Of(JsonValues.Object(
            ("items", JsonValues.Array(rounds.Select(round => CaseAnswers.Silence(state, round)))), ("next", JsonValues.Null)));
    }

    private static async Task<IResult> GetAsync(HttpContext http, string caseId, int round, CaseAccess access, CancellationToken cancellationToken)
    {
        var (state, found) = await FindAsync(http.Caller(), caseId, round, access, cancellationToken);
        return Answers.Of(CaseAnswers.Silence(state, found));
    }

    private static Task<IResult> ObjectAsync(CommandRequest request, string caseId, int round, CaseAccess access, IEntities entities, CancellationToken cancellationToken)
    {
        var body = ReadOr(request, ApiJson.Default.SilenceObjection, new SilenceObjection());
        return ActAsync(request, caseId, round, SilenceAct.Object, body.Seat ?? SeatOf(request.Actor), body.Text, until: null, access, entities, cancellationToken);
    }

    private static Task<IResult> HoldAsync(CommandRequest request, string caseId, int round, CaseAccess access, IEntities entities, CancellationToken cancellationToken)
    {
        var body = ReadOr(request, ApiJson.Default.SilenceHold, new SilenceHold());
        return ActAsync(request, caseId, round, SilenceAct.Hold, body.Seat ?? SeatOf(request.Actor), body.Reason, body.LapsesAt, access, entities, cancellationToken);
    }

    private static Task<IResult> LiftAsync(CommandRequest request, string caseId, int round, CaseAccess access, IEntities entities, CancellationToken cancellationToken)
    {
        var body = ReadOr(request, ApiJson.Default.SilenceLift, new SilenceLift());
        return ActAsync(request, caseId, round, SilenceAct.Lift, body.Seat ?? SeatOf(request.Actor), text: null, until: null, access, entities, cancellationToken);
    }

    private static Task<IResult> ExtendAsync(CommandRequest request, string caseId, int round, CaseAccess access, IEntities entities, CancellationToken cancellationToken)
    {
        var body = request.Read(ApiJson.Default.SilenceExtension);
        return ActAsync(request, caseId, round, SilenceAct.Extend, seat: null, body.Reason, body.ExpiresAt, access, entities, cancellationToken);
    }

    private static Task<IResult> WithdrawAsync(CommandRequest request, string caseId, int round, CaseAccess access, IEntities entities, CancellationToken cancellationToken)
    {
        var body = request.Read(ApiJson.Default.SilenceWithdrawal);
        return ActAsync(request, caseId, round, SilenceAct.Withdraw, seat: null, body.Reason, until: null, access, entities, cancellationToken);
    }

    private static async Task<IResult> ActAsync(
        CommandRequest request,
        string caseId,
        int round,
        SilenceAct act,
        string? seat,
        string? text,
        DateTimeOffset? until,
        CaseAccess access,
        IEntities entities,
        CancellationToken cancellationToken)
    {
        var input = new AssessmentInput.ActOnSilence(round, act, seat, text, until, request.IfMatch, request.Actor);
        var answer = await entities.HandleAsync(
            new EntityId(EntityKinds.Assessment, caseId), request.Envelope<AssessmentInput>(input, CaseJson.Plain.AssessmentInput), cancellationToken);
        return await CaseAccess.AnswerAsync(answer, request.Caller, () => FindAsync(request.Caller, caseId, round, access, cancellationToken));
    }

    private static async Task<(AssessmentState State, SilenceRound Round)> FindAsync(
        Caller caller, string caseId, int number, CaseAccess access, CancellationToken cancellationToken)
    {
        var (state, rounds) = await FindAllAsync(caller, caseId, access, cancellationToken);
        return (state, rounds.FirstOrDefault(round => round.Number == number) ?? throw RequestProblemException.NotFound($"silence procedure {number}"));
    }

    /// <summary>Silence traffic is for those who handle the case and, procedure by procedure, for the seats that decide; the State does not see it.</summary>
    private static async Task<(AssessmentState State, IReadOnlyList<SilenceRound> Rounds)> FindAllAsync(
        Caller caller, string caseId, CaseAccess access, CancellationToken cancellationToken)
    {
        var state = await access.FindAsync(caseId, caller, cancellationToken);
        if (CaseAccess.HandlesCases(caller.Actor))
        {
            return (state, state.Silences);
        }

        var seats = caller.Actor.Names(Roles.SeatPrefix).ToArray();
        return (state, seats.Length > 0
            ? [.. state.Silences.Where(round => round.Seats.Intersect(seats, StringComparer.Ordinal).Any())]
            : throw RequestProblemException.Forbidden("Silence procedures are for those who handle the case and for the seats that decide."));
    }

    /// <summary>A client that holds one seat need not name it.</summary>
    private static string? SeatOf(Actor actor) => actor.Names(Roles.SeatPrefix).ToArray() is [var only] ? only : null;

    private static T ReadOr<T>(CommandRequest request, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, T empty) =>
        request.Body.Length > 0 ? request.Read(type) : empty;
}
