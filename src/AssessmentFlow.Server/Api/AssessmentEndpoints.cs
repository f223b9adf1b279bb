using System.Collections.Immutable;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Entities;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>Cases: open, list, read, timeline, journal, delegation.</summary>
internal static class AssessmentEndpoints
{
    private const int IdLengthMax = 64;

    public static RouteGroupBuilder MapAssessments(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/assessments").WithTags("Assessments");
        group.MapPost("/", OpenAsync).Accepts<OpenAssessment>("application/json").Give<CaseAnswer>(StatusCodes.Status201Created).WithSummary("Open a case; its workflow starts.");
        group.MapGet("/", ListAsync).GivePage<CaseAnswer>().WithSummary("List cases, newest first.");
        group.MapGet("/{id}", GetAsync).Give<CaseAnswer>().RefuseNobody().WithSummary("Read a case.");
        group.MapGet("/{id}/timeline", TimelineAsync).GivePage<TimelineAnswer>().WithSummary("What happened to a case, oldest first.");
        group.MapGet("/{id}/journal", JournalAsync).Give<JournalAnswer>().WithSummary("The recorded turns of a case with their hash chain.");
        group.MapGet("/{id}/delegation", GetDelegationAsync).Give<DelegationAnswer>().RefuseNobody().WithSummary("Who visits.");
        group.MapPut("/{id}/delegation", ComposeDelegationAsync).Give<DelegationAnswer>().RequireIfMatch().Accepts<ComposeDelegation>("application/json").WithSummary("Say who visits.");
        return api;
    }

    private static async Task<IResult> OpenAsync(
        CommandRequest request, IEntities entities, IReferenceData reference, IWorkflowCatalogue catalogue, CancellationToken cancellationToken)
    {
        if (!request.Actor.Has(Roles.Secretariat))
        {
            throw RequestProblemException.Forbidden("Only the secretariat opens cases.");
        }

        var body = request.Read(ApiJson.Default.OpenAssessment);
        var id = body.Id ?? request.NewId();
        CheckId(id);
        CheckTexts(body);
        var snapshot = await reference.GetAsync(cancellationToken);
        if (snapshot.Regimes.TryGetValue(body.Regime, out var regime) && await catalogue.FindPublishedAsync(regime.Workflow, cancellationToken) is null)
        {
            throw new RequestProblemException(
                StatusCodes.Status409Conflict, "workflow-unpublished", $"The regime '{regime.Id}' is driven by the workflow '{regime.Workflow}', which has no published version: publish it first.");
        }

        var input = new AssessmentInput.Open(
            body.Title, body.State, body.Regime, body.VisitType, body.VisitFrom, body.VisitTo, body.Synthetic, request.Actor);
        var answer = await entities.HandleAsync(
            new EntityId(EntityKinds.Assessment, id), request.Envelope<AssessmentInput>(input, CaseJson.Plain.AssessmentInput) with { BeginsEntity = true }, cancellationToken);
        return Answers.Of(answer, StatusCodes.Status201Created, $"/api/v1/assessments/{id}");
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, IJournalQueries queries, string? state, string? regime, string? phase, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        var actor = http.Caller().Actor;
        var max = Cursor.Size(limit);
        if (!CaseAccess.HandlesCases(actor))
        {
            return await ListKnownAsync(
                actor, queries, row => (state ?? row.A) == row.A && (regime ?? row.B) == row.B && (phase ?? row.C) == row.C, cursor, max, cancellationToken);
        }

        var rows = await queries.ListAsync(
            new ViewQuery
            {
                View = Views.Assessments,
                A = Filter(state),
                B = Filter(regime),
                C = Filter(phase),
                IsDescending = true,
                After = Cursor.Read(cursor),
                Max = max,
            },
            cancellationToken);
        return Answers.Page(rows, max);
    }

    /// <summary>
    /// Those who do not handle cases see the cases that they have a part in, by any of their roles: as the State assessed,
    /// as an agency on the delegation, as a seat that decided or received a copy.
    /// </summary>
    private static async Task<IResult> ListKnownAsync(
        Actor actor, IJournalQueries queries, Func<ViewRow, bool> isAskedFor, string? cursor, int max, CancellationToken cancellationToken)
    {
        var roles = actor.Roles.Where(Roles.IsOfParticipant).ToImmutableArray();
        if (roles.IsEmpty)
        {
            throw RequestProblemException.Forbidden("Cases are for those who handle them, and for the States, agencies and seats concerned.");
        }

        var after = Cursor.Read(cursor);
        var rows = await queries.ListAsync(
            new ViewQuery { View = Views.Participants, A = roles, IsDescending = true, After = after, Max = max }, cancellationToken);

        // A client with several roles has several rows of one case, one after the other; the page before may have ended among them.
        var shown = after is null ? null : Participants.CaseOf(after.Id);
        var found = new List<FoundRow>();
        foreach (var id in rows.Select(row => row.Row.Scope!).Distinct(StringComparer.Ordinal).Where(id => id != shown))
        {
            if (await queries.FindRowAsync(Views.Assessments, id, cancellationToken) is { } row && isAskedFor(row.Row))
            {
                found.Add(row);
            }
        }

        return Answers.Page(found, rows.Count == max ? rows[^1] : null);
    }

