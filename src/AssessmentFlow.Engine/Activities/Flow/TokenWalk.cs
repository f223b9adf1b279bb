using System.Collections.Immutable;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Execution;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// Follows connections of a flowchart by tokens: a followed connection brings one to its target, and the mode of the
/// target decides when it runs. A target that waits asks what still lives before it; nothing waits for what cannot come.
/// </summary>
internal sealed class TokenWalk
{
    private readonly ActivityContext _flowchart;
    private readonly FlowGraph _graph;
    private readonly TokenProgress _progress;

    public TokenWalk(ActivityContext flowchart, FlowPlan plan)
    {
        _flowchart = flowchart;
        _progress = flowchart.Memory(TokenProgress.Contract);
        _graph = plan.GraphFrom(flowchart.Turn.Definition.Nodes[_progress.Start]);
    }

    /// <summary>Whether nothing is left that could bring a token: two joins that wait for each other would wait for ever.</summary>
    private bool IsIdle => !Turn.HasLiveChildren(_flowchart.ExecutionId) && !Turn.IsToBeRepaired(_flowchart.ExecutionId);

    private TurnInterpreter Turn => _flowchart.Turn;

    /// <summary>Leaves an activity by its outcomes.</summary>
    public void Leave(ActivityNode node, ImmutableArray<string> outcomes)
    {
        var followed = _graph.OutboundOf(node).Where(connection => outcomes.Contains(connection.Port, StringComparer.Ordinal)).ToArray();
        foreach (var connection in followed)
        {
            _progress.Tokens[connection.Index]++;
        }

        foreach (var connection in followed)
        {
            Take(connection.Target);
        }

        Settle();
    }

    /// <summary>Lets run what waited for something that has ended, until the rest waits for what still lives.</summary>
    public void Settle()
    {
        if (_progress.IsCancelling)
        {
            return; // Whoever cancels settles once, when all of it is cancelled.
        }

        do
        {
            while (Waiting().Any(Take))
            {
            }
        }
        while (IsIdle && Waiting().FirstOrDefault() is { } first && GoWithout(first));
    }

    /// <summary>Ends what still leads to an activity that has had its first arrival.</summary>
    /// <param name="target">The activity.</param>
    /// <param name="includesScheduled">Whether also what has not begun is ended.</param>
    public void CancelInbound(ActivityNode target, bool includesScheduled)
    {
        _progress.IsCancelling = true;
        foreach (var ancestor in _graph.AncestorsOf(target))
        {
            foreach (var execution in Turn.Children(_flowchart.ExecutionId).Where(child => child.Node == ancestor.Index))
            {
                Turn.Cancel(execution.Id);
            }

            if (includesScheduled)
            {
                Turn.Unschedule(ancestor, _flowchart.ExecutionId);
                TakeTokens(_graph.InboundOf(ancestor));
            }
        }

        _progress.IsCancelling = false;
        Settle();
    }

    /// <summary>Whether the activity, when it begins, ends what still leads to it.</summary>
    public bool IsRace(ActivityNode node) => RuleOf(node) is Rule.First;

    /// <summary>Activities before which tokens wait, in forward order.</summary>
    private IEnumerable<ActivityNode> Waiting() => _progress.Tokens.AsSpan().ContainsAnyExcept(0)
        ? _graph.InForwardOrder.Where(HasToken)
        : [];

    private bool HasToken(ActivityNode node) => _graph.InboundOf(node).Any(HasToken);

    private bool HasToken(FlowConnection connection) => _progress.Tokens[connection.Index] > 0;

