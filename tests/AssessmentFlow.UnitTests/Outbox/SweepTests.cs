using AssessmentFlow.Runtime.Http;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.UnitTests.Outbox;

/// <summary>What processes that are gone left behind in the outbox.</summary>
public sealed class SweepTests
{
    private const int BatchMax = 100;

    [Theory]
    [InlineData(250, 10_000, 250)] // All of it, at once.
    [InlineData(1_000, 350, 300)] // No more than there is room for: the rest would lie until its lease is over.
    [InlineData(1_000, 10, 100)] // At least a batch, however little room a process has been given.
    public async Task One_sweep_takes_all_that_was_left_behind_and_that_there_is_room_for(int left, int queueMax, int taken)
    {
        var outbox = new Leftovers(left);
        using var pump = new OutboxPump(
            delivery: null!, outbox, outbox, timers: null!, Options.Create(new DeliveryOptions { BatchMax = BatchMax, QueueMax = queueMax }), Options.Create(new HttpOptions()), TimeProvider.System, NullLogger<OutboxPump>.Instance);

        await pump.SweepOnceAsync(TestContext.Current.CancellationToken);

        Assert.Equal(taken, left - outbox.Left);
    }

    /// <summary>An outbox of a process that is gone; nothing of it is delivered.</summary>
    private sealed class Leftovers(int left) : IDeliveryStore, ILivingSilos
    {
        public int Left { get; private set; } = left;

        public IReadOnlyCollection<string> Names() => [];

        public Task<IReadOnlyList<PendingMessage>> TakeMessagesAsync(
            IReadOnlyCollection<string> livingSilos, DateTimeOffset now, int max, CancellationToken cancellationToken)
        {
            var ids = Enumerable.Range(0, Math.Min(max, Left)).Select(i => Left - i).ToList();
            Left -= ids.Count;
            return Task.FromResult<IReadOnlyList<PendingMessage>>(
                [.. ids.Select(id => new PendingMessage(new MessageId(new EntityId(EntityKinds.Instance, "synthetic"), id, 0), "{}"u8.ToArray(), Attempts: 0))]);
        }

        public void Delivered(MessageId message) => throw new InvalidOperationException();

        public Task KeepMessageAsync(MessageId message, DateTimeOffset until, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task PutOffMessageAsync(MessageId message, DateTimeOffset until, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task<bool> HasEarlierAsync(MessageId message, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task<TakenTimers> TakeTimersAsync(DateTimeOffset now, int max, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public void Forget(DueTimer timer) => throw new InvalidOperationException();

        public Task<IReadOnlyList<EntityId>> FindWaitingAsync(string key, string? correlationId, CancellationToken cancellationToken) => throw new InvalidOperationException();
    }
}
