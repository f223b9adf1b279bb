using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Deadlines;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Expressions;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Server.Problems;

namespace AssessmentFlow.Server.Api;

/// <summary>Reference data: calendars, rosters, regimes, marking schemes, agencies.</summary>
internal static class ReferenceEndpoints
{
    public static RouteGroupBuilder MapReference(this RouteGroupBuilder api)
    {
        MapSet<CalendarDocument>(api, ReferenceSets.Calendars);
        MapSet<RosterDocument>(api, ReferenceSets.Rosters);
        MapSet<RegimeDocument>(api, ReferenceSets.Regimes);
        MapSet<MarkingSchemeDocument>(api, ReferenceSets.MarkingSchemes);
        MapSet<AgencyDocument>(api, ReferenceSets.Agencies);
        return api;
    }

    private static void MapSet<T>(RouteGroupBuilder api, string set)
        where T : notnull
    {
        var group = api.MapGroup("/" + set).WithTags("Reference data");
        group.MapGet("/", (IGrainFactory grains) => ListAsync(set, grains)).GivePage<EntryAnswer<T>>().RefuseNobody().WithSummary($"List {set}.");
        group.MapGet("/{id}", (string id, IGrainFactory grains) => GetAsync(set, id, grains)).Give<EntryAnswer<T>>().RefuseNobody().WithSummary("Read an entry.");
        group.MapPut("/{id}", (CommandRequest request, string id, IGrainFactory grains) => PutAsync(request, set, id, grains))
            .RequireIfMatch().Give<ChangedAnswer>().Accepts<T>("application/json").NeverAnswer(StatusCodes.Status404NotFound, StatusCodes.Status409Conflict)
            .WithSummary("Write an entry; If-Match \"0\" for a new one. What was decided before is not touched.");
    }

    private static async Task<IResult> ListAsync(string set, IGrainFactory grains)
    {
        var entries = await grains.GetGrain<IReferenceSetGrain>(set).GetIfNewerAsync(-1) ?? ReferenceSet.Empty;
        return Answers.Of(JsonValues.Object(
            ("items", JsonValues.Array(entries.Entries.Select(entry => Show(entry.Key, entry.Value)))), ("next", JsonValues.Null)));
    }

    private static async Task<IResult> GetAsync(string set, string id, IGrainFactory grains)
    {
        var entries = await grains.GetGrain<IReferenceSetGrain>(set).GetIfNewerAsync(-1) ?? ReferenceSet.Empty;
        return entries.Entries.TryGetValue(id, out var entry) ? Answers.Of(Show(id, entry)) : throw RequestProblemException.NotFound($"entry '{id}' in {set}");
    }

    private static async Task<IResult> PutAsync(CommandRequest request, string set, string id, IGrainFactory grains)
    {
        if (!request.Actor.Has(Roles.Secretariat))
        {
            throw RequestProblemException.Forbidden("Only the secretariat edits reference data.");
        }

        AssessmentEndpoints.CheckText(id, "id", 64);
        if (set is ReferenceSets.Calendars && !DueRule.IsCalendarName(id))
        {
            throw RequestProblemException.Invalid("id", "calendar-malformed", "A calendar is named in due rules: its id has letters, digits, dots, dashes and underscores only, such as KH-2008.");
        }

        if (set is ReferenceSets.Agencies)
        {
            AssessmentEndpoints.CheckAgency(id, "id");
        }

        var json = ReferenceDocuments.Check(set, request);
        var put = await grains.GetGrain<IReferenceSetGrain>(set).PutAsync(id, json, request.IfMatch, request.Actor.Id, request.InputId);
        if (put.IsKeyReused)
        {
            throw RequestProblemException.KeyReused();
        }

        return put.IsStale
            ? throw new RequestProblemException(
                StatusCodes.Status412PreconditionFailed, "version-stale", $"The entry is at version {put.Version}. Read it again and decide anew.")
            : Answers.Of(JsonValues.Object(("id", JsonValues.Of(id)), ("version", JsonValues.Of(put.Version))));
    }

