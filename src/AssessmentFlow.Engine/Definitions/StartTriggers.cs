using System.Collections.Immutable;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Engine.Definitions;

/// <summary>What starts instances of a definition once it is published.</summary>
public static class StartTriggers
{
    /// <summary>The triggers of a definition, in the order of the document.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="now">When it is published; expressions see this time.</param>
    /// <param name="problems">Inputs that do not say what starts the workflow.</param>
    public static ImmutableArray<StartTrigger> Of(WorkflowDefinition definition, DateTimeOffset now, out ImmutableArray<DefinitionProblem> problems) =>
        [.. WithNodes(definition, now, out problems).Select(each => each.Trigger)];

    /// <summary>The triggers of a definition with their activities, in the order of the document.</summary>
    internal static ImmutableArray<(ActivityNode Node, StartTrigger Trigger)> WithNodes(
        WorkflowDefinition definition, DateTimeOffset now, out ImmutableArray<DefinitionProblem> problems)
    {
        var triggers = ImmutableArray.CreateBuilder<(ActivityNode, StartTrigger)>();
        var found = ImmutableArray.CreateBuilder<DefinitionProblem>();
        foreach (var node in definition.Nodes)
        {
            if (!node.CanStartWorkflow || node.Activity is not IStartTrigger activity || node.Workflow.Parent is not null)
            {
                continue; // A workflow that is used as an activity is begun by what uses it.
            }

            var context = Rehearse(definition, node, now);
            try
            {
                triggers.AddRange(activity.TriggersOf(context).Select(trigger => (node, trigger)));
            }
            catch (ActivityFaultException e)
            {
                var path = context.LastInput is { } input ? node.ValuePathOf(input) : node.Path;
                found.Add(new DefinitionProblem(path, "trigger-unreadable", $"What starts the workflow cannot be read: {e.Message}", node.Label));
            }
        }

        problems = found.ToImmutable();
        return triggers.ToImmutable();
    }

    /// <summary>
    /// The activity as if an instance had come to it: its expressions see the variables around it with the values
    /// that they begin with. Nothing of it is kept.
    /// </summary>
    private static ActivityContext Rehearse(WorkflowDefinition definition, ActivityNode node, DateTimeOffset now)
    {
        var turn = new TurnInterpreter(definition, new InstanceState { Id = "" }, new Moment(now, Version: 1));
        var around = new Stack<ActivityNode>();
        for (var at = node.Parent; at is not null; at = at.Parent)
        {
            around.Push(at);
        }

        long? parent = null;
        foreach (var container in around)
        {
            parent = turn.Rehearse(container, parent);
        }

        return new ActivityContext(turn, node, new ActivityExecution { Id = turn.State.LastId + 1, Node = node.Index, Parent = parent });
    }
}
