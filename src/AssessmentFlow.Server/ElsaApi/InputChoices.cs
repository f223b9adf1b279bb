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

    /// <summary>The editor of an input. Hints of ours that Studio does not know become editors that it has.</summary>
    public InputEditor EditorOf(ActivityDescriptor activity, InputDescriptor input) => input.UiHint switch
    {
        "roster-picker" => Choose(input, Reference.Rosters.Values.Select(roster => new Choice(roster.Name, roster.Id))),
        "due-rule" => new InputEditor("singleline", []),
        Dropdown when !input.Options.IsEmpty => Choose(input, input.Options.Select(option => new Choice(option, option))),
        Dropdown => new InputEditor("json-editor", []),
        Checklist => Check(input.Options),
        _ => Named(activity, input),
    };

    private InputEditor Named(ActivityDescriptor activity, InputDescriptor input) => (activity.Category, input.Name) switch
    {
        ("Assessment", "Agencies") when Reference.Agencies.Count > 0 => Check(Reference.Agencies.Keys),
        ("Assessment", "Phase" or "HeldPhase") => Choose(input, Reference.Regimes.Values.SelectMany(regime => regime.Phases).Distinct(StringComparer.Ordinal).Select(phase => new Choice(phase, phase))),
        ("Assessment", "AssignedTo" or "EscalateTo") => Choose(input, Roles.Select(role => new Choice(role, role))),
        _ => new InputEditor(input.UiHint, []),
    };

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
