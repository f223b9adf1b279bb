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

    /// <summary>What a template may capture by text that stands in it (characters): so many passes through all of it.</summary>
    private const int CapturedMax = 32 * 1024 * 1024;

    private readonly IFluidTemplate _template;
    private readonly int _passesMax;

    private LiquidExpression(IFluidTemplate template, string text, bool hasCapture)
    {
        _template = template;
        _passesMax = hasCapture ? Math.Max(1, CapturedMax / (text.Length + 1)) : int.MaxValue;
        IsBlank = string.IsNullOrWhiteSpace(text);
    }

    public override bool IsBlank { get; }

    public static bool TryParse(string text, out InputExpression? expression, out string? error)
    {
        expression = null;
        if (!Parser.TryParse(text, out var template, out error))
        {
            error = $"The template cannot be parsed: {error}";
            return false;
        }

        var checks = new LiquidChecks(Options.Filters);
        template = checks.VisitTemplate(template);
        error = checks.UnknownFilter is { } filter ? $"There is no filter '{filter}' in Liquid; the value would go through as it is." : null;
        expression = new LiquidExpression(template, text, checks.HasCapture);
        return true;
    }

    public override JsonElement Evaluate(ExpressionScope scope)
    {
        var context = new TemplateContext(Options)
        {
            Now = () => scope.Now,
        };
        LiquidFilters.Bound(context, Math.Max(1, scope.Budget.Remaining), _passesMax);
        context.SetValue("Variables", Members(
            scope.VariableNames,
            name => scope.TryGetVariable(name, out var value, out var typeName) ? (value, typeName) : null));
        context.SetValue("Input", Members(
            scope.InputNames,
            name => scope.GetInput(name) is var value && !value.IsNull() ? (value, null) : null));
        context.SetValue("CorrelationId", scope.CorrelationId);
        context.SetValue("WorkflowInstanceId", scope.InstanceId);
        context.SetValue("WorkflowInstanceName", scope.InstanceName);
        context.SetValue("WorkflowDefinitionId", scope.DefinitionId);
        context.SetValue("WorkflowDefinitionVersionId", scope.DefinitionVersionId);
        context.SetValue("WorkflowDefinitionVersion", scope.DefinitionVersion);
        try
        {
            using var text = new BoundedText();
#pragma warning disable CS0618 // What the message of the package names instead is not in the package yet.
            _template.Render(context, NullEncoder.Default, text);
#pragma warning restore CS0618
            scope.Budget.Spend(1 + (text.GetStringBuilder().Length / 64) + LiquidFilters.StepsOf(context));
            return JsonValues.Of(text.ToString());
        }
        catch (Exception e) when (e is InvalidOperationException or FluidException or FormatException or ArgumentException or ArithmeticException or IOException)
        {
            throw new ActivityFaultException("template-failed", $"The template failed: {e.Message}", e.Message);
        }
    }

    private static LiquidObject Members(Func<IEnumerable<string>> names, Func<string, (JsonElement Value, string? TypeName)?> find) => new(new LiquidMembers(
        names,
        name => find(name) is var (value, typeName) ? LiquidValues.Of(value, typeName) : null,
        () => JsonValues.Object([.. names().Select(name => (name, find(name)?.Value ?? JsonValues.Null))])));

    private static TemplateOptions CreateOptions()
    {
        var options = new TemplateOptions
        {
            CultureInfo = CultureInfo.InvariantCulture,
            TimeZone = TimeZoneInfo.Utc,
            MaxRecursion = EngineLimits.ScriptRecursionMax,
        };
        LiquidFilters.Install(options.Filters);
        options.MemberAccessStrategy.Register<LiquidMembers, FluidValue>(static (source, name) => source.Read(name));
        return options;
    }
}
