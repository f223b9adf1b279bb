using System.Diagnostics;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Circulation;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>Items of a case: findings, assistance programmes, report portions, and the rest of the record.</summary>
internal static class ItemEndpoints
{
    public static RouteGroupBuilder MapItems(this RouteGroupBuilder api)
    {
        MapKind<Finding, FindingAnswer>(api, "/assessments/{caseId}/findings", ItemRules.FindingKind, "Findings");
        MapKind<Programme, ProgrammeAnswer>(api, "/assessments/{caseId}/programmes", ItemRules.ProgrammeKind, "Assistance programmes");
        MapKind<Portion, PortionAnswer>(api, "/assessments/{caseId}/report/portions", ItemRules.PortionKind, "Report");
        api.MapGet("/assessments/{caseId}/report", ReportAsync).Give<ReportAnswer>().WithTags("Report").WithSummary("The report as the client may read it: which text it is, the hash of each portion, and its level, which is that of the highest portion among those.");

        var record = api.MapGroup("/assessments/{caseId}/record/{kind}").WithTags("Record");
        record.MapGet("/", (HttpContext http, string caseId, string kind, CaseAccess access, IJournalQueries queries, string? cursor, int? limit, CancellationToken token) =>
            ListAsync(http, caseId, RecordKind(kind), access, queries, cursor, limit, token)).GivePage<RecordItemAnswer>().WithSummary("List items of the record: organisation, actor, donor, event, instrument, commitment, artefact, question.");
        record.MapPost("/", (CommandRequest request, string caseId, string kind, CaseAccess access, IEntities entities, CancellationToken token) =>
            AddAsync(request, caseId, RecordKind(kind), access, entities, token)).Accepts<RecordItem>("application/json").Give<ChangedAnswer>(StatusCodes.Status201Created).WithSummary("Add an item to the record.");
        record.MapPut("/{itemId}", (CommandRequest request, string caseId, string kind, string itemId, CaseAccess access, IEntities entities, CancellationToken token) =>
            PutAsync(request, caseId, RecordKind(kind), itemId, access, entities, token)).RequireIfMatch().Give<ChangedAnswer>().Accepts<RecordItem>("application/json").WithSummary("Change an item of the record.");
        return api;
    }

    private static void MapKind<T, TAnswer>(RouteGroupBuilder api, string path, string kind, string tag)
        where T : notnull
        where TAnswer : T
    {
        var group = api.MapGroup(path).WithTags(tag);
        group.MapGet("/", (HttpContext http, string caseId, CaseAccess access, IJournalQueries queries, string? cursor, int? limit, CancellationToken token) =>
            ListAsync(http, caseId, kind, access, queries, cursor, limit, token)).GivePage<TAnswer>().WithSummary($"List the {kind}s that the client is cleared for.");
        group.MapGet("/{itemId}", (HttpContext http, string caseId, string itemId, CaseAccess access, IJournalQueries queries, CancellationToken token) =>
            GetAsync(http, caseId, kind, itemId, access, queries, token)).Give<TAnswer>().WithSummary($"Read a {kind}.");
        group.MapPost("/", (CommandRequest request, string caseId, CaseAccess access, IEntities entities, CancellationToken token) =>
            AddAsync(request, caseId, kind, access, entities, token)).Accepts<T>("application/json").Give<ChangedAnswer>(StatusCodes.Status201Created).WithSummary($"Add a {kind}. \"id\" may be given; it is made up otherwise.");
        group.MapPut("/{itemId}", (CommandRequest request, string caseId, string itemId, CaseAccess access, IEntities entities, CancellationToken token) =>
            PutAsync(request, caseId, kind, itemId, access, entities, token)).RequireIfMatch().Give<ChangedAnswer>().Accepts<T>("application/json").WithSummary($"Change a {kind}.");
        group.MapDelete("/{itemId}", (CommandRequest request, string caseId, string itemId, CaseAccess access, IEntities entities, CancellationToken token) =>
            RemoveAsync(request, caseId, kind, itemId, access, entities, token)).RequireIfMatch().Give<ChangedAnswer>().WithSummary($"Take a {kind} out; the journal keeps it.");
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, string caseId, string kind, CaseAccess access, IJournalQueries queries, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        var owners = await access.FindOwnersAsync(caseId, kind, http.Caller(), cancellationToken);
        var max = Cursor.Size(limit);
        var query = await access.RestrictAsync(
            new ViewQuery { View = Views.Items, Scope = caseId, A = [kind], AOrD = owners, After = Cursor.Read(cursor), Max = max }, http.Caller(), cancellationToken);
        return Answers.Page(await queries.ListAsync(query, cancellationToken), max);
    }