    /// <summary>Runs an activity if what reached it is enough.</summary>
    /// <returns>Whether any token was taken.</returns>
    private bool Take(ActivityNode target)
    {
        var inbound = _graph.InboundOf(target);
        if (!inbound.Any(HasToken))
        {
            return false;
        }

        var rule = RuleOf(target);
        if (rule is Rule.First)
        {
            TakeFirst(target, inbound);
            return true;
        }

        var forward = _graph.ForwardInboundOf(target);
        var isJoin = forward.Length > 1 && rule is not Rule.Each;
        var taken = 0;
        foreach (var connection in isJoin ? inbound.Where(connection => !_graph.IsForward(connection)) : inbound)
        {
            // What comes back by a loop begins a new round: it is not waited with.
            taken += _progress.Tokens[connection.Index];
            _progress.Tokens[connection.Index] = 0;
        }

        for (var i = 0; i < taken; i++)
        {
            Schedule(target);
        }

        return isJoin && forward.Any(HasToken) ? TakeTogether(target, forward, rule) || taken > 0 : taken > 0;
    }

    private void TakeFirst(ActivityNode target, ImmutableArray<FlowConnection> inbound)
    {
        TakeTokens(inbound);
        if (!Turn.IsScheduled(target, _flowchart.ExecutionId))
        {
            Schedule(target);
            CancelInbound(target, includesScheduled: false);
        }
    }

    private bool TakeTogether(ActivityNode target, ImmutableArray<FlowConnection> forward, Rule rule)
    {
        if (rule is not Rule.AllActive && forward.All(HasToken))
        {
            foreach (var connection in forward)
            {
                _progress.Tokens[connection.Index]--;
            }

            Schedule(target);
            return true;
        }

        return !MoreMayCome(target) && GoWithout(target);
    }

    /// <summary>Something that the activity waited for will not come.</summary>
    private bool GoWithout(ActivityNode target)
    {
        var forward = _graph.ForwardInboundOf(target);
        var missing = forward.Where(connection => !HasToken(connection)).ToArray();
        TakeTokens(forward);
        switch (RuleOf(target))
        {
            case Rule.AllActive:
                Schedule(target);
                break;
            case Rule.AllOrFault:
                Turn.BeginFaulted(target, _flowchart.ExecutionId, new ActivityFaultException(
                    "merge-starved",
                    $"'{target.Label}' waits for every branch, but nothing comes from {string.Join(", ", missing.Select(connection => $"'{connection.Source.Label}'"))} any more. Choose the merge mode Stream if that is meant to happen."));
                break;
        }

        return true;
    }

    /// <summary>Whether something alive may still bring a token to the activity.</summary>
    private bool MoreMayCome(ActivityNode target)
    {
        var before = _graph.BeforeJoin(target);
        return Turn.State.Executions[_flowchart.ExecutionId].IsFaulted // What an activity leads to is not followed yet.
            || before.Any(node => Turn.IsScheduled(node, _flowchart.ExecutionId) || HasToken(node))
            || Turn.Children(_flowchart.ExecutionId).Any(child => before.Contains(Turn.Definition.Nodes[child.Node]));
    }

    private void TakeTokens(ImmutableArray<FlowConnection> connections)
    {
        foreach (var connection in connections)
        {
            _progress.Tokens[connection.Index] = 0;
        }
    }

    private void Schedule(ActivityNode node) => Turn.Schedule(node, _flowchart.ExecutionId, isBackward: false, locals: null);

    /// <summary>A join means the same in both modes of flowchart; every other activity has a merge mode.</summary>
    private Rule RuleOf(ActivityNode node) => node.Activity is FlowJoin
        ? MergeModes.OfJoin(_flowchart, node) switch
        {
            JoinMode.WaitAny => Rule.First,
            JoinMode.WaitAll => Rule.AllOrSkip,
            _ => Rule.AllActive,
        }
        : node.MergeMode switch
        {
            MergeMode.Merge or MergeMode.Converge => Rule.AllOrFault,
            MergeMode.Cascade => Rule.Each,
            MergeMode.Race => Rule.First,
            _ => Rule.AllActive,
        };

    private enum Rule
    {
        AllActive,
        AllOrSkip,
        AllOrFault,
        Each,
        First,
    }
}
