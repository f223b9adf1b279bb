using System.Collections.Immutable;
using System.Diagnostics;

namespace AssessmentFlow.Runtime.Turns;

/// <summary>Everything that one turn writes, in one transaction or not at all.</summary>
public sealed record Turn
{
    /// <summary>The entity.</summary>
    public required EntityId Entity { get; init; }

    /// <summary>The version that the entity must still have; 0 when it must not exist yet. The turn makes it one more.</summary>
    public required long ExpectedVersion { get; init; }

    /// <summary>Identity of the input, unique over all entities for ever: an input is never applied twice.</summary>
    public required string InputId { get; init; }

    /// <summary>SHA-256 of the request behind the input; null when no request is behind it.</summary>
    public byte[]? Fingerprint { get; init; }

    /// <summary>The answer to the request, so that a repeated request gets the same.</summary>
    public byte[]? Answer { get; init; }

    /// <summary>When the turn happened (server time, microseconds).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who caused it.</summary>
    public required string Actor { get; init; }

    /// <summary>The snapshot after the turn, as UTF-8 JSON.</summary>
    public required byte[] State { get; init; }

    /// <summary>The facts, as a UTF-8 JSON array.</summary>
    public required byte[] Facts { get; init; }

    /// <summary>SHA-256 over the hash of the turn before and everything that this one records.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>Trace of the turn, recorded or left out; the default value when nothing is traced.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>What is kept of it: the trace if it is recorded, else the default value.</summary>
    public ActivityContext KeptTrace => Trace.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? Trace : default;

    /// <summary>Rows of lists that change with the entity.</summary>
    public ImmutableArray<ViewChange> Views { get; init; } = [];

    /// <summary>Timers that change.</summary>
    public ImmutableArray<TimerChange> Timers { get; init; } = [];

    /// <summary>Waits for events that change.</summary>
    public ImmutableArray<WaitChange> Waits { get; init; } = [];

    /// <summary>Names that the entity takes or gives back.</summary>
    public ImmutableArray<ClaimChange> Claims { get; init; } = [];

    /// <summary>What others are to be told, in order.</summary>
    public ImmutableArray<byte[]> Outbox { get; init; } = [];
}

/// <summary>A row of a list appears, changes or goes.</summary>
/// <param name="View">Name of the list.</param>
/// <param name="Id">Identity of the row within the list.</param>
/// <param name="Row">Its content; null to remove it.</param>
public sealed record ViewChange(string View, string Id, ViewRow? Row);

/// <summary>A row of a list: what can be filtered and sorted by, and what is shown.</summary>
/// <param name="Scope">What the row belongs to, such as a case; null when to nothing.</param>
/// <param name="A">First filter; each list says what it holds.</param>
/// <param name="B">Second filter.</param>
/// <param name="C">Third filter.</param>
/// <param name="D">Fourth filter.</param>
/// <param name="At">What the list is sorted by (microseconds or a position).</param>
/// <param name="Version">Version of the thing shown: its ETag.</param>
/// <param name="Body">What is shown, as UTF-8 JSON.</param>
public sealed record ViewRow(string? Scope, string? A, string? B, string? C, string? D, long At, long Version, byte[] Body);

/// <summary>A timer is set, moved or cleared.</summary>
/// <param name="Timer">Name within the entity.</param>
/// <param name="DueAt">When it is due; null to clear it.</param>
public sealed record TimerChange(string Timer, DateTimeOffset? DueAt);

/// <summary>A wait for an event begins or ends. Key and business identity are those under which it is or was found.</summary>
/// <param name="Bookmark">What waits within the entity.</param>
/// <param name="Key">Name of the event.</param>
/// <param name="CorrelationId">Business identity of the entity; null when it has none.</param>
/// <param name="IsOver">Whether the wait ends.</param>
public sealed record WaitChange(long Bookmark, string Key, string? CorrelationId, bool IsOver = false);

/// <summary>An entity takes a name that one entity at a time can hold, or gives it back.</summary>
/// <param name="Key">The name.</param>
/// <param name="IsOver">Whether it is given back; one that the entity does not hold is left to whoever does.</param>
public sealed record ClaimChange(string Key, bool IsOver = false);
