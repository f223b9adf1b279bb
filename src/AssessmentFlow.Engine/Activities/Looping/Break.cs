using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// Leaves the loop around it. Sequences and flowcharts between the two end at once; branches that run beside it
/// come to their own end first. Without a loop around it, it ends the container that it stands in.
/// </summary>
internal sealed class Break : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Break",
        Category = "Looping",
        DisplayName = "Break",
        Description = "Leaves the loop around it.",
        IsTerminal = true,
    };

    public override void Execute(ActivityContext context)
    {
        var around = context.Turn.ParentContext(context.ExecutionId);
        while (around is not null && !around.Node.Activity.OnBreak(around))
        {
            around = context.Turn.ParentContext(around.ExecutionId);
        }

        context.Complete();
    }
}
