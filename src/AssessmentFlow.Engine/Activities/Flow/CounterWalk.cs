using System.Collections.Immutable;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Engine.Activities;

/// <summary>Follows connections of a flowchart by counting visits: the rules of Elsa's default mode.</summary>
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
    public void Leave(ActivityNode node, ImmutableArray<string> outcomes, bool isBackward)
    {
        // An activity that a loop came back to keeps its count: its forward connections were not visited again.
        if (!isBackward)
        {
            _progress.Activities[_plan.PositionOf(node)]++;
        }

        foreach (var connection in _graph.OutboundOf(node))
        {
            var isFollowed = outcomes.Contains(connection.Port, StringComparer.Ordinal);
            _progress.Visit(connection, isFollowed);
            if (_graph.IsForward(connection))
            {
                Arrive(connection);
            }
            else if (isFollowed)
            {
                GoBack(connection);
            }
        }
    }

    /// <summary>Ends what still leads to an activity that has had its first arrival.</summary>
    /// <param name="target">The activity.</param>
    /// <param name="includesScheduled">Whether also what has not begun is ended.</param>
    public void CancelInbound(ActivityNode target, bool includesScheduled)
    {
        foreach (var ancestor in _graph.AncestorsOf(target))
        {
            foreach (var execution in _flowchart.Turn.Children(_flowchart.ExecutionId).Where(child => child.Node == ancestor.Index))
            {
                _flowchart.Turn.Cancel(execution.Id);
            }

            foreach (var item in includesScheduled ? _flowchart.Turn.Unschedule(ancestor, _flowchart.ExecutionId) : [])
            {
                Leave(ancestor, [], item.IsBackward);
            }
        }
    }

    /// <summary>Whether the activity, when it begins, ends what still leads to it.</summary>
    public bool IsRace(ActivityNode node) => node.Activity is FlowJoin && MergeModes.OfJoin(_flowchart, node) is JoinMode.WaitAny;

    private void GoBack(FlowConnection connection)
    {
        if (!_graph.IsProperLoop(connection))
        {
            throw new ActivityFaultException(
                "loop-improper",
                $"The connection from '{connection.Source.Label}' leads back to '{connection.Target.Label}', but there is a path from the start to '{connection.Source.Label}' that does not pass '{connection.Target.Label}'.");
        }

        _flowchart.Turn.Schedule(connection.Target, _flowchart.ExecutionId, isBackward: true, locals: null);
    }

    private void Arrive(FlowConnection connection)
    {
        var target = connection.Target;
        var visits = _progress.Activities[_plan.PositionOf(target)];
        var inbound = _graph.ForwardInboundOf(target);
        var areAllVisited = inbound.All(each => _progress.Connections[each.Index] > visits);
        switch (target.Activity is FlowJoin ? MergeModes.OfJoin(_flowchart, target) : JoinMode.WaitAllActive)
        {
            case JoinMode.WaitAny:
                ArriveAtAny(connection, visits, areAllVisited);
                break;
            case var mode when areAllVisited:
                var latest = inbound.Max(each => _progress.Connections[each.Index]);
                bool IsFollowed(FlowConnection each) => _progress.Connections[each.Index] == latest && _progress.WasFollowed(each);
                if (mode is JoinMode.WaitAll ? inbound.All(IsFollowed) : inbound.Any(IsFollowed))
                {
                    Schedule(target);
                }
                else
                {
                    Leave(target, [], isBackward: false);
                }

                break;
        }
    }

    private void ArriveAtAny(FlowConnection connection, int visits, bool areAllVisited)
    {
        var target = connection.Target;
        if (_progress.Connections[connection.Index] <= visits || _flowchart.Turn.IsScheduled(target, _flowchart.ExecutionId) || IsRunning(target))
        {
            return; // A late arrival: the join has already let the first one pass.
        }

        if (_progress.WasFollowed(connection))
        {
            Schedule(target);
            CancelInbound(target, includesScheduled: false); // Siblings that are about to begin do so first, as in Elsa.
        }
        else if (areAllVisited)
        {
            Leave(target, [], isBackward: false);
        }
    }

    private bool IsRunning(ActivityNode node) =>
        _flowchart.Turn.Children(_flowchart.ExecutionId).Any(child => child.Node == node.Index && !child.IsFaulted);

    private void Schedule(ActivityNode node) => _flowchart.Turn.Schedule(node, _flowchart.ExecutionId, isBackward: false, locals: null);
}
