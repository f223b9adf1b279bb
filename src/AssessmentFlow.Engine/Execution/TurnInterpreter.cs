using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Execution;

/// <summary>
/// Runs one turn of one instance: resumes what the input answers, then starts scheduled activities, first come
/// first served, until nothing is left or the turn is full. Every change of state is a recorded fact.
/// </summary>
internal sealed partial class TurnInterpreter
{
    private readonly List<InstanceFact> _facts = [];
    private readonly List<InstanceEffect> _effects = [];
    private readonly Queue<WorkItem> _queue = new();
    private readonly Dictionary<long, SortedSet<long>> _children = [];
    private readonly Dictionary<long, MemorySlot> _memories = [];
    private readonly HashSet<long> _closing = [];
    private readonly OrderedDictionary<int, OrderedDictionary<string, JsonElement>> _outputs = [];
    private bool _areOutputsNew;
    private string? _faulted;
    private ActivityNode? _acting;
    private int _started;

    public TurnInterpreter(WorkflowDefinition definition, InstanceState before, Moment moment)
    {
        Definition = definition;
        State = before.Clone();
        Moment = moment;
        foreach (var execution in State.Executions.Values)
        {
            AddChild(execution);
        }

        if (State.Outputs is { } run)
        {
            TakeOutputs(run);
        }
    }

    public WorkflowDefinition Definition { get; }

    public InstanceState State { get; private set; }

    public Moment Moment { get; }

    public ScriptBudget Budget { get; } = new();

    public JsonElement LastResult { get; private set; } = JsonValues.Null;

    public bool HasFacts => _facts.Count > 0;

    /// <summary>Whether what is taken now came before a repair that this turn makes.</summary>
    public bool IsRepairing { get; set; }

    /// <summary>Whether an activity has faulted that the instance faults with, at the latest when nothing is left to do now.</summary>
    public bool HasFaulted => _faulted is not null || State.SubStatus is InstanceSubStatus.Faulted;

    /// <summary>Whether something that faulted, in this turn or before, is to be done again before the instance can be finished.</summary>
    public bool MustBeRepaired => HasFaulted
        || (Definition.Options.IncidentStrategy is IncidentStrategy.Fault && State.Executions.Values.Any(static execution => execution.IsFaulted));

    private bool IsRunning => State.Status is InstanceStatus.Running;

    private bool IsGoingOn => State.Bookmarks.Values.Any(bookmark => bookmark.IsGoingOn && !State.Executions[bookmark.Execution].IsFaulted);

    public Decision<InstanceState, InstanceFact, InstanceEffect> Conclude()
    {
        SaveMemories();
        KeepOutputs();
        if (IsRunning && _queue.Count > 0)
        {
            Postpone();
            _effects.Add(new InstanceEffect.ContinueSelf());
        }
        else if (IsRunning && State.SubStatus is not InstanceSubStatus.Suspended && !IsGoingOn)
        {
            if (State.Parent is { WaitsForRest: true } parent)
            {
                _effects.Add(new InstanceEffect.TellParent(parent, Result(InstanceSubStatus.Suspended), HasEnded: false));
            }

            Record(new InstanceFact.InstanceRested());
        }

        return new Decision<InstanceState, InstanceFact, InstanceEffect>.Accepted(State, [.. _facts], [.. _effects]);
    }

    public void Record(InstanceFact fact)
    {
        if (EndedBy(fact) is { } id && State.Executions.TryGetValue(id, out var ended))
        {
            if (ended.Parent is { } parent)
            {
                _children[parent].Remove(id);
            }

            _memories.Remove(id);
        }

        State.Apply(fact);
        _facts.Add(fact);
        if (fact is InstanceFact.ActivityStarted started)
        {
            AddChild(State.Executions[started.Execution]);
        }
    }

    /// <summary>The run that a fact takes out of the state; null when it takes none.</summary>
    private long? EndedBy(InstanceFact fact) => fact switch
    {
        InstanceFact.ActivityCompleted completed => completed.Execution,
        InstanceFact.ActivityCancelled cancelled => cancelled.Execution,
        InstanceFact.IncidentRetried retried => State.Incidents.Single(each => each.Id == retried.Incident) is { Callback: null } own ? own.Execution : null,
        _ => null,
    };

    public void Tell(InstanceEffect effect) => _effects.Add(effect);

    public ActivityNode NodeOf(ActivityExecution execution) => Definition.Nodes[execution.Node];

    public void ScheduleRoot()
    {
        var id = Rehearse(Definition.Workflow, parent: null);
        _queue.Enqueue(new WorkItem(Definition.Root.Index, id));
    }

    /// <summary>Counts an activity as begun without running it: what is inside sees its variables.</summary>
    public long Rehearse(ActivityNode node, long? parent)
    {
        var id = State.LastId + 1;
        Record(new InstanceFact.ActivityStarted(id, node.Index, node.Id, parent, IsBackward: false, InitialValues(node), Locals: null, Inputs: null));
        return id;
    }

