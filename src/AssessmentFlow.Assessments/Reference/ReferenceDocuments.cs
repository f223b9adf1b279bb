using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Deadlines;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Engine.Expressions;
using NodaTime;

namespace AssessmentFlow.Assessments.Reference;

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
/// <param name="Settings">Values that the workflow receives as inputs of the same name; null for none.</param>
public sealed record RegimeDocument(
    string Name,
    ImmutableArray<string> Phases,
    string Workflow,
    string? DecidingRoster,
    string? CirculationRoster,
    string? Source,
    ImmutableSortedDictionary<string, RegimeSetting>? Settings = null);

/// <summary>A marking scheme as edited.</summary>
/// <param name="Levels">Marks, lowest first.</param>
/// <param name="Source">Where it is laid down.</param>
public sealed record MarkingSchemeDocument(ImmutableArray<string> Levels, string? Source);

/// <summary>An agency as edited.</summary>
/// <param name="Name">Full name.</param>
/// <param name="Source">Where it is recorded.</param>
public sealed record AgencyDocument(string Name, string? Source);

/// <summary>How reference data are written as JSON. Unknown members are refused: a misspelt one must not be lost.</summary>
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
[JsonSerializable(typeof(AgencyDocument))]
public sealed partial class ReferenceJson : JsonSerializerContext
{
    /// <summary>The context that writes text as it is, without escaping what JSON does not ask for.</summary>
    public static ReferenceJson Plain => field ??= new(PlainJson.Of(Default.Options));

    /// <summary>A calendar from its document.</summary>
    /// <param name="id">Name of the calendar.</param>
    /// <param name="version">Number of its edits.</param>
    /// <param name="json">The document.</param>
    public static HolidayCalendar ReadCalendar(string id, long version, string json)
    {
        var document = JsonSerializer.Deserialize(json, Default.CalendarDocument)!;
        return new HolidayCalendar(
            id, (int)version, document.Weekend, [.. document.Holidays], document.CoversFrom, document.CoversTo, document.Source);
    }

    /// <summary>A roster from its document.</summary>
    public static Roster ReadRoster(string id, string json)
    {
        var document = JsonSerializer.Deserialize(json, Default.RosterDocument)!;
        return new Roster(id, document.Name, document.Terms);
    }

    /// <summary>A regime from its document.</summary>
    public static Regime ReadRegime(string id, string json)
    {
        var document = JsonSerializer.Deserialize(json, Default.RegimeDocument)!;
        return new Regime(id, document.Name, document.Phases, document.Workflow, document.DecidingRoster, document.CirculationRoster, document.Source)
        {
            Settings = document.Settings ?? Regime.NoSettings,
        };
    }

    /// <summary>An agency from its document.</summary>
    public static Agency ReadAgency(string id, string json)
    {
        var document = JsonSerializer.Deserialize(json, Default.AgencyDocument)!;
        return new Agency(id, document.Name, document.Source);
    }

    /// <summary>A marking scheme from its document.</summary>
    public static MarkingScheme ReadMarkingScheme(string id, string json)
    {
        var document = JsonSerializer.Deserialize(json, Default.MarkingSchemeDocument)!;
        return new MarkingScheme(id, document.Levels, document.Source);
    }
}
