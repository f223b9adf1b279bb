using System.Diagnostics;

namespace AssessmentFlow.Runtime.Turns;

/// <summary>Where turns are written and entities are read. Each silo has one; all silos share the database behind it.</summary>
public interface ITurnJournal
{
    /// <summary>Reads the last committed snapshot; null when the entity was never written.</summary>
    /// <exception cref="JournalUnavailableException">The database cannot be reached.</exception>
    Task<EntitySnapshot?> LoadAsync(EntityId entity, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a turn in one transaction: snapshot, facts, views, timers, waits, claims, outbox and the input id with its answer.
    /// Turns that wait at the same moment share a transaction; each is guarded on its own.
    /// </summary>
    /// <returns>
    /// False, and then nothing of this turn was written, when the entity is no longer at the expected version
    /// (another activation has moved on and this one must stop), when the input id was recorded before, or when another
    /// entity holds a name that the turn takes.
    /// </returns>
    /// <exception cref="JournalUnavailableException">
    /// The database cannot be reached, or the connection was lost during the commit: whether the turn was written is
    /// unknown, and the caller must forget its state.
    /// </exception>
    /// <exception cref="JournalBusyException">Too many turns wait already; nothing was written.</exception>
    Task<bool> CommitAsync(Turn turn, CancellationToken cancellationToken);

    /// <summary>What was recorded for an input id; null when it was never applied.</summary>
    /// <exception cref="JournalUnavailableException">The database cannot be reached.</exception>
    Task<RecordedInput?> FindInputAsync(string inputId, CancellationToken cancellationToken);
}

/// <summary>Outbox and timers: what is to be delivered. Delivery is at-least-once.</summary>
public interface IDeliveryStore
{
    /// <summary>
    /// Takes messages of the outbox that nobody delivers: those of silos that are gone, and those whose lease ran out.
    /// They are leased to this silo.
    /// </summary>
    /// <param name="livingSilos">Silos that deliver their own messages.</param>
    /// <param name="now">The time.</param>
    /// <param name="max">How many at most (count).</param>
    /// <param name="cancellationToken">To stop.</param>
    Task<IReadOnlyList<PendingMessage>> TakeMessagesAsync(IReadOnlyCollection<string> livingSilos, DateTimeOffset now, int max, CancellationToken cancellationToken);

    /// <summary>Forgets delivered messages. Written with the next turns; a message whose removal is lost is delivered again.</summary>
    void Delivered(MessageId message);

    /// <summary>
    /// Claims a message for this silo, or prolongs its lease while the delivery takes its time: it is left to this silo, unless
    /// another holds it, and that one's lease is not over. It does not count as an attempt.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="now">The time.</param>
    /// <param name="until">When the lease ends.</param>
    /// <param name="cancellationToken">To stop.</param>
    /// <returns>Whether the message is this silo's now; else another has it, or it was delivered.</returns>
    Task<bool> KeepMessageAsync(MessageId message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Puts off a message that could not be delivered.</summary>
    Task PutOffMessageAsync(MessageId message, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Whether a message that the same entity sent in an earlier turn is still to be delivered.</summary>
    Task<bool> HasEarlierAsync(MessageId message, CancellationToken cancellationToken);

    /// <summary>Whether anybody has taken an event: applied an input whose id is <see cref="MessageId.ToReceiver"/> of it.</summary>
    Task<bool> WasTakenAsync(MessageId message, CancellationToken cancellationToken);

    /// <summary>Takes timers that are due; they are leased to this silo.</summary>
    Task<TakenTimers> TakeTimersAsync(DateTimeOffset now, int max, CancellationToken cancellationToken);

    /// <summary>Forgets a timer that its entity no longer has, unless it was moved meanwhile.</summary>
    void Forget(DueTimer timer);

    /// <summary>Entities that wait for an event.</summary>
    /// <param name="key">Name of the event.</param>
    /// <param name="correlationId">When given, only those with this business identity.</param>
    /// <param name="cancellationToken">To stop.</param>
    Task<IReadOnlyList<EntityId>> FindWaitingAsync(string key, string? correlationId, CancellationToken cancellationToken);
}

/// <summary>Name of this silo, under which its messages lie in the outbox. A process that starts again has a new one.</summary>
public interface ISiloName
{
    /// <summary>The name.</summary>
    string Name { get; }
}

/// <summary>The last committed snapshot of an entity.</summary>
/// <param name="Version">Its version.</param>
/// <param name="State">UTF-8 JSON.</param>
/// <param name="Hash">Hash of its last turn.</param>
/// <param name="Trace">Trace of its last turn; the default value when none is kept.</param>
public sealed record EntitySnapshot(long Version, byte[] State, byte[] Hash, ActivityContext Trace = default);

/// <summary>What was recorded for an input.</summary>
/// <param name="Entity">The entity that took it.</param>
/// <param name="Version">The version that it made.</param>
/// <param name="Fingerprint">SHA-256 of the request; null when none was behind it.</param>
/// <param name="Answer">The answer to the request; null when none was given.</param>
public sealed record RecordedInput(EntityId Entity, long Version, byte[]? Fingerprint, byte[]? Answer);

/// <summary>Identity of a message: the turn that wrote it and its place there.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="Version">The version that the turn made.</param>
/// <param name="Position">Place within the turn, from 0.</param>
public readonly record struct MessageId(EntityId Entity, long Version, int Position)
{
    /// <summary>Input id under which receivers recognise repeats.</summary>
    public override string ToString() => $"{Entity}#{Version}.{Position}";

    /// <summary>
    /// Input id of one of several receivers. An event reaches an instance once, however often it waits for the name and however
    /// often this is repeated; an instance that it starts does not hear of it again when it comes to wait for the same name.
    /// </summary>
    /// <param name="receiver">Key of the instance.</param>
    public string ToReceiver(string receiver) => $"{this}/{receiver}";
}

/// <summary>A message to deliver.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Body">UTF-8 JSON.</param>
/// <param name="Attempts">Deliveries that failed so far (count).</param>
/// <param name="Trace">Trace of the turn that wrote it; the default value when there is none.</param>
public sealed record PendingMessage(MessageId Id, byte[] Body, int Attempts, ActivityContext Trace = default);

/// <summary>A timer that is due.</summary>
/// <param name="Entity">Whose.</param>
/// <param name="Timer">Its name.</param>
/// <param name="DueAt">When it was due, rounded up to a microsecond.</param>
public sealed record DueTimer(EntityId Entity, string Timer, DateTimeOffset DueAt);

/// <summary>Due timers and when the next one will be.</summary>
/// <param name="Due">Timers taken.</param>
/// <param name="NextAt">When the earliest other timer is due; null when there is none.</param>
public sealed record TakenTimers(IReadOnlyList<DueTimer> Due, DateTimeOffset? NextAt);

/// <summary>The database cannot be reached: try again later.</summary>
public sealed class JournalUnavailableException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Too many turns wait to be written: try again soon.</summary>
public sealed class JournalBusyException(string message, Exception? cause = null) : Exception(message, cause);
