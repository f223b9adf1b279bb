using System.Collections.Immutable;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// Activities joined by connections. By counting visits (Elsa's default mode), an activity that completes visits every
/// connection that leaves it, as followed when its port is among the outcomes, else as a dead path; one with several
/// inbound connections waits until each was visited, and runs if one of them was followed. By tokens, only followed
/// connections count, and the target says what it waits for.
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
                return new FlowPlan(context.Node, context.FlowchartMode, []);
            }

            var seen = new HashSet<(ActivityNode, string, ActivityNode)>();
            var position = 0;
            foreach (var connection in json.EnumerateArray())
            {
                var path = $"{context.Node.Path}.connections[{position++}]";
                var source = ReadEnd(context, connection, "source", path);
                var target = ReadEnd(context, connection, "target", path);
                var port = (connection.Member("source").Member("port").AsText() ?? connection.Member("sourcePort").AsText()) is { Length: > 0 } named ? named : Outcome.Done;

                // A connection that is drawn twice is one: following it twice would run its target twice.
                if (source is not null && target is not null && seen.Add((source, port, target)))
                {
                    connections.Add(new FlowConnection(connections.Count, source, port, target));
                }
            }
        }

        var plan = new FlowPlan(context.Node, context.FlowchartMode, connections.ToImmutable());
        FlowChecks.Check(context, plan);
        return plan;
    }

    public override void Execute(ActivityContext context)
    {
        var plan = PlanOf(context);
        if ((context.TriggerChild ?? plan.Start) is not { } start)
        {
            context.Complete();
            return;
        }

        if (IsTokenBased(context))
        {
            context.Memory(TokenProgress.Contract).Begin(start.Index, plan.Connections.Length);
        }
        else
        {
            context.Memory(FlowProgress.Contract).Begin(start.Index, context.Node.Children.Length, plan.Connections.Length);
        }

        context.Schedule(start);
    }

    public override void OnChildCompleted(ActivityContext context, CompletedChild child)
    {
        if (child.Node.Activity.Descriptor.IsTerminal)
        {
            context.Complete();
            return;
        }

        if (IsTokenBased(context))
        {
            new TokenWalk(context, PlanOf(context)).Leave(child.Node, child.Outcomes);
        }
        else
        {
            new CounterWalk(context, PlanOf(context)).Leave(child.Node, child.Outcomes, child.Execution.IsBackward);
        }

        context.CompleteWhenNothingIsLeft();
    }

    public override void OnChildCancelled(ActivityContext context, ActivityNode child, ActivityExecution execution)
    {
        if (IsTokenBased(context))
        {
            new TokenWalk(context, PlanOf(context)).Settle();
        }
        else
        {
            // What a cancelled activity would have led to is a dead path.
            new CounterWalk(context, PlanOf(context)).Leave(child, [], execution.IsBackward);
        }

        context.CompleteWhenNothingIsLeft();
    }

    /// <summary>Whoever wins a race ends the others, also those that began between its arrival and now.</summary>
    internal override void OnChildStarted(ActivityContext context, ActivityNode child)
    {
        if (!MergeModes.MayRace(child))
        {
            return;
        }

        if (IsTokenBased(context))
        {
            var walk = new TokenWalk(context, PlanOf(context));
            if (walk.IsRace(child))
            {
                walk.CancelInbound(child, includesScheduled: true);
            }
        }
        else
        {
            var walk = new CounterWalk(context, PlanOf(context));
            if (walk.IsRace(child))
            {
                walk.CancelInbound(child, includesScheduled: true);
            }
        }

        // Told again after a repair, the winner may have ended long ago, and nothing else would end the flowchart then.
        context.CompleteWhenNothingIsLeft();
    }

    /// <summary>A join may have a mode that cannot be read, and a connection may lead back where it must not.</summary>
    internal override bool MayFaultOverChildren(ActivityContext context)
    {
        var plan = PlanOf(context);
        return plan.HasComputedJoins
            || (!IsTokenBased(context) && plan.GraphFrom(context.Turn.Definition.Nodes[context.Memory(FlowProgress.Contract).Start]).HasImproperLoops);
    }

    internal static FlowPlan PlanOf(ActivityContext context) => (FlowPlan)context.Node.Plan!;

    private static bool IsTokenBased(ActivityContext context) =>
        PlanOf(context).Mode is FlowchartMode.TokenBased;

    /// <summary>Reads one end of a connection: an object with an activity and a port, or just an id as older versions wrote it.</summary>
    private static ActivityNode? ReadEnd(PlanContext context, JsonElement connection, string end, string path)
    {
        var isPlain = connection.Member(end).ValueKind is JsonValueKind.String;
        var id = (isPlain ? connection.Member(end) : connection.Member(end).Member("activity")).AsText();
        var node = context.Node.Children.FirstOrDefault(child => child.Id == id);
        if (node is null && !IsUnreadableChild(context, id))
        {
            context.Report(isPlain ? $"{path}.{end}" : $"{path}.{end}.activity", "connection-dangling", $"The connection names an activity '{id}' that this flowchart does not contain.");
        }

        return node;
    }

    /// <summary>A child that is in the document but could not be read was reported already.</summary>
    private static bool IsUnreadableChild(PlanContext context, string? id) =>
        context.Json.Member("activities") is { ValueKind: JsonValueKind.Array } children
        && children.EnumerateArray().Any(child => child.Member("id").AsText() == id);
}
