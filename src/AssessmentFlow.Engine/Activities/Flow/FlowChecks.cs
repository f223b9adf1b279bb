using System.Collections.Immutable;
using AssessmentFlow.Engine.Definitions;
using AssessmentFlow.Engine.Expressions;

namespace AssessmentFlow.Engine.Activities;

/// <summary>
/// What can be said of a drawing before it runs. A drawing with such flaws runs, as it does in Elsa, so they are
/// warnings; the author most likely did not mean them.
/// </summary>
internal static class FlowChecks
{
    /// <summary>Branches of one join that are compared with each other (count): the work grows with its square.</summary>
    private const int BranchesComparedMax = 16;

    /// <summary>Places where a flowchart may begin that are followed one by one (count): the work grows with each.</summary>
    private const int StartsFollowedMax = 16;

    public static void Check(PlanContext context, FlowPlan plan)
    {
        ImmutableArray<ActivityNode> starts = [.. context.Node.Children.Where(child => child == plan.Start || HasTrigger(child))];
        var outbound = plan.Connections.ToLookup(static connection => connection.Source);
        CheckReach(context, outbound, starts);
        CheckPorts(context, plan);
        if (plan.Start is { } start && context.Node.Children.Any(child => WaitsForAll(child, plan.Mode)))
        {
            CheckJoins(context, plan, plan.GraphFrom(start), [.. starts.Take(StartsFollowedMax).Select(each => (plan.GraphFrom(each), ReachedFrom(outbound, [each])))]);
        }
    }

    /// <summary>Activities that no start leads to.</summary>
    private static void CheckReach(PlanContext context, ILookup<ActivityNode, FlowConnection> outbound, ImmutableArray<ActivityNode> starts)
    {
        var reached = ReachedFrom(outbound, starts);
        foreach (var node in context.Node.Children.Where(node => !reached.Contains(node)))
        {
            context.Warn(node, "", "activity-unreachable", "Nothing leads to this activity: it will never run.");
        }
    }

    private static HashSet<ActivityNode> ReachedFrom(ILookup<ActivityNode, FlowConnection> outbound, IEnumerable<ActivityNode> starts)
    {
        var reached = new HashSet<ActivityNode>();
        var open = new Stack<ActivityNode>(starts);
        while (open.TryPop(out var node))
        {
            if (reached.Add(node))
            {
                foreach (var connection in outbound[node].Where(MayBeFollowed))
                {
                    open.Push(connection.Target);
                }
            }
        }

        return reached;
    }

    /// <summary>Whether a connection can be followed once its source runs.</summary>
    private static bool MayBeFollowed(FlowConnection connection) =>
        !connection.Source.Activity.LeadsNowhere
        && (connection.Source.Activity.OutcomesOf(connection.Source) is not { } outcomes || outcomes.Names.Contains(connection.Port, StringComparer.Ordinal));

    /// <summary>Connections from outcomes that their activity does not have.</summary>
    private static void CheckPorts(PlanContext context, FlowPlan plan)
    {
        foreach (var connection in plan.Connections)
        {
            if (connection.Source.Activity.OutcomesOf(connection.Source) is { } outcomes && !outcomes.Names.Contains(connection.Port, StringComparer.Ordinal))
            {
                context.Warn(
                    connection.Source,
                    "",
                    "outcome-unknown",
                    $"The connection to '{connection.Target.Label}' leaves by '{connection.Port}', which is none of {string.Join(", ", outcomes.Names)}: it will never be followed.");
            }
        }
    }

    /// <summary>Joins that wait for a branch that never comes, or for two of which one decision takes only one.</summary>
    private static void CheckJoins(PlanContext context, FlowPlan plan, FlowGraph graph, ImmutableArray<(FlowGraph Graph, HashSet<ActivityNode> Reached)> runs)
    {
        foreach (var join in context.Node.Children.Where(node => WaitsForAll(node, plan.Mode)))
        {
            var why = MissingBranch(runs, join) is { } missing ? $"nothing ever comes from '{missing.Label}'."
                : graph.IsReachable(join) && ExclusiveBranches(graph, join) is var (chooser, one, other) ? $"'{chooser.Label}' takes only one of the ways by which '{one.Label}' and '{other.Label}' lead here."
                : null;
            if (why is not null)
            {
                context.Warn(join, join.Activity is FlowJoin ? ".mode" : ".customProperties.mergeMode", "join-never-runs", $"It waits for all branches, but {why}");
            }
        }
    }

