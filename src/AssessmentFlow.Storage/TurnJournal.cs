using System.Diagnostics;
using System.Threading.Channels;
using AssessmentFlow.Runtime.Telemetry;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Hosting;

namespace AssessmentFlow.Storage;

/// <summary>
/// Group commit: all turns that wait at a moment go into one transaction. There is no artificial delay: while one
/// batch is being flushed the next one gathers.
/// </summary>
internal sealed class TurnJournal : ITurnJournal, IDeliveryStore, IJournalQueries, IHostedService, IAsyncDisposable
{
    /// <summary>How long forgetting may wait for turns to ride along with (milliseconds).</summary>
    private const int HousekeepingDelayMs = 100;

    /// <summary>How long forgetting waits for a database that could not do it (milliseconds).</summary>
    private const int HousekeepingAgainMs = 1_000;

    /// <summary>How often a batch lets others go first while they still add to it (count).</summary>
    private const int GatherRoundsMax = 8;

    private readonly IJournalStore _store;
    private readonly Channel<PendingTurn?> _queue;
    private readonly Forgettable _forgettable = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task[] _writers = [];
    private int _isFlushPlanned;
    private bool _isDisposed;

    public TurnJournal(IJournalStore store, StorageOptions options)
    {
        _store = store;
        _queue = Channel.CreateBounded<PendingTurn?>(new BoundedChannelOptions(options.QueueMax) { FullMode = BoundedChannelFullMode.Wait });
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _writers = [.. Enumerable.Range(0, _store.Writers).Select(_ => Task.Run(WriteAsync, CancellationToken.None))];
        return Task.CompletedTask;
    }

