using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Assessments.Silence;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>The rules of writing items of the record.</summary>
public static class ItemRules
{
    /// <summary>Kind of <see cref="Finding"/>.</summary>
    public const string FindingKind = "finding";

    /// <summary>Kind of <see cref="Programme"/>.</summary>
    public const string ProgrammeKind = "programme";

    /// <summary>Kind of <see cref="Portion"/>.</summary>
    public const string PortionKind = "portion";

    /// <summary>Most items of one case or review (count).</summary>
    public const int ItemsMax = 5_000;

    /// <summary>Largest item (bytes of JSON).</summary>
    public const int ItemSizeMaxBytes = 32 * 1024;

    /// <summary>Longest id of an item (characters).</summary>
    public const int ItemIdLengthMax = 64;

    /// <summary>Kinds of <see cref="RecordItem"/>.</summary>
    public static readonly IReadOnlyList<string> RecordKinds =
        ["organisation", "actor", "donor", "event", "instrument", "commitment", "artefact", "question"];

    /// <summary>Reads an item of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="body">The item.</param>
    /// <param name="reference">Reference data, for the marks.</param>
    /// <param name="item">The item read.</param>
    /// <returns>Null when the item is sound; else what is wrong with it.</returns>
    public static Refusal? Read(string kind, JsonElement body, ReferenceSnapshot reference, out IMarked? item)
    {
        item = null;
        var size = body.ValueKind is JsonValueKind.Undefined ? 0 : JsonMarshal.GetRawUtf8Value(body).Length;
        if (size > ItemSizeMaxBytes)
        {
            return Invalid("item-too-large", $"An item may have {ItemSizeMaxBytes} bytes of JSON; this one has {size}.");
        }

        var refusal = kind switch
        {
            FindingKind => Parse(body, ItemJson.Plain.Finding, out item),
            ProgrammeKind => Parse(body, ItemJson.Plain.Programme, out item),
            PortionKind => Parse(body, ItemJson.Plain.Portion, out item),
            _ when RecordKinds.Contains(kind) => Parse(body, ItemJson.Plain.RecordItem, out item),
            _ => new Refusal(RefusalKind.NotFound, "item-kind-unknown", $"There are no items of kind '{kind}'."),
        };
        return refusal ?? CheckMark(item!.Mark, reference);
    }

    internal static Refusal? Put(CaseTurn turn, AssessmentInput.PutItem input)
    {
        if (Read(input.Kind, input.Body, turn.Reference, out var item) is { } unsound)
        {
            return unsound;
        }

        var key = $"{input.Kind}/{input.ItemId}";
        var entry = turn.State.Items.GetValueOrDefault(key);
        if (!MayWrite(input.Actor, item!, entry))
        {
            return new Refusal(RefusalKind.Forbidden, "role-missing", $"Items of kind '{input.Kind}' are written by the secretariat or the mission leader; a donor may change programmes that are recorded as its own.");
        }

        if ((CheckId(input.ItemId) ?? CheckFrozen(turn.State, input.Kind)) is { } refusal)
        {
            return refusal;
        }

        if (!WritesCases(input.Actor) && item!.Mark != entry!.Mark)
        {
            return new Refusal(RefusalKind.Forbidden, "mark-of-others", "The handling mark of a programme is the secretariat's or the mission leader's to change; send the one that it has.");
        }

        var seen = entry?.ChangedAt ?? 0;
        if (input.IfChangedAt is { } expected && expected != seen)
        {
            return seen is 0
                ? Stale.Missing($"{input.Kind} '{input.ItemId}' in the case", expected)
                : expected is 0
                    ? new Refusal(RefusalKind.Conflict, "item-exists", $"The case has a {input.Kind} '{input.ItemId}' already.")
                    : Stale.Version($"The {input.Kind}", seen, expected);
        }

        if (seen is 0 && turn.State.Items.Count >= ItemsMax)
        {
            return Invalid("too-many-items", $"A case may have {ItemsMax} items.");
        }

        turn.Record(new AssessmentFact.ItemPut(input.Kind, input.ItemId, input.Body, item!.Mark, input.Actor.Id, turn.Moment.Version));
        return null;
    }

