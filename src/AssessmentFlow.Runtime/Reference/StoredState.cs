namespace AssessmentFlow.Runtime.Reference;

/// <summary>State that a grain has in memory and in its storage.</summary>
internal static class StoredState
{
    /// <summary>
    /// Writes the state, or ends the activation. What could not be written must not be answered from memory: a repeat would
    /// find its request applied, be told that it is done, and the next activation would know nothing of it.
    /// </summary>
    /// <exception cref="OrleansException">It could not be written, or it is not known whether it was: the next activation reads what there is.</exception>
    public static async Task WriteOrEndAsync<TState>(this IPersistentState<TState> state, Grain grain)
    {
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            grain.DeactivateOnIdle();
            throw;
        }
    }
}
