using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Runs a script, which may also say which ports are followed.</summary>
internal sealed class RunJavaScript : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.RunJavaScript",
        Category = "Scripting",
        DisplayName = "Run JavaScript",
        Description = "Runs a script; setOutcome and setOutcomes say which ports are followed.",
        Inputs =
        [
            new("Script", "String", "The script; its last value is the result.") { UiHint = "code-editor", DefaultSyntax = "JavaScript" },
            new("PossibleOutcomes", "List<String>", "Names of the ports that the script may follow.") { UiHint = "dynamic-outcomes" },
        ],
        Outputs = [new("Result", "Object", "The result of the script, unless it is empty.")],
    };

    /// <summary>A script that stands in the definition is parsed once, and what is wrong with it shows when it is imported.</summary>
    internal override object? Plan(PlanContext context)
    {
        if (!context.Node.Inputs.TryGetValue("Script", out var expression) || expression is not LiteralExpression literal)
        {
            return null; // Another expression makes the script when the activity runs.
        }

        var text = ValueConversion.ToText(literal.Value);
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var path = $"{context.Node.Path}.script.expression.value";
        if (!JavaScriptExpression.TryParse(text, out var script, out var error))
        {
            context.Report(path, "script-unreadable", error!);
        }

        return script is not null && error is not null ? new FlawedExpression(script, path, error) : script;
    }

    internal override bool MakesScripts(ActivityNode node) => node is { Plan: null } && node.Inputs.TryGetValue("Script", out var script) && !script.IsBlank;

    public override void Execute(ActivityContext context)
    {
        if (ScriptOf(context) is not { } script)
        {
            context.Complete();
            return;
        }

        context.Scope.Outcomes = [Outcome.Done];
        var result = script.Evaluate(context.Scope);
        if (!result.IsNull())
        {
            context.SetOutput("Result", result);
        }

        context.Complete([.. context.Scope.Outcomes]);
    }

    private static InputExpression? ScriptOf(ActivityContext context)
    {
        if (context.Node.Plan is InputExpression planned)
        {
            return planned;
        }

        if (context.Text("Script") is not { } text || string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        return JavaScriptExpression.TryParse(text, out var script, out var error) && error is null
            ? script
            : throw new ActivityFaultException("script-unreadable", error!);
    }
}
