using System.Text;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>Turns <c>{"type","value"}</c> of a definition into an expression, or says what is wrong with it.</summary>
internal static class ExpressionReader
{
    private const string KnownTypes = "Literal, Object, Variable, Input, JavaScript, Liquid";

    public static InputExpression? Read(JsonElement expression, string typeName, string path, Action<string, string, string> report)
    {
        if (expression.ValueKind is not JsonValueKind.Object)
        {
            report(path, "expression-malformed", "An expression is an object with the members \"type\" and \"value\".");
            return null;
        }

        var type = expression.Member("type").AsText();
        var value = expression.Member("value");
        var valuePath = path + ".value";
        switch (type)
        {
            case "Literal":
                return ReadLiteral(value, typeName, valuePath, report);
            case "Object" or "Json":
                return ReadObject(value, typeName, valuePath, report);
            case "Variable":
                return ReadVariable(value, valuePath, report);
            case "Input":
                return ReadInput(value, valuePath, report);
            case "JavaScript":
                return ReadScript(value, valuePath, report, JavaScriptExpression.TryParse);
            case "Liquid":
                return ReadScript(value, valuePath, report, LiquidExpression.TryParse);
            default:
                report(path + ".type", "expression-type-unknown", RefusedTypes.WhyUnknownExpression(type, KnownTypes));
                return null;
        }
    }

    private static LiteralExpression? ReadLiteral(JsonElement value, string typeName, string path, Action<string, string, string> report)
    {
        // Scripts are not converted; everything else must already be readable as the type of the input,
        // so that a typing error shows at import and not in the third year of a case.
        var isArray = false;
        if (!IsEmpty(value) && !ValueConversion.TryConvert(value, typeName, isArray, out _))
        {
            report(path, "literal-unreadable", $"'{ValueConversion.ToText(value)}' cannot be read as {ValueConversion.InWords(typeName)}.");
            return null;
        }

        return new LiteralExpression(value);
    }

    private static ObjectExpression? ReadObject(JsonElement value, string typeName, string path, Action<string, string, string> report)
    {
        var parsed = value;
        if (value.AsText() is { Length: > 0 } text)
        {
            try
            {
                parsed = JsonElement.Parse(text);
            }
            catch (JsonException)
            {
                report(path, "json-unreadable", JsonFaults.Find(Encoding.UTF8.GetBytes(text), type: null)[0].Message);
                return null;
            }
        }

        if (typeName is not "ObjectDictionary" || parsed.ValueKind is not JsonValueKind.Object)
        {
            return new ObjectExpression(value, members: null);
        }

        var members = new List<(string, InputExpression)>();
        foreach (var member in parsed.EnumerateObject())
        {
            var memberPath = $"{path}.{member.Name}";
            var expression = IsExpression(member.Value)
                ? Read(member.Value, "Object", memberPath, report)
                : new LiteralExpression(member.Value);
            if (expression is null)
            {
                return null;
            }

            members.Add((member.Name, expression));
        }

        return new ObjectExpression(value, members);
    }

    private static VariableExpression? ReadVariable(JsonElement value, string path, Action<string, string, string> report)
    {
        var variable = ParseIfText(value);
        var id = variable.Member("id").AsText();
        var name = variable.ValueKind is JsonValueKind.String ? variable.GetString() : variable.Member("name").AsText();
        if (id is null && name is null)
        {
            report(path, "variable-reference-malformed", "A Variable expression holds the variable as JSON with its \"id\" and \"name\".");
            return null;
        }

        return new VariableExpression(id, name, path);
    }

    private static WorkflowInputExpression? ReadInput(JsonElement value, string path, Action<string, string, string> report)
    {
        var input = ParseIfText(value);
        var name = input.ValueKind is JsonValueKind.String ? input.GetString() : input.Member("name").AsText();
        if (string.IsNullOrEmpty(name))
        {
            report(path, "input-reference-malformed", "An Input expression holds the workflow input as JSON with its \"name\".");
            return null;
        }

        return new WorkflowInputExpression(name, path);
    }

    private delegate bool ScriptParser(string text, out InputExpression? expression, out string? error);

    private static InputExpression? ReadScript(JsonElement value, string path, Action<string, string, string> report, ScriptParser parser)
    {
        var text = ValueConversion.ToText(value) ?? "";
        if (text.Length > DefinitionLimits.ScriptLengthMax)
        {
            report(path, "script-too-long", $"A script may have {DefinitionLimits.ScriptLengthMax} characters; this one has {text.Length}.");
            return null;
        }

        if (!parser(text, out var expression, out var error))
        {
            report(path, "script-unreadable", error!);
        }

        return expression is not null && error is not null ? new FlawedExpression(expression, path, error) : expression;
    }

    /// <summary>Studio writes references as JSON text; other tools write the object itself.</summary>
    private static JsonElement ParseIfText(JsonElement value)
    {
        if (value.AsText() is { } text && text.StartsWith('{'))
        {
            try
            {
                return JsonElement.Parse(text);
            }
            catch (JsonException)
            {
                return JsonValues.Null;
            }
        }

        return value;
    }

    private static bool IsExpression(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object
        && value.TryGetProperty("type", out var type)
        && value.TryGetProperty("value", out _)
        && type.AsText() is "Literal" or "Object" or "Json" or "Variable" or "Input" or "JavaScript" or "Liquid" or "CSharp" or "Python";

    private static bool IsEmpty(JsonElement value) => value.IsNull() || value.AsText() is "";
}
