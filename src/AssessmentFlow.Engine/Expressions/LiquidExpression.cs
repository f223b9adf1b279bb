using System.Globalization;
using System.Text.Json;
using AssessmentFlow.Engine.Execution;
using Fluid;
using Fluid.Values;

namespace AssessmentFlow.Engine.Expressions;

/// <summary>A Liquid template. Its result is always text.</summary>
internal sealed class LiquidExpression : InputExpression
{
    private static readonly FluidParser Parser = new();
    private static readonly TemplateOptions Options = CreateOptions();

    private readonly IFluidTemplate _template;

    private LiquidExpression(IFluidTemplate template, bool isBlank)
    {
        _template = template;
        IsBlank = isBlank;
    }

    public override bool IsBlank { get; }

    public static bool TryParse(string text, out InputExpression? expression, out string? error)
    {
        expression = Parser.TryParse(text, out var template, out error) ? new LiquidExpression(template, string.IsNullOrWhiteSpace(text)) : null;
        error = error is null ? null : $"The template cannot be parsed: {error}";
        return expression is not null;
    }

    public override JsonElement Evaluate(ExpressionScope scope)
    {
        var context = new TemplateContext(Options)
        {
            Now = () => scope.Now,
            MaxSteps = Math.Max(1, scope.Budget.Remaining),
        };
        context.SetValue("Variables", Members(scope.TryGetVariable, context));
        context.SetValue("Input", Members((string name, out JsonElement value) => !(value = scope.GetInput(name)).IsNull(), context));
        context.SetValue("CorrelationId", scope.CorrelationId);
        context.SetValue("WorkflowInstanceId", scope.InstanceId);
        context.SetValue("WorkflowInstanceName", scope.InstanceName);
        context.SetValue("WorkflowDefinitionId", scope.DefinitionId);
        context.SetValue("WorkflowDefinitionVersion", scope.DefinitionVersion);
        try
        {
            var text = _template.Render(context);
            scope.Budget.Spend(1 + (text.Length / 64));
            return text.Length > EngineLimits.ValueSizeMaxBytes
                ? throw new ActivityFaultException("value-too-large", $"The template made {text.Length} characters; {EngineLimits.ValueSizeMaxBytes} are allowed.")
                : JsonValues.Of(text);
        }
        catch (Exception e) when (e is InvalidOperationException or FluidException or FormatException or ArgumentException or ArithmeticException)
        {
            throw new ActivityFaultException("template-failed", $"The template failed: {e.Message}", e.Message);
        }
    }

    private delegate bool MemberReader(string name, out JsonElement value);

    private static ObjectValue Members(MemberReader read, TemplateContext context) =>
        new(new MemberSource(name => read(name, out var value) ? ToFluid(value, context) : NilValue.Instance));

    private static FluidValue ToFluid(JsonElement value, TemplateContext context) => value.ValueKind switch
    {
        JsonValueKind.String => new StringValue(value.GetString()!),
        JsonValueKind.Number => NumberValue.Create(value.TryGetDecimal(out var number) ? number : (decimal)value.GetDouble()),
        JsonValueKind.True => BooleanValue.True,
        JsonValueKind.False => BooleanValue.False,
        JsonValueKind.Array => new ArrayValue([.. value.EnumerateArray().Select(item => ToFluid(item, context))]),
        JsonValueKind.Object => new ObjectValue(new MemberSource(name => ToFluid(value.Member(name), context))),
        _ => NilValue.Instance,
    };

    private static TemplateOptions CreateOptions()
    {
        var options = new TemplateOptions
        {
            CultureInfo = CultureInfo.InvariantCulture,
            TimeZone = TimeZoneInfo.Utc,
            MaxRecursion = EngineLimits.ScriptRecursionMax,
        };
        options.MemberAccessStrategy.Register<MemberSource, FluidValue>((source, name) => source.Read(name));
        return options;
    }

    /// <summary>Something with members that are read on demand.</summary>
    private sealed class MemberSource(Func<string, FluidValue> read)
    {
        public FluidValue Read(string name) => read(name);
    }
}