    private static JsonElement Show(string id, ReferenceEntry entry) => JsonValues.Object(
        ("id", JsonValues.Of(id)),
        ("version", JsonValues.Of(entry.Version)),
        ("changedAt", JsonValues.Of(entry.ChangedAt)),
        ("changedBy", JsonValues.Of(entry.ChangedBy)),
        ("value", JsonElement.Parse(entry.Json)));
}

/// <summary>Reads entries of reference data strictly before they are stored.</summary>
internal static class ReferenceDocuments
{
    /// <returns>The entry in the form in which it is stored.</returns>
    /// <exception cref="RequestProblemException">The entry is not sound.</exception>
    public static string Check(string set, CommandRequest request)
    {
        switch (set)
        {
            case ReferenceSets.Calendars:
                var calendar = request.Read(ReferenceJson.Plain.CalendarDocument);
                Need(!calendar.Weekend.IsDefault && !calendar.Holidays.IsDefault, "$", "A calendar has \"weekend\" and \"holidays\", each a list.");
                Need(calendar.CoversFrom <= calendar.CoversTo, "coversTo", "A calendar covers from a date to a later one.");
                Need(calendar.Weekend.Distinct().Count() < 7, "weekend", "A week needs a working day.");
                return JsonSerializer.Serialize(calendar, ReferenceJson.Plain.CalendarDocument);
            case ReferenceSets.Rosters:
                var roster = request.Read(ReferenceJson.Plain.RosterDocument);
                Need(!roster.Terms.IsDefault && !string.IsNullOrWhiteSpace(roster.Name), "$", "A roster has a \"name\" and \"terms\".");
                Need(roster.Terms.All(term => term is not null && !string.IsNullOrWhiteSpace(term.Seat) && term.From <= term.To), "terms", "A term has a \"seat\" and ends no earlier than it begins.");
                return JsonSerializer.Serialize(roster, ReferenceJson.Plain.RosterDocument);
            case ReferenceSets.Regimes:
                var regime = request.Read(ReferenceJson.Plain.RegimeDocument);
                Need(!regime.Phases.IsDefaultOrEmpty && !string.IsNullOrWhiteSpace(regime.Name) && !string.IsNullOrWhiteSpace(regime.Workflow), "$", "A regime has a \"name\", \"phases\" and a \"workflow\".");
                foreach (var (name, setting) in regime.Settings ?? Regime.NoSettings)
                {
                    Need(RegimeSetting.IsName(name), "settings", $"'{name}' cannot name a setting: use 1 to 64 letters and digits, and no input that every case has ({string.Join(", ", RegimeSetting.ReservedNames)}).");
                    Need(setting is { Value.ValueKind: not JsonValueKind.Undefined } && !string.IsNullOrWhiteSpace(setting.Basis), $"settings.{name}", "A setting has a \"value\" and a \"basis\": its source, or the words that it has none.");
                }

                return JsonSerializer.Serialize(regime, ReferenceJson.Plain.RegimeDocument);
            case ReferenceSets.Agencies:
                var agency = request.Read(ReferenceJson.Plain.AgencyDocument);
                Need(!string.IsNullOrWhiteSpace(agency.Name), "name", "An agency has a \"name\".");
                return JsonSerializer.Serialize(agency, ReferenceJson.Plain.AgencyDocument);
            default:
                var scheme = request.Read(ReferenceJson.Plain.MarkingSchemeDocument);
                Need(!scheme.Levels.IsDefaultOrEmpty && scheme.Levels.All(level => !string.IsNullOrWhiteSpace(level)), "levels", "A marking scheme has levels, lowest first.");
                Need(scheme.Levels.Distinct(StringComparer.OrdinalIgnoreCase).Count() == scheme.Levels.Length, "levels", "A level is named once: capital and small letters make no difference.");
                return JsonSerializer.Serialize(scheme, ReferenceJson.Plain.MarkingSchemeDocument);
        }
    }

    private static void Need(bool holds, string pointer, string detail)
    {
        if (!holds)
        {
            throw RequestProblemException.Invalid(pointer, "entry-unsound", detail);
        }
    }
}
