using System.Diagnostics;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;
using Decision = AssessmentFlow.Engine.Execution.Decision<
    AssessmentFlow.Engine.Execution.InstanceState,
    AssessmentFlow.Engine.Execution.InstanceFact,
    AssessmentFlow.Engine.Execution.InstanceEffect>;

namespace AssessmentFlow.Engine.Execution;

/// <summary>
/// The workflow engine: from where an instance stands and what reaches it to what happened.
/// Pure: the same arguments always give the same decision, and the state given is not changed.
/// </summary>
public static partial class WorkflowEngine
{
    /// <summary>Code of the refusal to start an instance that was started before.</summary>
    public const string InstanceExists = "instance-exists";

    /// <summary>Code of the refusal to take anything for an instance that was not started.</summary>
    public const string InstanceUnknown = "instance-unknown";

    /// <summary>Code of the refusal of what would make the state of an instance too large, where the instance cannot fault over it.</summary>
    public const string StateTooLarge = "state-too-large";

    private static readonly Decision Ignored = new Decision.Ignored();

    /// <summary>Decides one input.</summary>
    /// <param name="definition">The definition that the instance is pinned to.</param>
    /// <param name="state">Where the instance stands.</param>
    /// <param name="input">What reaches it.</param>
    /// <param name="moment">When.</param>
    public static Decision Decide(WorkflowDefinition definition, InstanceState state, InstanceInput input, Moment moment)
    {
        if (input is InstanceInput.Start start)
        {
            return state.Exists
                ? Refuse(RefusalKind.Conflict, InstanceExists, $"The instance '{state.Id}' was started before.")
                : Start(definition, state, start, moment);
        }

        if (!state.Exists)
        {
            return Refuse(RefusalKind.NotFound, InstanceUnknown, $"There is no instance '{state.Id}'.");
        }

        if (input is InstanceInput.Retry retry)
        {
            return OnRetry(definition, state, retry, moment);
        }

        if (state.Status is InstanceStatus.Finished)
        {
            if (state.SubStatus is InstanceSubStatus.Faulted && IsAwaited(state, input))
            {
                return Run(definition, state, moment, turn => turn.Record(new InstanceFact.InputDeferred(input)), takesPostponed: false);
            }

            if (state.SubStatus is InstanceSubStatus.Faulted && input is InstanceInput.Cancel given)
            {
                // Nobody will repair it: what it started and what waits for it must not wait for that.
                return Run(definition, state, moment, turn => turn.Finish(InstanceSubStatus.Cancelled, given.Actor.Id, given.Reason), takesPostponed: false);
            }

            return IsFromPeople(input)
                ? Refuse(RefusalKind.Conflict, "instance-finished", $"The instance '{state.Id}' ended {state.FinishedAt:u} as {state.SubStatus}.")
                : Ignored;
        }

        return input switch
        {
            InstanceInput.Signal signal => OnSignal(definition, state, signal, moment),
            InstanceInput.Reply or InstanceInput.ChildEnded or InstanceInput.ChildRested =>
                IsAwaited(state, input) ? Run(definition, state, moment, turn => Take(turn, input)) : Ignored,
            InstanceInput.Act act => OnAct(definition, state, act, moment),
            InstanceInput.TimerFired timer => OnTimer(definition, state, timer, moment),
            InstanceInput.Continue => state.Postponed is null ? Ignored : Run(definition, state, moment, static _ => { }),
            InstanceInput.Cancel cancel => Run(definition, state, moment, turn => turn.Finish(InstanceSubStatus.Cancelled, cancel.Actor.Id, cancel.Reason)),
            InstanceInput.Oversized oversized => Run(definition, state, moment, takesPostponed: false, input: turn => turn.Finish(
                InstanceSubStatus.Faulted,
                Actor.System.Id,
                $"The snapshot would have had {oversized.SizeBytes} bytes; {EngineLimits.StateSizeMaxBytes} are allowed.")),
            _ => throw new UnreachableException($"Input {input.GetType().Name} has no rule."),
        };
    }

    private static Decision Start(WorkflowDefinition definition, InstanceState state, InstanceInput.Start start, Moment moment)
    {
        FiredTrigger? trigger = null;
        if (start.Trigger is { } nodeId)
        {
            if (definition.Nodes.FirstOrDefault(node => node.NodeId == nodeId) is not { Activity: IStartTrigger } node)
            {
                return Refuse(RefusalKind.Conflict, "trigger-unknown", $"The workflow '{definition.DefinitionId}' has no trigger '{nodeId}'.");
            }

            trigger = new FiredTrigger(node.Index, start.TriggerPayload.ValueKind is JsonValueKind.Undefined ? JsonValues.Null : start.TriggerPayload);
        }

        return Run(definition, state, moment, turn => Begin(turn, start, trigger, moment));
    }

    private static void Begin(TurnInterpreter turn, InstanceInput.Start start, FiredTrigger? trigger, Moment moment)
    {
        foreach (var (name, value) in start.Input)
        {
            TurnInterpreter.Bounded(name, value);
        }

        turn.Record(new InstanceFact.InstanceStarted(
            start.DefinitionId, start.DefinitionVersion, start.DefinitionHash, start.CorrelationId, start.Name, start.Parent, start.Input, moment.Now, trigger));
        turn.ScheduleRoot();
    }

