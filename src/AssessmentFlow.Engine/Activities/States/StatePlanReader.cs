using System.Text.Json;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// Reads the states and transitions of a state machine and says what is wrong with them. What can never run right is
/// a problem; what can never run at all, a warning.
/// </summary>
internal sealed class StatePlanReader
{
    private readonly PlanContext _context;
    private readonly List<(string Name, ActivityNode? Entry, ActivityNode? Exit)> _states = [];
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);
    private readonly List<StateTransition> _transitions = [];

    private StatePlanReader(PlanContext context) => _context = context;

    private string Path => _context.Node.Path;

    public static StatePlan Read(PlanContext context)
    {
        var reader = new StatePlanReader(context);
        reader.ReadStates();
        reader.ReadTransitions();
        var plan = new StatePlan(
            [.. reader._states.Select((state, position) => new MachineState(state.Name, state.Entry, state.Exit, [.. reader._transitions.Where(each => each.From == position)]))],
            [.. reader._transitions],
            reader.ReadInitial());
        reader.CheckReach(plan);
        reader.CheckOrder(plan);
        return plan;
    }

    private void ReadStates()
    {
        foreach (var (json, path) in Items("states"))
        {
            var name = json.Member("name").AsText();
            if (string.IsNullOrWhiteSpace(name))
            {
                _context.Report($"{path}.name", "state-without-name", "A state needs a name: transitions refer to it.");
                name = "";
            }
            else if (!_positions.TryAdd(name, _states.Count))
            {
                _context.Report($"{path}.name", "state-repeated", $"There is another state '{name}': which of them a transition means, nobody could say.");
            }

            _states.Add((name, ReadChild(json, path, "entry"), ReadChild(json, path, "exit")));
        }
    }

    private void ReadTransitions()
    {
        foreach (var (json, path) in Items("transitions"))
        {
            var from = ReadEnd(json, path, "from");
            var to = ReadEnd(json, path, "to");
            var trigger = ReadChild(json, path, "trigger");
            var condition = ReadCondition(json.Member("condition"), $"{path}.condition");
            var action = ReadChild(json, path, "action");
            if (from is { } source && to is { } target)
            {
                _transitions.Add(new StateTransition(_transitions.Count, source, target, trigger, condition, action));
            }
        }
    }

    private int? ReadEnd(JsonElement json, string path, string end)
    {
        var name = json.Member(end).AsText() ?? "";
        if (_positions.TryGetValue(name, out var position))
        {
            return position;
        }

        _context.Report($"{path}.{end}", "transition-dangling", $"The transition names a state '{name}' that this state machine does not contain.");
        return null;
    }

    private InputExpression? ReadCondition(JsonElement json, string path) =>
        json.Member("expression").IsNull() ? null : _context.ReadExpression(json.Member("expression"), "Boolean", $"{path}.expression");

    private ActivityNode? ReadChild(JsonElement json, string path, string port)
    {
        if (json.Member(port) is not { ValueKind: JsonValueKind.Object } child || _context.ReadChild(child, $"{path}.{port}", port) is not { } read)
        {
            return null;
        }

        _context.Node.Children = _context.Node.Children.Add(read);
        return read;
    }

    /// <summary>Where the run begins: the current state that the author wrote down, else the initial one.</summary>
    private int? ReadInitial()
    {
        var member = string.IsNullOrWhiteSpace(_context.Json.Member("currentState").AsText()) ? "initialState" : "currentState";
        var name = _context.Json.Member(member).AsText() ?? "";
        if (_positions.TryGetValue(name, out var position))
        {
            return position;
        }

        if (_states.Count > 0)
        {
            _context.Report(
                $"{Path}.{member}",
                "state-initial-missing",
                name.Length > 0 ? $"It begins in a state '{name}' that it does not contain." : "It does not say in which state it begins.");
        }

        return null;
    }

    private void CheckReach(StatePlan plan)
    {
        var reached = new HashSet<int>();
        var open = new Stack<int>(plan.Initial is { } initial ? [initial] : Enumerable.Range(0, plan.States.Length));
        while (open.TryPop(out var at))
        {
            if (reached.Add(at))
            {
                foreach (var transition in plan.States[at].Transitions)
                {
                    open.Push(transition.To);
                }
            }
        }

        for (var i = 0; i < plan.States.Length; i++)
        {
            if (!reached.Contains(i))
            {
                _context.Warn($"{Path}.states[{i}]", "state-unreachable", $"Nothing leads to the state '{plan.States[i].Name}': it will never be entered.");
            }
        }
    }

    /// <summary>Whatever stands beside a transition that is always taken at once is never taken.</summary>
    private void CheckOrder(StatePlan plan)
    {
        foreach (var state in plan.States)
        {
            if (state.Transitions.FirstOrDefault(each => each is { Trigger: null, Condition: null }) is not { } always)
            {
                continue;
            }

            foreach (var never in state.Transitions.Where(each => each.Trigger is not null || each.Index > always.Index))
            {
                _context.Warn(
                    $"{Path}.transitions[{never.Index}]",
                    "transition-never-taken",
                    $"Another transition leaves '{state.Name}' at once, without trigger and condition: this one will never be taken.");
            }
        }
    }

    private IEnumerable<(JsonElement Json, string Path)> Items(string member)
    {
        var json = _context.Json.Member(member);
        return json.ValueKind is JsonValueKind.Array ? json.EnumerateArray().Select((item, position) => (item, $"{Path}.{member}[{position}]")) : [];
    }
}
