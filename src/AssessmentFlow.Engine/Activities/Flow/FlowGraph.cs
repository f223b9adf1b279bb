using System.Collections.Concurrent;
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
    private readonly FrozenDictionary<ActivityNode, ImmutableArray<FlowConnection>> _inbound;
    private readonly FrozenDictionary<ActivityNode, ImmutableArray<FlowConnection>> _forwardInbound;
    private readonly FrozenSet<int> _forward;
    private readonly FrozenSet<int> _properLoops;
    private readonly ConcurrentDictionary<ActivityNode, ImmutableArray<ActivityNode>> _ancestors = new();
    private readonly ConcurrentDictionary<ActivityNode, FrozenSet<ActivityNode>> _beforeJoins = new();

    private readonly Lazy<Dictionary<ActivityNode, (ActivityNode Last, int Depth)>> _passed;

    public FlowGraph(ImmutableArray<FlowConnection> connections, ActivityNode start)
    {
        Start = start;
        var outbound = connections.GroupBy(connection => connection.Source).ToDictionary(group => group.Key, group => group.ToImmutableArray());
        var forward = ForwardEdges(outbound, start);
        var forwardConnections = connections.Where(connection => forward.Contains((connection.Source, connection.Target))).ToArray();

        _outbound = outbound.ToFrozenDictionary();
        _inbound = ByTarget(connections);
        _forward = forwardConnections.Select(connection => connection.Index).ToFrozenSet();
        _forwardInbound = ByTarget(forwardConnections);
        _properLoops = connections
            .Where(connection => !_forward.Contains(connection.Index) && !IsReachable(start, connection.Source, without: connection.Target))
            .Select(connection => connection.Index)
            .ToFrozenSet();
        InForwardOrder = Sorted();
        HasImproperLoops = connections.Any(connection => IsReachable(connection.Source) && !IsForward(connection) && !IsProperLoop(connection));
        _passed = new(Passed);
    }

    public ActivityNode Start { get; }

    /// <summary>Every activity that the start leads to, none before one that leads forward to it.</summary>
    public ImmutableArray<ActivityNode> InForwardOrder { get; }

    public ImmutableArray<FlowConnection> OutboundOf(ActivityNode node) => _outbound.GetValueOrDefault(node, None);

    public ImmutableArray<FlowConnection> InboundOf(ActivityNode node) => _inbound.GetValueOrDefault(node, None);

    public ImmutableArray<FlowConnection> ForwardInboundOf(ActivityNode node) => _forwardInbound.GetValueOrDefault(node, None);

    public bool IsForward(FlowConnection connection) => _forward.Contains(connection.Index);

    public bool IsProperLoop(FlowConnection connection) => _properLoops.Contains(connection.Index);

    /// <summary>Whether a connection that can be followed leads back where it must not.</summary>
    public bool HasImproperLoops { get; }

    public bool IsReachable(ActivityNode node) => node == Start || _forwardInbound.ContainsKey(node);

    /// <summary>The last activity that every path from the start to one or the other of two activities passes.</summary>
    public ActivityNode LastBefore(ActivityNode one, ActivityNode other) => Common(_passed.Value, one, other);

    /// <summary>Every activity from which forward connections lead to the node, in forward order.</summary>
    public ImmutableArray<ActivityNode> AncestorsOf(ActivityNode node) => _ancestors.GetOrAdd(node, each =>
    {
        var ancestors = Before(ForwardInboundOf(each), ForwardInboundOf, static _ => true);
        return [.. InForwardOrder.Where(ancestors.Contains)];
    });

    /// <summary>
    /// Every activity that may still bring something to a join in the round that the join waits in: it leads to a
    /// forward connection of the join, also by a loop, without passing the join or what comes after it.
    /// </summary>
    public FrozenSet<ActivityNode> BeforeJoin(ActivityNode join) => _beforeJoins.GetOrAdd(join, each =>
    {
        var after = new HashSet<ActivityNode> { each };
        foreach (var node in InForwardOrder.Where(node => ForwardInboundOf(node).Any(connection => after.Contains(connection.Source))))
        {
            after.Add(node);
        }

        return Before(ForwardInboundOf(each), InboundOf, node => !after.Contains(node)).ToFrozenSet();
    });

    private static FrozenDictionary<ActivityNode, ImmutableArray<FlowConnection>> ByTarget(IEnumerable<FlowConnection> connections) =>
        connections.GroupBy(connection => connection.Target).ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray());

    private static HashSet<ActivityNode> Before(
        ImmutableArray<FlowConnection> connections, Func<ActivityNode, ImmutableArray<FlowConnection>> inboundOf, Func<ActivityNode, bool> isMeant)
    {
        var before = new HashSet<ActivityNode>();
        var open = new Stack<FlowConnection>(connections);
        while (open.TryPop(out var connection))
        {
            if (isMeant(connection.Source) && before.Add(connection.Source))
            {
                foreach (var next in inboundOf(connection.Source))
                {
                    open.Push(next);
                }
            }
        }

        return before;
    }

    private ImmutableArray<ActivityNode> Sorted()
    {
        var sorted = ImmutableArray.CreateBuilder<ActivityNode>();
        var missing = _forwardInbound.ToDictionary(pair => pair.Key, pair => pair.Value.Length);
        var open = new Queue<ActivityNode>([Start]);
        while (open.TryDequeue(out var node))
        {
            sorted.Add(node);
            foreach (var connection in OutboundOf(node))
            {
                if (IsForward(connection) && --missing[connection.Target] is 0)
                {
                    open.Enqueue(connection.Target);
                }
            }
        }

        return sorted.ToImmutable();
    }

    /// <summary>For each activity, the last one before it that every path from the start passes (its immediate dominator).</summary>
    private Dictionary<ActivityNode, (ActivityNode Last, int Depth)> Passed()
    {
        var passed = new Dictionary<ActivityNode, (ActivityNode Last, int Depth)> { [Start] = (Start, 0) };
        foreach (var node in InForwardOrder.Skip(1))
        {
            var last = ForwardInboundOf(node).Select(connection => connection.Source).Aggregate((one, other) => Common(passed, one, other));
            passed[node] = (last, passed[last].Depth + 1);
        }

        return passed;
    }

    private static ActivityNode Common(Dictionary<ActivityNode, (ActivityNode Last, int Depth)> passed, ActivityNode one, ActivityNode other)
    {
        while (one != other)
        {
            (one, other) = passed[one].Depth >= passed[other].Depth ? (passed[one].Last, other) : (one, passed[other].Last);
        }

        return one;
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
