using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>Workflow definitions: import, list, read, versions, publish.</summary>
internal static class WorkflowDefinitionEndpoints
{
    public static RouteGroupBuilder MapWorkflowDefinitions(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/workflow-definitions").WithTags("Workflow definitions");
        group.MapPost("/", ImportAsync).TakeBodyOf(DefinitionLimits.DocumentSizeMaxBytes, DefinitionLimits.DocumentDepthMax).TakeIfMatch().Accepts<JsonElement>("application/json").Give<ImportedWorkflowAnswer>(StatusCodes.Status201Created)
            .NeverAnswer(StatusCodes.Status409Conflict)
            .WithSummary("Import a definition in Elsa 3's JSON form: a new draft version. Send If-Match to replace the draft that you saw; without it that is kept beside. Send draft=true to keep what is not sound yet.");
        group.MapGet("/", ListAsync).GivePage<WorkflowAnswer>().RefuseNobody().WithSummary("List workflows.");
        group.MapGet("/{definitionId}", GetAsync).Give<JsonElement>().GiveEtag().RefuseNobody().WithSummary("Read a definition; the published version, else the newest, unless one is named.");
        group.MapGet("/{definitionId}/versions", VersionsAsync).Give<WorkflowAnswer>().RefuseNobody().WithSummary("List the versions of a workflow.");
        group.MapPost("/{definitionId}/publish", PublishAsync).RequireIfMatch().Give<PublishedWorkflowAnswer>().Accepts<PublishWorkflow>("application/json").NeverAnswer(StatusCodes.Status409Conflict).WithSummary("Publish a version, with a note on why.");
        return api;
    }

    private static async Task<IResult> ImportAsync(CommandRequest request, bool? draft, WorkflowCatalogue catalogue)
    {
        request.Actor.NeedDraft();
        request.ReadJson();
        var isUnfinished = draft is true;
        var (change, reading) = await catalogue.ImportAsync(
            request.Body, request.Actor.Id, request.IfMatch, request.InputId, Convert.ToHexStringLower(request.Fingerprint) + (isUnfinished ? "/draft" : ""), isUnfinished);
        return change is null
            ? throw Unsound(reading.Problems, "nothing was imported")
            : Answer(
                change,
                StatusCodes.Status201Created,
                ("problems", JsonValues.Array(reading.Problems.Select(Show))),
                ("warnings", JsonValues.Array(reading.Warnings.Select(Show))));
    }

    private static async Task<IResult> ListAsync(WorkflowCatalogue catalogue) => Answers.Of(JsonValues.Object(
        ("items", JsonValues.Array((await catalogue.ListAsync()).Select(Show))), ("next", JsonValues.Null)));

    private static async Task<IResult> GetAsync(string definitionId, int? version, HttpContext http, WorkflowCatalogue catalogue)
    {
        var entry = await FindAsync(definitionId, catalogue);
        var found = version is null ? entry.Published ?? entry.Latest : entry.Versions.FirstOrDefault(each => each.Version == version);
        var document = found is null ? null : await catalogue.FindDocumentAsync(found.Hash);
        http.Response.Headers.ETag = Answers.Etag(entry.Etag);
        return document is null ? throw RequestProblemException.NotFound($"version {version} of workflow '{definitionId}'") : Results.Bytes(document, "application/json");
    }

    private static async Task<IResult> VersionsAsync(string definitionId, WorkflowCatalogue catalogue) =>
        Answers.Of(Show(await FindAsync(definitionId, catalogue)));

    private static async Task<IResult> PublishAsync(CommandRequest request, string definitionId, WorkflowCatalogue catalogue)
    {
        request.Actor.NeedPublish();
        var body = request.Read(ApiJson.Default.PublishWorkflow);
        AssessmentEndpoints.CheckText(body.Note, "note", 1_000);
        var (change, problems) = await catalogue.PublishAsync(
            definitionId, body.Version, body.Note, request.Actor.Id, request.IfMatch, request.InputId, Convert.ToHexStringLower(request.Fingerprint));
        return change is null
            ? throw Unsound(problems, "nothing was published")
            : Answer(change, StatusCodes.Status200OK, ("warnings", JsonValues.Array((await catalogue.WarningsOfAsync(change.Entry)).Select(Show))));
    }

