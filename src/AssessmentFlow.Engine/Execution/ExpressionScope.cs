using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Execution;

/// <summary>
/// What expressions can see from where they stand: variables from the inside out, inputs, outputs of the run so far,
/// the instance, and a time and chance that are part of the input.
/// </summary>
internal sealed class ExpressionScope(TurnInterpreter turn, ActivityExecution execution)
{
    public DateTimeOffset Now => turn.Moment.Now;

    public ScriptBudget Budget => turn.Budget;

    public string InstanceId => turn.State.Id;

    public string DefinitionId => turn.State.DefinitionId;

    public int DefinitionVersion => turn.State.DefinitionVersion;

    public string DefinitionVersionId => turn.State.DefinitionHash;

    public JsonElement LastResult => turn.LastResult;

    /// <summary>Values that only this evaluation sees, by name; null when there are none.</summary>
    public OrderedDictionary<string, JsonElement>? Arguments { get; init; }

    /// <summary>Outcomes that a script set for its activity; null when it may not set any.</summary>
    public string[]? Outcomes { get; set; }

    public string? CorrelationId
    {
        get => turn.State.CorrelationId;
        set => turn.Record(new InstanceFact.Correlated(value is null || EngineLimits.IsKey(value)
            ? value
            : throw new ActivityFaultException("key-malformed", $"A correlation id is found by from outside: it may have {EngineLimits.KeyLengthMax} printable characters.")));
    }

    public string? InstanceName
    {
        get => turn.State.Name;
        set => turn.Record(new InstanceFact.Named(value));
    }

    /// <summary>
    /// An input of the workflow, by its name in any case; first what an activity was given in the name of inputs: a workflow
    /// that is used as one, and what Bulk Dispatch does for a child.
    /// </summary>
    public JsonElement GetInput(string name)
    {
        foreach (var at in Chain())
        {
            if (at is { Locals: { } given, Parent: not null } && HandsOnAsInput(turn.NodeOf(at), name) && given.TryGetValue(name, out var input))
            {
                return input;
            }
        }

        return turn.State.Input.TryGetValue(name, out var value)
            ? value
            : turn.State.Input.FirstOrDefault(input => string.Equals(input.Key, name, StringComparison.OrdinalIgnoreCase)) is { Key: not null, Value: var other } ? other : JsonValues.Null;
    }

