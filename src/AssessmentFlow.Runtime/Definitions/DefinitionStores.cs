using System.Collections.Immutable;
using AssessmentFlow.Runtime.Reference;

namespace AssessmentFlow.Runtime.Definitions;

/// <summary>The names of all workflows.</summary>
[GrainInterfaceType("workflow-directory")]
public interface IWorkflowDirectoryGrain : IGrainWithStringKey
{
    /// <summary>Key of the only one.</summary>
    const string Key = "all";

    /// <summary>Adds a workflow.</summary>
    [Alias("add")]
    Task AddAsync(string definitionId);

    /// <summary>Removes a workflow.</summary>
    [Alias("remove")]
    Task RemoveAsync(string definitionId);

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
            await state.WriteOrEndAsync(this);
        }
    }

    public async Task RemoveAsync(string definitionId)
    {
        if (state.State.DefinitionIds.Remove(definitionId))
        {
            await state.WriteOrEndAsync(this);
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
            await state.WriteOrEndAsync(this);
        }
    }
}
