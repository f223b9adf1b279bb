using System.Diagnostics;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Storage;

/// <summary>Traces of the storage. They carry counts, never text of a case.</summary>
public static class StorageActivity
{
    /// <summary>Name of the activity source, and of the meter.</summary>
    public const string SourceName = "AssessmentFlow.Storage";

    /// <summary>Turns of a transaction that its trace links to (count).</summary>
    private const int LinksMax = 32;

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>
    /// One transaction. It belongs to the trace of the first of its turns that is traced, and links to the others: a
    /// transaction that turns share is told once.
    /// </summary>
    internal static Activity? StartCommit(IReadOnlyList<Turn> turns)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var traced = new List<ActivityContext>();
        foreach (var turn in turns)
        {
            if (traced.Count <= LinksMax && turn.KeptTrace != default)
            {
                traced.Add(turn.KeptTrace);
            }
        }

        if (traced.Count is 0)
        {
            return null;
        }

        var activity = Source.StartActivity("commit", ActivityKind.Internal, traced[0], links: traced.Skip(1).Select(context => new ActivityLink(context)));
        activity?.SetTag("assessmentflow.turns", turns.Count);
        return activity;
    }
}
