using AssessmentFlow.Engine.Expressions;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Deadlines;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Assessments.Reference;
using NodaTime;

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
/// Keeps the parsed reference data of a silo and asks the grains of the four sets whether theirs is newer.
/// The question is a call without storage; only an edit makes the answer carry data.
/// </summary>
internal sealed class ReferenceData(IGrainFactory grains) : IReferenceData
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
        await Task.WhenAll(calendars, rosters, regimes, schemes);

        var updated = snapshot with
        {
            Calendars = Merge(snapshot.Calendars, await calendars, ReferenceJson.ReadCalendar),
            Rosters = Merge(snapshot.Rosters, await rosters, ReferenceJson.ReadRoster),
            Regimes = Merge(snapshot.Regimes, await regimes, ReferenceJson.ReadRegime),
            MarkingSchemes = Merge(snapshot.MarkingSchemes, await schemes, ReferenceJson.ReadMarkingScheme),
        };
        foreach (var (name, set) in new[]
        {
            (ReferenceSets.Calendars, await calendars), (ReferenceSets.Rosters, await rosters),
            (ReferenceSets.Regimes, await regimes), (ReferenceSets.MarkingSchemes, await schemes),
        })
        {
            versions = set is null ? versions : versions.SetItem(name, set.Version);
        }

        // Two callers may do this at once; both hold data that is current, and the next call mends the versions.
        _snapshot = updated;
        _versions = versions;
        return updated;
    }

    private Task<ReferenceSet?> Newer(string set, ImmutableDictionary<string, long> versions) =>
        grains.GetGrain<IReferenceSetGrain>(set).GetIfNewerAsync(versions.GetValueOrDefault(set, -1));

    private static ImmutableSortedDictionary<string, T> Merge<T>(
        ImmutableSortedDictionary<string, T> current, ReferenceSet? newer, Func<string, ReferenceEntry, T> read) =>
        newer is null ? current : newer.Entries.ToImmutableSortedDictionary(entry => entry.Key, entry => read(entry.Key, entry.Value), StringComparer.Ordinal);
}

/// <summary>How reference data are written as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true,
    WriteIndented = false,
    Converters = [typeof(LocalDateConverter)])]
[JsonSerializable(typeof(CalendarDocument))]
[JsonSerializable(typeof(RosterDocument))]
[JsonSerializable(typeof(RegimeDocument))]
[JsonSerializable(typeof(MarkingSchemeDocument))]
public sealed partial class ReferenceJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    public static ReferenceJson Plain => field ??= new(PlainJson.Of(Default.Options));

    /// <summary>A calendar from its entry.</summary>
    public static HolidayCalendar ReadCalendar(string id, ReferenceEntry entry)
    {
        var document = JsonSerializer.Deserialize(entry.Json, Default.CalendarDocument)!;
        return new HolidayCalendar(
            id, (int)entry.Version, document.Weekend, [.. document.Holidays], document.CoversFrom, document.CoversTo, document.Source);
    }

    /// <summary>A roster from its entry.</summary>
    public static Roster ReadRoster(string id, ReferenceEntry entry)
    {
        var document = JsonSerializer.Deserialize(entry.Json, Default.RosterDocument)!;
        return new Roster(id, document.Name, document.Terms);
    }

    /// <summary>A regime from its entry.</summary>
    public static Regime ReadRegime(string id, ReferenceEntry entry)
    {
        var document = JsonSerializer.Deserialize(entry.Json, Default.RegimeDocument)!;
        return new Regime(id, document.Name, document.Phases, document.Workflow, document.DecidingRoster, document.CirculationRoster, document.Source);
    }

    /// <summary>A marking scheme from its entry.</summary>
    public static MarkingScheme ReadMarkingScheme(string id, ReferenceEntry entry)
    {
        var document = JsonSerializer.Deserialize(entry.Json, Default.MarkingSchemeDocument)!;
        return new MarkingScheme(id, document.Levels, document.Source);
    }
}

/// <summary>A holiday calendar as edited.</summary>
/// <param name="Weekend">Days of the week without work.</param>
/// <param name="Holidays">Dates without work.</param>
/// <param name="CoversFrom">First date whose holidays are known.</param>
/// <param name="CoversTo">Last date whose holidays are known.</param>
/// <param name="Source">Where they are taken from.</param>
public sealed record CalendarDocument(
    ImmutableArray<IsoDayOfWeek> Weekend, ImmutableArray<LocalDate> Holidays, LocalDate CoversFrom, LocalDate CoversTo, string? Source);

/// <summary>A roster as edited.</summary>
/// <param name="Name">Full name of the body.</param>
/// <param name="Terms">Who held a seat when.</param>
public sealed record RosterDocument(string Name, ImmutableArray<SeatTerm> Terms);

/// <summary>A regime as edited.</summary>
/// <param name="Name">Full name.</param>
/// <param name="Phases">Phases that a case may enter.</param>
/// <param name="Workflow">Workflow that drives a case.</param>
/// <param name="DecidingRoster">Roster of those who decide by silence.</param>
/// <param name="CirculationRoster">Roster of those who receive the report.</param>
/// <param name="Source">Where it is laid down.</param>
public sealed record RegimeDocument(
    string Name, ImmutableArray<string> Phases, string Workflow, string? DecidingRoster, string? CirculationRoster, string? Source);

/// <summary>A marking scheme as edited.</summary>
/// <param name="Levels">Marks, lowest first.</param>
/// <param name="Source">Where it is laid down.</param>
public sealed record MarkingSchemeDocument(ImmutableArray<string> Levels, string? Source);
