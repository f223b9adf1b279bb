using System.Runtime.InteropServices;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reviews;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>Reviews of agencies: chapter, findings, sign-off, return, acceptance.</summary>
internal static class ReviewEndpoints
{
    private const int ChapterBodyMaxBytes = 2 * 1024 * 1024;

    public static RouteGroupBuilder MapReviews(this RouteGroupBuilder api)
    {
        api.MapGet("/assessments/{caseId}/reviews", ListAsync).GivePage<ReviewAnswer>().WithTags("Reviews").WithSummary("List the reviews of a case that the client may read.");
        var group = api.MapGroup("/reviews/{id}").WithTags("Reviews");
        group.MapGet("/", GetAsync).Give<ReviewAnswer>().RefuseNobody().WithSummary("Read a review.");
        group.MapGet("/chapter", GetChapterAsync).Give<ChapterAnswer>().RefuseNobody().WithSummary("Read the chapter.");
        group.MapPut("/chapter", WriteChapterAsync).RequireIfMatch().Give<ChangedAnswer>().TakeBodyOf(ChapterBodyMaxBytes).Accepts<WriteChapter>("application/json").WithSummary("Write the chapter.");
        group.MapGet("/findings", ListFindingsAsync).GivePage<FindingAnswer>().RefuseNobody().WithSummary("List the findings of a review.");
        group.MapPost("/findings", AddFindingAsync).Accepts<Finding>("application/json").Give<ChangedAnswer>(StatusCodes.Status201Created).WithSummary("Add a finding.");
        group.MapPut("/findings/{findingId}", PutFindingAsync).RequireIfMatch().Give<ChangedAnswer>().Accepts<Finding>("application/json").WithSummary("Change a finding.");
        group.MapDelete("/findings/{findingId}", RemoveFindingAsync).RequireIfMatch().Give<ChangedAnswer>().WithSummary("Take a finding out.");
        group.MapPost("/sign-off", (CommandRequest request, string id, CaseAccess access, IEntities entities, CancellationToken token) =>
            MoveAsync(request, id, ReviewMove.SignOff, access, entities, token)).RequireIfMatch().Give<ReviewAnswer>().MayTake<MoveReview>().WithSummary("Sign the chapter off, for the agency.");
        group.MapPost("/return", (CommandRequest request, string id, CaseAccess access, IEntities entities, CancellationToken token) =>
            MoveAsync(request, id, ReviewMove.Return, access, entities, token)).RequireIfMatch().Give<ReviewAnswer>().Accepts<MoveReview>("application/json").WithSummary("Send the chapter back with a reason.");
        group.MapPost("/accept", (CommandRequest request, string id, CaseAccess access, IEntities entities, CancellationToken token) =>
            MoveAsync(request, id, ReviewMove.Accept, access, entities, token)).RequireIfMatch().Give<ReviewAnswer>().MayTake<MoveReview>().WithSummary("Accept the chapter.");
        return api;
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, string caseId, CaseAccess access, IJournalQueries queries, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        var actor = http.Caller().Actor;
        var state = await access.FindAsync(caseId, http.Caller(), cancellationToken);
        var max = Cursor.Size(limit);
        var agencies = actor.Names(Roles.AgencyPrefix).ToArray();
        if (!CaseAccess.HandlesCases(actor) && agencies.Length is 0)
        {
            throw RequestProblemException.Forbidden("Reviews are for those who handle the case and for its agencies.");
        }

        var rows = await queries.ListAsync(
            new ViewQuery { View = Views.Reviews, Scope = caseId, A = CaseAccess.HandlesCases(actor) ? [] : [.. agencies], After = Cursor.Read(cursor), Max = max },
            cancellationToken);
        return Answers.Page([.. rows.Select(row => row with { Row = row.Row with { Body = Show(JsonElement.Parse(row.Row.Body), CaseAccess.IsAnnexed(state, row.Id)) } })], max);
    }

    /// <summary>A review with what only its case knows: whether it was too late for the report and is its annex.</summary>
    private static byte[] Show(JsonElement review, bool isAnnexed) => JsonMarshal.GetRawUtf8Value(JsonValues.Object(
        [.. review.EnumerateObject().Select(member => (member.Name, member.Value)), ("annexed", JsonValues.Of(isAnnexed))])).ToArray();

