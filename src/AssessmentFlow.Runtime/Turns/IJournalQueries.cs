using System.Collections.Immutable;

namespace AssessmentFlow.Runtime.Turns;

/// <summary>What faces read: lists, single rows, snapshots and histories. Always the committed state, never a copy that lags.</summary>
public interface IJournalQueries
{
    /// <summary>A page of a list.</summary>
    Task<IReadOnlyList<FoundRow>> ListAsync(ViewQuery query, CancellationToken cancellationToken);

    /// <summary>A row of a list; null when there is none.</summary>
    Task<FoundRow?> FindRowAsync(string view, string id, CancellationToken cancellationToken);

    /// <summary>The id of an instance that is running; null when there is none.</summary>
    /// <param name="definitionId">Only those of this workflow; null for all.</param>
    /// <param name="correlationId">Only those with this business identity; null for all.</param>
    /// <param name="cancellationToken">To stop.</param>
    Task<string?> FindRunningAsync(string? definitionId, string? correlationId, CancellationToken cancellationToken);

    /// <summary>The turns of an entity after a version, oldest first.</summary>
    Task<IReadOnlyList<RecordedTurn>> ReadTurnsAsync(EntityId entity, long afterVersion, int max, CancellationToken cancellationToken);

    /// <summary>Asks the database a trivial question.</summary>
    /// <exception cref="JournalUnavailableException">It cannot be reached.</exception>
    Task CheckAsync(CancellationToken cancellationToken);
}

/// <summary>Which rows of a list, in which order.</summary>
public sealed record ViewQuery
{
    /// <summary>The list.</summary>
    public required string View { get; init; }

    /// <summary>Only rows that belong to this; null for all.</summary>
    public string? Scope { get; init; }

    /// <summary>Only rows whose first filter is one of these; empty for all.</summary>
    public ImmutableArray<string> A { get; init; } = [];

    /// <summary>Only rows whose second filter is one of these; empty for all.</summary>
    public ImmutableArray<string> B { get; init; } = [];

    /// <summary>Only rows whose third filter is one of these; empty for all.</summary>
    public ImmutableArray<string> C { get; init; } = [];

    /// <summary>Only rows whose first or fourth filter is one of these; null for all. It restricts tasks to roles, and items to those of donors.</summary>
    public ImmutableArray<string>? AOrD { get; init; }

    /// <summary>Only rows whose third filter is null or one of these; null for all. It restricts items to marks.</summary>
    public ImmutableArray<string>? COrNone { get; init; }

    /// <summary>Only rows whose second filter is null. It leaves out what is need-to-know.</summary>
    public bool BNone { get; init; }

    /// <summary>Whether rows tell when their entities took their last turn: one more look per row.</summary>
    public bool TellsChanges { get; init; }

    /// <summary>Newest first instead of oldest first.</summary>
    public bool IsDescending { get; init; }

    /// <summary>Where the page before ended; null for the first page.</summary>
    public ViewPosition? After { get; init; }

    /// <summary>Rows at most (count).</summary>
    public required int Max { get; init; }
}

/// <summary>A place in a list.</summary>
/// <param name="At">What the list is sorted by.</param>
/// <param name="Id">Identity of the row.</param>
public sealed record ViewPosition(long At, string Id);

/// <summary>A row of a list.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Row">Its content.</param>
/// <param name="ChangedAt">When the entity that wrote it took its last turn, whether or not that changed the row; null when it was not asked for.</param>
public sealed record FoundRow(string Id, ViewRow Row, DateTimeOffset? ChangedAt = null);

/// <summary>A turn as recorded.</summary>
/// <param name="Version">The version that it made.</param>
/// <param name="InputId">Identity of its input.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Facts">Its facts, as a UTF-8 JSON array.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Trace">W3C trace context of its cause; null when nothing was traced.</param>
public sealed record RecordedTurn(long Version, string InputId, DateTimeOffset At, string Actor, byte[] Facts, byte[] Hash, string? Trace);
