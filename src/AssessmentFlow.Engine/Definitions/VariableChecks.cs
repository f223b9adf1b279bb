using AssessmentFlow.Engine.Activities;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>Variables that one scope declares twice.</summary>
internal static class VariableChecks
{
    /// <summary>Variables with the id of another one: they would share their value.</summary>
    public static IEnumerable<DefinitionProblem> RepeatedIds(ActivityNode scope) => Repeated(
        scope,
        static variable => variable.Id,
        "variable-id-repeated",
        static (variable, first) => $"The variables '{first.Name}' and '{variable.Name}' have the same id '{variable.Id}': which of them is meant, nobody could say.");

    /// <summary>Variables with the name of another one: what looks for the name finds the first.</summary>
    public static IEnumerable<DefinitionProblem> RepeatedNames(ActivityNode scope) => Repeated(
        scope,
        static variable => variable.Name,
        "variable-name-repeated",
        static (variable, _) => $"There is another variable '{variable.Name}' before this one: scripts and templates see only that.");

    private static IEnumerable<DefinitionProblem> Repeated(
        ActivityNode scope, Func<VariableDefinition, string> keyOf, string code, Func<VariableDefinition, VariableDefinition, string> message)
    {
        var first = new Dictionary<string, VariableDefinition>(StringComparer.Ordinal);
        for (var i = 0; i < scope.Variables.Length; i++)
        {
            var variable = scope.Variables[i];
            if (!first.TryAdd(keyOf(variable), variable))
            {
                var owner = scope.Activity is Workflow ? scope.Parent : scope;
                yield return new DefinitionProblem($"{scope.Path}.variables[{i}]", code, message(variable, first[keyOf(variable)]), owner?.Label);
            }
        }
    }
}
