using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Simulation;

/// <summary>
/// A silo's way to the database: turns that wait at a moment are written together, as group commit does it, and every
/// question takes its time. The silo may die, and the connection break, on either side of a commit.
/// </summary>
internal sealed class SiloJournal(SimulatedWorld world, SimulatedSilo silo) : ITurnJournal, IDeliveryStore, IJournalQueries
{
    /// <summary>How long forgetting may wait for turns to ride along with.</summary>
    private static readonly TimeSpan HousekeepingDelay = TimeSpan.FromMilliseconds(100);

    private readonly SimulatedStore _store = world.Store;
    private readonly List<PendingTurn> _waiting = [];
    private readonly List<MessageId> _delivered = [];
    private readonly List<DueTimer> _forgotten = [];
    private bool _isWriting;
    private bool _isFlushPlanned;

    public Task<EntitySnapshot?> LoadAsync(EntityId entity, CancellationToken cancellationToken) =>
        AskAsync($"reads {entity}", () => _store.Load(entity));

    public Task<RecordedInput?> FindInputAsync(string inputId, CancellationToken cancellationToken) =>
        AskAsync($"looks for input {inputId}", () => _store.FindInput(inputId));

    public Task<bool> CommitAsync(Turn turn, CancellationToken cancellationToken)
    {
        var pending = new PendingTurn(turn, world.Meet(Occasion.Commit, $"{silo} commits {turn.Entity} {turn.ExpectedVersion + 1} by {turn.InputId}"));
        _waiting.Add(pending);
        PlanWriting();
        return pending.Task;
    }

    public Task<IReadOnlyList<PendingMessage>> TakeMessagesAsync(IReadOnlyCollection<string> livingSilos, DateTimeOffset now, int max, CancellationToken cancellationToken) =>
        AskAsync("takes up messages", () => _store.TakeMessages(silo.Name, livingSilos, now, max));

    public void Delivered(MessageId message)
    {
        world.Checks.OnDelivered(message);
        _delivered.Add(message);
        PlanFlush();
    }

    public Task<bool> KeepMessageAsync(MessageId message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) =>
        AskAsync($"keeps {message}", () => _store.Keep(message, silo.Name, now, until));

    public Task PutOffMessageAsync(MessageId message, DateTimeOffset until, CancellationToken cancellationToken) => AskAsync($"puts off {message}", () =>
    {
        _store.PutOff(message, until);
        return true;
    });

    public Task<bool> HasEarlierAsync(MessageId message, CancellationToken cancellationToken) =>
        AskAsync($"looks what was sent before {message}", () => _store.HasEarlier(message));

    public Task<bool> WasTakenAsync(MessageId message, CancellationToken cancellationToken) =>
        AskAsync($"looks who took {message}", () => _store.WasTaken(message));

    public Task<TakenTimers> TakeTimersAsync(DateTimeOffset now, int max, CancellationToken cancellationToken) =>
        AskAsync("takes timers", () => _store.TakeTimers(now, max));

    public void Forget(DueTimer timer)
    {
        _forgotten.Add(timer);
        PlanFlush();
    }

    public Task<IReadOnlyList<EntityId>> FindWaitingAsync(string key, string? correlationId, CancellationToken cancellationToken) =>
        AskAsync($"looks who waits for {key}", () => _store.FindWaiting(key, correlationId));

    public Task<IReadOnlyList<FoundRow>> ListAsync(ViewQuery query, CancellationToken cancellationToken) =>
        AskAsync($"lists {query.View}", () => _store.List(query));

    public Task<FoundRow?> FindRowAsync(string view, string id, CancellationToken cancellationToken) =>
        AskAsync($"reads {view} {id}", () => _store.FindRow(view, id));

    public Task<string?> FindRunningAsync(string? definitionId, string? correlationId, CancellationToken cancellationToken) =>
        AskAsync("looks for a running instance", () => _store.FindRunning(definitionId, correlationId));

    public Task<IReadOnlyList<RecordedTurn>> ReadTurnsAsync(EntityId entity, long afterVersion, int max, CancellationToken cancellationToken) =>
        AskAsync($"reads the turns of {entity}", () => _store.ReadTurns(entity, afterVersion, max));

    public Task CheckAsync(CancellationToken cancellationToken) => AskAsync("checks the database", () => true);

    private Task<T> AskAsync<T>(string what, Func<T> answer)
    {
        var asked = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Plan($"{silo} {what}", silo, world.Moment(), () => asked.SetResult(answer()));
        return asked.Task;
    }

    /// <summary>One batch is under way at a time; while it is, the next one gathers.</summary>
    private void PlanWriting()
    {
        if (!_isWriting)
        {
            _isWriting = true;
            world.Plan($"{silo} writes", silo, world.Moment(), BeginWriting);
        }
    }

    private void BeginWriting()
    {
        PendingTurn[] batch = [.. _waiting];
        _waiting.Clear();
        var slow = batch.Select(pending => pending.Misfortune).FirstOrDefault(each => each is { Kind: MisfortuneKind.SlowCommit });
        if (slow is null)
        {
            Write(batch);
        }
        else
        {
            world.Plan($"{silo} writes at last", silo, slow.Delay, () => Write(batch));
        }
    }

    private void Write(PendingTurn[] batch)
    {
        var misfortunes = batch.Select(pending => pending.Misfortune).OfType<Misfortune>().ToLookup(each => each.Kind);
        if (misfortunes.Contains(MisfortuneKind.DieBeforeCommit))
        {
            world.Cluster.Die(silo);
            return;
        }

        var isLost = misfortunes.Contains(MisfortuneKind.FailCommit);
        var written = isLost ? [] : _store.Write([.. batch.Select(pending => pending.Turn)], silo.Name);
        if (!isLost)
        {
            Forget();
        }

        if (misfortunes.Contains(MisfortuneKind.DieAfterCommit))
        {
            world.Cluster.Die(silo);
        }
        else if (isLost || misfortunes.Contains(MisfortuneKind.DoubtCommit))
        {
            Answer(pending => pending.SetException(new JournalUnavailableException("The connection to the database broke.")));
        }
        else
        {
            world.Plan($"{silo} learns that it has written", silo, misfortunes[MisfortuneKind.SlowAnswer].FirstOrDefault()?.Delay ?? TimeSpan.Zero, () =>
                Answer(pending => pending.SetResult(written[Array.IndexOf(batch, pending)])));
        }

        void Answer(Action<PendingTurn> answer)
        {
            Array.ForEach(batch, answer);
            _isWriting = false;
            if (_waiting.Count > 0)
            {
                PlanWriting();
            }
        }
    }

    private void PlanFlush()
    {
        if (!_isFlushPlanned)
        {
            _isFlushPlanned = true;
            world.Plan($"{silo} forgets what is done", silo, HousekeepingDelay, Forget);
        }
    }

    private void Forget()
    {
        _isFlushPlanned = false;
        _delivered.ForEach(_store.Remove);
        _delivered.Clear();
        _forgotten.ForEach(_store.Forget);
        _forgotten.Clear();
    }

    /// <summary>A turn, what goes wrong with it, and whoever waits for it.</summary>
    private sealed class PendingTurn(Turn turn, Misfortune? misfortune) : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public Turn Turn => turn;

        public Misfortune? Misfortune => misfortune;
    }
}
