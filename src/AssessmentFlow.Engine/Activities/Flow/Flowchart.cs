using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// Activities joined by connections, followed by counting visits (Elsa's default mode). When an activity completes,
/// every connection that leaves it is visited: followed when its port is among the outcomes, else as a dead path.
/// An activity with several inbound connections waits until each was visited, and runs if one of them was followed.
/// </summary>
internal sealed class Flowchart : Activity
{
    public override ActivityDescriptor Descriptor { get; } = new()
    {
        TypeName = "Elsa.Flowchart",
        Category = "Flow",
        DisplayName = "Flowchart",
        Description = "Activities joined by connections.",
        IsContainer = true,
        IsBrowsable = false,
    };

    internal override object Plan(PlanContext context)
    {
        var connections = ImmutableArray.CreateBuilder<FlowConnection>();
        var json = context.Json.Member("connections");
        if (json.ValueKind is JsonValueKind.Array)
        {
            if (json.GetArrayLength() > DefinitionLimits.ConnectionsMax)
            {
                context.Report($"{context.Node.Path}.connections", "too-many-connections", $"A flowchart may have {DefinitionLimits.ConnectionsMax} connections.");
                return new FlowPlan(context.Node, []);
            }

            var position = 0;
            foreach (var connection in json.EnumerateArray())
            {
                var path = $"{context.Node.Path}.connections[{position++}]";
                var source = ReadEnd(context, connection, "source", path);
                var target = ReadEnd(context, connection, "target", path);
                if (source is not null && target is not null)
                {
                    var port = connection.Member("source").Member("port").AsText() ?? Outcome.Done;
                    connections.Add(new FlowConnection(connections.Count, source, port, target));
                }
            }
        }

        return new FlowPlan(context.Node, connections.ToImmutable());
    }

    public override void Execute(ActivityContext context)
    {
        var plan = PlanOf(context);
        if ((context.TriggerChild ?? plan.Start) is not { } start)
        {
            context.Complete();
            return;
        }

        context.Memory(FlowProgress.Contract).Begin(start.Index, context.Node.Children.Length, plan.Connections.Length);
        context.Schedule(start);
    }

    public override void OnChildCompleted(ActivityContext context, CompletedChild child)
    {
        if (child.Node.Activity.Descriptor.IsTerminal)
        {
            context.Complete();
            return;
        }

        if (!new CounterWalk(context, PlanOf(context)).Leave(child.Node, child.Outcomes, child.Execution.IsBackward))
        {
            CompleteWhenNothingIsLeft(context);
        }
    }

    public override void OnChildCancelled(ActivityContext context, ActivityNode child)
    {
        // What a cancelled activity would have led to is a dead path.
        new CounterWalk(context, PlanOf(context)).Leave(child, [], isBackward: false);
        CompleteWhenNothingIsLeft(context);
    }

    internal static FlowPlan PlanOf(ActivityContext context) => (FlowPlan)context.Node.Plan!;

    private static void CompleteWhenNothingIsLeft(ActivityContext context)
    {
        if (!context.Turn.HasLiveChildren(context.ExecutionId) && !context.Turn.HasFaultedChildren(context.ExecutionId))
        {
            context.Complete();
        }
    }

    private static ActivityNode? ReadEnd(PlanContext context, JsonElement connection, string end, string path)
    {
        var id = connection.Member(end).Member("activity").AsText();
        var node = context.Node.Children.FirstOrDefault(child => child.Id == id);
        if (node is null && !IsUnreadableChild(context, id))
        {
            context.Report($"{path}.{end}.activity", "connection-dangling", $"The connection names an activity '{id}' that this flowchart does not contain.");
        }

        return node;
    }

    /// <summary>A child that is in the document but could not be read was reported already.</summary>
    private static bool IsUnreadableChild(PlanContext context, string? id) =>
        context.Json.Member("activities") is { ValueKind: JsonValueKind.Array } children
        && children.EnumerateArray().Any(child => child.Member("id").AsText() == id);
}
