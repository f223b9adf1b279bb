using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Definitions;

/// <content>Inputs, outputs, variables and arguments.</content>
public sealed partial class DefinitionReader
{
    private void ReadInputs(ActivityNode node, JsonElement json)
    {
        var inputs = ImmutableDictionary.CreateBuilder<string, InputExpression>(StringComparer.Ordinal);
        var raw = ImmutableDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var descriptor in node.Activity.Descriptor.Inputs)
        {
            var name = Camel(descriptor.Name);
            var path = $"{node.Path}.{name}";
            var value = json.Member(name);
            if (value.IsNull() || (descriptor.IsWrapped && value.Member("expression").IsNull()))
            {
                if (descriptor.IsRequired)
                {
                    Report(path, "input-missing", $"The input {descriptor.Name} is required.", node.Label);
                }

                continue;
            }

            if (!descriptor.IsWrapped)
            {
                raw[descriptor.Name] = value;
            }
            else if (ReadInput(node, descriptor, value.Member("expression"), $"{path}.expression") is { } expression)
            {
                CheckOption(node, descriptor, expression, $"{path}.expression.value");
                inputs[descriptor.Name] = expression;
            }
        }

        node.Inputs = inputs.ToImmutable();
        node.RawInputs = raw.ToImmutable();
    }

    private InputExpression? ReadInput(ActivityNode node, InputDescriptor descriptor, JsonElement json, string path)
    {
        FlawedExpression? flawed = null;
        var expression = ExpressionReader.Read(json, descriptor.TypeName, path, (at, code, message) =>
        {
            if (descriptor.IsJudgedAtPublication)
            {
                flawed ??= new FlawedExpression(new LiteralExpression(JsonValues.Null), at, message, code);
            }
            else
            {
                Report(at, code, message, node.Label);
            }
        });
        return expression ?? flawed;
    }

    private void CheckOption(ActivityNode node, InputDescriptor descriptor, InputExpression expression, string path)
    {
        if (!descriptor.Options.IsEmpty
            && !descriptor.AllowsOtherValues
            && expression is LiteralExpression { Value: var value }
            && ValueConversion.ToText(value) is { Length: > 0 } text
            && !descriptor.Options.Contains(text, StringComparer.Ordinal))
        {
            Report(path, "option-unknown", $"The input {descriptor.Name} is one of {string.Join(", ", descriptor.Options)}, not '{text}'.", node.Label);
        }
    }

    private static void ReadOutputs(ActivityNode node, JsonElement json)
    {
        var bindings = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var output in node.Activity.Descriptor.Outputs)
        {
            if (json.Member(Camel(output.Name)).Member("memoryReference").Member("id").AsText() is { Length: > 0 } target)
            {
                bindings[output.Name] = target;
            }
        }

        node.OutputBindings = bindings.ToImmutable();
    }

    private LogPersistence? ReadLog(JsonElement json, ActivityNode node, LogPersistence? around) => LogPersistence.Read(
        json.Member("customProperties"), around, $"{node.Path}.customProperties", (path, code, message) => Report(path, code, message, node.Label));

    private ImmutableArray<VariableDefinition> ReadVariables(JsonElement json, string path, string label)
    {
        var variables = ImmutableArray.CreateBuilder<VariableDefinition>();
        var position = 0;
        foreach (var item in Items(json.Member("variables")))
        {
            var at = $"{path}.variables[{position++}]";
            var name = item.Member("name").AsText();
            var id = item.Member("id").AsText() ?? name;
            if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(name))
            {
                Report(at, "variable-malformed", "A variable needs an \"id\" and a \"name\".", label);
                continue;
            }

            var typeName = TypeAlias(item.Member("typeName").AsText());
            var isArray = item.Member("isArray").ValueKind is JsonValueKind.True;
            var value = item.Member("value");
            if (value.AsText() is "" && typeName is not "String")
            {
                value = JsonValues.Null;
            }

            if (!ValueConversion.TryConvert(value, typeName, isArray, out var initial))
            {
                Report($"{at}.value", "variable-value-unreadable", $"'{ValueConversion.ToText(value)}' cannot be read as {(isArray ? "a list, each item " : "")}{ValueConversion.InWords(typeName)}.", label);
            }

            variables.Add(new VariableDefinition(id, name, typeName, isArray, initial));
        }

        return variables.ToImmutable();
    }

    private static ImmutableArray<ArgumentDefinition> ReadArguments(JsonElement json, string member) =>
    [
        .. Items(json.Member(member))
            .Where(item => item.Member("name").AsText() is { Length: > 0 })
            .Select(item => new ArgumentDefinition(
                item.Member("name").AsText()!,
                TypeAlias(item.Member("type").AsText()),
                item.Member("isArray").ValueKind is JsonValueKind.True)),
    ];

    private static JsonElement.ArrayEnumerator Items(JsonElement json) =>
        json.ValueKind is JsonValueKind.Array ? json.EnumerateArray() : default;

    private static string TypeAlias(string? typeName) => string.IsNullOrEmpty(typeName) ? "Object" : typeName;

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
