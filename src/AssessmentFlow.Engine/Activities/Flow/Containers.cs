using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// The invisible activity around the root: it holds the workflow variables and ends the instance. Around the root of a
/// workflow that is used as an activity, it also holds the inputs and outputs.
/// </summary>
internal sealed class Workflow : Activity
{
    /// <summary>Id of the invisible root, as Studio expects it in node ids.</summary>
    public const string RootId = "Workflow1";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Workflow",
        Category = "Workflows",
        DisplayName = "Workflow",
        Description = "A workflow.",
        IsContainer = true,
        IsBrowsable = false,
    };

    /// <remarks>The root of an instance is begun by the engine; only a workflow that is used as an activity comes here.</remarks>
    public override void Execute(ActivityContext context) => context.Schedule(context.Node.Children[0]);
}

/// <summary>Runs its children one after the other.</summary>
internal sealed class Sequence : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Sequence",
        Category = "Workflows",
        DisplayName = "Sequence",
        Description = "Runs its children one after the other.",
        IsContainer = true,
        IsBrowsable = false,
    };

    /// <summary>Says which activities stand behind one that ends the sequence.</summary>
    internal override object? Plan(PlanContext context)
    {
        ActivityNode? end = null;
        foreach (var node in context.Node.Children)
        {
            if (end is not null)
            {
                context.Warn(node, "", "activity-unreachable", $"'{end.Label}' before it ends the sequence: it will never run.");
            }

            end ??= node.Activity.LeadsNowhere ? node : null;
        }

        return null;
    }

    public override void Execute(ActivityContext context) => Next(context);

    public override void OnChildCompleted(ActivityContext context, CompletedChild child)
    {
        if (child.Node.Activity.Descriptor.IsTerminal || context.Memory(SequenceProgress.Contract).IsBreaking)
        {
            context.Complete();
        }
        else
        {
            Next(context);
        }
    }

    internal override bool OnBreak(ActivityContext context)
    {
        context.Memory(SequenceProgress.Contract).IsBreaking = true;
        return false;
    }

    private static void Next(ActivityContext context)
    {
        var progress = context.Memory(SequenceProgress.Contract);
        if (progress.Next < context.Node.Children.Length)
        {
            context.Schedule(context.Node.Children[progress.Next++]);
        }
        else
        {
            context.Complete();
        }
    }
}

/// <summary>Where a flowchart begins.</summary>
internal sealed class Start : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Start",
        Category = "Flow",
        DisplayName = "Start",
        Description = "Where the flowchart begins.",
        IsStart = true,
    };

    public override void Execute(ActivityContext context) => context.Complete();
}

/// <summary>Ends the container around it.</summary>
internal sealed class End : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.End",
        Category = "Flow",
        DisplayName = "End",
        Description = "Ends the flowchart or sequence around it; what still waits there is cancelled.",
        IsTerminal = true,
    };

    public override void Execute(ActivityContext context) => context.Complete();
}

/// <summary>Ends the instance.</summary>
internal sealed class Finish : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Finish",
        Category = "Primitives",
        DisplayName = "Finish",
        Description = "Ends the instance at once, whatever still waits.",
        IsTerminal = true,
    };

    public override void Execute(ActivityContext context)
    {
        if (context.Turn.MustBeRepaired)
        {
            throw new ActivityFaultException("instance-faulted", "Another activity has faulted beside this one: the instance cannot be finished before that is dealt with.");
        }

        context.Turn.Record(new InstanceFact.ActivityCompleted(context.ExecutionId, [Outcome.Done], Outputs: null));
        context.Turn.Finish(InstanceSubStatus.Finished, by: null, reason: null);
    }
}

/// <summary>Completes the workflow with outcomes.</summary>
internal sealed class Complete : Activity
{
    public const string Outcomes = "Outcomes";

    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Complete",
        Category = "Composition",
        DisplayName = "Complete",
        Description = "Completes the workflow with the outcomes given; used as an activity, these are its ports.",
        Inputs = [new(Outcomes, "Object", "One outcome or a list.") { UiHint = "outcome-picker", DefaultSyntax = "Object" }],
        IsTerminal = true,
    };

    public override void Execute(ActivityContext context)
    {
        var outcomes = context.Texts(Outcomes);
        var areNone = outcomes.IsEmpty && context.Input(Outcomes).ValueKind is not JsonValueKind.Array; // An empty list is one: nothing is followed.
        var around = context.Turn.WorkflowAround(context.ExecutionId);
        context.Turn.Record(new InstanceFact.ActivityCompleted(context.ExecutionId, [Outcome.Done], Outputs: null));
        context.Turn.CompleteWorkflow(around, areNone ? [Outcome.Done] : outcomes);
    }
}
