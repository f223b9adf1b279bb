using System.Data.Common;
using AssessmentFlow.Runtime.Turns;
using AssessmentFlow.Simulation;
using AssessmentFlow.Storage;

namespace AssessmentFlow.IntegrationTests.Support;

/// <summary>The database of simulated clusters, which has to keep the promises of the real ones.</summary>
internal sealed class SimulatedJournalDatabase : JournalDatabase
{
    private readonly SimulatedStore _store = new(Lease);
    private readonly Lock _gate = new();

    public override bool IsShared => true;

    public override Task<IJournalStore> OpenAsync(string silo) => Task.FromResult<IJournalStore>(new Store(this, silo));

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override DbConnection Connect() => throw new NotSupportedException("Nobody comes to it past the journal.");

    /// <summary>The store of one silo. A simulated cluster has one thread; here there are many.</summary>
    private sealed class Store(SimulatedJournalDatabase database, string silo) : IJournalStore
    {
        public int BatchMax => 64;

        public int Writers => 2;

        public Task<bool[]> WriteAsync(IReadOnlyList<Turn> turns, Housekeeping housekeeping, CancellationToken cancellationToken) => Alone(store =>
        {
            var written = store.Write(turns, silo);
            foreach (var message in housekeeping.Delivered)
            {
                store.Remove(message);
            }

            foreach (var timer in housekeeping.Forgotten)
            {
                store.Forget(timer);
            }

            return written;
        });

        public Task<EntitySnapshot?> LoadAsync(EntityId entity, CancellationToken cancellationToken) => Alone(store => store.Load(entity));

        public Task<RecordedInput?> FindInputAsync(string inputId, CancellationToken cancellationToken) => Alone(store => store.FindInput(inputId));

        public Task<IReadOnlyList<PendingMessage>> TakeMessagesAsync(IReadOnlyCollection<string> livingSilos, DateTimeOffset now, int max, CancellationToken cancellationToken) =>
            Alone(store => store.TakeMessages(silo, livingSilos, now, max));

        public Task<bool> KeepMessageAsync(MessageId message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) =>
            Alone(store => store.Keep(message, silo, now, until));

        public Task PutOffMessageAsync(MessageId message, DateTimeOffset until, CancellationToken cancellationToken) => Alone(store =>
        {
            store.PutOff(message, until);
            return true;
        });

        public Task<bool> HasEarlierAsync(MessageId message, CancellationToken cancellationToken) => Alone(store => store.HasEarlier(message));

        public Task<bool> WasTakenAsync(MessageId message, CancellationToken cancellationToken) => Alone(store => store.WasTaken(message));

        public Task<TakenTimers> TakeTimersAsync(DateTimeOffset now, int max, CancellationToken cancellationToken) => Alone(store => store.TakeTimers(now, max));

        public Task<IReadOnlyList<EntityId>> FindWaitingAsync(string key, string? correlationId, CancellationToken cancellationToken) =>
            Alone(store => store.FindWaiting(key, correlationId));

        public Task<IReadOnlyList<FoundRow>> ListAsync(ViewQuery query, CancellationToken cancellationToken) => Alone(store => store.List(query));

        public Task<FoundRow?> FindRowAsync(string view, string id, CancellationToken cancellationToken) => Alone(store => store.FindRow(view, id));

        public Task<string?> FindRunningAsync(string? definitionId, string? correlationId, CancellationToken cancellationToken) =>
            Alone(store => store.FindRunning(definitionId, correlationId));

        public Task<IReadOnlyList<RecordedTurn>> ReadTurnsAsync(EntityId entity, long afterVersion, int max, CancellationToken cancellationToken) =>
            Alone(store => store.ReadTurns(entity, afterVersion, max));

        public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        private Task<T> Alone<T>(Func<SimulatedStore, T> work)
        {
            lock (database._gate)
            {
                return Task.FromResult(work(database._store));
            }
        }
    }
}