    /// <summary>A branch from which nothing comes, wherever the flowchart begins; null when there is none, or the join is not reached at all.</summary>
    private static ActivityNode? MissingBranch(ImmutableArray<(FlowGraph Graph, HashSet<ActivityNode> Reached)> runs, ActivityNode join)
    {
        ActivityNode? missing = null;
        foreach (var (graph, reached) in runs.Where(run => run.Reached.Contains(join)))
        {
            var inbound = graph.ForwardInboundOf(join);
            missing = inbound.Length < 2 ? null : inbound.FirstOrDefault(branch => !reached.Contains(branch.Source) || !MayBeFollowed(branch))?.Source;
            if (missing is null)
            {
                return null;
            }
        }

        return missing;
    }

    private static (ActivityNode Chooser, ActivityNode One, ActivityNode Other)? ExclusiveBranches(FlowGraph graph, ActivityNode join)
    {
        var inbound = graph.ForwardInboundOf(join);
        for (var i = 0; i < Math.Min(inbound.Length, BranchesComparedMax); i++)
        {
            for (var k = 0; k < i; k++)
            {
                // Only the last activity that both branches pass can send them apart.
                var chooser = graph.LastBefore(inbound[i].Source, inbound[k].Source);
                if (chooser.Activity.OutcomesOf(chooser) is { AreExclusive: true }
                    && !IsRepeatedBefore(graph, chooser, join)
                    && !PortsTo(graph, chooser, inbound[i]).Overlaps(PortsTo(graph, chooser, inbound[k])))
                {
                    return (chooser, inbound[k].Source, inbound[i].Source);
                }
            }
        }

        return null;
    }

    /// <summary>Whether a loop in front of the join passes the activity: it may take one way in one round and another in the next.</summary>
    private static bool IsRepeatedBefore(FlowGraph graph, ActivityNode chooser, ActivityNode join)
    {
        var before = graph.BeforeJoin(join);
        return before.Any(node => graph.OutboundOf(node).Any(back =>
            !graph.IsForward(back) && (back.Target == chooser || graph.AncestorsOf(chooser).Contains(back.Target))));
    }

    /// <summary>The outcomes of an activity by which a connection can be reached, loops left out.</summary>
    private static HashSet<string> PortsTo(FlowGraph graph, ActivityNode chooser, FlowConnection connection)
    {
        if (connection.Source == chooser)
        {
            return [connection.Port];
        }

        var before = graph.AncestorsOf(connection.Source);
        return [
            .. graph.OutboundOf(chooser)
                .Where(each => graph.IsForward(each) && (each.Target == connection.Source || before.Contains(each.Target)))
                .Select(each => each.Port),
        ];
    }

    private static bool WaitsForAll(ActivityNode node, FlowchartMode mode) => node.Activity is FlowJoin
        ? node.Inputs.GetValueOrDefault("Mode") is LiteralExpression { Value: var value } && ValueConversion.ToText(value) is nameof(JoinMode.WaitAll)
        : mode is FlowchartMode.TokenBased && node.MergeMode is MergeMode.Merge or MergeMode.Converge;

    private static bool HasTrigger(ActivityNode node) =>
        (node.CanStartWorkflow && node.Activity is IStartTrigger) || node.Children.Any(HasTrigger) || node.Ports.Values.Any(HasTrigger);
}

/// <summary>The outcomes that an activity may have, as far as its definition says.</summary>
/// <param name="Names">Their names.</param>
/// <param name="AreExclusive">Whether each run has only one of them.</param>
internal sealed record FlowOutcomes(ImmutableArray<string> Names, bool AreExclusive);