    private static async Task<IResult> GetAsync(HttpContext http, string id, CaseAccess access, CancellationToken cancellationToken)
    {
        var review = await access.FindReviewAsync(id, http.Caller(), cancellationToken);
        return Answers.Of(Show(ReviewAnswers.Summary(review), await access.IsAnnexedAsync(review, cancellationToken)));
    }

    private static async Task<IResult> GetChapterAsync(HttpContext http, string id, CaseAccess access, IJournalQueries queries, CancellationToken cancellationToken)
    {
        await access.FindReviewAsync(id, http.Caller(), cancellationToken);
        return await queries.FindRowAsync(Views.Items, $"{id}/chapter/chapter", cancellationToken) is { } found
            && await access.MayReadAsync(found.Row, http.Caller(), cancellationToken)
                ? Answers.Of(found.Row.Body)
                : throw RequestProblemException.NotFound("chapter yet");
    }

    private static Task<IResult> WriteChapterAsync(CommandRequest request, string id, CaseAccess access, IEntities entities, CancellationToken cancellationToken)
    {
        var body = request.Read(ApiJson.Default.WriteChapter);
        return SendAsync(request, id, new ReviewInput.WriteChapter(new Chapter { Text = body.Text, Mark = body.Mark }, request.IfMatch, request.Actor), access, entities, cancellationToken);
    }

    private static async Task<IResult> ListFindingsAsync(
        HttpContext http, string id, CaseAccess access, IJournalQueries queries, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        await access.FindReviewAsync(id, http.Caller(), cancellationToken);
        var max = Cursor.Size(limit);
        var query = await access.RestrictAsync(
            new ViewQuery { View = Views.Items, Scope = id, A = [ItemRules.FindingKind], After = Cursor.Read(cursor), Max = max }, http.Caller(), cancellationToken);
        return Answers.Page(await queries.ListAsync(query, cancellationToken), max);
    }

    private static Task<IResult> AddFindingAsync(CommandRequest request, string id, CaseAccess access, IEntities entities, CancellationToken cancellationToken)
    {
        var (findingId, body) = ItemEndpoints.TakeId(request.ReadJson());
        findingId ??= request.NewId();
        return SendAsync(
            request,
            id,
            new ReviewInput.PutFinding(findingId, body, IfChangedAt: 0, request.Actor),
            access,
            entities,
            cancellationToken,
            StatusCodes.Status201Created,
            $"{request.Path}/{Uri.EscapeDataString(findingId)}");
    }

    private static Task<IResult> PutFindingAsync(CommandRequest request, string id, string findingId, CaseAccess access, IEntities entities, CancellationToken cancellationToken) =>
        SendAsync(request, id, new ReviewInput.PutFinding(findingId, ItemEndpoints.TakeId(request.ReadJson()).Body, request.IfMatch, request.Actor), access, entities, cancellationToken);

    private static Task<IResult> RemoveFindingAsync(CommandRequest request, string id, string findingId, CaseAccess access, IEntities entities, CancellationToken cancellationToken) =>
        SendAsync(request, id, new ReviewInput.RemoveFinding(findingId, request.IfMatch, request.Actor), access, entities, cancellationToken);

    private static Task<IResult> MoveAsync(CommandRequest request, string id, ReviewMove move, CaseAccess access, IEntities entities, CancellationToken cancellationToken)
    {
        var reason = request.Body.Length > 0 ? request.Read(ApiJson.Default.MoveReview).Reason : null;
        AssessmentEndpoints.CheckOptional(reason, "reason", 10_000);
        return SendAsync(request, id, new ReviewInput.Move(move, reason, request.IfMatch, request.Actor), access, entities, cancellationToken);
    }

    /// <summary>A refusal tells nothing of a review that the caller may not read.</summary>
    private static async Task<IResult> SendAsync(
        CommandRequest request,
        string id,
        ReviewInput input,
        CaseAccess access,
        IEntities entities,
        CancellationToken cancellationToken,
        int status = StatusCodes.Status200OK,
        string? location = null)
    {
        var answer = await entities.HandleAsync(new EntityId(EntityKinds.Review, id), request.Envelope(input, ReviewJson.Plain.ReviewInput), cancellationToken);
        return await CaseAccess.AnswerAsync(answer, request.Caller, () => access.FindReviewAsync(id, request.Caller, cancellationToken), status, location);
    }
}
