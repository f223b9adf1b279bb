namespace AssessmentFlow.Runtime.Definitions;

/// <content>What takes something away: a version out of force, a draft, a whole workflow.</content>
public sealed partial class WorkflowCatalogue
{
    /// <summary>Takes the published version back: nothing starts on it any more, and its triggers are gone.</summary>
    /// <param name="definitionId">The workflow.</param>
    /// <param name="by">Who takes it back.</param>
    /// <param name="key">Identity of the request over its repeats.</param>
    /// <param name="ifEtag">The ETag that the caller saw; null when any will do.</param>
    public async Task<CatalogueChange> RetractAsync(string definitionId, string by, string key, long? ifEtag = null)
    {
        await triggers.AnnounceAsync(definitionId, key);
        var change = await grains.GetGrain<IWorkflowGrain>(definitionId).RetractOnceAsync(key, ifEtag, by);
        await triggers.FollowAsync(definitionId, key);
        return change;
    }

    /// <summary>Forgets a version that was never published.</summary>
    /// <param name="definitionId">The workflow.</param>
    /// <param name="version">The version.</param>
    /// <param name="key">Identity of the request over its repeats.</param>
    /// <param name="ifEtag">The ETag that the caller saw.</param>
    public Task<CatalogueChange> DiscardAsync(string definitionId, int version, string key, long ifEtag) =>
        grains.GetGrain<IWorkflowGrain>(definitionId).DiscardOnceAsync(version, key, ifEtag);

    /// <summary>Forgets a workflow. Instances keep the content that they are pinned to.</summary>
    /// <param name="definitionId">The workflow.</param>
    /// <param name="by">Who deletes it.</param>
    /// <param name="key">Identity of the request over its repeats.</param>
    /// <param name="ifEtag">The ETag that the caller saw.</param>
    /// <returns>Stale also when somebody changed the workflow meanwhile: it may be out of force then, and is kept.</returns>
    public async Task<CatalogueChange> DeleteAsync(string definitionId, string by, string key, long ifEtag)
    {
        // Triggers follow what is published, and of a workflow that is gone nothing could be asked. Until it is gone, each attempt
        // takes back what is in force then: only the deletion has the key of the request.
        var change = await RetractAsync(definitionId, by, $"retract/{Guid.CreateVersion7():n}", ifEtag);
        if (change is { Outcome: CatalogueOutcome.Changed or CatalogueOutcome.Unchanged, Entry: { } entry })
        {
            change = await grains.GetGrain<IWorkflowGrain>(definitionId).DeleteOnceAsync(key, entry.Etag);
        }

        if (change.Outcome is CatalogueOutcome.Changed or CatalogueOutcome.Unknown)
        {
            await RelistAsync(definitionId);
        }

        return change;
    }

    /// <summary>Whether a request has changed a workflow. If that deleted it, nothing of the deletion is left to do afterwards.</summary>
    /// <param name="definitionId">The workflow.</param>
    /// <param name="key">Identity of the request over its repeats.</param>
    public async Task<bool> HasAppliedAsync(string definitionId, string key)
    {
        if (!await grains.GetGrain<IWorkflowGrain>(definitionId).HasAppliedAsync(key))
        {
            return false;
        }

        await RelistAsync(definitionId); // The server that deleted it may have gone before it did this, or in the middle of it.
        return true;
    }

    /// <summary>After a deletion, takes a workflow out of the list, unless it was imported anew.</summary>
    private async Task RelistAsync(string definitionId)
    {
        if (await FindAsync(definitionId) is null)
        {
            await Directory.RemoveAsync(definitionId);
            if (await FindAsync(definitionId) is null)
            {
                return;
            }
        }

        await Directory.AddAsync(definitionId); // It may have been taken out since.
    }
}
