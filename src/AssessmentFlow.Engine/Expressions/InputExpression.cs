using System.Text.Json;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>
/// An expression of a definition, parsed when the definition was read. Evaluating it is deterministic:
/// time, ids and variables all come from the scope.
/// </summary>
internal abstract class InputExpression
{
    /// <summary>Whether the author wrote nothing: it can only ever be empty.</summary>
    public virtual bool IsBlank => false;

    /// <summary>The raw value that the author fixed; null when it is not known before the run.</summary>
    public virtual JsonElement? FixedValue => null;

    /// <summary>Whether it may ask for what activities have put out.</summary>
    public virtual bool MayReadOutputs => false;

    /// <summary>The expression and those that it is made of.</summary>
    public virtual IEnumerable<InputExpression> WithParts() => [this];

    /// <summary>The raw value; the caller converts it to the type of the input.</summary>
    /// <exception cref="ActivityFaultException">The expression cannot be evaluated.</exception>
    public abstract JsonElement Evaluate(ExpressionScope scope);
}

/// <summary>A fixed value, usually text that the input's type turns into a number, a truth value or a list.</summary>
internal sealed class LiteralExpression(JsonElement value) : InputExpression
{
    public JsonElement Value => value;

    public override JsonElement? FixedValue => value;

    public override bool IsBlank => string.IsNullOrWhiteSpace(ValueConversion.ToText(value));

    public override JsonElement Evaluate(ExpressionScope scope) => value;
}

/// <summary>
/// JSON written as text. It stays text for an input of type Object, as in Elsa; other types parse it.
/// In a dictionary each value may itself be an expression <c>{"type","value"}</c>.
/// </summary>
internal sealed class ObjectExpression(JsonElement text, IReadOnlyList<(string Name, InputExpression Value)>? members) : InputExpression
{
    public override bool IsBlank => string.IsNullOrWhiteSpace(ValueConversion.ToText(text));

    public override JsonElement? FixedValue => members is null ? text : null;

    public override IEnumerable<InputExpression> WithParts() => (members ?? []).SelectMany(static member => member.Value.WithParts()).Prepend(this);

    public override JsonElement Evaluate(ExpressionScope scope)
    {
        if (members is null)
        {
            return text;
        }

        var values = new (string, JsonElement)[members.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (members[i].Name, members[i].Value.Evaluate(scope));
        }

        return JsonValues.Object(values);
    }
}

/// <summary>An expression that must not be published any more. What was published with it goes on as it did.</summary>
/// <param name="expression">The expression.</param>
/// <param name="path">JSON path of its text.</param>
/// <param name="flaw">What is wrong with it.</param>
/// <param name="code">Code of what is wrong.</param>
internal sealed class FlawedExpression(InputExpression expression, string path, string flaw, string code = "script-unreadable") : InputExpression
{
    public string Code => code;

    public string Path => path;

    public string Flaw => flaw;

    public override bool IsBlank => expression.IsBlank;

    public override bool MayReadOutputs => expression.MayReadOutputs;

    public override JsonElement Evaluate(ExpressionScope scope) => expression.Evaluate(scope);
}

/// <summary>The current value of a variable, found by id in the nearest scope, else by name.</summary>
internal sealed class VariableExpression(string? id, string? name, string path) : InputExpression
{
    public string? Id => id;

    public string? Name => name;

    /// <summary>JSON path of the reference.</summary>
    public string Path => path;

    public override JsonElement Evaluate(ExpressionScope scope) =>
        (id is not null && scope.TryGetVariableById(id, out var value)) || (name is not null && scope.TryGetVariable(name, out value))
            ? value
            : throw new ActivityFaultException("variable-unknown", $"There is no variable '{name ?? id}' here.");
}

/// <summary>The value of a workflow input; null when the caller gave none.</summary>
internal sealed class WorkflowInputExpression(string name, string path) : InputExpression
{
    public string Name => name;

    /// <summary>JSON path of the reference.</summary>
    public string Path => path;

    public override JsonElement Evaluate(ExpressionScope scope) => scope.GetInput(name);
}
