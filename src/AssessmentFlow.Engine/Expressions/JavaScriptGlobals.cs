using System.Text;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using Jint;
using Jint.Native;
using Jint.Runtime.Interop;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>
/// The functions that Elsa gives to scripts. Only those that a script mentions are installed,
/// because most scripts mention one or two.
/// </summary>
internal sealed class JavaScriptGlobals(Jint.Engine engine, ExpressionScope scope, HashSet<string> mentioned)
{
    private readonly Dictionary<string, JsonElement> _shown = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ofVariables = new(StringComparer.Ordinal);
    private JsObject? _variables;

    public void Install()
    {
        InstallArguments();
        InstallVariables();
        InstallInputs();
        InstallOutputs();
        InstallInstance();
        InstallTools();
    }

    /// <summary>What only this evaluation sees, once more in one object, under names that begin with a small letter.</summary>
    private void InstallArguments()
    {
        if (!mentioned.Contains("args"))
        {
            return;
        }

        var args = new JsObject(engine);
        foreach (var (name, value) in scope.Arguments ?? [])
        {
            args.Set(Names.Camel(name), FromJson(value));
        }

        engine.SetValue("args", (JsValue)args);
    }

    private void InstallVariables()
    {
        Define("getVariable", args => Read(Text(args, 0)));
        Define("setVariable", args => Write(Text(args, 0), Arg(args, 1)));
        foreach (var name in scope.VariableNames())
        {
            var pascal = Names.Pascal(name);
            _ofVariables.Add("get" + pascal);
            Define("get" + pascal, _ => Read(name));
            Define("set" + pascal, args => Write(name, Arg(args, 0)));
        }

        if (mentioned.Contains("variables"))
        {
            _variables = new JsObject(engine);
            foreach (var name in scope.VariableNames())
            {
                Show(name, Read(name));
            }

            engine.SetValue("variables", (JsValue)_variables);
        }
    }

    /// <summary>Stores what the script changed in <c>variables</c>, as Elsa does when it has ended.</summary>
    public void TakeVariables()
    {
        if (_variables is null)
        {
            return;
        }

        foreach (var (key, _) in _variables.GetOwnProperties().ToArray())
        {
            var name = key.ToString();
            var value = _variables.Get(key);
            if (key is JsString && !(_shown.TryGetValue(name, out var shown) && JsonElement.DeepEquals(shown, JavaScriptValues.ToJson(value))))
            {
                scope.SetVariable(name, JavaScriptValues.ToJson(value));
            }
        }
    }

    private void InstallInputs()
    {
        Define("getInput", args => FromJson(scope.GetInput(Text(args, 0))));
        foreach (var name in scope.InputNames())
        {
            // Elsa writes the accessor of an input with the name as it stands, and after those of the variables: it wins.
            foreach (var accessor in (string[])["get" + Names.Pascal(name), "get" + name])
            {
                if (!_ofVariables.Contains(accessor) || (accessor[3..] == name && scope.IsInputFirst(name)))
                {
                    Define(accessor, _ => FromJson(scope.GetInput(name)));
                }
            }
        }
    }

    private void InstallOutputs()
    {
        Define("getOutputFrom", args => FromJson(scope.GetOutput(Text(args, 0), args.Length > 1 ? Text(args, 1) : "Result")));
        Define("getLastResult", _ => FromJson(scope.LastResult));
        foreach (var name in mentioned)
        {
            if (NamedOutput(name) is var (output, activity) && scope.HasOutput(activity, output))
            {
                Define(name, _ => FromJson(scope.GetOutputByAccessor(activity, output)));
            }
        }
    }

    /// <summary>Whether a function of this name tells what activities have put out.</summary>
    public static bool IsOutputAccessor(string name) => name is "getOutputFrom" or "getLastResult" || NamedOutput(name) is not null;

    /// <summary>Reads <c>get&lt;Output&gt;From&lt;Activity&gt;</c>, as Studio's editor completes it.</summary>
    private static (string Output, string Activity)? NamedOutput(string name)
    {
        var from = name.StartsWith("get", StringComparison.Ordinal) ? name.IndexOf("From", 3, StringComparison.Ordinal) : -1;
        return from > 3 && from + 4 < name.Length ? (name[3..from], name[(from + 4)..]) : null;
    }

    private void InstallInstance()
    {
        Define("getCorrelationId", _ => FromText(scope.CorrelationId));
        Define("setCorrelationId", args => Do(() => scope.CorrelationId = TextOrNull(args, 0)));
        Define("getWorkflowInstanceId", _ => FromText(scope.InstanceId));
        Define("getWorkflowInstanceName", _ => FromText(scope.InstanceName));
        Define("setWorkflowInstanceName", args => Do(() => scope.InstanceName = TextOrNull(args, 0)));
        Define("getWorkflowDefinitionId", _ => FromText(scope.DefinitionId));
        Define("getWorkflowDefinitionVersionId", _ => FromText(scope.DefinitionVersionId));
        Define("getWorkflowDefinitionVersion", _ => new JsNumber(scope.DefinitionVersion));
        if (scope.Outcomes is not null)
        {
            Define("setOutcome", args => Do(() => scope.Outcomes = [Text(args, 0)]));
            Define("setOutcomes", args => Do(() => scope.Outcomes = Texts(Arg(args, 0))));
        }
    }

