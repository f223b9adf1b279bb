using AssessmentFlow.Engine.Activities;
using AssessmentFlow.Engine.Definitions;

namespace AssessmentFlow.UnitTests.Conformance;

/// <summary>
/// Equality of sequences up to the order of what is independent (Mazurkiewicz traces): two sequences are equivalent
/// exactly when they hold the same items and, for every two items whose order matters, agree on these two.
/// </summary>
internal static class TraceOrder
{
    public static bool AreEquivalent(IReadOnlyList<string> left, IReadOnlyList<string> right, Func<string, string, bool> isOrdered)
    {
        if (!left.Order(StringComparer.Ordinal).SequenceEqual(right.Order(StringComparer.Ordinal)))
        {
            return false;
        }

        var items = left.Distinct(StringComparer.Ordinal).ToArray();
        return items.All(one => items.All(other => !isOrdered(one, other) || Only(left, one, other).SequenceEqual(Only(right, one, other))));
    }

    /// <summary>Whether the drawing leads from one activity to the other, so that their order is no accident.</summary>
    public static bool AreOrdered(ActivityNode left, ActivityNode right)
    {
        ActivityNode[] above = [.. PathOf(left)];
        ActivityNode[] beside = [.. PathOf(right)];
        var depth = 0;
        while (depth < above.Length && depth < beside.Length && above[depth] == beside[depth])
        {
            depth++;
        }

        if (depth == above.Length || depth == beside.Length)
        {
            return true; // One contains the other, or they are the same.
        }

        return above[depth - 1].Plan switch
        {
            FlowPlan plan => Leads(plan, above[depth], beside[depth]) || Leads(plan, beside[depth], above[depth]),
            _ => above[depth - 1].Activity.Descriptor.TypeName is not "Elsa.Parallel",
        };
    }

    private static bool Leads(FlowPlan plan, ActivityNode from, ActivityNode to)
    {
        var seen = new HashSet<ActivityNode> { from };
        var open = new Stack<ActivityNode>([from]);
        while (open.TryPop(out var at))
        {
            foreach (var connection in plan.Connections.Where(connection => connection.Source == at))
            {
                if (connection.Target == to)
                {
                    return true;
                }

                if (seen.Add(connection.Target))
                {
                    open.Push(connection.Target);
                }
            }
        }

        return false;
    }

    private static IEnumerable<ActivityNode> PathOf(ActivityNode node) =>
        node.Parent is null ? [node] : PathOf(node.Parent).Append(node);

    private static IEnumerable<string> Only(IEnumerable<string> items, string one, string other) =>
        items.Where(item => item == one || item == other);
}