    private static RequestProblemException Unsound(ImmutableArray<DefinitionProblem> problems, string consequence) => new(
        StatusCodes.Status422UnprocessableEntity,
        "definition-unsound",
        $"The definition has {problems.Length} problem{(problems.Length is 1 ? "" : "s")}; {consequence}.",
        [.. problems.Select(ToItem)]);

    private static IResult Answer(CatalogueChange change, int status, params ReadOnlySpan<(string Name, JsonElement Value)> more) => change.Outcome switch
    {
        CatalogueOutcome.Stale => throw new RequestProblemException(
            StatusCodes.Status412PreconditionFailed,
            "version-stale",
            $"The workflow is at ETag \"{change.Entry?.Etag ?? 0}\". Read it again and decide anew."),
        CatalogueOutcome.Unknown => throw RequestProblemException.NotFound("such workflow or version"),
        CatalogueOutcome.KeyReused => throw RequestProblemException.KeyReused(),
        _ => Answers.Of(Show(change.Entry!, more), status),
    };

    private static async Task<WorkflowEntry> FindAsync(string definitionId, WorkflowCatalogue catalogue) =>
        await catalogue.FindAsync(definitionId) ?? throw RequestProblemException.NotFound($"workflow '{definitionId}'");

    private static JsonElement Show(WorkflowEntry entry) => Show(entry, []);

    private static JsonElement Show(WorkflowEntry entry, ReadOnlySpan<(string Name, JsonElement Value)> more) => JsonValues.Object(
    [
        ("definitionId", JsonValues.Of(entry.DefinitionId)),
        ("version", JsonValues.Of(entry.Etag)),
        ("name", JsonValues.Of(entry.Latest.Name)),
        ("publishedVersion", entry.Published is { } published ? JsonValues.Of(published.Version) : JsonValues.Null),
        ("latestVersion", JsonValues.Of(entry.Latest.Version)),
        ("versions", JsonValues.Array(entry.Versions.Select(Show))),
        .. more,
    ]);

    private static JsonElement Show(DefinitionProblem warning) => JsonValues.Object(
        ("path", JsonValues.Of(warning.Path)),
        ("code", JsonValues.Of(warning.Code)),
        ("activity", JsonValues.Of(warning.Activity)),
        ("message", JsonValues.Of(warning.Message)));

    private static JsonElement Show(WorkflowVersion version) => JsonValues.Object(
        ("version", JsonValues.Of(version.Version)),
        ("hash", JsonValues.Of(version.Hash)),
        ("isPublished", JsonValues.Of(version.IsPublished)),
        ("createdAt", JsonValues.Of(version.CreatedAt)),
        ("createdBy", JsonValues.Of(version.CreatedBy)),
        ("changedAt", JsonValues.Of(version.ChangedAt)),
        ("changedBy", JsonValues.Of(version.ChangedBy)),
        ("publishedAt", JsonValues.Of(version.PublishedAt)),
        ("publishedBy", JsonValues.Of(version.PublishedBy)),
        ("note", JsonValues.Of(version.Note)),
        ("publications", JsonValues.Array(version.Known().Select(Show))));

    private static JsonElement Show(WorkflowPublication publication) => JsonValues.Object(
        ("at", JsonValues.Of(publication.At)),
        ("by", JsonValues.Of(publication.By)),
        ("note", JsonValues.Of(publication.Note)),
        ("endedAt", JsonValues.Of(publication.EndedAt)),
        ("endedBy", JsonValues.Of(publication.EndedBy)));

    private static ProblemItem ToItem(DefinitionProblem problem) =>
        new(problem.Path, problem.Code, problem.Activity is null ? problem.Message : $"{problem.Activity}: {problem.Message}", problem.Activity);
}