    private void InstallTools()
    {
        Define("isNullOrEmpty", args => FromFlag(string.IsNullOrEmpty(TextOrNull(args, 0))));
        Define("isNullOrWhiteSpace", args => FromFlag(string.IsNullOrWhiteSpace(TextOrNull(args, 0))));
        Define("toJson", args => FromText(JavaScriptValues.ToJson(Arg(args, 0)).GetRawText()));
        Define("parseGuid", args => FromText(ParseGuid(Text(args, 0))));
        foreach (var name in (string[])["newGuid", "newGuidString", "getGuid", "getGuidString"])
        {
            Define(name, _ => FromText(scope.NextGuid().ToString()));
        }

        Define("newShortGuid", _ => FromText(ShortGuid()));
        Define("getShortGuid", _ => FromText(ShortGuid()));
        Define("stringToBase64", args => FromText(Convert.ToBase64String(Encoding.UTF8.GetBytes(Text(args, 0)))));
        Define("stringFromBase64", args => FromText(JavaScriptBytes.ToText(JavaScriptBytes.FromBase64(Text(args, 0), "stringFromBase64"))));
        Define("bytesFromString", args => JavaScriptBytes.ToScript(engine, Encoding.UTF8.GetBytes(Text(args, 0))));
        Define("bytesFromBase64", args => JavaScriptBytes.ToScript(engine, JavaScriptBytes.FromBase64(Text(args, 0), "bytesFromBase64")));
        Define("bytesToString", args => FromText(JavaScriptBytes.ToText(JavaScriptBytes.Read(Arg(args, 0), "bytesToString"))));
        Define("bytesToBase64", args => FromText(Convert.ToBase64String(JavaScriptBytes.Read(Arg(args, 0), "bytesToBase64"))));

        // Chance is part of the input as time is: the same turn decided twice decides the same.
        if (mentioned.Contains("Math"))
        {
            var math = engine.GetValue("Math").AsObject();
            math.Set("random", Function("random", _ => new JsNumber(scope.NextRandom())));
        }
    }

    private void Define(string name, Func<JsValue[], JsValue> body)
    {
        if (mentioned.Contains(name))
        {
            engine.SetValue(name, (JsValue)Function(name, body));
        }
    }

    private ClrFunction Function(string name, Func<JsValue[], JsValue> body) =>
        new(engine, name, (_, args) => body(args));

    private JsValue Read(string name) =>
        scope.TryGetVariable(name, out var value, out var typeName)
            ? JavaScriptValues.FromJson(engine, value, typeName)
            : JsValue.Null;

    private JsValue Write(string name, JsValue value)
    {
        scope.SetVariable(name, JavaScriptValues.ToJson(value));
        if (_variables is not null)
        {
            Show(name, value); // Both ways of naming a variable tell the same.
        }

        return JsValue.Undefined;
    }

    private void Show(string name, JsValue value)
    {
        _variables!.Set(name, value);
        _shown[name] = JavaScriptValues.ToJson(value);
    }

    private static string ParseGuid(string text) => Guid.TryParse(text, out var guid)
        ? guid.ToString()
        : throw new ActivityFaultException("guid-unreadable", "parseGuid was given text that is not an identifier.");

    /// <summary>Letters and digits only, as in Elsa: fit for names and addresses.</summary>
    private string ShortGuid() => string.Concat(Convert.ToBase64String(scope.NextGuid().ToByteArray()).Where(char.IsAsciiLetterOrDigit));

    private JsValue FromJson(JsonElement value) => JavaScriptValues.FromJson(engine, value);

    private static JsValue FromText(string? value) => value is null ? JsValue.Null : new JsString(value);

    private static JsBoolean FromFlag(bool value) => value ? JsBoolean.True : JsBoolean.False;

    private static JsValue Do(Action action)
    {
        action();
        return JsValue.Undefined;
    }

    private static JsValue Arg(JsValue[] args, int index) => index < args.Length ? args[index] : JsValue.Undefined;

    private static string Text(JsValue[] args, int index) => TextOrNull(args, index) ?? "";

    private static string? TextOrNull(JsValue[] args, int index) =>
        Arg(args, index) is var arg && (arg.IsNull() || arg.IsUndefined()) ? null : arg.ToString();

    private static string[] Texts(JsValue value) =>
        value is JsArray array ? [.. array.Select(item => item.ToString())] : [value.ToString()];
}