    /// <summary>Writes what is queued, then stops.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        await Task.WhenAll(_writers).WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return; // The container disposes of every name that the journal is known by.
        }

        _queue.Writer.TryComplete();
        await _stopping.CancelAsync();
        await Task.WhenAll(_writers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    public Task<bool> CommitAsync(Turn turn, CancellationToken cancellationToken)
    {
        var pending = new PendingTurn(turn);
        return _queue.Writer.TryWrite(pending)
            ? pending.Task
            : throw new JournalBusyException("Too many turns wait to be written; try again soon.");
    }

    public void Delivered(MessageId message)
    {
        _forgettable.Add(message);
        PlanFlush();
    }

    public void Forget(DueTimer timer)
    {
        _forgettable.Add(timer);
        PlanFlush();
    }

    public Task<EntitySnapshot?> LoadAsync(EntityId entity, CancellationToken cancellationToken) => _store.LoadAsync(entity, cancellationToken);

    public Task<RecordedInput?> FindInputAsync(string inputId, CancellationToken cancellationToken) => _store.FindInputAsync(inputId, cancellationToken);

    public Task<IReadOnlyList<PendingMessage>> TakeMessagesAsync(IReadOnlyCollection<string> livingSilos, DateTimeOffset now, int max, CancellationToken cancellationToken) =>
        _store.TakeMessagesAsync(livingSilos, now, max, cancellationToken);

    public Task<bool> KeepMessageAsync(MessageId message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) =>
        _store.KeepMessageAsync(message, now, until, cancellationToken);

    public Task PutOffMessageAsync(MessageId message, DateTimeOffset until, CancellationToken cancellationToken) =>
        _store.PutOffMessageAsync(message, until, cancellationToken);

    public Task<bool> HasEarlierAsync(MessageId message, CancellationToken cancellationToken) => _store.HasEarlierAsync(message, cancellationToken);

    public Task<bool> WasTakenAsync(MessageId message, CancellationToken cancellationToken) => _store.WasTakenAsync(message, cancellationToken);

    public Task<TakenTimers> TakeTimersAsync(DateTimeOffset now, int max, CancellationToken cancellationToken) =>
        _store.TakeTimersAsync(now, max, cancellationToken);

    public Task<IReadOnlyList<EntityId>> FindWaitingAsync(string key, string? correlationId, CancellationToken cancellationToken) =>
        _store.FindWaitingAsync(key, correlationId, cancellationToken);

    public Task<IReadOnlyList<FoundRow>> ListAsync(ViewQuery query, CancellationToken cancellationToken) => _store.ListAsync(query, cancellationToken);

    public Task<FoundRow?> FindRowAsync(string view, string id, CancellationToken cancellationToken) => _store.FindRowAsync(view, id, cancellationToken);

    public Task<string?> FindRunningAsync(string? definitionId, string? correlationId, CancellationToken cancellationToken) =>
        _store.FindRunningAsync(definitionId, correlationId, cancellationToken);

    public Task<IReadOnlyList<RecordedTurn>> ReadTurnsAsync(EntityId entity, long afterVersion, int max, CancellationToken cancellationToken) =>
        _store.ReadTurnsAsync(entity, afterVersion, max, cancellationToken);

    public Task CheckAsync(CancellationToken cancellationToken) => _store.CheckAsync(cancellationToken);

    private async Task WriteAsync()
    {
        var batch = new List<PendingTurn>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            await GatherAsync();
            batch.Clear();
            while (batch.Count < _store.BatchMax && _queue.Reader.TryRead(out var pending))
            {
                if (pending is not null)
                {
                    batch.Add(pending);
                }
            }

            await WriteAsync(batch, TakeHousekeeping());
        }
    }

    /// <summary>
    /// Lets everything go first that is ready to run now: turns that are about to be decided share this transaction
    /// instead of each paying for one of its own. It waits for nothing: with nobody else at work it goes on at once.
    /// </summary>
    private async Task GatherAsync()
    {
        for (var round = 0; round < GatherRoundsMax; round++)
        {
            var waiting = _queue.Reader.Count;
            await BehindOthers.Yield;
            if (waiting >= _store.BatchMax || _queue.Reader.Count == waiting)
            {
                return;
            }
        }
    }

    private async Task WriteAsync(List<PendingTurn> batch, Housekeeping housekeeping)
    {
        if (batch.Count is 0 && housekeeping.IsEmpty)
        {
            return;
        }

        var turns = batch.ConvertAll(pending => pending.Turn);
        using var activity = StorageActivity.StartCommit(turns);
        try
        {
            var begun = Stopwatch.GetTimestamp();
            var written = await _store.WriteAsync(turns, housekeeping, _stopping.Token);
            StorageMetrics.OnCommitted(written.Count(static each => each), Stopwatch.GetElapsedTime(begun));
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].SetResult(written[i]);
            }
        }
        catch (Exception e) when (batch.Count > 1 && e is not (JournalUnavailableException or OperationCanceledException))
        {
            Return(housekeeping);
            await WriteSinglyAsync(batch);
        }
        catch (BatchConflictException) when (batch.Count is 1)
        {
            // Two silos got into each other's way: whoever moved the entity on decides at the next try.
            Return(housekeeping);
            await RetryAsync(batch[0]);
        }
        catch (Exception e)
        {
            RuntimeActivity.Fail(activity, e);
            if (e is JournalUnavailableException or BatchConflictException)
            {
                Return(housekeeping);
            }

            foreach (var pending in batch)
            {
                pending.SetException(e);
            }
        }
    }

    /// <summary>Something in a batch does not agree with the database: alone, each turn stands or falls for itself.</summary>
    private async Task WriteSinglyAsync(List<PendingTurn> batch)
    {
        JournalUnavailableException? gone = null;
        foreach (var pending in batch)
        {
            if (gone is not null)
            {
                pending.SetException(gone); // Each would wait as long again for a database that has just gone.
                continue;
            }

            await WriteAsync([pending], Housekeeping.None);
            gone = pending.Task.Exception?.InnerException as JournalUnavailableException;
        }
    }

    private async Task RetryAsync(PendingTurn pending)
    {
        try
        {
            pending.SetResult((await _store.WriteAsync([pending.Turn], Housekeeping.None, _stopping.Token))[0]);
        }
        catch (BatchConflictException e)
        {
            pending.SetException(new JournalBusyException("Too many write to the same rows at once; try again soon.", e));
        }
        catch (Exception e)
        {
            pending.SetException(e);
        }
    }

    /// <summary>What was to be forgotten is still there, and goes with what is written next.</summary>
    private void Return(Housekeeping housekeeping)
    {
        if (!housekeeping.IsEmpty)
        {
            _forgettable.Return(housekeeping);
            PlanFlush(HousekeepingAgainMs);
        }
    }

    private Housekeeping TakeHousekeeping()
    {
        var housekeeping = _forgettable.Take(_store.BatchMax);
        if (!_forgettable.IsEmpty)
        {
            PlanFlush();
        }

        return housekeeping;
    }

    private void PlanFlush(int delayMs = HousekeepingDelayMs)
    {
        if (Interlocked.Exchange(ref _isFlushPlanned, 1) is 0)
        {
            _ = FlushAsync(delayMs);
        }
    }

    private async Task FlushAsync(int delayMs)
    {
        await Task.Delay(delayMs);
        Interlocked.Exchange(ref _isFlushPlanned, 0);
        if (!_forgettable.IsEmpty)
        {
            // An empty place in the queue wakes a writer; when the queue is full, writers are awake anyway.
            _queue.Writer.TryWrite(null);
        }
    }

    /// <summary>A turn and whoever waits for it. Continuations run elsewhere, so that the writer goes on.</summary>
    private sealed class PendingTurn(Turn turn) : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Turn Turn => turn;
    }
}
