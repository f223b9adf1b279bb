using AssessmentFlow.Runtime.Reference;

namespace AssessmentFlow.Runtime.Definitions;

/// <summary>The versions of one workflow.</summary>
[GrainInterfaceType("workflow")]
public interface IWorkflowGrain : IGrainWithStringKey
{
    /// <summary>The workflow; null when it was never imported.</summary>
    [Alias("get")]
    Task<WorkflowEntry?> GetAsync();

    /// <summary>
    /// Adds a version, or takes the place of a draft that the importer saw. Content that is the newest version already changes nothing.
    /// </summary>
    /// <param name="hash">Hash of the content, which is stored already.</param>
    /// <param name="name">Display name.</param>
    /// <param name="by">Who imports.</param>
    /// <param name="ifEtag">The ETag that the importer saw; 0 when the workflow must be new; null when any will do.</param>
    /// <param name="key">Identity of the request.</param>
    /// <param name="editor">The page in which it was drawn: changes that all came from there do not make its next one stale; null for none.</param>
    [Alias("import")]
    Task<CatalogueChange> ImportAsync(string hash, string name, string by, long? ifEtag, string key, string? editor);

    /// <summary>Makes a version the one that new instances run on.</summary>
    /// <param name="version">The version.</param>
    /// <param name="hash">Hash of its content with everything pinned, which is stored already.</param>
    /// <param name="note">Why.</param>
    /// <param name="by">Who publishes.</param>
    /// <param name="ifEtag">The ETag at which the content was found sound.</param>
    /// <param name="key">Identity of the request.</param>
    /// <param name="editor">The page in which it was drawn; null for none.</param>
    [Alias("publish")]
    Task<CatalogueChange> PublishAsync(int version, string hash, string? note, string by, long ifEtag, string key, string? editor);

    /// <summary>New instances run on no version any more; those that run go on.</summary>
    /// <returns>Unchanged when none was published.</returns>
    [Alias("retract")]
    Task<CatalogueChange> RetractAsync();

    /// <summary>Forgets the newest version, if it was never published.</summary>
    /// <param name="version">The version that is meant.</param>
    /// <returns>Unknown when it is not the newest, or was published once: that is kept.</returns>
    [Alias("discard")]
    Task<CatalogueChange> DiscardAsync(int version);

    /// <summary>Forgets all versions. Their contents stay: finished instances can still be looked at.</summary>
    [Alias("delete")]
    Task<CatalogueChange> DeleteAsync();
}

/// <summary>What became of a change of the catalogue.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Entry">The workflow as it stands; null when there is none.</param>
[GenerateSerializer]
[Immutable]
[Alias("catalogue-change")]
public sealed record CatalogueChange([property: Id(0)] CatalogueOutcome Outcome, [property: Id(1)] WorkflowEntry? Entry);

/// <summary>What became of a change of the catalogue.</summary>
public enum CatalogueOutcome
{
    /// <summary>It was made, or had been made by the same request before.</summary>
    Changed = 0,

    /// <summary>The content is the newest version already.</summary>
    Unchanged = 1,

    /// <summary>The workflow is at another ETag than the caller saw.</summary>
    Stale = 2,

    /// <summary>There is no such workflow or version.</summary>
    Unknown = 3,

    /// <summary>The key of the request was used for another one.</summary>
    KeyReused = 4,
}

/// <summary>What a <see cref="WorkflowGrain"/> stores.</summary>
public sealed class WorkflowState
{
    /// <summary>Number of changes so far.</summary>
    public long Etag { get; set; }

    /// <summary>Versions, oldest first.</summary>
    public List<WorkflowVersion> Versions { get; set; } = [];

    /// <summary>The last requests that were applied.</summary>
    public List<string> Applied { get; set; } = [];

    /// <summary>The page that made the last change; null when no page did.</summary>
    public string? Editor { get; set; }

    /// <summary>The ETag from which on every change came from <see cref="Editor"/>.</summary>
    public long EditorSince { get; set; }
}

