using System.Collections.Immutable;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Runtime.Turns;

/// <summary>What the turn needs to know of a kind of entity: how to read, decide, write and show it.</summary>
/// <typeparam name="TState">State of the kind; never changed once it was committed.</typeparam>
internal interface IEntityKind<TState>
    where TState : class
{
    /// <summary>The state of an entity that was never written.</summary>
    TState Empty(string key);

    /// <summary>Reads a snapshot.</summary>
    TState Read(byte[] state);

    /// <summary>
    /// Gathers what the decision needs and may not look up by itself, then decides.
    /// Everything asynchronous happens before the pure part is called.
    /// </summary>
    ValueTask<EntityDecision<TState>> DecideAsync(TState state, Envelope envelope, DateTimeOffset now, long version, CancellationToken cancellationToken);
}

/// <summary>What a kind made of an input.</summary>
/// <typeparam name="TState">State of the kind.</typeparam>
internal abstract record EntityDecision<TState>
{
    private EntityDecision()
    {
    }

    /// <summary>A turn to commit.</summary>
    /// <param name="State">State after it.</param>
    /// <param name="StateJson">The same as UTF-8 JSON.</param>
    /// <param name="Facts">Facts as a UTF-8 JSON array.</param>
    /// <param name="Outbox">Messages.</param>
    /// <param name="Changes">What changes beside the snapshot.</param>
    /// <param name="Answer">What to show to whoever sent the input.</param>
    public sealed record Accepted(
        TState State,
        byte[] StateJson,
        byte[] Facts,
        ImmutableArray<byte[]> Outbox,
        EntityChanges Changes,
        byte[]? Answer) : EntityDecision<TState>;

    /// <summary>The input may not be applied.</summary>
    public sealed record Refused(Refusal Refusal) : EntityDecision<TState>;

    /// <summary>The input has nothing left to do.</summary>
    public sealed record Ignored : EntityDecision<TState>;
}

/// <summary>What changes beside the snapshot.</summary>
/// <param name="Views">Rows of lists.</param>
/// <param name="Timers">Timers.</param>
/// <param name="Waits">Waits for events.</param>
internal sealed record EntityChanges(ImmutableArray<ViewChange> Views, ImmutableArray<TimerChange> Timers, ImmutableArray<WaitChange> Waits)
{
    public static readonly EntityChanges None = new([], [], []);

    /// <summary>
    /// Names that one entity at a time can hold. A kind that takes one is asked again when somebody else has it, and then
    /// has to find the holder in what is committed.
    /// </summary>
    public ImmutableArray<ClaimChange> Claims { get; init; } = [];
}
