using System.Collections.Concurrent;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Storage;

/// <summary>
/// Rows whose work is done, until they are gone. A row that was left lying would be delivered again once it seems abandoned:
/// that changes nothing where it was, but an event would reach those who have come to wait for it since.
/// </summary>
internal sealed class Forgettable
{
    private readonly ConcurrentQueue<MessageId> _delivered = new();
    private readonly ConcurrentQueue<DueTimer> _forgotten = new();

    public bool IsEmpty => _delivered.IsEmpty && _forgotten.IsEmpty;

    public void Add(MessageId message) => _delivered.Enqueue(message);

    public void Add(DueTimer timer) => _forgotten.Enqueue(timer);

    /// <summary>Takes the oldest rows.</summary>
    /// <param name="max">Rows of each kind at most (count).</param>
    public Housekeeping Take(int max) => IsEmpty ? Housekeeping.None : new Housekeeping(Take(_delivered, max), Take(_forgotten, max));

    /// <summary>Takes rows back that could not be forgotten.</summary>
    public void Return(Housekeeping housekeeping)
    {
        foreach (var message in housekeeping.Delivered)
        {
            Add(message);
        }

        foreach (var timer in housekeeping.Forgotten)
        {
            Add(timer);
        }
    }

    private static List<T> Take<T>(ConcurrentQueue<T> queue, int max)
    {
        var taken = new List<T>();
        while (taken.Count < max && queue.TryDequeue(out var row))
        {
            taken.Add(row);
        }

        return taken;
    }
}
