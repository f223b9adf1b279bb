using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Execution;

/// <content>Faults, and how the instance ends.</content>
internal sealed partial class TurnInterpreter
{
    /// <summary>Ends the instance at once, whatever is still running.</summary>
    public void Finish(InstanceSubStatus subStatus, string? by, string? reason)
    {
        var wasFaulted = State.SubStatus is InstanceSubStatus.Faulted;
        if (!IsRunning && !(wasFaulted && subStatus is InstanceSubStatus.Cancelled))
        {
            return;
        }

        if (subStatus is InstanceSubStatus.Finished && _faulted is not null)
        {
            (subStatus, reason) = (InstanceSubStatus.Faulted, _faulted);
        }

        _queue.Clear();
        if (subStatus is InstanceSubStatus.Cancelled)
        {
            foreach (var child in State.Children)
            {
                CancelChild(child);
            }
        }
        else if (subStatus is InstanceSubStatus.Finished)
        {
            foreach (var execution in State.Executions.Values)
            {
                var context = new ActivityContext(this, NodeOf(execution), execution);
                context.Node.Activity.OnCancelled(context);
            }
        }

        _memories.Clear();
        Record(new InstanceFact.InstanceFinished(subStatus, by, reason, Moment.Now));
        if (State.Parent is { } parent && !wasFaulted)
        {
            _effects.Add(new InstanceEffect.TellParent(parent, Result(subStatus), HasEnded: true));
        }
    }

    /// <summary>Ends another instance that this one started; if it was to be started in this turn, it is not.</summary>
    public void CancelChild(string child)
    {
        // Messages of one turn are on their way side by side: the end could come before the beginning, and would end nothing.
        if (_effects.RemoveAll(effect => effect is InstanceEffect.StartChild start && start.ChildId == child) is 0)
        {
            _effects.Add(new InstanceEffect.CancelChild(child));
        }
        else
        {
            Record(new InstanceFact.ChildReported(child)); // It never lives: nobody else will take it off the list.
        }
    }

    /// <summary>Does again what faulted.</summary>
    /// <returns>Why not; null when it was done.</returns>
    public Refusal? Retry(Incident incident, string by)
    {
        if (!State.Executions.TryGetValue(incident.Execution, out var execution) || !execution.IsFaulted)
        {
            if (State.SubStatus is InstanceSubStatus.Faulted)
            {
                GoOnWithout(incident, by);
                return null;
            }

            return new Refusal(RefusalKind.Conflict, "incident-obsolete", $"What faulted in '{incident.ActivityId}' has ended meanwhile: there is nothing to do again.");
        }

        _acting = Definition.Nodes[incident.Node];
        if (incident.Callback is { } callback)
        {
            Record(new InstanceFact.IncidentRetried(incident.Id, by));
            AboutChild(incident.Execution, callback);
            return null;
        }

        _closing.Add(incident.Execution);
        CancelChildren(incident.Execution);
        _closing.Remove(incident.Execution);
        Record(new InstanceFact.IncidentRetried(incident.Id, by));
        Schedule(NodeOf(execution), execution.Parent!.Value, execution.IsBackward, ActivityContext.WithoutKept(execution.Locals));
        return null;
    }

    /// <summary>What faulted was ended by what began beside it, such as the winner of a race: the instance goes on without it.</summary>
    private void GoOnWithout(Incident incident, string by)
    {
        Record(new InstanceFact.IncidentRetried(incident.Id, by));
        if (_queue.Count is 0 && State.Executions.Values.All(static execution => execution.Parent is null))
        {
            Finish(InstanceSubStatus.Finished, by, reason: null);
        }
    }

    /// <summary>Tells a container what happened to a child of it; a fault in that becomes an incident of the container, told as one of the child.</summary>
    private void AboutChild(long container, FaultedCallback callback)
    {
        var execution = State.Executions[container];
        var context = new ActivityContext(this, NodeOf(execution), execution);
        if (context.Node.Activity.MayFaultOverChildren(context))
        {
            Undoable(context, Tell, callback);
        }
        else
        {
            Guarded(context, Tell, callback);
        }

        void Tell(ActivityContext about)
        {
            var node = NodeOf(callback.Child);
            switch (callback.Event)
            {
                case ChildEvent.Completed:
                    about.Node.Activity.OnChildCompleted(about, new CompletedChild(node, callback.Child, callback.Outcomes));
                    break;
                case ChildEvent.Cancelled:
                    about.Node.Activity.OnChildCancelled(about, node, callback.Child);
                    break;
                case ChildEvent.StartRefused:
                    about.Node.Activity.OnStartAgain(about);
                    break;
                default:
                    about.Node.Activity.OnChildStarted(about, node);
                    break;
            }
        }
    }

    /// <summary>Runs a callback of an activity; a fault in it becomes an incident.</summary>
    private void Guarded(ActivityContext context, Action<ActivityContext> action, FaultedCallback? callback = null)
    {
        try
        {
            action(context);
        }
        catch (Exception e) when (e is not InputRefusedException)
        {
            Fault(context, callback is null ? context.Node : _acting ?? NodeOf(callback.Child), e, callback);
        }
    }

    /// <summary>Records that an instance may not be started: the run goes on waiting for the others, and a repair starts what is missing.</summary>
    public void FaultOverStart(ActivityContext context, Refusal refusal) => Fault(
        context,
        context.Node,
        new ActivityFaultException(refusal.Code, refusal.Message),
        new FaultedCallback(ChildEvent.StartRefused, State.Executions[context.ExecutionId], []));

    private void Fault(ActivityContext context, ActivityNode node, Exception thrown, FaultedCallback? callback)
    {
        var fault = ActivityFaultException.Of(thrown);
        if (!IsRunning || !State.Executions.ContainsKey(context.ExecutionId))
        {
            return;
        }

        Record(new InstanceFact.ActivityFaulted(
            new Incident(context.ExecutionId, node.Index, node.Id, node.Activity.Descriptor.TypeName, fault.Code, fault.Message, fault.Cause, Moment.Now)
            {
                Id = State.LastId + 1,
                ActivityName = node.Name,
                Input = callback is null ? context.BriefInputs() : null,
                Callback = callback,
            }));
        if (Definition.Options.IncidentStrategy is IncidentStrategy.Fault)
        {
            _faulted ??= fault.Message;
        }
    }

    private JsonElement Result(InstanceSubStatus subStatus) => JsonValues.Object(
        ("WorkflowInstanceId", JsonValues.Of(State.Id)),
        ("Status", JsonValues.Of(State.Status.ToString())),
        ("SubStatus", JsonValues.Of(subStatus.ToString())),
        ("Output", JsonValues.Object([.. State.Output.Select(output => (output.Key, output.Value))])));
}