    internal static Refusal? Remove(CaseTurn turn, AssessmentInput.RemoveItem input)
    {
        if (!WritesCases(input.Actor))
        {
            return new Refusal(RefusalKind.Forbidden, "role-missing", "Items are taken out by the secretariat or the mission leader.");
        }

        if (!turn.State.Items.TryGetValue($"{input.Kind}/{input.ItemId}", out var entry))
        {
            return Stale.Missing($"{input.Kind} '{input.ItemId}' in the case", input.IfChangedAt);
        }

        if (input.IfChangedAt is { } expected && expected != entry.ChangedAt)
        {
            return Stale.Version($"The {input.Kind}", entry.ChangedAt, expected);
        }

        if (CheckFrozen(turn.State, input.Kind) is { } frozen)
        {
            return frozen;
        }

        turn.Record(new AssessmentFact.ItemRemoved(input.Kind, input.ItemId, input.Actor.Id, turn.Moment.Version));
        return null;
    }

    internal static Refusal? CheckId(string id) =>
        id.Length is > 0 and <= ItemIdLengthMax && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? null
            : Invalid("item-id-malformed", $"An id has 1 to {ItemIdLengthMax} letters, digits, dots, dashes or underscores.", "id");

    /// <summary>
    /// The report cannot change under those who decide on it, nor once they have adopted it or it went out in numbered
    /// copies. A procedure that was broken or withdrawn sends it back to its authors.
    /// </summary>
    private static Refusal? CheckFrozen(AssessmentState state, string kind) =>
        kind is PortionKind && (state.Circulations.Length > 0 || state.Silences is [.., { Status: SilenceStatus.Open or SilenceStatus.Held or SilenceStatus.Adopted }])
            ? new Refusal(RefusalKind.Conflict, "report-frozen", "The report is before a silence procedure, adopted or circulated: its portions no longer change.")
            : null;

    private static bool WritesCases(Actor actor) => actor.Has(Roles.Secretariat) || actor.Has(Roles.MissionLeader);

    private static bool MayWrite(Actor actor, IMarked item, ItemEntry? before) =>
        WritesCases(actor)
        || (item is Programme programme && programme.Donor == before?.Donor && actor.Has(Roles.OfState(programme.Donor)));

    internal static Refusal? CheckMark(Mark? mark, ReferenceSnapshot reference) => mark switch
    {
        null => null,
        _ when !reference.MarkingSchemes.ContainsKey(mark.Scheme) =>
            Invalid("marking-scheme-unknown", $"There is no marking scheme '{mark.Scheme}'; known are {string.Join(", ", reference.MarkingSchemes.Keys)}.", "mark.scheme"),
        _ when reference.MarkingSchemes[mark.Scheme].RankOf(mark.Level) < 0 =>
            Invalid("mark-unknown", $"The scheme '{mark.Scheme}' has the levels {string.Join(", ", reference.MarkingSchemes[mark.Scheme].Levels)}, not '{mark.Level}'.", "mark.level"),
        _ => null,
    };

    private static Refusal? Parse<T>(JsonElement body, JsonTypeInfo<T> type, out IMarked? item)
        where T : class, IMarked
    {
        item = null;
        try
        {
            item = body.ValueKind is JsonValueKind.Object ? body.Deserialize(type) : null;
            return item is null ? Invalid("item-malformed", "An item is a JSON object.") : null;
        }
        catch (JsonException e)
        {
            return Invalid("item-malformed", e.Message, e.Path?.TrimStart('$', '.'));
        }
    }

    private static Refusal Invalid(string code, string message, string? path = null) => new(RefusalKind.Invalid, code, message, path);
}
