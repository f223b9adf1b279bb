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
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private readonly TurnedClock _clock = new();

    [Theory]
    [InlineData(250, 10_000, 250)] // All of it, at once.
    [InlineData(1_000, 350, 300)] // No more than there is room for: the rest would lie until its lease is over.
    [InlineData(1_000, 10, 100)] // At least a batch, however little room a process has been given.
    public async Task One_sweep_takes_all_that_was_left_behind_and_that_there_is_room_for(int left, int queueMax, int taken)
    {
        var outbox = new Leftovers(left);
        using var pump = Pump(outbox, queueMax);

        await pump.SweepOnceAsync(TestContext.Current.CancellationToken);

        Assert.Equal(taken, left - outbox.Left);
    }

    [Fact]
    public async Task What_a_process_may_have_written_without_hearing_of_it_is_looked_for_until_its_lease_is_over_and_no_longer()
    {
        var outbox = new Leftovers(0);
        using var pump = Pump(outbox, 10_000);

        await pump.SweepOnceAsync(TestContext.Current.CancellationToken);
        pump.Doubt(Turn(messages: 1));
        await pump.SweepOnceAsync(TestContext.Current.CancellationToken);
        _clock.Now += Lease + TimeSpan.FromTicks(1);
        await pump.SweepOnceAsync(TestContext.Current.CancellationToken);
        await pump.SweepOnceAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["another own", "another", "another", "another own"], outbox.LeftAlone);
    }

    [Fact]
    public async Task What_a_process_has_no_room_for_is_looked_for_later()
    {
        var outbox = new Leftovers(0);
        using var pump = Pump(outbox, queueMax: 1);

        pump.Dispatch(Turn(messages: 2));
        pump.TakeHeld();
        await pump.SweepOnceAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["another"], outbox.LeftAlone);
    }

    private static Turn Turn(int messages) => new()
    {
        Entity = new EntityId(EntityKinds.Instance, "synthetic"),
        ExpectedVersion = 0,
        InputId = "synthetic",
        At = DateTimeOffset.UnixEpoch,
        Actor = "synthetic",
        State = [],
        Facts = [],
        Hash = [],
        Outbox = [.. Enumerable.Repeat("{}"u8.ToArray(), messages)],
    };

    private OutboxPump Pump(Leftovers outbox, int queueMax) => new(
        delivery: null!,
        outbox,
        outbox,
        timers: null!,
        Options.Create(new DeliveryOptions { BatchMax = BatchMax, QueueMax = queueMax, Lease = Lease }),
        Options.Create(new HttpOptions()),
        _clock,
        NullLogger<OutboxPump>.Instance);

    /// <summary>A clock that the test turns.</summary>
    private sealed class TurnedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2008, 5, 5, 9, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <summary>An outbox of a process that is gone; nothing of it is delivered.</summary>
    private sealed class Leftovers(int left) : IDeliveryStore, ILivingSilos
    {
        public int Left { get; private set; } = left;

        /// <summary>At each look, the processes whose messages were left to them.</summary>
        public List<string> LeftAlone { get; } = [];

        public string Name => "own";

        public IReadOnlyCollection<string> Names() => ["another", Name];

        public Task<IReadOnlyList<PendingMessage>> TakeMessagesAsync(
            IReadOnlyCollection<string> livingSilos, DateTimeOffset now, int max, CancellationToken cancellationToken)
        {
            LeftAlone.Add(string.Join(' ', livingSilos));
            var ids = Enumerable.Range(0, Math.Min(max, Left)).Select(i => Left - i).ToList();
            Left -= ids.Count;
            return Task.FromResult<IReadOnlyList<PendingMessage>>(
                [.. ids.Select(id => new PendingMessage(new MessageId(new EntityId(EntityKinds.Instance, "synthetic"), id, 0), "{}"u8.ToArray(), Attempts: 0))]);
        }

        public void Delivered(MessageId message) => throw new InvalidOperationException();

        public Task<bool> KeepMessageAsync(MessageId message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task PutOffMessageAsync(MessageId message, DateTimeOffset until, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task<bool> HasEarlierAsync(MessageId message, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task<bool> WasTakenAsync(MessageId message, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task<TakenTimers> TakeTimersAsync(DateTimeOffset now, int max, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public void Forget(DueTimer timer) => throw new InvalidOperationException();

        public Task<IReadOnlyList<EntityId>> FindWaitingAsync(string key, string? correlationId, CancellationToken cancellationToken) => throw new InvalidOperationException();
    }
}
