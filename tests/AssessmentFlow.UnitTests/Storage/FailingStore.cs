using System.Collections.Concurrent;
using System.Reflection;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Storage;

namespace AssessmentFlow.UnitTests.Storage;

/// <summary>A store of which only the writing is there, and fails as often as it is told to.</summary>
public class FailingStore : DispatchProxy
{
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly TaskCompletionSource<MessageId> _forgotten = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _writings;

    /// <summary>Transactions so far (count).</summary>
    internal int Writings => Volatile.Read(ref _writings);

    /// <summary>The first message that was forgotten.</summary>
    internal Task<MessageId> Forgotten => _forgotten.Task;

    /// <param name="failures">How the first transactions fail.</param>
    internal static (FailingStore Store, IJournalStore Journal) Of(params Exception[] failures)
    {
        var journal = Create<IJournalStore, FailingStore>();
        var store = (FailingStore)(object)journal;
        foreach (var failure in failures)
        {
            store._failures.Enqueue(failure);
        }

        return (store, journal);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod?.Name switch
    {
        $"get_{nameof(IJournalStore.BatchMax)}" => 16,
        $"get_{nameof(IJournalStore.Writers)}" => 1,
        nameof(IJournalStore.WriteAsync) => WriteAsync((IReadOnlyList<Turn>)args![0]!, (Housekeeping)args[1]!),
        _ => throw new NotSupportedException(),
    };

    private Task<bool[]> WriteAsync(IReadOnlyList<Turn> turns, Housekeeping housekeeping)
    {
        Interlocked.Increment(ref _writings);
        if (_failures.TryDequeue(out var failure))
        {
            return Task.FromException<bool[]>(failure);
        }

        foreach (var message in housekeeping.Delivered)
        {
            _forgotten.TrySetResult(message);
        }

        return Task.FromResult(turns.Select(_ => true).ToArray());
    }
}
