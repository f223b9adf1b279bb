using System.Collections.Immutable;
using System.Text.Json.Nodes;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Assessments.Reference;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Runtime.Definitions;
using AssessmentFlow.Runtime.Reference;
using AssessmentFlow.Server.Auth;

namespace AssessmentFlow.Server.ElsaApi;

/// <summary>What authors may choose from in Studio: what the installation has at this moment.</summary>
internal sealed class InputChoices(IReferenceData reference, ApiClients clients, WorkflowCatalogue catalogue)
{
    /// <summary>The lists as they stand.</summary>
    public async Task<ChoiceLists> ReadAsync(CancellationToken cancellationToken)
    {
        var now = await reference.GetAsync(cancellationToken);
        var known = await clients.RefreshAsync();
        var workflows = await catalogue.ListAsync();
        return new ChoiceLists(
            now,
            [.. known.ByHash.Values.SelectMany(client => client.Caller.Actor.Roles).Append(Roles.Secretariat).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            [.. workflows.Where(entry => entry.Published is not null).Select(entry => new Choice($"{entry.Published!.Name} ({entry.DefinitionId})", entry.DefinitionId))]);
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
/// <param name="Reference">Rosters, regimes and calendars.</param>
/// <param name="Roles">Roles that clients hold.</param>
/// <param name="Workflows">Published workflows.</param>
internal sealed record ChoiceLists(ReferenceSnapshot Reference, ImmutableArray<string> Roles, ImmutableArray<Choice> Workflows)
{
    private const string Dropdown = "dropdown";

    /// <summary>The editor of an input. Hints of ours that Studio does not know become editors that it has.</summary>
    public InputEditor EditorOf(ActivityDescriptor activity, InputDescriptor input) => input.UiHint switch
    {
        "roster-picker" => Choose(input, Reference.Rosters.Values.Select(roster => new Choice(roster.Name, roster.Id))),
        "due-rule" => new InputEditor("singleline", []),
        Dropdown when !input.Options.IsEmpty => Choose(input, input.Options.Select(option => new Choice(option, option))),
        Dropdown => new InputEditor("json-editor", []),
        "checklist" => new InputEditor("checklist", new JsonObject
        {
            ["checklist"] = new JsonObject { ["checkList"] = new JsonObject { ["items"] = Items(input.Options.Select(option => new Choice(option, option))), ["isFlagsEnum"] = false } },
        }),
        _ => Named(activity, input),
    };

    private InputEditor Named(ActivityDescriptor activity, InputDescriptor input) => (activity.Category, input.Name) switch
    {
        ("Assessment", "Phase") => Choose(input, Reference.Regimes.Values.SelectMany(regime => regime.Phases).Distinct(StringComparer.Ordinal).Select(phase => new Choice(phase, phase))),
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

    private static JsonArray Items(IEnumerable<Choice> choices) =>
        new([.. choices.Select(choice => (JsonNode)new JsonObject { ["text"] = choice.Text, ["value"] = choice.Value })]);
}
