using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Runs its children side by side.</summary>
internal sealed class Parallel : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Parallel",
        Category = "Workflows",
        DisplayName = "Parallel",
        Description = "Runs its children side by side; done when all are done.",
        IsContainer = true,
        IsBrowsable = false,
    };

    public override void Execute(ActivityContext context) => Branches.ScheduleAll(context);

    public override void OnChildCompleted(ActivityContext context, CompletedChild child) => context.CompleteWhenNothingIsLeft();
}

/// <summary>Runs its branches side by side and waits for all of them or for the first.</summary>
internal sealed class Fork : Activity
{
    private const string WaitAll = "WaitAll";
    private const string WaitAny = "WaitAny";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Fork",
        Category = "Control Flow",
        DisplayName = "Fork",
        Description = "Runs its branches side by side; done when all are done, or the first is.",
        Inputs =
        [
            new("JoinMode", "String", "Whether it waits for all branches or for the first.")
            {
                IsWrapped = false, UiHint = "dropdown", Default = JsonValues.Of(WaitAll), Options = [WaitAll, WaitAny],
            },
        ],
        IsBrowsable = false,
    };

    /// <summary>Reads the branches.</summary>
    /// <returns>Whether the first branch is enough.</returns>
    internal override object Plan(PlanContext context)
    {
        var json = context.Json.Member("branches");
        var position = 0;
        foreach (var branch in json.ValueKind is JsonValueKind.Array ? json.EnumerateArray() : default)
        {
            if (context.ReadChild(branch, $"{context.Node.Path}.branches[{position++}]", "Branches") is { } child)
            {
                context.Node.Children = context.Node.Children.Add(child);
            }
        }

        var mode = ValueConversion.ToText(context.Node.RawInputs.GetValueOrDefault("JoinMode"));
        if (mode is not (null or "" or WaitAll or WaitAny))
        {
            context.Report($"{context.Node.Path}.joinMode", "option-unknown", $"The input JoinMode is one of {WaitAll}, {WaitAny}, not '{mode}'.");
        }

        return mode is WaitAny;
    }

    public override void Execute(ActivityContext context) => Branches.ScheduleAll(context);

    public override void OnChildCompleted(ActivityContext context, CompletedChild child)
    {
        if (context.Node.Plan is true || context.Memory(SequenceProgress.Contract).IsBreaking)
        {
            context.Complete();
        }
        else
        {
            context.CompleteWhenNothingIsLeft();
        }
    }

    internal override bool OnBreak(ActivityContext context)
    {
        context.Memory(SequenceProgress.Contract).IsBreaking = true;
        return false;
    }
}

/// <summary>Runs one embedded activity.</summary>
internal sealed class FlowNode : Activity
{
    private const string Body = "Body";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.FlowNode",
        Category = "Flow",
        DisplayName = "Container",
        Description = "Holds one activity inside a flowchart.",
        EmbeddedPorts = [Body],
    };

    public override void Execute(ActivityContext context)
    {
        if (context.Node.Ports.TryGetValue(Body, out var body))
        {
            context.Schedule(body);
        }
        else
        {
            context.Complete();
        }
    }
}

/// <summary>What activities with side-by-side children have in common.</summary>
internal static class Branches
{
    public static void ScheduleAll(ActivityContext context)
    {
        foreach (ActivityNode child in context.Node.Children)
        {
            context.Schedule(child);
        }

        context.CompleteWhenNothingIsLeft();
    }
}
