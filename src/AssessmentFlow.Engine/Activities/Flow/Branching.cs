using System.Collections.Immutable;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Follows True or False.</summary>
internal sealed class FlowDecision : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.FlowDecision",
        Category = "Branching",
        DisplayName = "Decision",
        Description = "Follows True or False, as its condition says.",
        Inputs = [new("Condition", "Boolean", "What decides.") { Default = JsonValues.False }],
        FlowPorts = ["True", "False"],
    };

    internal override FlowOutcomes OutcomesOf(ActivityNode node) => new([bool.TrueString, bool.FalseString], AreExclusive: true);

    public override void Execute(ActivityContext context) =>
        context.Complete(context.Flag("Condition") ? bool.TrueString : bool.FalseString);
}

/// <summary>Follows the ports of the cases that hold.</summary>
internal sealed class FlowSwitch : Activity
{
    private const string Default = "Default";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.FlowSwitch",
        Category = "Branching",
        DisplayName = "Switch (flow)",
        Description = "Follows the first case that holds, or all that hold; Default when none does.",
        Inputs =
        [
            new("Cases", "Object", "Labels with their conditions.") { IsWrapped = false, UiHint = "flow-switch-editor" },
            new("Mode", "String", "Whether the first matching case is followed or all of them.")
            {
                UiHint = "dropdown", Default = JsonValues.Of(SwitchCases.MatchFirst), Options = [SwitchCases.MatchFirst, SwitchCases.MatchAny],
            },
        ],
        FlowPorts = [Default],
    };

    internal override FlowOutcomes OutcomesOf(ActivityNode node)
    {
        var labels = ((ImmutableArray<SwitchCase>)node.Plan!).Select(each => each.Label);
        var isFirst = !node.Inputs.TryGetValue("Mode", out var mode)
            || (mode is LiteralExpression { Value: var named } && ValueConversion.ToText(named) is not SwitchCases.MatchAny);
        return new FlowOutcomes([.. labels, Default], AreExclusive: isFirst);
    }

    internal override object Plan(PlanContext context) => SwitchCases.Read(context, context.Node.RawInputs.GetValueOrDefault("Cases"));

    public override void Execute(ActivityContext context)
    {
        var matching = SwitchCases.Matching(context, (ImmutableArray<SwitchCase>)context.Node.Plan!);
        context.Complete(matching.IsEmpty ? [Default] : [.. matching.Select(each => each.Label)]);
    }
}

/// <summary>Follows several ports at once.</summary>
internal sealed class FlowFork : Activity
{
    private const string Branches = "Branches";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.FlowFork",
        Category = "Branching",
        DisplayName = "Fork (flow)",
        Description = "Follows all of its branches.",
        Inputs = [new(Branches, "List<String>", "Names of the branches; each is a port.") { UiHint = "dynamic-outcomes" }],
    };

    /// <summary>Known when the branches are written down and not computed.</summary>
    internal override FlowOutcomes? OutcomesOf(ActivityNode node)
    {
        if (!node.Inputs.TryGetValue(Branches, out var expression) || expression.IsBlank)
        {
            return new([Outcome.Done], AreExclusive: false);
        }

        return expression.FixedValue is { } value && ValueConversion.TryConvert(value, Descriptor.Input(Branches).TypeName, isArray: false, out var list)
            ? new(list.IsNull() ? [Outcome.Done] : ValueConversion.TextsOf(list), AreExclusive: false)
            : null;
    }

    public override void Execute(ActivityContext context) => context.Complete(context.Input(Branches).IsNull() ? [Outcome.Done] : context.Texts(Branches));
}

/// <summary>Brings branches together.</summary>
internal sealed class FlowJoin : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.FlowJoin",
        Category = "Branching",
        DisplayName = "Join",
        Description = "Brings branches together: waits for all of them, for all that are active, or for the first.",
        Inputs =
        [
            new("Mode", "String", "What it waits for.")
            {
                UiHint = "dropdown", Default = JsonValues.Of(nameof(JoinMode.WaitAny)), Options = [.. Enum.GetNames<JoinMode>()],
            },
        ],
    };

    /// <summary>Whether it runs is decided by the flowchart around it; once it runs there is nothing left to do.</summary>
    public override void Execute(ActivityContext context) => context.Complete();
}

/// <summary>Runs one of two embedded activities.</summary>
internal sealed class If : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.If",
        Category = "Branching",
        DisplayName = "If",
        Description = "Runs Then or Else, as its condition says.",
        Inputs = [new("Condition", "Boolean", "What decides.") { Default = JsonValues.False }],
        Outputs = [new("Result", "Boolean", "The value of the condition.")],
        EmbeddedPorts = ["Then", "Else"],
    };

    public override void Execute(ActivityContext context)
    {
        var holds = context.Flag("Condition");
        context.SetOutput("Result", JsonValues.Of(holds));
        if (context.Node.Ports.TryGetValue(holds ? "Then" : "Else", out var next))
        {
            context.Schedule(next);
        }
        else
        {
            context.Complete();
        }
    }
}
