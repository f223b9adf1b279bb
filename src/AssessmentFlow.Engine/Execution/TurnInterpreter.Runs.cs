using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;

namespace AssessmentFlow.Engine.Execution;

/// <content>How runs contain each other and end.</content>
internal sealed partial class TurnInterpreter
{
    /// <summary>The context of the run around a run; null for the invisible root.</summary>
    public ActivityContext? ParentContext(long execution) =>
        State.Executions[execution].Parent is { } parent && State.Executions.TryGetValue(parent, out var found)
            ? new ActivityContext(this, NodeOf(found), found)
            : null;

    /// <summary>Whether something inside the run still has to happen.</summary>
    public bool HasLiveChildren(long execution) =>
        ChildrenOf(execution).Any(child => !State.Executions[child].IsFaulted) || _queue.Any(item => item.Owner == execution);

    /// <summary>Whether the run, or something that it runs, waits to be repaired: it is not done, though nothing happens.</summary>
    public bool IsToBeRepaired(long execution) =>
        State.Executions.GetValueOrDefault(execution) is { IsFaulted: true } || ChildrenOf(execution).Any(child => State.Executions[child].IsFaulted);

    public IEnumerable<ActivityExecution> Children(long execution) =>
        ChildrenOf(execution).Select(child => State.Executions[child]).ToArray();

    /// <summary>Ends a run as planned: cancels what is left inside, then lets the parent go on from its outcomes.</summary>
    public void Complete(long id, ImmutableArray<string> outcomes, OrderedDictionary<string, JsonElement>? outputs)
    {
        if (!State.Executions.TryGetValue(id, out var execution) || !_closing.Add(id))
        {
            return;
        }

        CancelChildren(id);
        Record(new InstanceFact.ActivityCompleted(id, outcomes, outputs));
        _closing.Remove(id);
        if (execution.Parent is not { } parent)
        {
            Finish(InstanceSubStatus.Finished, by: null, reason: null);
        }
        else if (!_closing.Contains(parent) && State.Executions.ContainsKey(parent))
        {
            AboutChild(parent, new FaultedCallback(ChildEvent.Completed, execution, outcomes));
        }
    }

    /// <summary>Completes a workflow with outcomes; everything inside is cancelled.</summary>
    public void CompleteWorkflow(ActivityExecution workflow, ImmutableArray<string> outcomes) => Complete(workflow.Id, outcomes, outputs: null);

    /// <summary>The run of the workflow that a run belongs to: the whole instance, or a workflow that is used as an activity in it.</summary>
    public ActivityExecution WorkflowAround(long execution)
    {
        var at = State.Executions[execution];
        while (at.Parent is { } parent && NodeOf(at).Activity is not Workflow)
        {
            at = State.Executions[parent];
        }

        return at;
    }

    /// <summary>Ends a run and all inside it, because something around it ends.</summary>
    public void Cancel(long id)
    {
        if (!State.Executions.TryGetValue(id, out var execution) || !_closing.Add(id))
        {
            return;
        }

        CancelChildren(id);
        var context = new ActivityContext(this, NodeOf(execution), execution);
        context.Node.Activity.OnCancelled(context);
        Record(new InstanceFact.ActivityCancelled(id));
        _closing.Remove(id);
        if (execution.Parent is { } parent && !_closing.Contains(parent))
        {
            AboutChild(parent, new FaultedCallback(ChildEvent.Cancelled, execution, []));
        }
    }

    private void CancelChildren(long id)
    {
        foreach (var child in ChildrenOf(id).ToArray())
        {
            Cancel(child);
        }

        RemoveScheduled(id);
    }

    private void RemoveScheduled(long owner)
    {
        for (var i = _queue.Count; i > 0; i--)
        {
            var item = _queue.Dequeue();
            if (item.Owner != owner)
            {
                _queue.Enqueue(item);
            }
        }
    }

    private void AddChild(ActivityExecution execution)
    {
        if (execution.Parent is { } parent)
        {
            (CollectionsMarshal.GetValueRefOrAddDefault(_children, parent, out _) ??= []).Add(execution.Id);
        }
    }

    private SortedSet<long> ChildrenOf(long id) => _children.TryGetValue(id, out var children) ? children : [];
}
