using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Server.Auth;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>What Studio does to workflows, by the commands of the catalogue.</summary>
internal sealed class DefinitionWriting(WorkflowCatalogue catalogue, IJournalQueries queries, IReferenceData reference)
{
    /// <summary>Times a deletion looks again because the workflow changed under it (count).</summary>
    private const int DeleteLooksMax = 10;

    /// <summary>Keeps what was drawn as a draft, sound or not.</summary>
    /// <returns>The workflow as it stands.</returns>
    /// <exception cref="RequestProblemException">Somebody else changed the workflow since, or it has no identity.</exception>
    public async Task<WorkflowEntry> SaveAsync(StudioRequest request, JsonObject model)
    {
        var isNew = string.IsNullOrWhiteSpace(model.Text("definitionId"));
        if (isNew)
        {
            model["definitionId"] = request.NewId("definition");
        }

        var definitionId = model.Text("definitionId")!;
        var seen = isNew ? null : StudioDocument.SeenBy(model); // A duplicate carries what its original was made from.
        if (await catalogue.FindAsync(definitionId) is { } entry
            && await catalogue.FindDocumentAsync(entry.Latest.Hash) is { } latest
            && StudioDocument.IsSame(ElsaJson.Parse(latest), model))
        {
            return entry; // What was only looked at makes no version.
        }

        var document = ElsaJson.ToBytes(StudioDocument.Read(model));
        var (change, reading) = await catalogue.ImportAsync(
            document, request.Actor.Id, seen, request.KeyOf($"save/{definitionId}"), "save", isUnfinished: true, request.Editor);
        return change is null
            ? throw ElsaProblems.Unsound(reading.Problems, "The definition cannot be kept.")
            : Done(change);
    }

    /// <summary>Publishes the newest version.</summary>
    /// <returns>The workflow as it stands, and whether that version was published already.</returns>
    /// <exception cref="RequestProblemException">It is unsound, somebody else changed it since, or there is none.</exception>
    public async Task<(WorkflowEntry Entry, bool WasPublished)> PublishAsync(StudioRequest request, string definitionId, string note, WorkflowEntry? seen = null)
    {
        var entry = seen ?? await catalogue.FindAsync(definitionId) ?? throw Unknown(definitionId);
        if (entry.Latest.IsPublished)
        {
            return (entry, WasPublished: true);
        }

        var (change, problems) = await catalogue.PublishAsync(
            definitionId, entry.Latest.Version, note, request.Actor.Id, entry.Etag, request.KeyOf($"publish/{definitionId}/{entry.Latest.Version}"), "publish", request.Editor);
        return change is null
            ? throw ElsaProblems.Unsound(problems, "Nothing was published; what was drawn is kept as a draft.")
            : (Done(change), WasPublished: false);
    }

    /// <summary>Takes the published version back, if there is one.</summary>
    public async Task<WorkflowEntry> RetractAsync(StudioRequest request, string definitionId)
    {
        _ = await catalogue.FindAsync(definitionId) ?? throw Unknown(definitionId);
        return Done(await catalogue.RetractAsync(definitionId, request.Actor.Id, RetractionKey(request, definitionId)));
    }

    /// <summary>Whether a request has taken a version back already: it is repeated.</summary>
    public Task<bool> HasRetractedAsync(StudioRequest request, string definitionId) => catalogue.HasAppliedAsync(definitionId, RetractionKey(request, definitionId));

    /// <summary>Makes the content of an older version the newest draft.</summary>
    public async Task<WorkflowEntry> RevertAsync(StudioRequest request, string definitionId, int version)
    {
        var entry = await catalogue.FindAsync(definitionId) ?? throw Unknown(definitionId);
        if (entry.Versions.FirstOrDefault(each => each.Version == version) is not { } older || await catalogue.FindDocumentAsync(older.Hash) is not { } document)
        {
            throw Unknown($"{definitionId}, version {version}");
        }

        var (change, reading) = await catalogue.ImportAsync(
            document, request.Actor.Id, ifEtag: null, request.KeyOf($"revert/{definitionId}/{older.Version}"), "revert", isUnfinished: true, request.Editor);
        return change is null ? throw ElsaProblems.Unsound(reading.Problems, "The older version cannot be brought back.") : Done(change);
    }

    /// <summary>Forgets a workflow with all its versions; one that is gone already needs nothing more.</summary>
    /// <exception cref="RequestProblemException">Something depends on it.</exception>
    public async Task DeleteAsync(StudioRequest request, string definitionId, CancellationToken cancellationToken)
    {
        var key = request.KeyOf($"delete/{definitionId}");
        if (await catalogue.HasAppliedAsync(definitionId, key))
        {
            return; // Whatever was imported since, a repeat is answered as the first time.
        }

        await UntilFreshAsync(async () => await catalogue.FindAsync(definitionId, cancellationToken) is { } entry
            ? await DeleteAsync(entry, request.Actor.Id, key, cancellationToken)
            : new CatalogueChange(CatalogueOutcome.Changed, Entry: null));
    }

