using System.Collections.Frozen;
using System.Collections.Immutable;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>A state machine as it was read.</summary>
internal sealed class StatePlan
{
    private readonly FrozenDictionary<ActivityNode, (StatePart Part, int Index)> _parts;

    /// <param name="states">The states, in the order of the document.</param>
    /// <param name="transitions">The transitions, in the order of the document.</param>
    /// <param name="initial">Position of the state to begin in; null when there is none.</param>
    public StatePlan(ImmutableArray<MachineState> states, ImmutableArray<StateTransition> transitions, int? initial)
    {
        States = states;
        Transitions = transitions;
        Initial = initial;
        var parts = new Dictionary<ActivityNode, (StatePart, int)>();
        for (var i = 0; i < states.Length; i++)
        {
            Add(states[i].Entry, StatePart.Entry, i);
            Add(states[i].Exit, StatePart.Exit, i);
        }

        foreach (var transition in transitions)
        {
            Add(transition.Trigger, StatePart.Trigger, transition.Index);
            Add(transition.Action, StatePart.Action, transition.Index);
        }

        _parts = parts.ToFrozenDictionary();

        void Add(ActivityNode? node, StatePart part, int index)
        {
            if (node is not null)
            {
                parts[node] = (part, index);
            }
        }
    }

    public ImmutableArray<MachineState> States { get; }

    public ImmutableArray<StateTransition> Transitions { get; }

    public int? Initial { get; }

    /// <summary>What an activity is there for: part of which state or transition, by position.</summary>
    public (StatePart Part, int Index) PartOf(ActivityNode node) => _parts[node];
}

/// <summary>A state.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Entry">What runs when it is entered.</param>
/// <param name="Exit">What runs when it is left.</param>
/// <param name="Transitions">What leads out of it, in the order of the document.</param>
internal sealed record MachineState(string Name, ActivityNode? Entry, ActivityNode? Exit, ImmutableArray<StateTransition> Transitions);

/// <summary>A way from one state to another or back to itself.</summary>
/// <param name="Index">Position in the document.</param>
/// <param name="From">Position of the state that it leaves.</param>
/// <param name="To">Position of the state that it enters.</param>
/// <param name="Trigger">What is waited for; null for a transition that is tried at once.</param>
/// <param name="Condition">What has to hold; null for nothing.</param>
/// <param name="Action">What runs between the two states.</param>
internal sealed record StateTransition(int Index, int From, int To, ActivityNode? Trigger, InputExpression? Condition, ActivityNode? Action);

/// <summary>What an activity of a state machine is there for.</summary>
internal enum StatePart
{
    Entry,
    Exit,
    Trigger,
    Action,
}
