using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using AssessmentFlow.Assessments.Marks;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Assessments.Silence;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Assessments.Cases;

/// <summary>The rules of writing items of the record.</summary>
public static partial class ItemRules
{
    /// <summary>Kind of <see cref="Finding"/>.</summary>
    public const string FindingKind = "finding";

    /// <summary>Kind of <see cref="Programme"/>.</summary>
    public const string ProgrammeKind = "programme";

    /// <summary>Kind of <see cref="Portion"/>.</summary>
    public const string PortionKind = "portion";

    /// <summary>Kind of a <see cref="RecordItem"/> by which somebody undertakes or asks for something; <c>facts.by</c> says who.</summary>
    public const string CommitmentKind = "commitment";

    /// <summary>Most items of one case or review (count).</summary>
    public const int ItemsMax = 5_000;

    /// <summary>Largest item (bytes of JSON).</summary>
    public const int ItemSizeMaxBytes = 32 * 1024;

    /// <summary>Longest id of an item (characters).</summary>
    public const int ItemIdLengthMax = 64;

    /// <summary>Kinds of <see cref="RecordItem"/>.</summary>
    public static readonly IReadOnlyList<string> RecordKinds =
        ["organisation", "actor", "donor", "event", "instrument", CommitmentKind, "artefact", "question"];

    /// <summary>Whether items of a kind may be a donor's.</summary>
    public static bool HasDonor(string kind) => kind is ProgrammeKind or CommitmentKind;

    /// <summary>Whose an item is: the donor of a programme, who made a commitment; null when it does not say, or is of another kind.</summary>
    internal static string? DonorOf(string kind, JsonElement body) => kind switch
    {
        ProgrammeKind => body.Member("donor").AsText(),
        CommitmentKind => body.Member("facts").Member("by").AsText(),
        _ => null,
    };

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
        return refusal ?? CheckMark(item!.Mark, reference) ?? (item is Programme programme ? CheckPeriod(programme) : null);
    }

    /// <summary>An item that was read, with its mark as the marking scheme writes it: lists compare marks letter by letter.</summary>
    internal static (JsonElement Body, Mark? Mark) Normalise(JsonElement body, Mark? mark, ReferenceSnapshot reference)
    {
        var normal = mark?.In(reference.MarkingSchemes);
        return normal == mark
            ? (body, mark)
            : (JsonValues.Object([.. body.EnumerateObject().Select(member => (member.Name, member.Name is "mark" ? MarkOf(normal!) : member.Value))]), normal);
    }

    internal static Refusal? Put(CaseTurn turn, AssessmentInput.PutItem input)
    {
        if (Read(input.Kind, input.Body, turn.Reference, out var item) is { } unsound)
        {
            return unsound;
        }

        var (body, mark) = Normalise(input.Body, item!.Mark, turn.Reference);
        var key = $"{input.Kind}/{input.ItemId}";
        var entry = turn.State.Items.GetValueOrDefault(key);
        if (!MayWrite(input.Actor, item, entry))
        {
            return new Refusal(RefusalKind.Forbidden, "role-missing", $"Items of kind '{input.Kind}' are written by the secretariat or the mission leader; a donor may change programmes that are recorded as its own.");
        }

        if ((CheckId(input.ItemId) ?? CheckFrozen(turn.State, input.Kind)) is { } refusal)
        {
            return refusal;
        }

        if (!WritesCases(input.Actor) && mark != entry!.Mark)
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

        turn.Record(new AssessmentFact.ItemPut(input.Kind, input.ItemId, body, mark, input.Actor.Id, turn.Moment.Version));
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

    /// <summary>Beginning and end are as precise as they were stated: a year and a day of it are in no order.</summary>
    private static Refusal? CheckPeriod(Programme programme)
    {
        if (programme is not { Start: { } start, End: { } end } || !PartialDate().IsMatch(start) || !PartialDate().IsMatch(end))
        {
            return null;
        }

        var precision = Math.Min(start.Length, end.Length);
        return string.CompareOrdinal(start, 0, end, 0, precision) > 0
            ? Invalid("programme-ends-before-it-begins", $"The programme ends {end}, before it begins, {start}.", "end")
            : null;
    }

    private static JsonElement MarkOf(Mark mark) => JsonValues.Object(("scheme", JsonValues.Of(mark.Scheme)), ("level", JsonValues.Of(mark.Level)));

    [GeneratedRegex(@"^\d{4}(-\d{2}(-\d{2})?)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PartialDate();

    private static Refusal? Parse<T>(JsonElement body, JsonTypeInfo<T> type, out IMarked? item)
        where T : class, IMarked
    {
        item = null;
        try
        {
            item = body.ValueKind is JsonValueKind.Object ? body.Deserialize(type) : null;
            return item is null ? Invalid("item-malformed", "An item is a JSON object.") : null;
        }
        catch (JsonException)
        {
            // Places in lines are those of the item and not of the body that it came in: the path tells more.
            var fault = JsonFaults.Find(JsonMarshal.GetRawUtf8Value(body).ToArray(), type)[0];
            return Invalid("item-malformed", fault.Message, fault.Pointer.TrimStart('$', '.'));
        }
    }

    private static Refusal Invalid(string code, string message, string? path = null) => new(RefusalKind.Invalid, code, message, path);
}