    /// <summary>Why a workflow may not be deleted; null when it may.</summary>
    public async Task<string?> WhyKeptAsync(string definitionId, CancellationToken cancellationToken)
    {
        if ((await reference.GetAsync(cancellationToken)).Regimes.Values.FirstOrDefault(each => each.Workflow == definitionId) is { } regime)
        {
            return $"Workflow '{definitionId}' is kept: cases of the regime {regime.Id} begin with it.";
        }

        if (await catalogue.FindUserAsync(definitionId, cancellationToken) is { } user)
        {
            return $"Workflow '{definitionId}' is kept: workflow '{user}' starts it. Change that one first.";
        }

        return await queries.FindRunningAsync(definitionId, correlationId: null, cancellationToken) is { } running
            ? $"Workflow '{definitionId}' is kept: instance {running} runs on it. Retract it, so that nothing new starts, and delete it when the last instance has ended."
            : null;
    }

    /// <summary>Forgets a draft, or the whole workflow when it never was anything else.</summary>
    /// <exception cref="RequestProblemException">It is no draft, it is not the actor's to delete, or something depends on it.</exception>
    public async Task DeleteVersionAsync(StudioRequest request, VersionId id, CancellationToken cancellationToken)
    {
        var key = request.KeyOf($"delete/{id.DefinitionId}/{id.Version}");
        if (await catalogue.HasAppliedAsync(id.DefinitionId, key))
        {
            return; // Whatever was drawn since under the number of the draft, a repeat is answered as the first time.
        }

        await UntilFreshAsync(() => DeleteVersionAsync(request.Actor, id, key, cancellationToken));
    }

    private static string RetractionKey(StudioRequest request, string definitionId) => request.KeyOf($"retract/{definitionId}");

    /// <summary>Looks again as long as somebody changes the workflow between the look and the deletion.</summary>
    private static async Task UntilFreshAsync(Func<Task<CatalogueChange>> delete)
    {
        for (var looks = 1; ; looks++)
        {
            var change = await delete();
            if (change.Outcome is not CatalogueOutcome.Stale || looks == DeleteLooksMax)
            {
                Done(change);
                return;
            }
        }
    }

    private async Task<CatalogueChange> DeleteVersionAsync(Actor actor, VersionId id, string key, CancellationToken cancellationToken)
    {
        if (await catalogue.FindAsync(id.DefinitionId, cancellationToken) is not { } entry || entry.Versions.FirstOrDefault(each => each.Version == id.Version) is not { } version)
        {
            return new CatalogueChange(CatalogueOutcome.Changed, Entry: null); // It is gone already.
        }

        if (version.PublishedAt is null && !actor.MayPublish() && OtherAuthor(version, actor.Id) is { } other)
        {
            throw ElsaProblems.Refuse(
                "draft-of-another", $"Version {id.Version} of workflow '{id.DefinitionId}' is kept: it holds the work of {other}, and designers delete their own drafts only. Ask {other} or the secretariat to delete it.");
        }

        if (entry.Versions.Length is 1 && version.PublishedAt is null)
        {
            return await DeleteAsync(entry, actor.Id, key, cancellationToken);
        }

        var change = await catalogue.DiscardAsync(id.DefinitionId, id.Version, key, entry.Etag);
        return change.Outcome is CatalogueOutcome.Unknown
            ? throw ElsaProblems.Refuse("version-kept", $"Version {id.Version} of workflow '{id.DefinitionId}' is kept: only a draft that was never published can be deleted.")
            : change;
    }

    private async Task<CatalogueChange> DeleteAsync(WorkflowEntry entry, string by, string key, CancellationToken cancellationToken)
    {
        if (await WhyKeptAsync(entry.DefinitionId, cancellationToken) is { } why)
        {
            throw ElsaProblems.Refuse("workflow-in-use", why);
        }

        var change = await catalogue.DeleteAsync(entry.DefinitionId, by, key, entry.Etag);
        return change.Outcome is CatalogueOutcome.Unknown ? change with { Outcome = CatalogueOutcome.Changed } : change; // Somebody else deleted it meanwhile.
    }

    /// <summary>Whose work a version holds beside that of a client, as far as the catalogue tells; null when nobody else's.</summary>
    private static string? OtherAuthor(WorkflowVersion version, string client) =>
        new[] { version.CreatedBy, version.ChangedBy }.FirstOrDefault(each => each is not null && each != client);

    private static WorkflowEntry Done(CatalogueChange change) => change.Outcome switch
    {
        CatalogueOutcome.Stale => throw ElsaProblems.Refuse(
            "version-stale",
            $"Not saved: {change.Entry?.Latest.ChangedBy ?? change.Entry?.Latest.CreatedBy ?? "somebody"} has changed this workflow since you opened it. The other change is kept, and what you drew is on this page only. Keep yours as a file and load the page again; the file, imported, becomes a version beside the other."),
        CatalogueOutcome.Unknown => throw RequestProblemException.NotFound("such workflow or version"),
        CatalogueOutcome.KeyReused => throw RequestProblemException.KeyReused(),
        _ => change.Entry ?? new WorkflowEntry("", 0, []),
    };

    private static RequestProblemException Unknown(string what) => RequestProblemException.NotFound($"workflow '{what}'");
}
