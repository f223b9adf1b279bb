using System.Text.Json.Nodes;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Simulation;
using static AssessmentFlow.UnitTests.Activities.Draw;

namespace AssessmentFlow.UnitTests.RandomRuns;

/// <summary>
/// A flowchart without loops, drawn by chance, and what it must do whatever the order of events: computed from the
/// drawing alone, by rules that know no execution. Every activity writes its id, some after an event.
/// </summary>
internal sealed class RandomFlow
{
    private readonly List<Node> _nodes = [];
    private readonly List<Edge> _edges = [];
    private readonly FlowchartMode _mode;

    public RandomFlow(Dice dice, FlowchartMode mode)
    {
        _mode = mode;
        var size = dice.Between(3, 12);
        for (var i = 0; i < size; i++)
        {
            _nodes.Add(new Node($"n{i}", i is 0 ? Kind.Line : dice.One(Enum.GetValues<Kind>()), dice.Percent(50), dice.One(Enum.GetValues<Merge>())));
        }

        for (var to = 1; to < size; to++)
        {
            for (var ways = dice.Percent(50) ? 1 : dice.Between(2, 3); ways > 0; ways--)
            {
                var from = dice.Below(to);
                var edge = new Edge(from, dice.Percent(50) || _nodes[from].Kind is not Kind.Decision, to);
                if (!_edges.Contains(edge))
                {
                    _edges.Add(edge);
                }
            }
        }
    }

    private enum Kind
    {
        Line,
        Event,
        Decision,
        JoinAll,
        JoinActive,
    }

    private enum Merge
    {
        Stream,
        Cascade,
    }

    /// <summary>The drawing. An event is named after its activity and followed by nothing but its line.</summary>
    public string Json() => Definition(
        "flow",
        Flowchart("f", [Activity("Elsa.Start", "begin"), .. _nodes.Select(Drawn)], ["begin>n0", .. _edges.Select(edge => $"n{edge.From}{Port(edge)}>n{edge.To}")]));

    /// <summary>How often each activity runs.</summary>
    public IReadOnlyDictionary<string, int> Runs()
    {
        var runs = new int[_nodes.Count];
        runs[0] = 1;
        for (var to = 1; to < runs.Length; to++)
        {
            int[] arrivals = [.. _edges.Where(edge => edge.To == to).Select(edge => IsFollowed(edge) ? runs[edge.From] : 0)];
            runs[to] = Taken(_nodes[to], arrivals);
        }

        return _nodes.Select((node, position) => (node.Id, runs[position])).ToDictionary(pair => pair.Id, pair => pair.Item2, StringComparer.Ordinal);
    }

    private int Taken(Node node, int[] arrivals) => (node.Kind, _mode) switch
    {
        (Kind.JoinAll, FlowchartMode.CounterBased) => arrivals.All(count => count > 0) ? 1 : 0,
        (_, FlowchartMode.CounterBased) => arrivals.Any(count => count > 0) ? 1 : 0,
        _ when arrivals.Length is 1 => arrivals[0],
        (Kind.JoinAll, _) => arrivals.Min(),
        (Kind.JoinActive, _) => Math.Min(1, arrivals.Sum()),
        _ when node.Merge is Merge.Cascade => arrivals.Sum(),
        _ => Math.Min(1, arrivals.Sum()),
    };

    private bool IsFollowed(Edge edge) => _nodes[edge.From].Kind is not Kind.Decision || _nodes[edge.From].Flag == edge.Port;

    private string Port(Edge edge) => _nodes[edge.From].Kind is not Kind.Decision ? "" : edge.Port ? ".True" : ".False";

    private static JsonObject Drawn(Node node)
    {
        var activity = node.Kind switch
        {
            Kind.Line => Line(node.Id, node.Id),
            Kind.Event => Event(node.Id, node.Id),
            Kind.Decision => Activity("Elsa.FlowDecision", node.Id, ("condition", Literal(node.Flag ? "true" : "false"))),
            _ => Activity("Elsa.FlowJoin", node.Id, ("mode", Literal(node.Kind is Kind.JoinAll ? "WaitAll" : "WaitAllActive"))),
        };
        activity["customProperties"] = new JsonObject { ["mergeMode"] = node.Merge.ToString() };
        return activity;
    }

    private sealed record Node(string Id, Kind Kind, bool Flag, Merge Merge);

    private sealed record Edge(int From, bool Port, int To);
}
