using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using AssessmentFlow.Runtime.Http;
using AssessmentFlow.Runtime.Telemetry;
using AssessmentFlow.Runtime.Timers;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Runtime.Outbox;

/// <summary>
/// Delivers the messages of this silo's turns right after their commits, and takes up what silos that are gone left
/// behind. What it holds in memory is a copy of rows: losing it costs time, never a message.
/// </summary>
internal sealed partial class OutboxPump(
    MessageDelivery delivery,
    IDeliveryStore store,
    ILivingSilos silos,
    TimerPump timers,
    IOptions<DeliveryOptions> options,
    IOptions<HttpOptions> http,
    TimeProvider time,
    ILogger<OutboxPump> logger) : BackgroundService, IOutbox
{
    private readonly ConcurrentDictionary<MessageId, byte> _held = new();
    private readonly Channel<PendingMessage> _queue = Queue(options.Value.QueueMax);

    /// <summary>Messages that ask something of the world outside: however long that takes, the others go on.</summary>
    private readonly Channel<PendingMessage> _slowQueue = Queue(options.Value.QueueMax);

    /// <summary>When this silo last wrote messages that it does not hold, as far as it knows (UTC ticks); 0 when it holds all of its own.</summary>
    private long _missedAtTicks;

    public void Dispatch(Turn turn)
    {
        for (var i = 0; i < turn.Outbox.Length; i++)
        {
            // A full queue is no loss: the row is there, and the sweep finds it.
            if (!Hold(new PendingMessage(new MessageId(turn.Entity, turn.ExpectedVersion + 1, i), turn.Outbox[i], Attempts: 0, turn.Trace)))
            {
                Doubt(turn);
            }
        }

        foreach (var timer in turn.Timers)
        {
            if (timer.DueAt is { } dueAt)
            {
                timers.Expect(dueAt);
            }
        }
    }

    public void Doubt(Turn turn)
    {
        if (!turn.Outbox.IsEmpty)
        {
            Interlocked.Exchange(ref _missedAtTicks, time.GetUtcNow().UtcTicks);
        }
    }

    /// <summary>Silos whose messages are left to them: those that live, this one only while it holds all of its own.</summary>
    internal IReadOnlyCollection<string> LeftAlone() =>
        Interlocked.Read(ref _missedAtTicks) is 0 ? silos.Names() : [.. silos.Names().Where(name => name != silos.Name)];

    /// <summary>Takes a message that waits to be delivered; null when none does.</summary>
    internal PendingMessage? TakeHeld() =>
        _queue.Reader.TryRead(out var message) || _slowQueue.Reader.TryRead(out message) ? message : null;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        DeliverAllAsync(_queue.Reader, options.Value.DeliveriesMax, stoppingToken),
        DeliverAllAsync(_slowQueue.Reader, http.Value.CallsMax, stoppingToken),
        SweepAsync(stoppingToken));

    private static Channel<PendingMessage> Queue(int max) =>
        Channel.CreateBounded<PendingMessage>(new BoundedChannelOptions(max) { FullMode = BoundedChannelFullMode.Wait });

    private Task DeliverAllAsync(ChannelReader<PendingMessage> queue, int max, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        queue.ReadAllAsync(cancellationToken),
        new ParallelOptions { MaxDegreeOfParallelism = max, CancellationToken = cancellationToken },
        async (message, token) => await DeliverAsync(message, token));

    /// <returns>Whether the message is held; else there was no room for it.</returns>
    private bool Hold(PendingMessage message)
    {
        if (_held.TryAdd(message.Id, 0) && !(OutboxMessage.IsSlow(message.Body) ? _slowQueue : _queue).Writer.TryWrite(message))
        {
            _held.TryRemove(message.Id, out _);
            return false;
        }

        return true;
    }

    /// <summary>Whether a queue takes another batch. What is taken from the database without room for it lies until its lease is over.</summary>
    private bool HasRoom(ChannelReader<PendingMessage> queue) => queue.Count is 0 || queue.Count + options.Value.BatchMax <= options.Value.QueueMax;

    /// <summary>Delivers a message, or puts it off. It never throws.</summary>
    internal async Task DeliverAsync(PendingMessage message, CancellationToken cancellationToken)
    {
        using var activity = RuntimeActivity.StartDelivery(message);
        try
        {
            var body = JsonSerializer.Deserialize(message.Body, OutboxJson.Plain.OutboxMessage) ?? throw new JsonException("A message is null.");
            if (await delivery.DeliverAsync(message.Id, body, cancellationToken) || !body.IsKept(time.GetUtcNow(), options.Value.EventsKeptFor))
            {
                store.Delivered(message.Id);
                RuntimeMetrics.OnDelivery(isDone: true);
            }
            else
            {
                await PutOffAsync(message, time.GetUtcNow() + DeliveryOptions.OfferAgainAfter(message.Attempts), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping: the row stays and is delivered by whoever comes next.
        }
        catch (MessageTakenException e)
        {
            // The row is left as it is: when it is tried again is for its owner to say.
            LogMessageGivenUp(logger, e.Message);
        }
        catch (Exception e)
        {
            // One message that cannot be delivered must never stop the others.
            var wait = DeliveryOptions.IsSoonOver(e)
                ? DeliveryOptions.OfferAgainAfter(message.Attempts)
                : options.Value.Backoff(message.Attempts);
            RuntimeActivity.Fail(activity, e);
            RuntimeMetrics.OnDelivery(isDone: false);
            LogDeliveryFailed(logger, e, message.Id.ToString(), message.Attempts + 1, wait);
            await PutOffAsync(message, time.GetUtcNow() + wait, cancellationToken);
        }
        finally
        {
            _held.TryRemove(message.Id, out _);
        }
    }

    private async Task PutOffAsync(PendingMessage message, DateTimeOffset until, CancellationToken cancellationToken)
    {
        try
        {
            await store.PutOffMessageAsync(message.Id, until, cancellationToken);
        }
        catch (Exception e)
        {
            LogPutOffFailed(logger, e, message.Id.ToString());
        }
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(DeliveryOptions.Spread(options.Value.SweepInterval), time, stoppingToken);
            await SweepOnceAsync(stoppingToken);
        }
    }

    /// <summary>Takes up what is left behind, batch by batch while there is more and room for it.</summary>
    internal async Task SweepOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            var missedAt = Interlocked.Read(ref _missedAtTicks);
            var isTimeForOwn = time.GetUtcNow().UtcTicks > missedAt + options.Value.Lease.Ticks;
            var taken = options.Value.BatchMax;
            while (taken == options.Value.BatchMax && HasRoom(_queue.Reader) && HasRoom(_slowQueue.Reader))
            {
                var messages = await store.TakeMessagesAsync(LeftAlone(), time.GetUtcNow(), options.Value.BatchMax, cancellationToken);
                foreach (var message in messages)
                {
                    Hold(message);
                }

                taken = messages.Count;
            }

            if (isTimeForOwn && taken < options.Value.BatchMax)
            {
                Interlocked.CompareExchange(ref _missedAtTicks, 0, missedAt); // All of its own that lay there was taken.
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever the database says now: a pump that ended would leave every later message lying.
            LogSweepFailed(logger, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "DeliveryFailed", Message = "{MessageId} was not delivered at attempt {Attempt}; trying again in {Wait}")]
    private static partial void LogDeliveryFailed(ILogger logger, Exception exception, string messageId, int attempt, TimeSpan wait);

    [LoggerMessage(Level = LogLevel.Information, EventName = "MessageGivenUp", Message = "{Reason}")]
    private static partial void LogMessageGivenUp(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "PutOffFailed", Message = "{MessageId} could not be put off; its lease will run out")]
    private static partial void LogPutOffFailed(ILogger logger, Exception exception, string messageId);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "OutboxSweepFailed", Message = "The outbox could not be swept; trying again")]
    private static partial void LogSweepFailed(ILogger logger, Exception exception);
}

/// <summary>The silos that deliver their own messages.</summary>
internal interface ILivingSilos
{
    /// <summary>Name of this silo.</summary>
    string Name { get; }

    /// <summary>Names of all silos that are alive.</summary>
    IReadOnlyCollection<string> Names();
}
