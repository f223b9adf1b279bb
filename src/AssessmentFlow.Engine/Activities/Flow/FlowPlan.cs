using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>A connection of a flowchart: from an outcome of one activity to another activity.</summary>
internal sealed record FlowConnection(int Index, ActivityNode Source, string Port, ActivityNode Target);

/// <summary>A flowchart as it was read: its connections and, per start activity, which of them lead forward.</summary>
internal sealed class FlowPlan(ActivityNode flowchart, FlowchartMode mode, ImmutableArray<FlowConnection> connections)
{
    private readonly ConcurrentDictionary<int, FlowGraph> _graphs = new();
    private readonly FrozenDictionary<ActivityNode, int> _positions = flowchart.Children.Select((child, position) => (child, position)).ToFrozenDictionary(pair => pair.child, pair => pair.position);

    /// <summary>How connections are followed: that of the definition in which the flowchart is drawn.</summary>
    public FlowchartMode Mode => mode;

    public ImmutableArray<FlowConnection> Connections => connections;

    /// <summary>
    /// Where the flowchart begins, the first that exists of: an <c>Elsa.Start</c>, an activity that may start
    /// the workflow, one without inbound connection, the first.
    /// </summary>
    public ActivityNode? Start { get; } =
        flowchart.Children.FirstOrDefault(child => child.Activity.Descriptor.IsStart)
        ?? flowchart.Children.FirstOrDefault(child => child.CanStartWorkflow)
        ?? flowchart.Children.FirstOrDefault(child => connections.All(connection => connection.Target != child))
        ?? flowchart.Children.FirstOrDefault();

    /// <summary>Whether the mode of a join is only known when the run comes to it.</summary>
    public bool HasComputedJoins { get; } = connections.Any(static connection =>
        connection.Target.Activity is FlowJoin && connection.Target.Inputs.TryGetValue("Mode", out var mode) && mode is not LiteralExpression);

    public FlowGraph GraphFrom(ActivityNode start) =>
        _graphs.GetOrAdd(start.Index, _ => new FlowGraph(connections, start));

    /// <summary>Position of a child in the flowchart: counters are kept by it.</summary>
    public int PositionOf(ActivityNode child) => _positions[child];
}