    public void TakePostponed(PostponedWork work)
    {
        Record(new InstanceFact.WorkTaken());
        TakeOutputs(new RunOutputs(work.Outputs, work.LastResult));
        foreach (var item in work.Items)
        {
            _queue.Enqueue(item);
        }
    }

    /// <summary>Lets an activity act on one of its bookmarks, then runs what follows from it.</summary>
    public void Wake(Bookmark bookmark, Action<Activity, ActivityContext> callback)
    {
        var execution = State.Executions[bookmark.Execution];
        _acting = NodeOf(execution);
        Guarded(new ActivityContext(this, NodeOf(execution), execution), context => callback(context.Node.Activity, context));
        Drain();
    }

    /// <summary>Goes on waiting for something that the system itself does not answer any more.</summary>
    public void WaitOn(long bookmark)
    {
        if (State.Bookmarks.TryGetValue(bookmark, out var waiting))
        {
            Change(waiting with { IsGoingOn = false }, act: null, by: null);
        }
    }

    /// <summary>Goes on waiting with other members.</summary>
    public Bookmark Change(Bookmark bookmark, string? act, string? by)
    {
        var changed = bookmark with { ChangedAt = Moment.Version };
        Record(new InstanceFact.BookmarkChanged(changed, act, by));
        return changed;
    }

    /// <summary>Starts what is scheduled. A fault does not keep from starting what was to begin beside it; then the instance ends by it.</summary>
    public void Drain()
    {
        while (IsRunning && _queue.Count > 0 && _started < EngineLimits.ActivitiesPerTurnMax)
        {
            Begin(_queue.Dequeue());
        }

        if (_faulted is { } reason)
        {
            SaveMemories();
            Postpone();
            Finish(InstanceSubStatus.Faulted, by: null, reason);
        }
    }

    public void Schedule(ActivityNode node, long owner, bool isBackward, OrderedDictionary<string, JsonElement>? locals) =>
        _queue.Enqueue(new WorkItem(node.Index, owner, isBackward, locals));

    /// <summary>Counts an activity as begun and faulted: it cannot run, and somebody has to know.</summary>
    public void BeginFaulted(ActivityNode node, long owner, ActivityFaultException fault)
    {
        var execution = State.Executions[Rehearse(node, owner)];
        Fault(new ActivityContext(this, node, execution), node, fault, callback: null);
    }

    public bool IsScheduled(ActivityNode node, long owner) =>
        _queue.Any(item => item.Owner == owner && item.Node == node.Index);

    /// <summary>Takes back what was scheduled and has not begun.</summary>
    /// <returns>That work; empty when there was none.</returns>
    public List<WorkItem> Unschedule(ActivityNode node, long owner)
    {
        var found = new List<WorkItem>();
        for (var i = _queue.Count; i > 0; i--)
        {
            var item = _queue.Dequeue();
            if (item.Owner == owner && item.Node == node.Index)
            {
                found.Add(item);
            }
            else
            {
                _queue.Enqueue(item);
            }
        }

        return found;
    }

    /// <summary>Keeps what is still to be begun for another turn.</summary>
    private void Postpone()
    {
        if (_queue.Count > 0)
        {
            Record(new InstanceFact.WorkPostponed(new PostponedWork([.. _queue], Definition.ReadsOutputs ? NewestOutputs() : [], LastResult)));
        }
    }

    private void Begin(WorkItem item)
    {
        if (!State.Executions.ContainsKey(item.Owner))
        {
            return; // What scheduled it has ended meanwhile.
        }

        _started++;
        var node = Definition.Nodes[item.Node];
        _acting = node;
        var execution = new ActivityExecution
        {
            Id = State.LastId + 1,
            Node = item.Node,
            Parent = item.Owner,
            IsBackward = item.IsBackward,
            Locals = item.Locals,
        };
        var context = new ActivityContext(this, node, execution) { Trigger = State.Trigger is { } trigger && trigger.Node == item.Node ? trigger : null };
        Exception? fault = null;
        try
        {
            context.EvaluateInputs();
        }
        catch (Exception e)
        {
            fault = e;
        }

        Record(new InstanceFact.ActivityStarted(
            execution.Id, node.Index, node.Id, item.Owner, item.IsBackward, InitialValues(node), item.Locals, context.ShownInputs()));
        if (fault is not null)
        {
            Fault(context, node, fault, callback: null);
            return;
        }

        if (node.Parent?.Activity is Flowchart)
        {
            AboutChild(item.Owner, new FaultedCallback(ChildEvent.Started, execution, []));
        }

        if (IsRunning && State.Executions.ContainsKey(execution.Id))
        {
            Guarded(context, static at => at.Node.Activity.Execute(at));
        }
    }

    private static OrderedDictionary<string, JsonElement>? InitialValues(ActivityNode node)
    {
        if (node.Variables.IsEmpty)
        {
            return null;
        }

        var values = new OrderedDictionary<string, JsonElement>(node.Variables.Length, StringComparer.Ordinal);
        foreach (var variable in node.Variables)
        {
            values[variable.Id] = variable.Default;
        }

        return values;
    }
}
