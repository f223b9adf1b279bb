using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Storage;

/// <summary>What a database does for the journal. One implementation per database, one specification for all.</summary>
internal interface IJournalStore
{
    /// <summary>Longest batch that one transaction may hold (turns).</summary>
    int BatchMax { get; }

    /// <summary>Transactions that may be under way at once (count).</summary>
    int Writers { get; }

    /// <summary>
    /// Writes turns and housekeeping in one transaction.
    /// </summary>
    /// <returns>
    /// Per turn, whether it was written. A turn whose entity is at another version, or whose input id is known, is left
    /// out whole; the others are written.
    /// </returns>
    /// <exception cref="JournalUnavailableException">The database cannot be reached; whether anything was written is unknown.</exception>
    /// <exception cref="BatchConflictException">The database gave the transaction up; nothing was written.</exception>
    Task<bool[]> WriteAsync(IReadOnlyList<Turn> turns, Housekeeping housekeeping, CancellationToken cancellationToken);

    /// <inheritdoc cref="ITurnJournal.LoadAsync"/>
    Task<EntitySnapshot?> LoadAsync(EntityId entity, CancellationToken cancellationToken);

    /// <inheritdoc cref="ITurnJournal.FindInputAsync"/>
    Task<RecordedInput?> FindInputAsync(string inputId, CancellationToken cancellationToken);

    /// <inheritdoc cref="IDeliveryStore.TakeMessagesAsync"/>
    Task<IReadOnlyList<PendingMessage>> TakeMessagesAsync(IReadOnlyCollection<string> livingSilos, DateTimeOffset now, int max, CancellationToken cancellationToken);

    /// <inheritdoc cref="IDeliveryStore.KeepMessageAsync"/>
    Task<bool> KeepMessageAsync(MessageId message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken);

    /// <inheritdoc cref="IDeliveryStore.PutOffMessageAsync"/>
    Task PutOffMessageAsync(MessageId message, DateTimeOffset until, CancellationToken cancellationToken);

    /// <inheritdoc cref="IDeliveryStore.HasEarlierAsync"/>
    Task<bool> HasEarlierAsync(MessageId message, CancellationToken cancellationToken);

    /// <inheritdoc cref="IDeliveryStore.WasTakenAsync"/>
    Task<bool> WasTakenAsync(MessageId message, CancellationToken cancellationToken);

    /// <inheritdoc cref="IDeliveryStore.TakeTimersAsync"/>
    Task<TakenTimers> TakeTimersAsync(DateTimeOffset now, int max, CancellationToken cancellationToken);

    /// <inheritdoc cref="IDeliveryStore.FindWaitingAsync"/>
    Task<IReadOnlyList<EntityId>> FindWaitingAsync(string key, string? correlationId, CancellationToken cancellationToken);

    /// <inheritdoc cref="IJournalQueries.ListAsync"/>
    Task<IReadOnlyList<FoundRow>> ListAsync(ViewQuery query, CancellationToken cancellationToken);

    /// <inheritdoc cref="IJournalQueries.FindRowAsync"/>
    Task<FoundRow?> FindRowAsync(string view, string id, CancellationToken cancellationToken);

    /// <inheritdoc cref="IJournalQueries.FindRunningAsync"/>
    Task<string?> FindRunningAsync(string? definitionId, string? correlationId, CancellationToken cancellationToken);

    /// <inheritdoc cref="IJournalQueries.ReadTurnsAsync"/>
    Task<IReadOnlyList<RecordedTurn>> ReadTurnsAsync(EntityId entity, long afterVersion, int max, CancellationToken cancellationToken);

    /// <inheritdoc cref="IJournalQueries.CheckAsync"/>
    Task CheckAsync(CancellationToken cancellationToken);
}

/// <summary>Rows whose work is done. Forgetting them is not urgent, so it rides along with turns.</summary>
/// <param name="Delivered">Messages that were delivered.</param>
/// <param name="Forgotten">Timers that their entities no longer have.</param>
internal sealed record Housekeeping(IReadOnlyList<MessageId> Delivered, IReadOnlyList<DueTimer> Forgotten)
{
    public static readonly Housekeeping None = new([], []);

    public bool IsEmpty => Delivered.Count is 0 && Forgotten.Count is 0;
}

/// <summary>The database gave up a transaction because of what others did at the same time; nothing was written.</summary>
internal sealed class BatchConflictException(string message, Exception? cause = null) : Exception(message, cause);