    private static async Task<IResult> GetAsync(HttpContext http, string id, CaseAccess access, CancellationToken cancellationToken) =>
        Answers.Of(CaseAnswers.Summary(await access.FindAsync(id, http.Caller(), cancellationToken)));

    private static async Task<IResult> TimelineAsync(
        HttpContext http, string id, CaseAccess access, IJournalQueries queries, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        await access.FindForHandlingAsync(id, http.Caller(), cancellationToken);
        var max = Cursor.Size(limit);
        return Answers.Page(
            await queries.ListAsync(new ViewQuery { View = Views.Timeline, Scope = id, After = Cursor.Read(cursor), Max = max }, cancellationToken), max);
    }

    private static async Task<IResult> JournalAsync(
        HttpContext http, string id, CaseAccess access, IJournalQueries queries, long? after, int? limit, CancellationToken cancellationToken)
    {
        await access.FindForHandlingAsync(id, http.Caller(), cancellationToken);
        return await Journals.PageAsync(queries, new EntityId(EntityKinds.Assessment, id), after, limit, cancellationToken);
    }

    private static async Task<IResult> GetDelegationAsync(HttpContext http, string id, CaseAccess access, CancellationToken cancellationToken) =>
        Answers.Of(CaseAnswers.Delegation(await access.FindAsync(id, http.Caller(), cancellationToken)));

    private static async Task<IResult> ComposeDelegationAsync(CommandRequest request, string id, CaseAccess access, IEntities entities, CancellationToken cancellationToken)
    {
        var body = request.Read(ApiJson.Default.ComposeDelegation);
        var members = body.Members.IsDefault ? [] : body.Members;
        CheckOptional(body.Leader, "leader", 200);
        foreach (var (member, position) in members.Select((member, position) => (member, position)))
        {
            CheckMember(member, $"members[{position}]");
        }

        var input = new AssessmentInput.ComposeDelegation(
            body.Leader, [.. members.Select(member => new DelegationMember(member.Agency, member.Areas ?? [], member.Representative))], request.IfMatch, request.Actor);
        var answer = await entities.HandleAsync(
            new EntityId(EntityKinds.Assessment, id), request.Envelope<AssessmentInput>(input, CaseJson.Plain.AssessmentInput), cancellationToken);
        return await access.AnswerAsync(answer, id, request.Caller, cancellationToken);
    }

    internal static ImmutableArray<string> Filter(string? value) => string.IsNullOrEmpty(value) ? [] : [value];

    internal static void CheckText(string? text, string pointer, int max)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > max)
        {
            throw RequestProblemException.Invalid(pointer, "text-out-of-bounds", $"'{pointer}' has 1 to {max} characters.");
        }
    }

    internal static void CheckOptional(string? text, string pointer, int max)
    {
        if (text is not null)
        {
            CheckText(text, pointer, max);
        }
    }

    internal static void CheckAgency(string? name, string pointer)
    {
        CheckText(name, pointer, 64);
        if (!DelegationMember.IsAgencyName(name!))
        {
            throw RequestProblemException.Invalid(pointer, "agency-malformed", DelegationMember.AgencyForm);
        }
    }

    private static void CheckMember(DelegationMemberBody? member, string pointer)
    {
        if (member is null)
        {
            throw RequestProblemException.Invalid(pointer, "member-malformed", $"'{pointer}' is null: leave it out.");
        }

        CheckAgency(member.Agency, $"{pointer}.agency");
        CheckOptional(member.Representative, $"{pointer}.representative", 200);

        foreach (var area in member.Areas is { IsDefault: false } areas ? areas : [])
        {
            CheckText(area, $"{pointer}.areas", 200);
        }
    }

    private static void CheckTexts(OpenAssessment body)
    {
        CheckText(body.Title, "title", 200);
        CheckText(body.State.Name, "state.name", 100);
        CheckOptional(body.VisitType, "visitType", 100);
        CheckOptional(body.Synthetic, "synthetic", 500);
        if (body.State.Iso2.Length is not 2 || !body.State.Iso2.All(char.IsAsciiLetterUpper))
        {
            throw RequestProblemException.Invalid("state.iso2", "iso2-malformed", "An ISO 3166-1 alpha-2 code is two capital letters.");
        }
    }

    private static void CheckId(string id)
    {
        if (id.Length is 0 or > IdLengthMax || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-'))
        {
            throw RequestProblemException.Invalid("id", "id-malformed", $"An id has 1 to {IdLengthMax} letters, digits or dashes.");
        }
    }
}
