using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Execution;

/// <summary>
/// Runs one turn of one instance: resumes what the input answers, then starts scheduled activities, first come
/// first served, until nothing is left or the turn is full. Every change of state is a recorded fact.
/// </summary>
internal sealed class TurnInterpreter
{
    private readonly List<InstanceFact> _facts = [];
    private readonly List<InstanceEffect> _effects = [];
    private readonly Queue<WorkItem> _queue = new();
    private readonly Dictionary<long, SortedSet<long>> _children = [];
    private readonly Dictionary<long, MemorySlot> _memories = [];
    private readonly HashSet<long> _closing = [];
    private readonly OrderedDictionary<int, OrderedDictionary<string, JsonElement>> _outputs = [];
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
    }

    public WorkflowDefinition Definition { get; }

    public InstanceState State { get; }

    public Moment Moment { get; }

    public ScriptBudget Budget { get; } = new();

    public JsonElement LastResult { get; private set; } = JsonValues.Null;

    public bool HasFacts => _facts.Count > 0;

    private bool IsRunning => State.Status is InstanceStatus.Running;

    public Decision<InstanceState, InstanceFact, InstanceEffect> Conclude()
    {
        SaveMemories();
        if (IsRunning && _queue.Count > 0)
        {
            Record(new InstanceFact.WorkPostponed(new PostponedWork([.. _queue], _outputs, LastResult)));
            _effects.Add(new InstanceEffect.ContinueSelf());
        }
        else if (IsRunning && State.SubStatus is not InstanceSubStatus.Suspended)
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
        if (fact is InstanceFact.ActivityCompleted or InstanceFact.ActivityCancelled)
        {
            var id = fact is InstanceFact.ActivityCompleted completed ? completed.Execution : ((InstanceFact.ActivityCancelled)fact).Execution;
            if (State.Executions[id].Parent is { } parent)
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
        foreach (var (node, outputs) in work.Outputs)
        {
            _outputs[node] = new(outputs, StringComparer.Ordinal); // A copy: the state that the turn began with must not change.
        }

        LastResult = work.LastResult;
        foreach (var item in work.Items)
        {
            _queue.Enqueue(item);
        }
    }

    /// <summary>Lets an activity act on one of its bookmarks, then runs what follows from it.</summary>
    public void Wake(Bookmark bookmark, Action<Activity, ActivityContext> callback)
    {
        Guarded(bookmark.Execution, context => callback(context.Node.Activity, context));
        Drain();
    }

    public void Drain()
    {
        while (IsRunning && _queue.Count > 0 && _started < EngineLimits.ActivitiesPerTurnMax)
        {
            Begin(_queue.Dequeue());
        }
    }

    public void Schedule(ActivityNode node, long owner, bool isBackward, OrderedDictionary<string, JsonElement>? locals) =>
        _queue.Enqueue(new WorkItem(node.Index, owner, isBackward, locals));

    /// <summary>Counts an activity as begun and faulted: it cannot run, and somebody has to know.</summary>
    public void BeginFaulted(ActivityNode node, long owner, ActivityFaultException fault)
    {
        Fault(Rehearse(node, owner), node, fault);
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

    /// <summary>The context of the run around a run; null for the invisible root.</summary>
    public ActivityContext? ParentContext(long execution) =>
        State.Executions[execution].Parent is { } parent && State.Executions.TryGetValue(parent, out var found)
            ? new ActivityContext(this, NodeOf(found), found)
            : null;

    /// <summary>Whether something inside the run still has to happen.</summary>
    public bool HasLiveChildren(long execution) =>
        ChildrenOf(execution).Any(child => !State.Executions[child].IsFaulted) || _queue.Any(item => item.Owner == execution);

    public bool HasFaultedChildren(long execution) => ChildrenOf(execution).Any(child => State.Executions[child].IsFaulted);

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
            var child = new CompletedChild(NodeOf(execution), execution, outcomes);
            Guarded(parent, context => context.Node.Activity.OnChildCompleted(context, child), blame: child.Node);
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

    /// <summary>Sets an output of the workflow that a run belongs to.</summary>
    public void SetWorkflowOutput(long execution, string name, JsonElement value)
    {
        var workflow = WorkflowAround(execution);
        Record(workflow.Parent is null
            ? new InstanceFact.OutputSet(name, Bounded(name, value))
            : new InstanceFact.VariableSet(workflow.Id, name, Bounded(name, value), IsLocal: true));
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
            Guarded(parent, at => at.Node.Activity.OnChildCancelled(at, NodeOf(execution), execution), blame: NodeOf(execution));
        }
    }

    /// <summary>Ends the instance at once, whatever is still running.</summary>
    public void Finish(InstanceSubStatus subStatus, string? by, string? reason)
    {
        if (!IsRunning)
        {
            return;
        }

        _queue.Clear();
        if (subStatus is InstanceSubStatus.Cancelled)
        {
            foreach (var child in State.Children)
            {
                _effects.Add(new InstanceEffect.CancelChild(child));
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
        if (State.Parent is { } parent)
        {
            _effects.Add(new InstanceEffect.TellParent(parent, Result(subStatus), HasEnded: true));
        }
    }

    public T Memory<T>(long execution, JsonContract<T> contract)
        where T : class, new()
    {
        if (!_memories.TryGetValue(execution, out var slot))
        {
            var stored = State.Executions[execution].Memory;
            var value = stored is { } json ? contract.Read(json) : new T();
            slot = new MemorySlot(value, () => contract.Write(value));
            _memories[execution] = slot;
        }

        return (T)slot.Value;
    }

    public void SetVariable(ActivityExecution at, VariableDefinition variable, JsonElement value)
    {
        if (!ValueConversion.TryConvert(value, variable.TypeName, variable.IsArray, out var converted))
        {
            throw new ActivityFaultException(
                "value-unreadable",
                $"'{ValueConversion.ToText(value)}' cannot be read as {variable.TypeName}{(variable.IsArray ? "[]" : "")} for variable '{variable.Name}'.");
        }

        Record(new InstanceFact.VariableSet(at.Id, variable.Id, Bounded(variable.Name, converted), IsLocal: false));
    }

    public void SetOutput(ActivityNode node, ActivityExecution execution, string output, JsonElement value)
    {
        Bounded(output, value);
        if (!_outputs.TryGetValue(node.Index, out var outputs))
        {
            _outputs[node.Index] = outputs = new(StringComparer.Ordinal);
        }

        outputs[output] = value;
        if (output is "Result")
        {
            LastResult = value;
        }

        if (node.OutputBindings.TryGetValue(output, out var target)
            && !new ExpressionScope(this, execution).TrySetVariableById(target, value))
        {
            // Studio binds to a workflow output by its name.
            SetWorkflowOutput(execution.Id, target, value);
        }
    }

    /// <summary>The output that an activity of this run last had; null when there is none.</summary>
    /// <param name="isMeant">Which activity is meant.</param>
    /// <param name="output">Name of the output.</param>
    public JsonElement GetOutput(Func<ActivityNode, bool> isMeant, string output)
    {
        for (var i = _outputs.Count - 1; i >= 0; i--)
        {
            var (index, values) = _outputs.GetAt(i);
            if (isMeant(Definition.Nodes[index]))
            {
                return values.TryGetValue(output, out var value) ? value : JsonValues.Null;
            }
        }

        return JsonValues.Null;
    }

    public static JsonElement Bounded(string name, JsonElement value)
    {
        var size = value.ValueKind is JsonValueKind.Undefined ? 0 : JsonMarshal.GetRawUtf8Value(value).Length;
        return size <= EngineLimits.ValueSizeMaxBytes
            ? value
            : throw new ActivityFaultException("value-too-large", $"'{name}' has {size} bytes of JSON; {EngineLimits.ValueSizeMaxBytes} are allowed. Keep documents outside the workflow and pass their ids.");
    }

    private void Begin(WorkItem item)
    {
        if (!State.Executions.ContainsKey(item.Owner))
        {
            return; // What scheduled it has ended meanwhile.
        }

        _started++;
        var node = Definition.Nodes[item.Node];
        var execution = new ActivityExecution
        {
            Id = State.LastId + 1,
            Node = item.Node,
            Parent = item.Owner,
            IsBackward = item.IsBackward,
            Locals = item.Locals,
        };
        var context = new ActivityContext(this, node, execution) { Trigger = State.Trigger is { } trigger && trigger.Node == item.Node ? trigger : null };
        OrderedDictionary<string, JsonElement>? inputs = null;
        ActivityFaultException? fault = null;
        try
        {
            inputs = context.EvaluateInputs();
        }
        catch (ActivityFaultException e)
        {
            fault = e;
        }

        Record(new InstanceFact.ActivityStarted(
            execution.Id, node.Index, node.Id, item.Owner, item.IsBackward, InitialValues(node), item.Locals, inputs is { Count: > 0 } ? inputs : null));
        if (fault is not null)
        {
            Fault(execution.Id, node, fault);
            return;
        }

        if (node.Parent?.Activity is Flowchart)
        {
            Guarded(item.Owner, around => around.Node.Activity.OnChildStarted(around, node), blame: node);
        }

        if (IsRunning && State.Executions.ContainsKey(execution.Id))
        {
            Guarded(context, static at => at.Node.Activity.Execute(at), blame: null);
        }
    }

    private void Guarded(long execution, Action<ActivityContext> action, ActivityNode? blame = null) =>
        Guarded(new ActivityContext(this, NodeOf(State.Executions[execution]), State.Executions[execution]), action, blame);

    /// <summary>Runs a callback of an activity; a fault in it becomes an incident of that activity, or of the one to blame.</summary>
    private void Guarded(ActivityContext context, Action<ActivityContext> action, ActivityNode? blame)
    {
        try
        {
            action(context);
        }
        catch (ActivityFaultException e)
        {
            Fault(context.ExecutionId, blame ?? context.Node, e);
        }
    }

    private void Fault(long execution, ActivityNode node, ActivityFaultException fault)
    {
        if (!IsRunning || !State.Executions.ContainsKey(execution))
        {
            return;
        }

        Record(new InstanceFact.ActivityFaulted(
            new Incident(execution, node.Index, node.Id, node.Activity.Descriptor.TypeName, fault.Code, fault.Message, fault.Cause, Moment.Now)));
        if (Definition.Options.IncidentStrategy is IncidentStrategy.Fault)
        {
            SaveMemories();
            Finish(InstanceSubStatus.Faulted, by: null, fault.Message);
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

    private void SaveMemories()
    {
        foreach (var (id, slot) in _memories.OrderBy(pair => pair.Key))
        {
            var json = slot.Write();
            if (State.Executions[id].Memory is not { } stored || !JsonMarshal.GetRawUtf8Value(stored).SequenceEqual(JsonMarshal.GetRawUtf8Value(json)))
            {
                Record(new InstanceFact.MemoryChanged(id, json));
            }
        }
    }

    private JsonElement Result(InstanceSubStatus subStatus) => JsonValues.Object(
        ("WorkflowInstanceId", JsonValues.Of(State.Id)),
        ("Status", JsonValues.Of(State.Status.ToString())),
        ("SubStatus", JsonValues.Of(subStatus.ToString())),
        ("Output", JsonValues.Object([.. State.Output.Select(output => (output.Key, output.Value))])));

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

    private void AddChild(ActivityExecution execution)
    {
        if (execution.Parent is { } parent)
        {
            (CollectionsMarshal.GetValueRefOrAddDefault(_children, parent, out _) ??= []).Add(execution.Id);
        }
    }

    private SortedSet<long> ChildrenOf(long id) => _children.TryGetValue(id, out var children) ? children : [];

    private sealed record MemorySlot(object Value, Func<JsonElement> Write);
}
