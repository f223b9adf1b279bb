using System.Collections.Immutable;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>What activities name: variables, inputs, outputs and outcomes, each where it is named by fixed text.</summary>
internal static class ReferenceChecks
{
    /// <summary>Names that every run of the body of a loop knows.</summary>
    private static readonly string[] LoopNames = ["CurrentValue", "CurrentIndex"];

    /// <summary>Expressions that name a variable which is not there: each faults when it is evaluated.</summary>
    public static IEnumerable<DefinitionProblem> UnknownVariables(ActivityNode node) =>
        from expression in node.Expressions.OfType<VariableExpression>()
        where !IsKnown(node, expression)
        select new DefinitionProblem(
            expression.Path,
            "variable-unknown",
            $"There is no variable '{expression.Name ?? expression.Id}' here; declare it on the workflow or on a container around this activity.",
            node.Label);

    /// <summary>What was once let in and is not any more: scripts, templates, and inputs that nobody read then.</summary>
    public static IEnumerable<DefinitionProblem> FlawedExpressions(ActivityNode node) =>
        from expression in node.Expressions.OfType<FlawedExpression>()
        select new DefinitionProblem(expression.Path, expression.Code, expression.Flaw, node.Label);

    /// <summary>Names that lead nowhere and stop nothing.</summary>
    public static IEnumerable<DefinitionProblem> Warnings(WorkflowDefinition definition, ActivityNode node) =>
        UnknownInputs(definition, node)
            .Concat(UnfitValues(node))
            .Concat(UnknownOutputs(definition, node))
            .Concat(UndeclaredOutcomes(definition, node))
            .Concat(UnknownBindings(definition, node));

    private static IEnumerable<DefinitionProblem> UnknownInputs(WorkflowDefinition definition, ActivityNode node) =>
        from expression in node.Expressions.OfType<WorkflowInputExpression>()
        where !definition.Inputs.Any(input => string.Equals(input.Name, expression.Name, StringComparison.OrdinalIgnoreCase)) && !IsToldOfChild(node, expression.Name)
        select new DefinitionProblem(
            expression.Path,
            "input-unknown",
            $"The workflow declares no input '{expression.Name}': it is empty, unless whoever starts the workflow gives one of that name all the same.",
            node.Label);

    /// <summary>Fixed values that the variable cannot take. Elsa sets such a variable to the default of its type and goes on.</summary>
    private static IEnumerable<DefinitionProblem> UnfitValues(ActivityNode node)
    {
        if (node is { Activity: SetVariable, Plan: string id }
            && node.Inputs.GetValueOrDefault(SetVariable.Value)?.FixedValue is { } value
            && VariableById(node, id) is { } variable
            && !ValueConversion.TryConvert(value, variable.TypeName, variable.IsArray, out _))
        {
            yield return new DefinitionProblem(
                node.ValuePathOf(SetVariable.Value),
                "assigned-value-unreadable",
                $"'{ValueConversion.ToText(value)}' cannot be read as {(variable.IsArray ? "a list, each item " : "")}{ValueConversion.InWords(variable.TypeName)}, which '{variable.Name}' holds: the activity will fault.",
                node.Label);
        }
    }

    private static IEnumerable<DefinitionProblem> UnknownOutputs(WorkflowDefinition definition, ActivityNode node) =>
        from name in node.Activity is SetOutput ? FixedTexts(node, SetOutput.OutputName) : []
        where definition.Outputs.All(output => output.Name != name.Text)
        select new DefinitionProblem(
            name.Path, "output-undeclared", $"The workflow declares no output '{name.Text}': the instance shows it, but who uses the workflow as an activity never gets it.", node.Label);

    private static IEnumerable<DefinitionProblem> UndeclaredOutcomes(WorkflowDefinition definition, ActivityNode node) =>
        from outcome in node.Activity is Complete && (definition.Options.IsUsableAsActivity || !definition.Outcomes.IsEmpty) ? FixedOutcomes(node) : []
        where outcome is not Outcome.Done && !definition.Outcomes.Contains(outcome, StringComparer.Ordinal)
        select new DefinitionProblem(
            node.ValuePathOf(Complete.Outcomes),
            "outcome-undeclared",
            $"The workflow declares no outcome '{outcome}': used as an activity it has no such port, and nothing follows.",
            node.Label);

    private static IEnumerable<DefinitionProblem> UnknownBindings(WorkflowDefinition definition, ActivityNode node) =>
        from output in node.Activity.Descriptor.Outputs
        let target = node.OutputBindings.GetValueOrDefault(output.Name)
        where target is not null && VariableById(node, target) is null && definition.Outputs.All(each => each.Name != target)
        select new DefinitionProblem(
            $"{node.PathOf(output.Name)}.memoryReference.id",
            "binding-unknown",
            $"The output {output.Name} goes to '{target}', which is neither a variable here nor an output that the workflow declares.",
            node.Label);

    private static IEnumerable<(string Text, string Path)> FixedTexts(ActivityNode node, string input) =>
        node.Inputs.ContainsKey(input) ? FixedInputs.TextsOf(node, node.Activity.Descriptor.Input(input)) : [];

    /// <summary>Outcomes as the author wrote them: one text, or a list, also one in JSON.</summary>
    private static ImmutableArray<string> FixedOutcomes(ActivityNode node) =>
        node.Inputs.GetValueOrDefault(Complete.Outcomes)?.FixedValue is { } written && ValueConversion.TryConvert(written, "List<String>", isArray: false, out var outcomes)
            ? ValueConversion.TextsOf(outcomes)
            : [];

    private static VariableDefinition? VariableById(ActivityNode node, string id) =>
        Around(node).SelectMany(static at => at.Variables).FirstOrDefault(variable => variable.Id == id);

    /// <summary>Whether a run finds the variable: by id, else by name, and then also among what only some runs see.</summary>
    private static bool IsKnown(ActivityNode node, VariableExpression expression) =>
        node.Activity is BulkDispatchWorkflows // Its expressions see the inputs of each child, under names that the author chooses.
        || Around(node).Any(at => at.Variables.Any(variable => variable.Id == expression.Id || variable.Name == expression.Name) || LocalsOf(at).Contains(expression.Name, StringComparer.Ordinal));

    /// <summary>Names of the values that an activity is handed by the one around it.</summary>
    private static IEnumerable<string?> LocalsOf(ActivityNode node) => node.Parent switch
    {
        { Activity: UsedWorkflow { Descriptor: var used } } => used.Inputs.Select(input => input.Name).Concat(used.Outputs.Select(output => output.Name)),
        { Activity: BulkDispatchWorkflows } => BulkDispatchWorkflows.HandlerValues,
        { } around when around.Ports.ContainsKey("Body") => LoopNames,
        _ => [],
    };

    /// <summary>Whether a port of a bulk dispatch around the activity, at any height, is told the value as an input.</summary>
    private static bool IsToldOfChild(ActivityNode node, string name) =>
        BulkDispatchWorkflows.HandlerValues.Contains(name, StringComparer.Ordinal) && Around(node).Any(at => at.Parent?.Activity is BulkDispatchWorkflows);

    private static IEnumerable<ActivityNode> Around(ActivityNode node)
    {
        for (var at = node; at is not null; at = at.Parent)
        {
            yield return at;
        }
    }
}
