using System.Collections.Immutable;
using AssessmentFlow.Runtime.Reference;

namespace AssessmentFlow.Runtime.Definitions;

/// <summary>The versions of one workflow.</summary>
[GrainInterfaceType("workflow")]
public interface IWorkflowGrain : IGrainWithStringKey
{
    /// <summary>The workflow; null when it was never imported.</summary>
    [Alias("get")]
    Task<WorkflowEntry?> GetAsync();

    /// <summary>Adds a version, or takes the draft's place. Content that is the newest version already changes nothing.</summary>
    /// <param name="hash">Hash of the content, which is stored already.</param>
    /// <param name="name">Display name.</param>
    /// <param name="by">Who imports.</param>
    /// <param name="ifEtag">The ETag that the importer saw; 0 when the workflow must be new; null when any will do.</param>
    /// <param name="key">Identity of the request.</param>
    [Alias("import")]
    Task<CatalogueChange> ImportAsync(string hash, string name, string by, long? ifEtag, string key);

    /// <summary>Makes a version the one that new instances run on.</summary>
    /// <param name="version">The version.</param>
    /// <param name="hash">Hash of its content with everything pinned, which is stored already.</param>
    /// <param name="note">Why.</param>
    /// <param name="by">Who publishes.</param>
    /// <param name="ifEtag">The ETag at which the content was found sound.</param>
    /// <param name="key">Identity of the request.</param>
    [Alias("publish")]
    Task<CatalogueChange> PublishAsync(int version, string hash, string? note, string by, long ifEtag, string key);
}

/// <summary>The names of all workflows.</summary>
[GrainInterfaceType("workflow-directory")]
public interface IWorkflowDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Key of the only one.</summary>
    const string Key = "all";

    /// <summary>Adds a workflow.</summary>
    [Alias("add")]
    Task AddAsync(string definitionId);

    /// <summary>All workflows, by id.</summary>
    [Alias("list")]
    Task<ImmutableArray<string>> ListAsync();
}

/// <summary>The content of definitions, under the hash of it.</summary>
[GrainInterfaceType("definition-content")]
public interface IDefinitionContentGrain : IGrainWithStringKey
{
    /// <summary>The document as UTF-8 JSON; null when there is none of this hash.</summary>
    [Alias("get")]
    Task<byte[]?> GetAsync();

    /// <summary>Stores the document. It can be stored again, but not changed: its key is its hash.</summary>
    [Alias("put")]
    Task PutAsync(byte[] document);
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
}

[GrainType("workflow")]
internal sealed class WorkflowGrain(
    [PersistentState("workflow", ReferenceSetGrain.Storage)] IPersistentState<WorkflowState> state,
    TimeProvider time) : Grain, IWorkflowGrain
{
    /// <summary>Requests that are remembered (count).</summary>
    private const int AppliedMax = 200;

    public Task<WorkflowEntry?> GetAsync() => Task.FromResult(Entry());

    public async Task<CatalogueChange> ImportAsync(string hash, string name, string by, long? ifEtag, string key)
    {
        if (state.State.Applied.Contains(key))
        {
            return new CatalogueChange(CatalogueOutcome.Changed, Entry());
        }

        if (ifEtag is { } expected && expected != state.State.Etag)
        {
            return new CatalogueChange(CatalogueOutcome.Stale, Entry());
        }

        var versions = state.State.Versions;
        if (versions.Count > 0 && versions[^1].Hash == hash)
        {
            return new CatalogueChange(CatalogueOutcome.Unchanged, Entry());
        }

        // A draft that nobody runs on is replaced; what was ever published is kept for ever.
        var isDraft = versions.Count > 0 && versions[^1].PublishedAt is null;
        if (isDraft)
        {
            versions.RemoveAt(versions.Count - 1);
        }

        versions.Add(new WorkflowVersion
        {
            Version = versions.Count > 0 ? versions[^1].Version + 1 : 1,
            Hash = hash,
            Name = name,
            CreatedAt = time.GetUtcNow(),
            CreatedBy = by,
        });
        return await SaveAsync(key);
    }

    public async Task<CatalogueChange> PublishAsync(int version, string hash, string? note, string by, long ifEtag, string key)
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

        if (ifEtag != state.State.Etag)
        {
            return new CatalogueChange(CatalogueOutcome.Stale, Entry());
        }

        for (var i = 0; i < versions.Count; i++)
        {
            versions[i] = versions[i] with { IsPublished = i == index };
        }

        versions[index] = versions[index] with { Hash = hash, Note = note, PublishedAt = time.GetUtcNow(), PublishedBy = by };
        return await SaveAsync(key);
    }

    private async Task<CatalogueChange> SaveAsync(string key)
    {
        state.State.Etag++;
        state.State.Applied.Add(key);
        if (state.State.Applied.Count > AppliedMax)
        {
            state.State.Applied.RemoveAt(0);
        }

        await state.WriteStateAsync();
        return new CatalogueChange(CatalogueOutcome.Changed, Entry());
    }

    private WorkflowEntry? Entry() => state.State.Versions.Count is 0
        ? null
        : new WorkflowEntry(this.GetPrimaryKeyString(), state.State.Etag, [.. state.State.Versions]);
}

/// <summary>What a <see cref="WorkflowDirectoryGrain"/> stores.</summary>
public sealed class WorkflowDirectoryState
{
    /// <summary>All workflows.</summary>
    public SortedSet<string> DefinitionIds { get; set; } = new(StringComparer.Ordinal);
}

[GrainType("workflow-directory")]
internal sealed class WorkflowDirectoryGrain(
    [PersistentState("directory", ReferenceSetGrain.Storage)] IPersistentState<WorkflowDirectoryState> state) : Grain, IWorkflowDirectoryGrain
{
    public async Task AddAsync(string definitionId)
    {
        if (state.State.DefinitionIds.Add(definitionId))
        {
            await state.WriteStateAsync();
        }
    }

    public Task<ImmutableArray<string>> ListAsync() => Task.FromResult<ImmutableArray<string>>([.. state.State.DefinitionIds]);
}

/// <summary>What a <see cref="DefinitionContentGrain"/> stores.</summary>
public sealed class DefinitionContentState
{
    /// <summary>The document as UTF-8 JSON.</summary>
    public byte[]? Document { get; set; }
}

[GrainType("definition-content")]
internal sealed class DefinitionContentGrain(
    [PersistentState("content", ReferenceSetGrain.Storage)] IPersistentState<DefinitionContentState> state) : Grain, IDefinitionContentGrain
{
    public Task<byte[]?> GetAsync() => Task.FromResult(state.State.Document);

    public async Task PutAsync(byte[] document)
    {
        if (state.State.Document is null)
        {
            state.State.Document = document;
            await state.WriteStateAsync();
        }
    }
}