    private static Decision OnSignal(WorkflowDefinition definition, InstanceState state, InstanceInput.Signal signal, Moment moment)
    {
        if (signal.CorrelationId is { } correlationId && correlationId != state.CorrelationId)
        {
            return Ignored;
        }

        var waiting = state.Bookmarks.Values.Where(bookmark => bookmark.Key == signal.Name && !(bookmark.CreatedAt > signal.BegunBy)).ToArray();
        return waiting.Length is 0
            ? Refuse(RefusalKind.Conflict, "signal-not-awaited", $"The instance '{state.Id}' does not wait for an event '{signal.Name}' now.")
            : Run(definition, state, moment, turn =>
            {
                foreach (var bookmark in waiting)
                {
                    TakeOrDefer(turn, signal with { Bookmark = bookmark.Id });
                }
            });
    }

    private static Decision OnAct(WorkflowDefinition definition, InstanceState state, InstanceInput.Act act, Moment moment)
    {
        if (!state.Bookmarks.TryGetValue(act.Bookmark, out var bookmark))
        {
            // Who names a version saw the task open: what it was decided on has changed.
            return act.IfChangedAt is { } open
                ? Refuse(RefusalKind.Stale, "version-stale", $"The task is closed; the request was made for version {open}. It was completed meanwhile, or what it belongs to has ended.")
                : Refuse(RefusalKind.Conflict, "task-closed", "The task is closed: it was completed, or what it belongs to has ended.");
        }

        if (act.IfChangedAt is { } seen && seen != bookmark.ChangedAt)
        {
            return Refuse(RefusalKind.Stale, "version-stale", $"The task is at version {bookmark.ChangedAt}; the request was made for version {seen}. Read it again and decide anew.");
        }

        Refusal? refusal = null;
        var decision = Run(definition, state, moment, turn =>
            turn.Wake(bookmark, (activity, context) => refusal = activity.OnAct(context, bookmark, act)));
        return refusal is null ? decision : new Decision.Refused(refusal);
    }

    private static Decision OnTimer(WorkflowDefinition definition, InstanceState state, InstanceInput.TimerFired timer, Moment moment) =>
        !state.Bookmarks.TryGetValue(timer.Bookmark, out var bookmark) || bookmark.DueAt is not { } due || due > moment.Now
            ? Ignored // Consumed, cancelled or moved: delivery is at-least-once.
            : Run(definition, state, moment, turn => turn.Wake(bookmark, (activity, context) => activity.OnDue(context, bookmark)));

    private static Decision OnRetry(WorkflowDefinition definition, InstanceState state, InstanceInput.Retry retry, Moment moment)
    {
        if (state.Status is InstanceStatus.Finished && state.SubStatus is not InstanceSubStatus.Faulted)
        {
            return Refuse(RefusalKind.Conflict, "instance-finished", $"The instance '{state.Id}' ended {state.FinishedAt:u} as {state.SubStatus}.");
        }

        if (state.Incidents.FirstOrDefault(incident => incident.Id == retry.Incident) is not { } incident)
        {
            return Refuse(RefusalKind.NotFound, "incident-unknown", $"The instance '{state.Id}' has no open incident {retry.Incident}.");
        }

        Refusal? refusal = null;
        var decision = Run(definition, state, moment, turn =>
        {
            refusal = turn.Retry(incident, retry.Actor.Id);
            turn.IsRepairing = true;
            foreach (var deferred in refusal is null ? state.Deferred : [])
            {
                try
                {
                    TakeOrDefer(turn, deferred);
                }
                catch (InputRefusedException)
                {
                    // Who sent it has its answer long since; the retry must not fail for it, and what waits goes on waiting.
                }
            }

            turn.IsRepairing = false;
        });
        return refusal is null ? decision : new Decision.Refused(refusal);
    }

    /// <summary>Runs a turn: the input first, then what a longer run left over, then what follows from both.</summary>
    private static Decision Run(WorkflowDefinition definition, InstanceState state, Moment moment, Action<TurnInterpreter> input, bool takesPostponed = true)
    {
        var turn = new TurnInterpreter(definition, state, moment);
        if (takesPostponed && state.Postponed is { } work)
        {
            turn.TakePostponed(work);
        }

        try
        {
            input(turn);
            turn.Drain();
        }
        catch (ActivityFaultException e)
        {
            // Outside any activity only the input itself can be at fault.
            return Refuse(RefusalKind.Invalid, e.Code, e.Message);
        }
        catch (InputRefusedException e)
        {
            return new Decision.Refused(e.Refusal);
        }

        return turn.Conclude();
    }

    private static bool IsFromPeople(InstanceInput input) => input is InstanceInput.Signal or InstanceInput.Act or InstanceInput.Cancel;

    private static Decision Refuse(RefusalKind kind, string code, string message) => new Decision.Refused(new Refusal(kind, code, message));
}
