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

    /// <summary>Whether a request is one of the last that were applied.</summary>
    /// <param name="key">Identity of the request.</param>
    [Alias("has-applied")]
    Task<bool> HasAppliedAsync(string key);

    /// <summary>New instances run on no version any more, once for a request: a late repeat of it does not take back what was published since.</summary>
    /// <param name="key">Identity of the request.</param>
    /// <param name="ifEtag">The ETag that the caller saw; null when any will do.</param>
    /// <param name="by">Who takes it back; null from a server that did not say yet.</param>
    /// <returns>Unchanged when none was published.</returns>
    [Alias("retract-once")]
    Task<CatalogueChange> RetractOnceAsync(string key, long? ifEtag, string? by);

    /// <summary>Forgets the newest version, if it was never published, once for a request: a late repeat of it does not reach the next draft.</summary>
    /// <param name="version">The version that is meant.</param>
    /// <param name="key">Identity of the request.</param>
    /// <param name="ifEtag">The ETag that the caller saw; null when any will do.</param>
    /// <returns>Unknown when it is not the newest, or was published once: that is kept.</returns>
    [Alias("discard-once")]
    Task<CatalogueChange> DiscardOnceAsync(int version, string key, long? ifEtag);

    /// <summary>Forgets all versions, once for a request: a late repeat of it does not reach what was imported since.</summary>
    /// <param name="key">Identity of the request.</param>
    /// <param name="ifEtag">The ETag that the caller saw; null when any will do.</param>
    [Alias("delete-once")]
    Task<CatalogueChange> DeleteOnceAsync(string key, long? ifEtag);
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
        if (HasApplied(key))
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
        if (HasApplied(key))
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

        var now = time.GetUtcNow();
        for (var i = 0; i < versions.Count; i++)
        {
            versions[i] = versions[i].Retract(now, by);
        }

        versions[index] = versions[index].Publish(hash, now, by, note);
        return await SaveAsync(key, editor);
    }

    public Task<CatalogueChange> RetractAsync() => RetractAsync(key: null, ifEtag: null, by: null);

    public Task<CatalogueChange> DiscardAsync(int version) => DiscardAsync(version, key: null, ifEtag: null);

    public Task<CatalogueChange> DeleteAsync() => DeleteAsync(key: null, ifEtag: null);

    public Task<bool> HasAppliedAsync(string key) => Task.FromResult(HasApplied(key));

    public Task<CatalogueChange> RetractOnceAsync(string key, long? ifEtag, string? by) => RetractAsync(key, ifEtag, by);

    public Task<CatalogueChange> DiscardOnceAsync(int version, string key, long? ifEtag) => DiscardAsync(version, key, ifEtag);

    public Task<CatalogueChange> DeleteOnceAsync(string key, long? ifEtag) => DeleteAsync(key, ifEtag);

    private async Task<CatalogueChange> RetractAsync(string? key, long? ifEtag, string? by)
    {
        if (Before(key, ifEtag) is { } answer)
        {
            return answer;
        }

        var versions = state.State.Versions;
        var index = versions.FindLastIndex(version => version.IsPublished);
        if (index < 0)
        {
            return new CatalogueChange(CatalogueOutcome.Unchanged, Entry());
        }

        versions[index] = versions[index].Retract(time.GetUtcNow(), by);
        return await SaveAsync(key, editor: null);
    }

    private async Task<CatalogueChange> DiscardAsync(int version, string? key, long? ifEtag)
    {
        if (Before(key, ifEtag) is { } answer)
        {
            return answer;
        }

        var versions = state.State.Versions;
        if (versions.Count < 2 || versions[^1].Version != version || versions[^1].PublishedAt is not null)
        {
            return new CatalogueChange(CatalogueOutcome.Unknown, Entry());
        }

        versions.RemoveAt(versions.Count - 1);
        return await SaveAsync(key, editor: null);
    }

    private async Task<CatalogueChange> DeleteAsync(string? key, long? ifEtag)
    {
        if (Before(key, ifEtag) is { } answer)
        {
            return answer;
        }

        state.State.Versions.Clear();
        return await SaveAsync(key, editor: null);
    }

    /// <summary>What is answered without anything being taken away; null when the request is to be carried out.</summary>
    private CatalogueChange? Before(string? key, long? ifEtag) =>
        key is not null && HasApplied(key) ? new CatalogueChange(CatalogueOutcome.Changed, Entry())
        : state.State.Versions.Count is 0 ? new CatalogueChange(CatalogueOutcome.Unknown, Entry: null)
        : ifEtag is { } seen && seen != state.State.Etag ? new CatalogueChange(CatalogueOutcome.Stale, Entry())
        : null;

    private bool HasApplied(string key) => state.State.Applied.Contains(key);

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