    private static async Task<IResult> GetAsync(
        HttpContext http, string caseId, string kind, string itemId, CaseAccess access, IJournalQueries queries, CancellationToken cancellationToken)
    {
        var owners = await access.FindOwnersAsync(caseId, kind, http.Caller(), cancellationToken);
        return await queries.FindRowAsync(Views.Items, $"{caseId}/{kind}/{itemId}", cancellationToken) is { } found
            && (owners is not { } roles || (found.Row.D is { } owner && roles.Contains(owner, StringComparer.Ordinal)))
            && await access.MayReadAsync(found.Row, http.Caller(), cancellationToken)
                ? Answers.Of(found.Row.Body)
                : throw RequestProblemException.NotFound($"{kind} '{itemId}'");
    }

    private static Task<IResult> AddAsync(CommandRequest request, string caseId, string kind, CaseAccess access, IEntities entities, CancellationToken cancellationToken)
    {
        var (id, body) = TakeId(request.ReadJson());
        id ??= request.NewId();
        var input = new AssessmentInput.PutItem(kind, id, body, IfChangedAt: 0, request.Actor);
        return SendAsync(request, caseId, input, access, entities, cancellationToken, StatusCodes.Status201Created, $"{request.Path}/{Uri.EscapeDataString(id)}");
    }

    private static Task<IResult> PutAsync(
        CommandRequest request, string caseId, string kind, string itemId, CaseAccess access, IEntities entities, CancellationToken cancellationToken)
    {
        var (_, body) = TakeId(request.ReadJson());
        return SendAsync(request, caseId, new AssessmentInput.PutItem(kind, itemId, body, request.IfMatch, request.Actor), access, entities, cancellationToken);
    }

    private static Task<IResult> RemoveAsync(
        CommandRequest request, string caseId, string kind, string itemId, CaseAccess access, IEntities entities, CancellationToken cancellationToken) =>
        SendAsync(request, caseId, new AssessmentInput.RemoveItem(kind, itemId, request.IfMatch, request.Actor), access, entities, cancellationToken);

    private static async Task<IResult> ReportAsync(
        HttpContext http, string caseId, CaseAccess access, IReferenceData reference, CancellationToken cancellationToken)
    {
        var state = await access.FindForReportAsync(caseId, http.Caller(), cancellationToken);
        var snapshot = await reference.GetAsync(cancellationToken);
        var portions = ReportText.Portions(state);
        var readable = CaseAccess.Readable(portions, portion => portion.Entry.Mark, snapshot, http.Caller());
        var marks = readable.Select(portion => portion.Entry.Mark).OfType<Mark>();
        return Answers.Of(JsonValues.Object(
            ("assessmentId", JsonValues.Of(caseId)),
            ("textVersion", JsonValues.Of(state.ReportChangedAt)),
            ("textSha256", JsonValues.Of(ReportText.HashOf(state))),
            ("portions", JsonValues.Of(readable.Length)),
            ("unmarked", JsonValues.Of(readable.Count(portion => portion.Entry.Mark is null))),
            ("marks", JsonValues.Of(Mark.Highest(marks, snapshot.MarkingSchemes).Select(mark => mark.ToString()))),
            ("hashes", JsonValues.Array(readable.Select(portion => JsonValues.Object(
                ("id", JsonValues.Of(portion.Id)),
                ("version", JsonValues.Of(portion.Entry.ChangedAt)),
                ("sha256", JsonValues.Of(portion.Entry.Sha256))))))));
    }

    private static async Task<IResult> SendAsync(
        CommandRequest request,
        string caseId,
        AssessmentInput input,
        CaseAccess access,
        IEntities entities,
        CancellationToken cancellationToken,
        int status = StatusCodes.Status200OK,
        string? location = null)
    {
        var answer = await entities.HandleAsync(new EntityId(EntityKinds.Assessment, caseId), request.Envelope(input, CaseJson.Plain.AssessmentInput), cancellationToken);
        var (kind, itemId) = input switch
        {
            AssessmentInput.PutItem put => (put.Kind, put.ItemId),
            AssessmentInput.RemoveItem remove => (remove.Kind, remove.ItemId),
            _ => throw new UnreachableException($"{input.GetType().Name} is about no item."),
        };
        return await CaseAccess.AnswerAsync(answer, request.Caller, () => access.FindItemAsync(caseId, kind, itemId, request.Caller, cancellationToken), status, location);
    }

    /// <summary>Clients send back what they read: the id and version that answers carry are not part of the item.</summary>
    internal static (string? Id, JsonElement Body) TakeId(JsonElement json)
    {
        if (json.ValueKind is not JsonValueKind.Object)
        {
            throw RequestProblemException.Malformed("$", "body-malformed", "The request needs a JSON object.");
        }

        var id = json.Member("id");
        if (!id.IsNull() && id.AsText() is null)
        {
            throw RequestProblemException.Malformed("$.id", "item-id-malformed", "An id is text.");
        }

        return (id.AsText(), JsonValues.Object(
            [.. json.EnumerateObject().Where(member => member.Name is not ("id" or "version")).Select(member => (member.Name, member.Value))]));
    }

    private static string RecordKind(string kind) => ItemRules.RecordKinds.Contains(kind)
        ? kind
        : throw RequestProblemException.NotFound($"kind of item '{kind}'; there are {string.Join(", ", ItemRules.RecordKinds)}");
}
