using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>
/// Which inputs and outputs of an activity the journal shows: what is said of the one value, else of the activity,
/// else of the workflow around it; without a word all of them. Only what is shown is concerned: variables and what
/// an activity needs in order to go on are kept in any case.
/// </summary>
internal sealed class LogPersistence
{
    private readonly LogMode _default;
    private readonly ImmutableDictionary<string, LogMode> _inputs;
    private readonly ImmutableDictionary<string, LogMode> _outputs;

    private LogPersistence(LogMode mode, ImmutableDictionary<string, LogMode> inputs, ImmutableDictionary<string, LogMode> outputs)
    {
        _default = mode;
        _inputs = inputs;
        _outputs = outputs;
    }

    /// <summary>Reads what custom properties say.</summary>
    /// <param name="properties">Custom properties of an activity or a workflow.</param>
    /// <param name="around">What the workflow around says; null when nothing.</param>
    /// <param name="path">JSON path of the properties.</param>
    /// <param name="report">Takes what is wrong: path, code and message.</param>
    /// <returns>Null when everything is shown.</returns>
    public static LogPersistence? Read(JsonElement properties, LogPersistence? around, string path, Action<string, string, string> report)
    {
        var config = properties.Member("logPersistenceConfig");
        var legacy = properties.Member("logPersistenceMode");
        if (config.IsNull() && legacy.IsNull())
        {
            return around?.WithoutValues();
        }

        LogMode? Mode(JsonElement now, JsonElement before, string at) => ReadMode(now, $"{path}.logPersistenceConfig.{at}", report) ?? ReadName(before);
        var mode = Mode(config.Member("default"), legacy.ValueKind is JsonValueKind.Object ? legacy.Member("default") : legacy, "default") ?? around?._default ?? LogMode.Include;
        return new LogPersistence(mode.Or(around?._default), Values("inputs"), Values("outputs"));

        ImmutableDictionary<string, LogMode> Values(string section)
        {
            var values = ImmutableDictionary.CreateBuilder<string, LogMode>(StringComparer.OrdinalIgnoreCase);
            foreach (var part in new[] { legacy.Member(section), config.Member(section) })
            {
                foreach (var member in part.ValueKind is JsonValueKind.Object ? part.EnumerateObject() : default)
                {
                    if ((ReadMode(member.Value, $"{path}.logPersistenceConfig.{section}.{member.Name}", report) ?? ReadName(member.Value)) is { } said)
                    {
                        values[member.Name] = said.Or(mode);
                    }
                }
            }

            return values.ToImmutable();
        }
    }

    /// <summary>The expressions that give modes.</summary>
    public IEnumerable<InputExpression> Expressions => _inputs.Values.Concat(_outputs.Values).Prepend(_default).SelectMany(static mode => mode.Expressions);

    /// <summary>Whether the journal shows an input.</summary>
    public bool ShowsInput(string name, ExpressionScope scope) => _inputs.GetValueOrDefault(name, _default).IsInclude(scope);

    /// <summary>Whether the journal shows an output.</summary>
    public bool ShowsOutput(string name, ExpressionScope scope) => _outputs.GetValueOrDefault(name, _default).IsInclude(scope);

    private LogPersistence WithoutValues() => new(_default, ImmutableDictionary<string, LogMode>.Empty, ImmutableDictionary<string, LogMode>.Empty);

    /// <summary>A mode as Studio 3.8 writes it: a strategy, or an expression that gives the mode.</summary>
    private static LogMode? ReadMode(JsonElement json, string path, Action<string, string, string> report)
    {
        if (json.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        if (json.Member("evaluationMode").AsText() is not "Expression")
        {
            return ReadName(json.Member("strategyType"));
        }

        var expression = json.Member("expression");
        return expression.IsNull() ? null : ExpressionReader.Read(expression, "Object", $"{path}.expression", report) is { } read ? new LogMode(true, read) : null;
    }

    /// <summary>A mode by its name, by the type name of its strategy, or by Elsa's number.</summary>
    private static LogMode? ReadName(JsonElement json) => ValueConversion.ToText(json)?.Split(',')[0].Split('.')[^1] switch
    {
        "Include" or "Configuration" or "1" => LogMode.Include,
        "Exclude" or "2" => LogMode.Exclude,
        _ => null,
    };

    private sealed record LogMode(bool IsShown, InputExpression? Expression = null, LogMode? Otherwise = null)
    {
        public static readonly LogMode Include = new(true);
        public static readonly LogMode Exclude = new(false);

        public IEnumerable<InputExpression> Expressions => Expression is null ? [] : [Expression, .. Otherwise?.Expressions ?? []];

        public LogMode Or(LogMode? otherwise) => Expression is null ? this : this with { Otherwise = otherwise };

        public bool IsInclude(ExpressionScope scope)
        {
            if (Expression is null)
            {
                return IsShown;
            }

            try
            {
                return (ReadName(Expression.Evaluate(scope)) ?? Otherwise ?? Include).IsInclude(scope);
            }
            catch (ActivityFaultException)
            {
                // A log setting must not stop a case; what cannot be decided is not shown.
                return false;
            }
        }
    }
}
