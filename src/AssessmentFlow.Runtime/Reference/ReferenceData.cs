using System.Collections.Immutable;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Runtime.Entities;

namespace AssessmentFlow.Runtime.Reference;

/// <summary>Reference data for turns.</summary>
public interface IReferenceData
{
    /// <summary>
    /// The reference data as it stands now: an edit that was acknowledged anywhere in the cluster is in it.
    /// </summary>
    ValueTask<ReferenceSnapshot> GetAsync(CancellationToken cancellationToken);
}

/// <summary>
/// Keeps the parsed reference data of a silo and asks the grains of the sets whether theirs is newer.
/// The question is a call without storage; only an edit makes the answer carry data.
/// </summary>
internal sealed class ReferenceData(IGrainFactory grains, TimeProvider time) : IReferenceData
{
    private ImmutableDictionary<string, long> _versions = ImmutableDictionary<string, long>.Empty;
    private ReferenceSnapshot _snapshot = ReferenceSnapshot.Empty;

    public async ValueTask<ReferenceSnapshot> GetAsync(CancellationToken cancellationToken)
    {
        var versions = _versions;
        var snapshot = _snapshot;
        var calendars = Newer(ReferenceSets.Calendars, versions);
        var rosters = Newer(ReferenceSets.Rosters, versions);
        var regimes = Newer(ReferenceSets.Regimes, versions);
        var schemes = Newer(ReferenceSets.MarkingSchemes, versions);
        var agencies = Newer(ReferenceSets.Agencies, versions);
        await Task.WhenAll(calendars, rosters, regimes, schemes, agencies);

        var updated = snapshot with
        {
            Calendars = Merge(snapshot.Calendars, await calendars, static (id, entry) => ReferenceJson.ReadCalendar(id, entry.Version, entry.Json)),
            Rosters = Merge(snapshot.Rosters, await rosters, static (id, entry) => ReferenceJson.ReadRoster(id, entry.Json)),
            Regimes = Merge(snapshot.Regimes, await regimes, static (id, entry) => ReferenceJson.ReadRegime(id, entry.Json)),
            MarkingSchemes = Merge(snapshot.MarkingSchemes, await schemes, static (id, entry) => ReferenceJson.ReadMarkingScheme(id, entry.Json)),
            Agencies = Merge(snapshot.Agencies, await agencies, static (id, entry) => ReferenceJson.ReadAgency(id, entry.Json)),
        };
        foreach (var (name, set) in new[]
        {
            (ReferenceSets.Calendars, await calendars), (ReferenceSets.Rosters, await rosters),
            (ReferenceSets.Regimes, await regimes), (ReferenceSets.MarkingSchemes, await schemes),
            (ReferenceSets.Agencies, await agencies),
        })
        {
            versions = set is null ? versions : versions.SetItem(name, set.Version);
        }

        // Two callers may do this at once; both hold data that is current, and the next call mends the versions.
        _snapshot = updated;
        _versions = versions;
        return updated;
    }

    private Task<ReferenceSet?> Newer(string set, ImmutableDictionary<string, long> versions)
    {
        var grain = grains.GetGrain<IReferenceSetGrain>(set);
        return PatientCall.AnswerAsync(time, () => grain.GetIfNewerAsync(versions.GetValueOrDefault(set, -1)));
    }

    private static ImmutableSortedDictionary<string, T> Merge<T>(
        ImmutableSortedDictionary<string, T> current, ReferenceSet? newer, Func<string, ReferenceEntry, T> read) =>
        newer is null ? current : newer.Entries.ToImmutableSortedDictionary(entry => entry.Key, entry => read(entry.Key, entry.Value), StringComparer.Ordinal);
}
