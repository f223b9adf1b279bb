using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Telemetry;
using Orleans.Storage;
using ActivityContext = System.Diagnostics.ActivityContext;

namespace AssessmentFlow.Runtime.Turns;

/// <summary>
/// The turn: load, decide, commit, then tell. One runner belongs to one activation of one entity and is called by
/// one caller at a time. Nothing is told to anyone, not even to the caller, before the commit returned.
/// </summary>
internal sealed class EntityRunner<TState>(
    EntityId entity,
    IEntityKind<TState> kind,
    ITurnJournal journal,
    IOutbox outbox,
    TimeProvider time)
    where TState : class
{
    private static readonly Head None = new(Version: 0, new byte[SHA256.HashSizeInBytes], Trace: default);

    private TState? _state;
    private Head _last = None;

    /// <summary>Applies an input.</summary>
    /// <exception cref="InconsistentStateException">Another activation has moved on: this one must stop.</exception>
    /// <exception cref="JournalUnavailableException">The database cannot be reached.</exception>
    /// <exception cref="JournalBusyException">Too many turns wait already.</exception>
    public async Task<TurnAnswer> HandleAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        using var activity = RuntimeActivity.StartTurn(entity, envelope);
        try
        {
            return await RunAsync(envelope, cancellationToken);
        }
        catch (Exception e)
        {
            RuntimeActivity.Fail(activity, e);

            // Whatever went wrong, memory may no longer agree with the database: the next input loads anew.
            _state = null;
            throw;
        }
    }

    private async Task<TurnAnswer> RunAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        if (_state is null && envelope.BeginsEntity)
        {
            if (await TryBeginAsync(envelope, cancellationToken) is { } begun)
            {
                return begun;
            }

            _state = null; // It exists, or somebody holds what it takes: what follows needs to know how things stand.
        }

        var isInMemory = _state is not null;
        var state = _state ??= await LoadAsync(cancellationToken);
        RuntimeActivity.Link(Activity.Current, _last.Trace);
        if (envelope.IfVersion is { } expected && expected != _last.Version)
        {
            return await DeclineAsync(envelope, isInMemory, new Refusal(
                RefusalKind.Stale,
                "version-stale",
                $"{entity} is at version {_last.Version}; the request was made for version {expected}. Read it again and decide anew."), cancellationToken);
        }

        var now = Now(envelope.NotBefore);
        var decision = await kind.DecideAsync(state, envelope, now, _last.Version + 1, cancellationToken);
        switch (decision)
        {
            case EntityDecision<TState>.Refused refused:
                return await DeclineAsync(envelope, isInMemory, refused.Refusal, cancellationToken);
            case EntityDecision<TState>.Ignored:
                return await DeclineAsync(envelope, isInMemory, refusal: null, cancellationToken);
            case EntityDecision<TState>.Accepted accepted:
                // In a membership split two activations exist; the version lets exactly one go on.
                return await TryCommitAsync(envelope, accepted, now, cancellationToken)
                    ?? await FindRepeatAsync(envelope, cancellationToken)
                    ?? throw new InconsistentStateException($"{entity} has moved on from version {_last.Version}: another activation is alive.");
            default:
                throw new UnreachableException($"Decision {decision.GetType().Name} has no rule.");
        }
    }

    /// <returns>The answer; null when the entity may not be new.</returns>
    private async Task<TurnAnswer?> TryBeginAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var now = Now(envelope.NotBefore);
        var state = Begin();
        return await kind.DecideAsync(state, envelope, now, _last.Version + 1, cancellationToken) is EntityDecision<TState>.Accepted accepted
            ? await TryCommitAsync(envelope, accepted, now, cancellationToken)
            : null;
    }

    /// <returns>The answer; null when the journal refused the turn.</returns>
    private async Task<TurnAnswer?> TryCommitAsync(Envelope envelope, EntityDecision<TState>.Accepted accepted, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var turn = new Turn
        {
            Entity = entity,
            ExpectedVersion = _last.Version,
            InputId = envelope.InputId,
            Fingerprint = envelope.Fingerprint,
            Answer = envelope.Fingerprint is null ? null : accepted.Answer,
            At = now,
            Actor = envelope.Actor,
            State = accepted.StateJson,
            Facts = accepted.Facts,
            Hash = TurnHash.Of(_last.Hash, entity, _last.Version + 1, envelope.InputId, now, envelope.Actor, accepted.Facts),
            Trace = Activity.Current?.Context ?? default,
            Views = accepted.Changes.Views,
            Timers = accepted.Changes.Timers,
            Waits = accepted.Changes.Waits,
            Claims = accepted.Changes.Claims,
            Outbox = accepted.Outbox,
        };

        try
        {
            // The commit point: nothing is told to anyone before it.
            if (!await journal.CommitAsync(turn, cancellationToken))
            {
                return null;
            }
        }
        catch (JournalUnavailableException)
        {
            outbox.Doubt(turn);
            throw;
        }

        _state = accepted.State;
        _last = new Head(turn.ExpectedVersion + 1, turn.Hash, turn.KeptTrace);
        outbox.Dispatch(turn);
        return new TurnAnswer { Outcome = TurnOutcome.Accepted, Version = _last.Version, Body = accepted.Answer };
    }

    /// <summary>
    /// Answers an input that changes nothing. A repeat finds the entity changed by its first delivery and looks refusable;
    /// only then is it worth asking the database whether the input was applied before. And no version guards what is not
    /// written: an activation that was left behind would turn away what the entity waits for, so memory is believed only
    /// while it is what the database has.
    /// </summary>
    /// <param name="envelope">The input.</param>
    /// <param name="isInMemory">Whether the state was in memory before the input came.</param>
    /// <param name="refusal">Why it is refused; null when it is ignored.</param>
    /// <param name="cancellationToken">To stop.</param>
    private async Task<TurnAnswer> DeclineAsync(Envelope envelope, bool isInMemory, Refusal? refusal, CancellationToken cancellationToken)
    {
        // Whoever sends a message again needs no answer; a person who repeats a request wants that of the first time.
        if ((refusal is not null || envelope.Fingerprint is not null) && await FindRepeatAsync(envelope, cancellationToken) is { } repeat)
        {
            return repeat;
        }

        if (isInMemory && await HasMovedOnAsync(cancellationToken))
        {
            _state = null;
            return await RunAsync(envelope, cancellationToken);
        }

        return refusal is null ? new TurnAnswer { Outcome = TurnOutcome.Ignored, Version = _last.Version } : TurnAnswer.Refused(refusal, _last.Version);
    }

    private async Task<bool> HasMovedOnAsync(CancellationToken cancellationToken) =>
        ((await journal.LoadAsync(entity, cancellationToken))?.Version ?? 0) != _last.Version;

    private async Task<TurnAnswer?> FindRepeatAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        if (await journal.FindInputAsync(envelope.InputId, cancellationToken) is not { } recorded)
        {
            return null;
        }

        if (recorded.Entity == entity && recorded.Version > _last.Version)
        {
            _state = null; // The input was applied by another activation: this memory is old.
        }

        return recorded.Entity == entity && recorded.Fingerprint.AsSpan().SequenceEqual(envelope.Fingerprint)
            ? new TurnAnswer { Outcome = TurnOutcome.Repeated, Version = recorded.Version, Body = recorded.Answer }
            : TurnAnswer.Refused(
                new Refusal(RefusalKind.Invalid, "idempotency-key-reused", "This Idempotency-Key was used for another request. Use a new key for a new request."),
                _last.Version);
    }

    private async Task<TState> LoadAsync(CancellationToken cancellationToken)
    {
        if (await journal.LoadAsync(entity, cancellationToken) is { } snapshot)
        {
            _last = new Head(snapshot.Version, snapshot.Hash, snapshot.Trace);
            return kind.Read(snapshot.State);
        }

        return Begin();
    }

    private TState Begin()
    {
        _last = None;
        return kind.Empty(entity.Key);
    }

    /// <summary>The last turn: what the next one stands on.</summary>
    /// <param name="Version">The version that it made; 0 before the first.</param>
    /// <param name="Hash">Its hash in the chain.</param>
    /// <param name="Trace">The trace that it is part of, if that is kept.</param>
    private readonly record struct Head(long Version, byte[] Hash, ActivityContext Trace);

    /// <summary>The time in whole microseconds: what the databases keep is exactly what was decided and hashed.</summary>
    private DateTimeOffset Now(DateTimeOffset notBefore)
    {
        var now = time.GetUtcNow();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        return now < notBefore ? notBefore : now;
    }
}

