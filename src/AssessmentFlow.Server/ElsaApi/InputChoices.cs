using System.Collections.Immutable;
using System.Text.Json.Nodes;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Server.Auth;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>What authors may choose from in Studio: what the installation has at this moment.</summary>
internal sealed class InputChoices(IReferenceData reference, ApiClients clients)
{
    /// <summary>The lists as they stand.</summary>
    public async Task<ChoiceLists> ReadAsync(CancellationToken cancellationToken)
    {
        var now = await reference.GetAsync(cancellationToken);
        var known = await clients.RefreshAsync();
        return new ChoiceLists(
            now,
            [
                .. known.ByHash.Values.SelectMany(client => client.Caller.Actor.Roles)
                    .Concat(now.Agencies.Keys.Select(Roles.OfAgency))
                    .Append(Roles.Secretariat)
                    .Append(Roles.MissionLeader)
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal),
            ]);
    }
}

/// <summary>One thing to choose.</summary>
/// <param name="Text">What is shown.</param>
/// <param name="Value">What is written.</param>
internal sealed record Choice(string Text, string Value);

/// <summary>How Studio edits an input.</summary>
/// <param name="Hint">Name of the editor.</param>
/// <param name="Specifications">Settings of the editor.</param>
internal sealed record InputEditor(string Hint, JsonObject Specifications);

/// <summary>The lists that editors offer.</summary>
/// <param name="Reference">Rosters, regimes and agencies.</param>
/// <param name="Roles">Roles that clients hold or agencies have.</param>
internal sealed record ChoiceLists(ReferenceSnapshot Reference, ImmutableArray<string> Roles)
{
    private const string Dropdown = "dropdown";
    private const string Checklist = "checklist";

    /// <summary>
    /// The editor of an input: a choice where the kind of the input can be listed. A due rule is written, because any length
    /// may be: the calendars that it may name are told.
    /// </summary>
    public InputEditor EditorOf(InputDescriptor input) => input.UiHint switch
    {
        Dropdown when input.Options.IsEmpty => new InputEditor("json-editor", []),
        Dropdown => Choose(input, input.Options.Select(option => new Choice(option, option))),
        Checklist => Check(input.Options),
        _ when ChoicesOf(input) is { Length: > 0 } choices => IsList(input) ? Check(choices.Select(choice => choice.Value)) : Choose(input, choices),
        "roster-picker" or "due-rule" => new InputEditor("singleline", []),
        _ => new InputEditor(input.UiHint, []),
    };

    /// <summary>What an author is told of an input.</summary>
    public string DescriptionOf(InputDescriptor input) => input.Kind?.Name is "due-rule" && Reference.Calendars.Count > 0
        ? $"{input.Description} Calendars: {string.Join(", ", Reference.Calendars.Keys.Order(StringComparer.Ordinal))}."
        : input.Description;

    private Choice[] ChoicesOf(InputDescriptor input)
    {
        var listed = input.Kind?.ChoicesAt(InputPlace.Anywhere(Reference)) ?? [];
        return input.Kind?.Name switch
        {
            "role" => [.. listed.Concat(Roles).Distinct(StringComparer.Ordinal).Select(role => new Choice(role, role))],
            "roster" => [.. listed.Select(id => new Choice(Reference.Rosters[id].Name, id))],
            _ => [.. listed.Select(value => new Choice(value, value))],
        };
    }

    private static bool IsList(InputDescriptor input) => input.TypeName.StartsWith("List<", StringComparison.Ordinal);

    /// <summary>A list to choose from; what need not be chosen can be left open.</summary>
    private static InputEditor Choose(InputDescriptor input, IEnumerable<Choice> choices) => new(Dropdown, new JsonObject
    {
        [Dropdown] = new JsonObject
        {
            ["selectList"] = new JsonObject
            {
                ["items"] = Items(input.IsRequired || input.Default.ValueKind is System.Text.Json.JsonValueKind.String ? choices : choices.Prepend(new Choice("", ""))),
                ["isFlagsEnum"] = false,
            },
        },
    });

    /// <summary>A list of which any number may be chosen.</summary>
    private static InputEditor Check(IEnumerable<string> choices) => new(Checklist, new JsonObject
    {
        [Checklist] = new JsonObject { ["checkList"] = new JsonObject { ["items"] = Items(choices.Select(choice => new Choice(choice, choice))), ["isFlagsEnum"] = false } },
    });

    private static JsonArray Items(IEnumerable<Choice> choices) =>
        new([.. choices.Select(choice => (JsonNode)new JsonObject { ["text"] = choice.Text, ["value"] = choice.Value })]);
}
