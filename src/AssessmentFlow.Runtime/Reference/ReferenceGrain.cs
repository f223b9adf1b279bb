using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace AssessmentFlow.Runtime.Reference;

/// <summary>One set of reference data: calendars, rosters, regimes, marking schemes, agencies or API clients.</summary>
[GrainInterfaceType("reference-set")]
public interface IReferenceSetGrain : IGrainWithStringKey
{
    /// <summary>The set, or null when the caller has the current version already.</summary>
    [Alias("get-if-newer")]
    Task<ReferenceSet?> GetIfNewerAsync(long than);

    /// <summary>Writes an entry.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="json">Its value, checked by the caller.</param>
    /// <param name="ifVersion">Version of the entry that the writer saw; 0 when it must not exist; null when any will do.</param>
    /// <param name="by">Who writes.</param>
    /// <param name="key">Identity of the request: repeated, it changes nothing and answers the same; for another entry or value it is refused.</param>
    [Alias("put")]
    Task<ReferencePut> PutAsync(string id, string json, long? ifVersion, string by, string key);

    /// <summary>Writes the first entries of a set, all in one step. A set that has been written before is left as it is.</summary>
    /// <param name="entries">Values by id, checked by the caller.</param>
    /// <param name="by">Who writes.</param>
    /// <returns>The set as it now is: whether it holds the entries given tells who began it.</returns>
    [Alias("begin")]
    Task<ReferenceSet> BeginAsync(ImmutableSortedDictionary<string, string> entries, string by);
}

/// <summary>A set of reference data.</summary>
/// <param name="Version">Number of changes so far.</param>
/// <param name="Entries">Entries by id.</param>
[GenerateSerializer]
[Immutable]
[Alias("reference-set")]
public sealed record ReferenceSet([property: Id(0)] long Version, [property: Id(1)] ImmutableSortedDictionary<string, ReferenceEntry> Entries)
{
    /// <summary>A set without entries.</summary>
    public static readonly ReferenceSet Empty = new(0, ImmutableSortedDictionary.Create<string, ReferenceEntry>(StringComparer.Ordinal));
}

/// <summary>An entry of reference data.</summary>
/// <param name="Version">Number of its changes so far: its ETag.</param>
/// <param name="Json">Its value.</param>
/// <param name="ChangedAt">When it last changed.</param>
/// <param name="ChangedBy">Who changed it.</param>
[GenerateSerializer]
[Immutable]
[Alias("reference-entry")]
public sealed record ReferenceEntry(
    [property: Id(0)] long Version,
    [property: Id(1)] string Json,
    [property: Id(2)] DateTimeOffset ChangedAt,
    [property: Id(3)] string ChangedBy);

/// <summary>What became of a writing.</summary>
/// <param name="IsStale">Whether it was refused because the entry is at another version.</param>
/// <param name="Version">Version of the entry.</param>
/// <param name="IsKeyReused">Whether it was refused because the key of the request was used for another one.</param>
[GenerateSerializer]
[Immutable]
[Alias("reference-put")]
public sealed record ReferencePut([property: Id(0)] bool IsStale, [property: Id(1)] long Version, [property: Id(2)] bool IsKeyReused = false);

/// <summary>Names of the sets.</summary>
public static class ReferenceSets
{
    /// <summary>Holiday calendars.</summary>
    public const string Calendars = "calendars";

    /// <summary>Rosters of seats.</summary>
    public const string Rosters = "rosters";

    /// <summary>Regimes.</summary>
    public const string Regimes = "regimes";

    /// <summary>Marking schemes.</summary>
    public const string MarkingSchemes = "marking-schemes";

    /// <summary>Organisations that may be on delegations.</summary>
    public const string Agencies = "agencies";

    /// <summary>API clients.</summary>
    public const string ApiClients = "api-clients";
}

/// <summary>What a <see cref="ReferenceSetGrain"/> stores.</summary>
public sealed class ReferenceSetState
{
    /// <summary>The set.</summary>
    public long Version { get; set; }

    /// <summary>Entries by id.</summary>
    public SortedDictionary<string, ReferenceEntry> Entries { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The last requests with the versions that they made.</summary>
    public List<AppliedRequest> Applied { get; set; } = [];
}

/// <summary>A request that was applied.</summary>
/// <param name="Key">Its identity.</param>
/// <param name="Version">The version that it made.</param>
/// <param name="Content">Hash of the entry and value that it wrote.</param>
public sealed record AppliedRequest(string Key, long Version, string Content);

[GrainType("reference-set")]
internal sealed class ReferenceSetGrain(
    [PersistentState("set", ReferenceSetGrain.Storage)] IPersistentState<ReferenceSetState> state,
    TimeProvider time) : Grain, IReferenceSetGrain
{
    /// <summary>Name of the grain storage for reference data.</summary>
    public const string Storage = "reference";

    /// <summary>Requests that are remembered (count): a repeat older than this many changes is applied again.</summary>
    private const int AppliedMax = 1_000;

    private ReferenceSet _set = ReferenceSet.Empty;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _set = ToSet();
        return Task.CompletedTask;
    }

    public Task<ReferenceSet?> GetIfNewerAsync(long than) => Task.FromResult(_set.Version > than ? _set : null);

    public async Task<ReferencePut> PutAsync(string id, string json, long? ifVersion, string by, string key)
    {
        var content = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{id}\n{json}")));
        if (state.State.Applied.Find(applied => applied.Key == key) is { } repeat)
        {
            return new ReferencePut(IsStale: false, repeat.Version, IsKeyReused: repeat.Content != content);
        }

        var current = state.State.Entries.GetValueOrDefault(id)?.Version ?? 0;
        if (ifVersion is { } expected && expected != current)
        {
            return new ReferencePut(IsStale: true, current);
        }

        state.State.Entries[id] = new ReferenceEntry(current + 1, json, time.GetUtcNow(), by);
        state.State.Version++;
        state.State.Applied.Add(new AppliedRequest(key, current + 1, content));
        if (state.State.Applied.Count > AppliedMax)
        {
            state.State.Applied.RemoveAt(0);
        }

        await state.WriteOrEndAsync(this);
        _set = ToSet();
        return new ReferencePut(IsStale: false, current + 1);
    }

    public async Task<ReferenceSet> BeginAsync(ImmutableSortedDictionary<string, string> entries, string by)
    {
        if (state.State.Version is 0)
        {
            var now = time.GetUtcNow();
            foreach (var (id, json) in entries)
            {
                state.State.Entries[id] = new ReferenceEntry(1, json, now, by);
            }

            state.State.Version = entries.Count;
            await state.WriteOrEndAsync(this);
            _set = ToSet();
        }

        return _set;
    }

    private ReferenceSet ToSet() => new(state.State.Version, state.State.Entries.ToImmutableSortedDictionary(StringComparer.Ordinal));
}
