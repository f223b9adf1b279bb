using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>Numbered copies of circulated reports: list, read, acknowledge.</summary>
internal static class CirculationEndpoints
{
    public static RouteGroupBuilder MapCirculations(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/circulations").WithTags("Circulation");
        group.MapGet("/", ListAsync).GivePage<CopyAnswer>().WithSummary("List copies: one's own, or all for those who handle cases.");
        group.MapGet("/{copyId}", GetAsync).Give<CopyAnswer>().RefuseNobody().WithSummary("Read a copy's record.");
        group.MapPost("/{copyId}/acknowledge", AcknowledgeAsync).RequireIfMatch().Give<CopyAnswer>().WithSummary("Acknowledge receipt, for the seat that the copy was issued to.");
        return api;
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, IJournalQueries queries, string? assessment, string? seat, string? status, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        var actor = http.Caller().Actor;
        var handlesCases = CaseAccess.HandlesCases(actor);
        var own = actor.Names(Roles.SeatPrefix).ToArray();
        if (!handlesCases && own.Length is 0)
        {
            throw RequestProblemException.Forbidden("Copies are for those who handle cases and for the seats that they were issued to.");
        }

        var max = Cursor.Size(limit);
        var seats = handlesCases ? AssessmentEndpoints.Filter(seat) : [.. own.Where(each => seat is null || each == seat)];
        if (!handlesCases && seats.IsEmpty)
        {
            return Answers.Page([], max); // As a filter, none would mean all.
        }

        var rows = await queries.ListAsync(
            new ViewQuery
            {
                View = Views.Copies,
                Scope = assessment,
                A = seats,
                B = AssessmentEndpoints.Filter(status),
                After = Cursor.Read(cursor),
                Max = max,
            },
            cancellationToken);
        return Answers.Page(rows, max);
    }

    private static async Task<IResult> GetAsync(HttpContext http, string copyId, IJournalQueries queries, CancellationToken cancellationToken) =>
        Answers.Of((await FindAsync(copyId, http.Caller().Actor, queries, cancellationToken)).Body);

    private static async Task<ViewRow> FindAsync(string copyId, Actor actor, IJournalQueries queries, CancellationToken cancellationToken) =>
        await queries.FindRowAsync(Views.Copies, copyId, cancellationToken) is { Row: var row }
            && (CaseAccess.HandlesCases(actor) || actor.Has(Roles.OfSeat(row.A!)))
                ? row
                : throw RequestProblemException.NotFound($"copy '{copyId}'");

    private static async Task<IResult> AcknowledgeAsync(
        CommandRequest request, string copyId, IEntities entities, IJournalQueries queries, CancellationToken cancellationToken)
    {
        if (!CopyIds.TryParse(copyId, out var caseId, out var circulation, out var copy))
        {
            throw RequestProblemException.NotFound($"copy '{copyId}'");
        }

        var input = new AssessmentInput.AcknowledgeCopy(circulation, copy, request.IfMatch, request.Actor);
        var answer = await entities.HandleAsync(
            new EntityId(EntityKinds.Assessment, caseId), request.Envelope<AssessmentInput>(input, CaseJson.Plain.AssessmentInput), cancellationToken);
        return await CaseAccess.AnswerAsync(answer, request.Caller, () => FindAsync(copyId, request.Actor, queries, cancellationToken));
    }
}
