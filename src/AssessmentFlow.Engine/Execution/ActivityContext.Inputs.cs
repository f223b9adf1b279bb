using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Execution;

// Inputs: evaluated when first asked for, converted, bounded, and shown in the journal as their author allows.
public sealed partial class ActivityContext
{
    private readonly OrderedDictionary<string, JsonElement> _inputs = new(StringComparer.Ordinal);

    /// <summary>The input that was asked for last, whether or not it could be read; null when none was.</summary>
    internal string? LastInput { get; private set; }

    /// <summary>The value of an input, converted to its type; the descriptor's default when the author left it empty.</summary>
    /// <exception cref="ActivityFaultException">The expression fails or gives something of another type.</exception>
    public JsonElement Input(string name)
    {
        LastInput = name;
        if (!_inputs.TryGetValue(name, out var value))
        {
            _inputs[name] = value = Evaluate(name, _scope);
        }

        return value;
    }

    /// <summary>The text of an input; null when it is empty.</summary>
    public string? Text(string name) => ValueConversion.ToText(Input(name)) is { Length: > 0 } text ? text : null;

    /// <summary>The text of an input by which something is found from outside; null when it is empty.</summary>
    /// <exception cref="ActivityFaultException">The text is too long or holds characters that cannot be printed.</exception>
    public string? Key(string name) => CheckKey(name, Text(name));

    /// <summary>The text of an input that must not be empty, by which something is found from outside.</summary>
    /// <exception cref="ActivityFaultException">The text is empty, too long or holds characters that cannot be printed.</exception>
    public string RequiredKey(string name) => CheckKey(name, RequiredText(name))!;

    /// <summary>The text of an input that must not be empty.</summary>
    /// <exception cref="ActivityFaultException">The input is empty.</exception>
    public string RequiredText(string name) =>
        Text(name) ?? throw new ActivityFaultException("input-empty", $"The input {name} of '{Node.Label}' is empty.");

    /// <summary>The truth value of an input; false when it is empty.</summary>
    public bool Flag(string name) => ValueConversion.TryGetBoolean(Input(name), out var flag) && flag;

    /// <summary>The texts of a list input, without empty ones.</summary>
    public ImmutableArray<string> Texts(string name) => ValueConversion.TextsOf(Input(name));

    /// <summary>The instant of an input; null when it is empty.</summary>
    /// <exception cref="ActivityFaultException">The input is not an instant.</exception>
    public DateTimeOffset? Instant(string name) => Input(name) switch
    {
        var value when value.IsNull() || value.AsText() is "" => null,
        var value when ValueConversion.TryGetInstant(value, out var instant) => instant,
        var value => throw Unreadable(name, value, "an instant in ISO 8601"),
    };

    /// <summary>The span of time of an input; null when it is empty.</summary>
    /// <exception cref="ActivityFaultException">The input is not a span.</exception>
    public TimeSpan? Span(string name) => Input(name) switch
    {
        var value when value.IsNull() || value.AsText() is "" => null,
        var value when ValueConversion.TryGetSpan(value, out var span) => span,
        var value => throw Unreadable(name, value, "a span of time such as 1.12:00:00"),
    };

    /// <summary>
    /// The value of an input as it was when first asked for: the run keeps it, so that later callbacks do not
    /// evaluate the expression again and what happens meanwhile does not change it.
    /// </summary>
    internal JsonElement Keep(string name)
    {
        var kept = $"({name})";
        if (_turn.State.Executions[ExecutionId].Locals is { } locals && locals.TryGetValue(kept, out var value))
        {
            return value;
        }

        value = TurnInterpreter.Bounded(name, Input(name));
        _turn.Record(new InstanceFact.VariableSet(ExecutionId, kept, value, IsLocal: true));
        return value;
    }

    /// <summary>The value of an input whose expression also sees the given values, by name.</summary>
    internal JsonElement InputWith(string name, OrderedDictionary<string, JsonElement> arguments) =>
        Evaluate(name, new ExpressionScope(_turn, _execution) { Arguments = arguments });

    /// <summary>Locals without the inputs that a run keeps: a new run evaluates them anew.</summary>
    internal static OrderedDictionary<string, JsonElement>? WithoutKept(OrderedDictionary<string, JsonElement>? locals)
    {
        var others = locals?.Where(local => !local.Key.StartsWith('(')).ToArray();
        return others is { Length: > 0 } ? new(others, StringComparer.Ordinal) : null;
    }

    /// <summary>The inputs evaluated so far that the journal shows; null when there are none.</summary>
    internal OrderedDictionary<string, JsonElement>? ShownInputs()
    {
        if (_inputs.Count is 0 || (Node.Log is null && !Node.Activity.Descriptor.HasSensitiveInputs))
        {
            return _inputs.Count is 0 ? null : _inputs;
        }

        var shown = _inputs
            .Where(input => !Node.Activity.Descriptor.Input(input.Key).IsSensitive && Node.Log?.ShowsInput(input.Key, _scope) is not false)
            .ToArray();
        return shown.Length > 0 ? new(shown, StringComparer.Ordinal) : null;
    }

    /// <summary>The inputs evaluated so far for an incident, which stays in the state: long ones are told by their size.</summary>
    internal OrderedDictionary<string, JsonElement>? BriefInputs()
    {
        if (ShownInputs() is not { } shown)
        {
            return null;
        }

        var brief = new OrderedDictionary<string, JsonElement>(shown.Count, StringComparer.Ordinal);
        foreach (var (name, value) in shown)
        {
            var size = JsonMarshal.GetRawUtf8Value(value).Length;
            brief[name] = size <= EngineLimits.IncidentInputSizeMaxBytes ? value : JsonValues.Of($"({size} bytes)");
        }

        return brief;
    }

    internal void EvaluateInputs()
    {
        foreach (var input in Node.Activity.Descriptor.Inputs)
        {
            if (input.IsWrapped && input.IsEvaluatedAtStart && Node.Inputs.ContainsKey(input.Name))
            {
                Input(input.Name);
            }
        }
    }

    internal string? CheckKey(string name, string? text) => text is null || EngineLimits.IsKey(text)
        ? text
        : throw new ActivityFaultException(
            "key-malformed", $"The input {name} of '{Node.Label}' is found by from outside: it may have {EngineLimits.KeyLengthMax} printable characters.");

    internal void Forget(string input) => _inputs.Remove(input);

    private JsonElement Evaluate(string name, ExpressionScope scope)
    {
        var descriptor = Node.Activity.Descriptor.Input(name);
        if (!Node.Inputs.TryGetValue(name, out var expression))
        {
            return descriptor.Default;
        }

        var value = expression.Evaluate(scope);
        if (value.AsText() is "" && descriptor.TypeName is not ("String" or "Object"))
        {
            return descriptor.Default; // Studio leaves an emptied field behind as empty text.
        }

        return ValueConversion.TryConvert(value, descriptor.TypeName, isArray: false, out var converted)
            ? TurnInterpreter.Shallow(name, converted)
            : throw Unreadable(name, value, ValueConversion.InWords(descriptor.TypeName));
    }

    private ActivityFaultException Unreadable(string name, JsonElement value, string expected) => new(
        "value-unreadable",
        $"The input {name} of '{Node.Label}' is '{ValueConversion.ToText(value)}', which cannot be read as {expected}.");
}
