using System.Collections.Immutable;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Follows connections of a flowchart by counting visits: the rules behind <see cref="Flowchart"/> and <see cref="FlowJoin"/>.</summary>
internal sealed class CounterWalk
{
    private readonly ActivityContext _flowchart;
    private readonly FlowPlan _plan;
    private readonly FlowGraph _graph;
    private readonly FlowProgress _progress;

    public CounterWalk(ActivityContext flowchart, FlowPlan plan)
    {
        _flowchart = flowchart;
        _plan = plan;
        _progress = flowchart.Memory(FlowProgress.Contract);
        _graph = plan.GraphFrom(flowchart.Turn.Definition.Nodes[_progress.Start]);
    }

    /// <summary>Leaves an activity by its outcomes; no outcomes make every path behind it a dead one.</summary>
    /// <returns>Whether anything was scheduled.</returns>
    public bool Leave(ActivityNode node, ImmutableArray<string> outcomes, bool isBackward)
    {
        // An activity that a loop came back to keeps its count: its forward connections were not visited again.
        if (!isBackward)
        {
            _progress.Activities[_plan.PositionOf(node)]++;
        }

        var scheduled = false;
        foreach (var connection in _graph.OutboundOf(node))
        {
            var isFollowed = outcomes.Contains(connection.Port, StringComparer.Ordinal);
            _progress.Visit(connection, isFollowed);
            scheduled |= _graph.IsForward(connection)
                ? Arrive(connection)
                : isFollowed && GoBack(connection);
        }

        return scheduled;
    }

    /// <summary>Cancels everything that still leads forward to an activity which no longer waits for it.</summary>
    public void CancelInbound(ActivityNode join)
    {
        foreach (var ancestor in _graph.AncestorsOf(join).OrderBy(node => node.Index))
        {
            foreach (var execution in _flowchart.Turn.Children(_flowchart.ExecutionId).Where(child => child.Node == ancestor.Index))
            {
                _flowchart.Turn.Cancel(execution.Id);
            }

            if (_flowchart.Turn.Unschedule(ancestor, _flowchart.ExecutionId))
            {
                Leave(ancestor, [], isBackward: false);
            }
        }
    }

    private bool GoBack(FlowConnection connection)
    {
        if (!_graph.IsProperLoop(connection))
        {
            throw new ActivityFaultException(
                "loop-improper",
                $"The connection from '{connection.Source.Label}' leads back to '{connection.Target.Label}', but there is a path from the start to '{connection.Source.Label}' that does not pass '{connection.Target.Label}'.");
        }

        _flowchart.Turn.Schedule(connection.Target, _flowchart.ExecutionId, isBackward: true, locals: null);
        return true;
    }

    private bool Arrive(FlowConnection connection)
    {
        var target = connection.Target;
        var visits = _progress.Activities[_plan.PositionOf(target)];
        var inbound = _graph.ForwardInboundOf(target);
        switch (ModeOf(target))
        {
            case JoinMode.WaitAny:
                return ArriveAtAny(connection, inbound, visits);
            case var mode:
                var allVisited = inbound.All(each => _progress.Connections[each.Index] > visits);
                if (!allVisited)
                {
                    return false;
                }

                var latest = inbound.Max(each => _progress.Connections[each.Index]);
                bool IsFollowed(FlowConnection each) => _progress.Connections[each.Index] == latest && _progress.WasFollowed(each);
                return (mode is JoinMode.WaitAll ? inbound.All(IsFollowed) : inbound.Any(IsFollowed))
                    ? Schedule(target)
                    : Leave(target, [], isBackward: false);
        }
    }

    private bool ArriveAtAny(FlowConnection connection, ImmutableArray<FlowConnection> inbound, int visits)
    {
        var target = connection.Target;
        if (_progress.Connections[connection.Index] <= visits || _flowchart.Turn.IsScheduled(target, _flowchart.ExecutionId) || IsRunning(target))
        {
            return false; // A late arrival: the join has already let the first one pass.
        }

        if (_progress.WasFollowed(connection))
        {
            Schedule(target);
            CancelInbound(target);
            return true;
        }

        return inbound.All(each => _progress.Connections[each.Index] > visits) && Leave(target, [], isBackward: false);
    }

    private bool IsRunning(ActivityNode node) =>
        _flowchart.Turn.Children(_flowchart.ExecutionId).Any(child => child.Node == node.Index && !child.IsFaulted);

    private bool Schedule(ActivityNode node)
    {
        _flowchart.Turn.Schedule(node, _flowchart.ExecutionId, isBackward: false, locals: null);
        return true;
    }

    private JoinMode ModeOf(ActivityNode node)
    {
        if (node.Activity is not FlowJoin)
        {
            return JoinMode.WaitAllActive;
        }

        var mode = node.Inputs.TryGetValue("Mode", out var expression)
            ? ValueConversion.ToText(expression.Evaluate(_flowchart.Scope))
            : nameof(JoinMode.WaitAny);
        return Enum.TryParse<JoinMode>(mode, ignoreCase: true, out var parsed)
            ? parsed
            : throw new ActivityFaultException("join-mode-unknown", $"'{node.Label}' has the mode '{mode}'; use WaitAll, WaitAllActive or WaitAny.");
    }
}

/// <summary>When an activity with several inbound connections runs.</summary>
internal enum JoinMode
{
    /// <summary>When all were visited, if all were followed.</summary>
    WaitAll = 0,

    /// <summary>When all were visited, if one was followed.</summary>
    WaitAllActive = 1,

    /// <summary>When the first is followed; the others are cancelled.</summary>
    WaitAny = 2,
}
