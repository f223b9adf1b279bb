using System.Collections.Frozen;
using System.Collections.Immutable;
using AssessmentFlow.Engine.Definitions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// The connections of a flowchart seen from its start. A connection is <em>forward</em> when, taken breadth-first
/// from the start, it closes no cycle; the others lead <em>backward</em>. A backward connection is a proper loop
/// when its target lies on every path from the start to its source.
/// </summary>
internal sealed class FlowGraph
{
    private static readonly ImmutableArray<FlowConnection> None = [];

    private readonly FrozenDictionary<ActivityNode, ImmutableArray<FlowConnection>> _outbound;
    private readonly FrozenDictionary<ActivityNode, ImmutableArray<FlowConnection>> _forwardInbound;
    private readonly FrozenSet<int> _forward;
    private readonly FrozenSet<int> _properLoops;
    private readonly FrozenDictionary<ActivityNode, FrozenSet<ActivityNode>> _ancestors;

    public FlowGraph(ActivityNode flowchart, ImmutableArray<FlowConnection> connections, ActivityNode start)
    {
        Start = start;
        var outbound = connections.GroupBy(connection => connection.Source).ToDictionary(group => group.Key, group => group.ToImmutableArray());
        var forward = ForwardEdges(outbound, start);
        var forwardConnections = connections.Where(connection => forward.Contains((connection.Source, connection.Target))).ToArray();

        _outbound = outbound.ToFrozenDictionary();
        _forward = forwardConnections.Select(connection => connection.Index).ToFrozenSet();
        _forwardInbound = forwardConnections
            .GroupBy(connection => connection.Target)
            .ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray());
        _properLoops = connections
            .Where(connection => !_forward.Contains(connection.Index) && !IsReachable(start, connection.Source, without: connection.Target))
            .Select(connection => connection.Index)
            .ToFrozenSet();
        _ancestors = flowchart.Children.ToFrozenDictionary(child => child, AncestorsOf);
    }

    public ActivityNode Start { get; }

    public ImmutableArray<FlowConnection> OutboundOf(ActivityNode node) => _outbound.GetValueOrDefault(node, None);

    public ImmutableArray<FlowConnection> ForwardInboundOf(ActivityNode node) => _forwardInbound.GetValueOrDefault(node, None);

    public bool IsForward(FlowConnection connection) => _forward.Contains(connection.Index);

    public bool IsProperLoop(FlowConnection connection) => _properLoops.Contains(connection.Index);

    public bool IsReachable(ActivityNode node) => node == Start || _forwardInbound.ContainsKey(node);

    /// <summary>Every activity from which forward connections lead to the node.</summary>
    public FrozenSet<ActivityNode> AncestorsOf(ActivityNode node)
    {
        if (_ancestors is not null && _ancestors.TryGetValue(node, out var known))
        {
            return known;
        }

        var ancestors = new HashSet<ActivityNode>();
        var open = new Stack<ActivityNode>([node]);
        while (open.TryPop(out var at))
        {
            foreach (var connection in ForwardInboundOf(at))
            {
                if (ancestors.Add(connection.Source))
                {
                    open.Push(connection.Source);
                }
            }
        }

        return ancestors.ToFrozenSet();
    }

    private static HashSet<(ActivityNode, ActivityNode)> ForwardEdges(
        Dictionary<ActivityNode, ImmutableArray<FlowConnection>> outbound, ActivityNode start)
    {
        var edges = new HashSet<(ActivityNode, ActivityNode)>();
        var successors = new Dictionary<ActivityNode, List<ActivityNode>>();
        var visited = new HashSet<ActivityNode>();
        var open = new Queue<ActivityNode>([start]);
        while (open.TryDequeue(out var source))
        {
            visited.Add(source);
            foreach (var target in outbound.GetValueOrDefault(source, None).Select(connection => connection.Target))
            {
                if (edges.Contains((source, target)) || LeadsTo(successors, target, source))
                {
                    continue;
                }

                edges.Add((source, target));
                if (!successors.TryGetValue(source, out var targets))
                {
                    successors[source] = targets = [];
                }

                targets.Add(target);
                if (!visited.Contains(target))
                {
                    open.Enqueue(target);
                }
            }
        }

        return edges;
    }

    private static bool LeadsTo(Dictionary<ActivityNode, List<ActivityNode>> successors, ActivityNode from, ActivityNode to)
    {
        var seen = new HashSet<ActivityNode> { from };
        var open = new Stack<ActivityNode>([from]);
        while (open.TryPop(out var at))
        {
            if (at == to)
            {
                return true;
            }

            foreach (var next in successors.GetValueOrDefault(at, []))
            {
                if (seen.Add(next))
                {
                    open.Push(next);
                }
            }
        }

        return false;
    }

    /// <summary>Whether forward connections lead from one activity to another when a third is taken out.</summary>
    private bool IsReachable(ActivityNode from, ActivityNode to, ActivityNode without)
    {
        if (from == without || to == without)
        {
            return false;
        }

        var seen = new HashSet<ActivityNode> { from };
        var open = new Stack<ActivityNode>([from]);
        while (open.TryPop(out var at))
        {
            if (at == to)
            {
                return true;
            }

            foreach (var connection in OutboundOf(at))
            {
                if (_forward.Contains(connection.Index) && connection.Target != without && seen.Add(connection.Target))
                {
                    open.Push(connection.Target);
                }
            }
        }

        return false;
    }
}