/// <summary>The hash chain over the turns of an entity.</summary>
public static class TurnHash
{
    /// <summary>The hash of a turn.</summary>
    /// <param name="previous">Hash of the turn before; zeros for the first.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="version">The version that the turn makes.</param>
    /// <param name="inputId">Identity of the input.</param>
    /// <param name="at">When.</param>
    /// <param name="actor">Who.</param>
    /// <param name="facts">The facts as stored.</param>
    public static byte[] Of(ReadOnlySpan<byte> previous, EntityId entity, long version, string inputId, DateTimeOffset at, string actor, ReadOnlySpan<byte> facts)
    {
        // One buffer, hashed at once: a hash that is fed piece by piece costs several times as much.
        var name = entity.ToString();
        var bytes = ArrayPool<byte>.Shared.Rent(
            previous.Length + TextMaxBytes(name) + TextMaxBytes(inputId) + TextMaxBytes(actor) + (2 * sizeof(long)) + facts.Length);
        try
        {
            var rest = bytes.AsSpan();
            Append(ref rest, previous);
            Append(ref rest, name);
            Append(ref rest, version);
            Append(ref rest, inputId);
            Append(ref rest, at.UtcTicks / TimeSpan.TicksPerMicrosecond);
            Append(ref rest, actor);
            Append(ref rest, facts);
            return SHA256.HashData(bytes.AsSpan(0, bytes.Length - rest.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static int TextMaxBytes(string text) => sizeof(long) + Encoding.UTF8.GetMaxByteCount(text.Length);

    /// <summary>Text goes in with its length, so that no two sequences of fields read the same.</summary>
    private static void Append(ref Span<byte> rest, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, rest[sizeof(long)..]);
        Append(ref rest, (long)length);
        rest = rest[length..];
    }

    private static void Append(ref Span<byte> rest, long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(rest, value);
        rest = rest[sizeof(long)..];
    }

    private static void Append(ref Span<byte> rest, ReadOnlySpan<byte> value)
    {
        value.CopyTo(rest);
        rest = rest[value.Length..];
    }
}
