using System.Collections.Concurrent;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Timers;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.UnitTests.Outbox;

/// <summary>Timers that are due at once, some of entities that do not answer, as those of a process that stands still.</summary>
public sealed class TimerPumpTests
{
    private const int DeliveriesMax = 2;

    private static readonly DueTimer Slow = Timer("slow");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_timer_whose_entity_does_not_answer_holds_up_neither_the_others_of_its_look_nor_the_next_look()
    {
        var due = new Due([Slow, Timer("a"), Timer("b"), Timer("c")], [Timer("d")]);
        using var pump = due.Pump();

        Assert.True(pump.LookAsync(Token).IsCompletedSuccessfully, "The look waits for the entity that does not answer.");
        Assert.True(pump.LookAsync(Token).IsCompletedSuccessfully, "The next look waits for the entity that does not answer.");

        Assert.Equal(["slow", "a", "b", "c", "d"], due.Fired);
        due.Fail();
        await pump.RestAsync(Token);
    }

    [Fact]
    public async Task A_timer_that_is_being_fired_is_not_fired_again_by_a_later_look_and_is_once_it_was_not_taken()
    {
        var due = new Due([Slow], [Slow, Timer("a")], [Slow]);
        using var pump = due.Pump();

        await pump.LookAsync(Token);
        await pump.LookAsync(Token);
        Assert.Equal(["slow", "a"], due.Fired);

        due.Fail();
        await pump.RestAsync(Token);
        await pump.LookAsync(Token);
        Assert.Equal(["slow", "a", "slow"], due.Fired);
        due.Fail();
        await pump.RestAsync(Token);
    }

    [Fact]
    public async Task No_more_timers_are_fired_at_once_than_may_be_and_each_that_is_done_makes_room_for_another()
    {
        var due = new Due([Slow, Slow with { Timer = "2" }, Slow with { Timer = "3" }, Timer("a")]);
        using var pump = due.Pump();

        var look = pump.LookAsync(Token);
        Assert.Equal(["slow", "slow"], due.Fired);
        Assert.False(look.IsCompleted);

        due.Fail();
        await look;
        Assert.Equal(["slow", "slow", "slow", "a"], due.Fired);
        due.Fail();
        await pump.RestAsync(Token);
    }

    private static DueTimer Timer(string entity) => new(new EntityId(EntityKinds.Instance, entity), "1", DateTimeOffset.UnixEpoch);

    /// <summary>What is due at each look, and the entities that it is for; those that are slow answer when the test says so.</summary>
    private sealed class Due(params DueTimer[][] looks) : IEntities, IDeliveryStore
    {
        private readonly Queue<DueTimer[]> _looks = new(looks);
        private readonly ConcurrentQueue<string> _fired = new();
        private readonly ConcurrentQueue<TaskCompletionSource<TurnAnswer>> _slow = new();

        /// <summary>Entities that were handed their timers, in order.</summary>
        public IEnumerable<string> Fired => _fired;

        public TimerPump Pump() => new(
            this, this, Options.Create(new DeliveryOptions { DeliveriesMax = DeliveriesMax }), TimeProvider.System, NullLogger<TimerPump>.Instance);

        /// <summary>Gives up the calls that were not answered, as when their process was found dead.</summary>
        public void Fail()
        {
            while (_slow.TryDequeue(out var call))
            {
                call.SetException(new TimeoutException("Synthetic."));
            }
        }

        public Task<TurnAnswer> HandleAsync(EntityId entity, Envelope envelope, CancellationToken cancellationToken = default)
        {
            _fired.Enqueue(entity.Key);
            if (entity != Slow.Entity)
            {
                return Task.FromResult(new TurnAnswer { Outcome = TurnOutcome.Accepted, Version = 2 });
            }

            var call = new TaskCompletionSource<TurnAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            _slow.Enqueue(call);
            return call.Task;
        }

        public Task<TakenTimers> TakeTimersAsync(DateTimeOffset now, int max, CancellationToken cancellationToken) =>
            Task.FromResult(new TakenTimers(_looks.Dequeue(), NextAt: null));

        public void Forget(DueTimer timer) => throw new InvalidOperationException();

        public Task<IReadOnlyList<PendingMessage>> TakeMessagesAsync(
            IReadOnlyCollection<string> livingSilos, DateTimeOffset now, int max, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public void Delivered(MessageId message) => throw new InvalidOperationException();

        public Task<bool> KeepMessageAsync(MessageId message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task PutOffMessageAsync(MessageId message, DateTimeOffset until, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task<bool> HasEarlierAsync(MessageId message, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task<bool> WasTakenAsync(MessageId message, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task<IReadOnlyList<EntityId>> FindWaitingAsync(string key, string? correlationId, CancellationToken cancellationToken) => throw new InvalidOperationException();
    }
}
