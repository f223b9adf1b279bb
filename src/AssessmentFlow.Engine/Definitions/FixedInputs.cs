using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>What authors fixed in inputs that declare a kind: it can be checked before anything runs.</summary>
internal static class FixedInputs
{
    /// <summary>What is wrong with the fixed inputs of an activity. What only a run can tell is left to it.</summary>
    public static IEnumerable<DefinitionProblem> FlawsOf(ActivityNode node, string definitionId, Surroundings? surroundings) =>
        from input in node.Activity.Descriptor.Inputs
        let kind = input.Kind
        where kind is not null && node.Inputs.ContainsKey(input.Name)
        from text in TextsOf(node, input)
        let flaw = kind.Check(text.Text, new InputPlace(definitionId, node, surroundings))
        where flaw is not null
        select new DefinitionProblem(text.Path, flaw.Code, flaw.Message, node.Label);

    /// <summary>The texts that a run would see, each with its JSON path: its own where the author wrote a list, else that of the whole.</summary>
    public static IEnumerable<(string Text, string Path)> TextsOf(ActivityNode node, InputDescriptor input)
    {
        var expression = node.Inputs[input.Name];
        if (expression.IsBlank || expression.FixedValue is not { } written || !ValueConversion.TryConvert(written, input.TypeName, isArray: false, out var value))
        {
            yield break;
        }

        var path = node.PathOf(input.Name) + ".expression.value";
        if (value.ValueKind is not JsonValueKind.Array)
        {
            yield return (ValueConversion.ToText(value)!, path);
            yield break;
        }

        for (var i = 0; i < value.GetArrayLength(); i++)
        {
            if (ValueConversion.ToText(value[i]) is { Length: > 0 } text)
            {
                yield return (text, written.ValueKind is JsonValueKind.Array ? $"{path}[{i}]" : path);
            }
        }
    }
}
