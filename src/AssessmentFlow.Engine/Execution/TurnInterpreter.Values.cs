using System.Runtime.InteropServices;
using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Execution;

/// <content>Variables, outputs and what activities remember.</content>
internal sealed partial class TurnInterpreter
{
    private int _draws;

    /// <summary>A number that no other draw of this turn gets, and the same draw gets whenever the turn is decided.</summary>
    public int NextDraw() => _draws++;

    /// <summary>Sets an output of the nearest workflow around a run that declares it; where none does, of the instance.</summary>
    public void SetWorkflowOutput(long execution, string name, JsonElement value) => SetOutputOf(DeclaringWorkflow(execution, name), name, value);

    /// <param name="workflow">The run of the workflow that declares the output; null where none does.</param>
    /// <param name="name">Name of the output.</param>
    /// <param name="value">Its value.</param>
    private void SetOutputOf(ActivityExecution? workflow, string name, JsonElement value) => Record(workflow is { Parent: not null } used
        ? new InstanceFact.VariableSet(used.Id, name, Bounded(name, value), IsLocal: true)
        : new InstanceFact.OutputSet(name, Bounded(name, value)));

    /// <summary>The run of the nearest workflow around a run that declares an output; null when none does.</summary>
    private ActivityExecution? DeclaringWorkflow(long execution, string output)
    {
        var workflow = WorkflowAround(execution);
        while (workflow.Parent is { } user)
        {
            if (NodeOf(State.Executions[user]).Activity.Descriptor.Outputs.Any(each => each.Name == output))
            {
                return workflow;
            }

            workflow = WorkflowAround(user);
        }

        return Definition.Outputs.Any(each => each.Name == output) ? workflow : null;
    }

    private RunOutputs CopyOfOutputs() => new(
        Definition.ReadsOutputs ? new(_outputs.Select(static each => KeyValuePair.Create(each.Key, new OrderedDictionary<string, JsonElement>(each.Value, StringComparer.Ordinal)))) : [],
        LastResult);

    /// <summary>Goes on with what a run has put out before.</summary>
    private void TakeOutputs(RunOutputs run)
    {
        _outputs.Clear();
        foreach (var (node, outputs) in run.Outputs)
        {
            _outputs[node] = new(outputs, StringComparer.Ordinal); // A copy: what they were taken from must not change.
        }

        LastResult = run.LastResult;
    }

    /// <summary>
    /// Keeps the outputs where Elsa would not even have stopped: between a request, or the start of another workflow, and
    /// its answer. A run whose scripts never ask for outputs carries none along.
    /// </summary>
    private void KeepOutputs()
    {
        var goesOn = Definition.ReadsOutputs && IsRunning && _queue.Count is 0 && IsGoingOn;
        if (goesOn ? _areOutputsNew || (State.Outputs is null && _outputs.Count > 0) : State.Outputs is not null)
        {
            Record(new InstanceFact.OutputsKept(goesOn ? new RunOutputs(NewestOutputs(), LastResult) : null));
        }
    }

    /// <summary>The outputs, without those that came first where all together are too large: a state must not grow too large for what hardly anybody asks.</summary>
    private OrderedDictionary<int, OrderedDictionary<string, JsonElement>> NewestOutputs()
    {
        var left = EngineLimits.RunOutputsSizeMaxBytes;
        var first = _outputs.Count;
        while (first > 0 && (left -= _outputs.GetAt(first - 1).Value.Values.Sum(static value => value.ValueKind is JsonValueKind.Undefined ? 0 : JsonMarshal.GetRawUtf8Value(value).Length)) >= 0)
        {
            first--;
        }

        return first is 0 ? _outputs : new(_outputs.Skip(first));
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
        _outputs.Remove(node.Index, out var outputs);
        _outputs[node.Index] = outputs ??= new(StringComparer.Ordinal); // Behind all others: it is the newest now.
        outputs[output] = value;
        _areOutputsNew = true;
        if (output is "Result")
        {
            LastResult = value;
        }

        if (node.OutputBindings.TryGetValue(output, out var target)
            && !new ExpressionScope(this, execution).TrySetVariableById(target, value)
            && DeclaringWorkflow(execution.Id, target) is { } workflow)
        {
            // Studio binds to a workflow output by its name. What nothing declares is nobody's: its author was warned.
            SetOutputOf(workflow, target, value);
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
            ? Shallow(name, value)
            : throw new ActivityFaultException("value-too-large", $"'{name}' has {size} bytes of JSON; {EngineLimits.ValueSizeMaxBytes} are allowed. Keep documents outside the workflow and pass their ids.");
    }

    /// <summary>A value nested no deeper than a snapshot or message that carries it can be read again.</summary>
    public static JsonElement Shallow(string name, JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            return value;
        }

        // A level takes two bytes at least: most values need no look inside.
        var json = JsonMarshal.GetRawUtf8Value(value);
        if (json.Length <= 2 * EngineLimits.ValueDepthMax)
        {
            return value;
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DefinitionLimits.DocumentDepthMax });
        while (reader.Read())
        {
            if (reader.CurrentDepth >= EngineLimits.ValueDepthMax && reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                throw new ActivityFaultException("value-too-deep", $"'{name}' is nested deeper than {EngineLimits.ValueDepthMax} levels.");
            }
        }

        return value;
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

    private sealed record MemorySlot(object Value, Func<JsonElement> Write);
}