    /// <summary>Names of the inputs that are declared or were given, each once: in any case it is the same input.</summary>
    public IEnumerable<string> InputNames() =>
        turn.Definition.Inputs.Select(input => input.Name).Concat(turn.State.Input.Keys).Distinct(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether the accessor of a name is that of an input, whatever variables are called. Inside a workflow that is used as an
    /// activity, and among the arguments of one evaluation, the nearer thing is meant.
    /// </summary>
    public bool IsInputFirst(string name) =>
        Arguments?.ContainsKey(name) is not true
        && turn.NodeOf(execution).Workflow == turn.Definition.Workflow
        && turn.Definition.Inputs.Any(input => input.Name == name);

    /// <summary>The output of an activity by its id or name, in this workflow rather than in one around it.</summary>
    /// <exception cref="ActivityFaultException">The definition has no such activity.</exception>
    public JsonElement GetOutput(string activity, string output)
    {
        return turn.Definition.Nodes.Any(IsMeant)
            ? GetOutput(IsMeant, output)
            : throw new ActivityFaultException("activity-unknown", $"There is no activity '{activity}' whose output could be asked for.");

        bool IsMeant(ActivityNode node) => node.Id == activity || node.Name == activity;
    }

    /// <summary>The output of an activity by its name as the generated accessors write it.</summary>
    public JsonElement GetOutputByAccessor(string activity, string output) => GetOutput(node => IsWritten(node, activity), output);

    /// <summary>Whether there is an activity with such an output, so that it has an accessor.</summary>
    public bool HasOutput(string activity, string output) => turn.Definition.OutputAccessors.Contains((activity, output));

    private JsonElement GetOutput(Func<ActivityNode, bool> isMeant, string output)
    {
        var own = turn.NodeOf(execution).Workflow;
        var found = turn.GetOutput(node => node.Workflow == own && isMeant(node), output);
        return found.IsNull() ? turn.GetOutput(isMeant, output) : found;
    }

    public IEnumerable<string> VariableNames() =>
        (Arguments?.Keys ?? Enumerable.Empty<string>())
            .Concat(Chain().SelectMany(at => (at.Locals?.Keys ?? Enumerable.Empty<string>())
                .Concat(turn.NodeOf(at).Variables.Select(variable => variable.Name))))
            .Where(name => !name.StartsWith('(')) // What a run keeps of its inputs is nobody's variable.
            .Distinct(StringComparer.Ordinal);

    public bool TryGetVariable(string name, out JsonElement value) => TryGetVariable(name, out value, out _);

    public bool TryGetVariable(string name, out JsonElement value, out string typeName)
    {
        if (Arguments is not null && Arguments.TryGetValue(name, out value))
        {
            typeName = "Object";
            return true;
        }

        foreach (var at in Chain())
        {
            if (at.Locals is not null && at.Locals.TryGetValue(name, out value))
            {
                typeName = "Object";
                return true;
            }

            foreach (var variable in turn.NodeOf(at).Variables)
            {
                if (variable.Name == name)
                {
                    value = at.Variables is not null && at.Variables.TryGetValue(variable.Id, out var held) ? held : variable.Default;
                    typeName = variable.IsArray ? "Object" : variable.TypeName;
                    return true;
                }
            }
        }

        value = JsonValues.Null;
        typeName = "Object";
        return false;
    }

    public bool TryGetVariableById(string id, out JsonElement value)
    {
        foreach (var at in Chain())
        {
            if (at.Variables is not null && at.Variables.TryGetValue(id, out value))
            {
                return true;
            }
        }

        value = JsonValues.Null;
        return false;
    }

    /// <summary>
    /// Sets the variable or local value of that name in the nearest scope that has it. Where none has it, the nearest container
    /// around keeps it as long as it runs, as in Elsa.
    /// </summary>
    /// <exception cref="ActivityFaultException">The name is none that a value could be found by.</exception>
    public void SetVariable(string name, JsonElement value)
    {
        foreach (var at in Chain())
        {
            if (at.Locals is not null && at.Locals.ContainsKey(name))
            {
                turn.Record(new InstanceFact.VariableSet(at.Id, name, TurnInterpreter.Bounded(name, value), IsLocal: true));
                return;
            }

            foreach (var variable in turn.NodeOf(at).Variables)
            {
                if (variable.Name == name)
                {
                    turn.SetVariable(at, variable, value);
                    return;
                }
            }
        }

        // Names in parentheses are those of inputs that a run keeps.
        if (string.IsNullOrWhiteSpace(name) || name[0] is '(' || !EngineLimits.IsKey(name))
        {
            throw new ActivityFaultException("variable-unknown", $"A variable is found by its name: that has 1 to {EngineLimits.KeyLengthMax} printable characters and does not begin with a parenthesis.");
        }

        var container = Chain().First(at => turn.NodeOf(at).Activity.Descriptor.IsContainer && turn.State.Executions.ContainsKey(at.Id));
        turn.Record(new InstanceFact.VariableSet(container.Id, name, TurnInterpreter.Bounded(name, value), IsLocal: true));
    }

    /// <summary>Sets the variable of that id in the nearest scope that declares it.</summary>
    /// <returns>False when no scope declares it.</returns>
    public bool TrySetVariableById(string id, JsonElement value)
    {
        foreach (var at in Chain())
        {
            foreach (var variable in turn.NodeOf(at).Variables)
            {
                if (variable.Id == id)
                {
                    turn.SetVariable(at, variable, value);
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>A number in [0, 1) that is the same whenever this turn is decided.</summary>
    public double NextRandom() => BinaryPrimitives.ReadUInt64LittleEndian(Draw("random")) / (double)(1UL << 32) / (1UL << 32);

    /// <summary>An id that is the same whenever this turn is decided, and that no other expression of the turn gets.</summary>
    public Guid NextGuid() => new(Draw("guid").AsSpan(0, 16));

    private byte[] Draw(string purpose) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{turn.State.Id}/{turn.Moment.Version}/{execution.Id}/{purpose}/{turn.NextDraw()}"));

    private static bool IsWritten(ActivityNode node, string activity) => Names.Pascal(node.Label) == activity;

    private static bool HandsOnAsInput(ActivityNode node, string name) =>
        node.Activity is Workflow || (node.Parent?.Activity is BulkDispatchWorkflows && BulkDispatchWorkflows.HandlerValues.Contains(name, StringComparer.Ordinal));

    private IEnumerable<ActivityExecution> Chain()
    {
        // The execution may not be part of the state yet: inputs are evaluated before an activity counts as started.
        var at = turn.State.Executions.TryGetValue(execution.Id, out var current) ? current : execution;
        while (true)
        {
            yield return at;
            if (at.Parent is not { } parent)
            {
                yield break;
            }

            at = turn.State.Executions[parent];
        }
    }
}