[GrainType("workflow")]
internal sealed class WorkflowGrain(
    [PersistentState("workflow", ReferenceSetGrain.Storage)] IPersistentState<WorkflowState> state,
    TimeProvider time) : Grain, IWorkflowGrain
{
    /// <summary>Requests that are remembered (count).</summary>
    private const int AppliedMax = 200;

    public Task<WorkflowEntry?> GetAsync() => Task.FromResult(Entry());

    public async Task<CatalogueChange> ImportAsync(string hash, string name, string by, long? ifEtag, string key, string? editor)
    {
        if (state.State.Applied.Contains(key))
        {
            return new CatalogueChange(CatalogueOutcome.Changed, Entry());
        }

        if (ifEtag is { } expected && IsStale(expected, editor))
        {
            return new CatalogueChange(CatalogueOutcome.Stale, Entry());
        }

        var versions = state.State.Versions;
        if (versions.Count > 0 && versions[^1].Hash == hash)
        {
            return new CatalogueChange(CatalogueOutcome.Unchanged, Entry());
        }

        // What was ever published is kept for ever, and so is a draft that whoever imports has not seen: it is somebody's work.
        var isSeenDraft = ifEtag is not null && versions.Count > 0 && versions[^1].PublishedAt is null;
        if (isSeenDraft)
        {
            versions[^1] = versions[^1] with { Hash = hash, Name = name, ChangedAt = time.GetUtcNow(), ChangedBy = by }; // It stays the work of who began it.
        }
        else
        {
            versions.Add(new WorkflowVersion
            {
                Version = versions.Count > 0 ? versions[^1].Version + 1 : 1,
                Hash = hash,
                Name = name,
                CreatedAt = time.GetUtcNow(),
                CreatedBy = by,
            });
        }

        return await SaveAsync(key, editor);
    }

    public async Task<CatalogueChange> PublishAsync(int version, string hash, string? note, string by, long ifEtag, string key, string? editor)
    {
        if (state.State.Applied.Contains(key))
        {
            return new CatalogueChange(CatalogueOutcome.Changed, Entry());
        }

        var versions = state.State.Versions;
        var index = versions.FindIndex(each => each.Version == version);
        if (index < 0)
        {
            return new CatalogueChange(CatalogueOutcome.Unknown, Entry());
        }

        if (IsStale(ifEtag, editor))
        {
            return new CatalogueChange(CatalogueOutcome.Stale, Entry());
        }

        for (var i = 0; i < versions.Count; i++)
        {
            versions[i] = versions[i] with { IsPublished = i == index };
        }

        versions[index] = versions[index] with { Hash = hash, Note = note, PublishedAt = time.GetUtcNow(), PublishedBy = by };
        return await SaveAsync(key, editor);
    }

    public async Task<CatalogueChange> RetractAsync()
    {
        var versions = state.State.Versions;
        var index = versions.FindLastIndex(version => version.IsPublished);
        if (index < 0)
        {
            return new CatalogueChange(versions.Count is 0 ? CatalogueOutcome.Unknown : CatalogueOutcome.Unchanged, Entry());
        }

        versions[index] = versions[index] with { IsPublished = false };
        return await SaveAsync(key: null, editor: null);
    }

    public async Task<CatalogueChange> DiscardAsync(int version)
    {
        var versions = state.State.Versions;
        if (versions.Count < 2 || versions[^1].Version != version || versions[^1].PublishedAt is not null)
        {
            return new CatalogueChange(CatalogueOutcome.Unknown, Entry());
        }

        versions.RemoveAt(versions.Count - 1);
        return await SaveAsync(key: null, editor: null);
    }

    public async Task<CatalogueChange> DeleteAsync()
    {
        if (state.State.Versions.Count is 0)
        {
            return new CatalogueChange(CatalogueOutcome.Unknown, Entry: null);
        }

        state.State.Versions.Clear();
        return await SaveAsync(key: null, editor: null);
    }

    /// <summary>Whether somebody else has changed the workflow since. A page does not wait for the answer to its last save before the next.</summary>
    private bool IsStale(long seen, string? editor) =>
        seen != state.State.Etag && (editor is null || editor != state.State.Editor || seen < state.State.EditorSince);

    private async Task<CatalogueChange> SaveAsync(string? key, string? editor)
    {
        if (editor is null || editor != state.State.Editor)
        {
            state.State.Editor = editor;
            state.State.EditorSince = state.State.Etag;
        }

        state.State.Etag++;
        if (key is not null)
        {
            state.State.Applied.Add(key);
        }

        if (state.State.Applied.Count > AppliedMax)
        {
            state.State.Applied.RemoveAt(0);
        }

        await state.WriteOrEndAsync(this);
        return new CatalogueChange(CatalogueOutcome.Changed, Entry());
    }

    private WorkflowEntry? Entry() => state.State.Versions.Count is 0
        ? null
        : new WorkflowEntry(this.GetPrimaryKeyString(), state.State.Etag, [.. state.State.Versions]);
}
