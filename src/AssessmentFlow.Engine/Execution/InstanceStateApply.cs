using System.Diagnostics;
using System.Text.Json;

namespace AssessmentFlow.Engine.Execution;

/// <summary>The one place where facts become state: live turns and replays use the same code.</summary>
public static class InstanceStateApply
{
    /// <summary>Changes the state by one fact. The state must be a clone that nobody else sees.</summary>
    public static void Apply(this InstanceState state, InstanceFact fact)
    {
        switch (fact)
        {
            case InstanceFact.InstanceStarted started:
                Start(state, started);
                break;
            case InstanceFact.OutputSet output:
                state.Output = With(state.Output, output.Name, output.Value);
                break;
            case InstanceFact.Correlated correlated:
                state.CorrelationId = correlated.CorrelationId;
                break;
            case InstanceFact.Named named:
                state.Name = named.Name;
                break;
            case InstanceFact.LineWritten or InstanceFact.HttpAnswered:
                break; // Lines are for readers of the journal, answers for who asked; no decision needs them.
            case InstanceFact.ChildStarted child:
                state.Children = state.Children.Add(child.ChildId);
                break;
            case InstanceFact.ChildReported child:
                state.Children = state.Children.Remove(child.ChildId);
                break;
            case InstanceFact.WorkPostponed postponed:
                state.Postponed = postponed.Work;
                state.SubStatus = InstanceSubStatus.Executing;
                break;
            case InstanceFact.WorkTaken:
                state.Postponed = null;
                break;
            case InstanceFact.OutputsKept kept:
                state.Outputs = kept.Run;
                break;
            case InstanceFact.InstanceRested:
                state.SubStatus = InstanceSubStatus.Suspended;
                state.Parent = state.Parent is { WaitsForRest: true } parent ? parent with { Bookmark = parent.WaitsForEnd ? parent.Bookmark : null, WaitsForRest = false } : state.Parent;
                break;
            case InstanceFact.InstanceFinished finished:
                Finish(state, finished);
                break;
            default:
                ApplyToExecutions(state, fact);
                break;
        }
    }

    private static void ApplyToExecutions(InstanceState state, InstanceFact fact)
    {
        switch (fact)
        {
            case InstanceFact.ActivityStarted started:
                Begin(state, started);
                break;
            case InstanceFact.ActivityCompleted completed:
                End(state, completed.Execution);
                break;
            case InstanceFact.ActivityCancelled cancelled:
                End(state, cancelled.Execution);
                break;
            case InstanceFact.ActivityFaulted faulted:
                Fault(state, faulted.Incident);
                break;
            case InstanceFact.IncidentRetried retried:
                Retry(state, retried.Incident);
                break;
            case InstanceFact.InputDeferred deferred:
                state.Deferred = state.Deferred.Add(deferred.Input);
                break;
            case InstanceFact.BookmarkCreated created:
                state.LastId = created.Bookmark.Id;
                state.Bookmarks[created.Bookmark.Id] = created.Bookmark;
                break;
            case InstanceFact.BookmarkChanged changed:
                state.Bookmarks[changed.Bookmark.Id] = changed.Bookmark;
                break;
            case InstanceFact.BookmarkBurned burned:
                state.Bookmarks.Remove(burned.Bookmark);
                break;
            case InstanceFact.MemoryChanged memory:
                state.Executions[memory.Execution] = state.Executions[memory.Execution] with { Memory = memory.Memory };
                break;
            case InstanceFact.VariableSet set:
                SetVariable(state, set);
                break;
            default:
                throw new UnreachableException($"Fact {fact.GetType().Name} has no rule.");
        }
    }

    private static void Start(InstanceState state, InstanceFact.InstanceStarted started)
    {
        state.DefinitionId = started.DefinitionId;
        state.DefinitionVersion = started.DefinitionVersion;
        state.DefinitionHash = started.DefinitionHash;
        state.CorrelationId = started.CorrelationId;
        state.Name = started.Name;
        state.Parent = started.Parent;
        state.Trigger = started.Trigger;
        state.Input = started.Input;
        state.CreatedAt = started.At;
        state.SubStatus = InstanceSubStatus.Executing;
    }

    private static void Begin(InstanceState state, InstanceFact.ActivityStarted started)
    {
        state.LastId = started.Execution;
        if (state.Trigger is { } trigger && trigger.Node == started.Node)
        {
            state.Trigger = null; // It has done its work; the activity waits when the run comes to it again.
        }

        state.Executions[started.Execution] = new ActivityExecution
        {
            Id = started.Execution,
            Node = started.Node,
            Parent = started.Parent,
            IsBackward = started.IsBackward,
            Variables = started.Variables,
            Locals = started.Locals,
        };
    }

    private static void Fault(InstanceState state, Incident incident)
    {
        if (incident.Callback?.Event is not ChildEvent.StartRefused)
        {
            RemoveBookmarks(state, incident.Execution);
        }

        state.Executions[incident.Execution] = state.Executions[incident.Execution] with { IsFaulted = true };
        state.Incidents = state.Incidents.Add(incident);
        state.LastId = incident.Id;
    }

    private static void Retry(InstanceState state, long id)
    {
        var incident = state.Incidents.Single(each => each.Id == id);
        state.Incidents = state.Incidents.Remove(incident);
        if (state.Status is InstanceStatus.Finished)
        {
            state.Status = InstanceStatus.Running;
            state.SubStatus = InstanceSubStatus.Executing;
            state.FinishedAt = null;
            state.Deferred = [];
        }

        if (incident.Callback is null)
        {
            state.Executions.Remove(incident.Execution); // A run of its own takes its place.
        }
        else if (state.Executions.TryGetValue(incident.Execution, out var execution))
        {
            state.Executions[incident.Execution] = execution with { IsFaulted = state.Incidents.Any(each => each.Execution == incident.Execution) };
        }
    }

    private static void End(InstanceState state, long execution)
    {
        RemoveBookmarks(state, execution);

        // The invisible root stays: it holds the workflow variables, which can be read after the end.
        if (state.Executions[execution].Parent is not null)
        {
            state.Executions.Remove(execution);
        }
    }

    private static void RemoveBookmarks(InstanceState state, long execution)
    {
        foreach (var bookmark in state.Bookmarks.Values.Where(bookmark => bookmark.Execution == execution).ToArray())
        {
            state.Bookmarks.Remove(bookmark.Id);
        }
    }

    private static void SetVariable(InstanceState state, InstanceFact.VariableSet set)
    {
        var execution = state.Executions[set.Execution];
        state.Executions[set.Execution] = set.IsLocal
            ? execution with { Locals = With(execution.Locals, set.Id, set.Value) }
            : execution with { Variables = With(execution.Variables, set.Id, set.Value) };
    }

    private static void Finish(InstanceState state, InstanceFact.InstanceFinished finished)
    {
        state.Status = InstanceStatus.Finished;
        state.SubStatus = finished.SubStatus;
        state.FinishedAt = finished.At;
        state.Outputs = null;
        if (finished.SubStatus is InstanceSubStatus.Faulted)
        {
            return; // What was running and what was to begin stay: a repair goes on from there.
        }

        state.Postponed = null;
        state.Bookmarks.Clear();
        foreach (var id in state.Executions.Keys.Skip(1).ToArray())
        {
            state.Executions.Remove(id);
        }
    }

    private static OrderedDictionary<string, JsonElement> With(OrderedDictionary<string, JsonElement>? values, string key, JsonElement value) =>
        new(values ?? [], StringComparer.Ordinal) { [key] = value };
}
