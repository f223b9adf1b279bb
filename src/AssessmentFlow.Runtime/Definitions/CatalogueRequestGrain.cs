using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Runtime.Triggers;

namespace AssessmentFlow.Runtime.Definitions;

/// <summary>
/// One request to the catalogue, by its key: it is carried out once and answered the same at every repeat. Requests of
/// one key wait for each other here, whatever workflow they are for.
/// </summary>
[GrainInterfaceType("catalogue-request")]
public interface ICatalogueRequestGrain : IGrainWithStringKey
{
    /// <summary>Imports a version of a workflow, or answers as the first time.</summary>
    /// <param name="fingerprint">What the request is; another one under the same key is refused.</param>
    /// <param name="definitionId">The workflow.</param>
    /// <param name="hash">Hash of the content, which is stored already.</param>
    /// <param name="name">Display name.</param>
    /// <param name="by">Who imports.</param>
    /// <param name="ifEtag">The ETag that the importer saw; 0 when the workflow must be new; null when any will do.</param>
    /// <param name="editor">The page in which it was drawn; null for none.</param>
    [Alias("import")]
    Task<CatalogueChange> ImportAsync(string fingerprint, string definitionId, string hash, string name, string by, long? ifEtag, string? editor);

    /// <summary>Publishes a version of a workflow, or answers as the first time.</summary>
    /// <param name="fingerprint">What the request is; another one under the same key is refused.</param>
    /// <param name="definitionId">The workflow.</param>
    /// <param name="version">The version.</param>
    /// <param name="hash">Hash of its content with everything pinned, which is stored already.</param>
    /// <param name="note">Why.</param>
    /// <param name="by">Who publishes.</param>
    /// <param name="ifEtag">The ETag at which the content was found sound.</param>
    /// <param name="editor">The page in which it was drawn; null for none.</param>
    [Alias("publish")]
    Task<CatalogueChange> PublishAsync(string fingerprint, string definitionId, int version, string hash, string? note, string by, long ifEtag, string? editor);

    /// <summary>What the request was answered when it was carried out; null when it was not yet.</summary>
    /// <param name="fingerprint">What the request is; another one under the same key is refused.</param>
    [Alias("find")]
    Task<CatalogueChange?> FindAsync(string fingerprint);
}

/// <summary>What a <see cref="CatalogueRequestGrain"/> stores.</summary>
public sealed class CatalogueRequestState
{
    /// <summary>What the request is.</summary>
    public string Fingerprint { get; set; } = "";

    /// <summary>What became of it; null until it was carried out.</summary>
    public CatalogueChange? Change { get; set; }
}

[GrainType("catalogue-request")]
internal sealed class CatalogueRequestGrain(
    [PersistentState("request", ReferenceSetGrain.Storage)] IPersistentState<CatalogueRequestState> state,
    TriggerRegistration triggers) : Grain, ICatalogueRequestGrain
{
    private string Key => this.GetPrimaryKeyString();

    public Task<CatalogueChange> ImportAsync(string fingerprint, string definitionId, string hash, string name, string by, long? ifEtag, string? editor) =>
        OnceAsync(fingerprint, definitionId, workflow => workflow.ImportAsync(hash, name, by, ifEtag, Key, editor));

    public Task<CatalogueChange> PublishAsync(string fingerprint, string definitionId, int version, string hash, string? note, string by, long ifEtag, string? editor) =>
        OnceAsync(fingerprint, definitionId, async workflow =>
        {
            var isPossible = await workflow.GetAsync() is { } entry && ifEtag == entry.Etag && entry.Versions.Any(each => each.Version == version);
            if (isPossible)
            {
                await triggers.AnnounceAsync(definitionId, Key);
            }

            var change = await workflow.PublishAsync(version, hash, note, by, ifEtag, Key, editor);
            if (isPossible || change.Outcome is CatalogueOutcome.Changed)
            {
                // Whoever is told that a version is published can count on its triggers.
                await triggers.FollowAsync(definitionId, Key);
            }

            return change;
        });

    public Task<CatalogueChange?> FindAsync(string fingerprint) => Task.FromResult(Find(fingerprint));

    private async Task<CatalogueChange> OnceAsync(string fingerprint, string definitionId, Func<IWorkflowGrain, Task<CatalogueChange>> change)
    {
        if (Find(fingerprint) is { } first)
        {
            return first;
        }

        var made = await change(GrainFactory.GetGrain<IWorkflowGrain>(definitionId));
        if (made.Outcome is CatalogueOutcome.Changed or CatalogueOutcome.Unchanged)
        {
            // Cut off before this, the repeat finds its key in the workflow and changes nothing again.
            state.State.Fingerprint = fingerprint;
            state.State.Change = made;
            await state.WriteOrEndAsync(this);
        }

        return made;
    }

    private CatalogueChange? Find(string fingerprint) => state.State.Change is null || state.State.Fingerprint == fingerprint
        ? state.State.Change
        : new CatalogueChange(CatalogueOutcome.KeyReused, Entry: null);
}
