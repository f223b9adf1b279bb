using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using AssessmentFlow.Assessments.Cases;
using AssessmentFlow.Engine.Execution;
using AssessmentFlow.Runtime.Outbox;
using AssessmentFlow.Runtime.Telemetry;
using AssessmentFlow.Runtime.Triggers;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Runtime.Timers;

/// <summary>
/// Takes due timers from the database in batches and hands them to their entities, whose own commits consume them.
/// Nothing is armed in memory for longer than the next look, so a due date may lie any number of years ahead.
/// </summary>
internal sealed partial class TimerPump(
    IEntities entities,
    IDeliveryStore store,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<TimerPump> logger) : BackgroundService
{
    private readonly SemaphoreSlim _nudge = new(0, 1);

    /// <summary>Room for timers that are being fired.</summary>
    private readonly SemaphoreSlim _room = new(options.Value.DeliveriesMax);

    /// <summary>Timers that are being fired: one whose entity takes its time outlasts its lease and is taken again.</summary>
    private readonly ConcurrentDictionary<DueTimer, byte> _firing = new();

    /// <summary>When to look next (UTC ticks); while a look is under way, the earliest that was set meanwhile.</summary>
    private long _nextLookTicks;

    /// <summary>A commit of this silo set a timer: look no later than when it is due.</summary>
    public void Expect(DateTimeOffset dueAt)
    {
        if (LookNoLaterThan(dueAt.UtcTicks) && _nudge.CurrentCount is 0)
        {
            try
            {
                _nudge.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else nudged in between: one nudge is enough.
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = new DateTimeOffset(Interlocked.Read(ref _nextLookTicks), TimeSpan.Zero) - time.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                await WaitAsync(wait, stoppingToken);
                continue; // Nudged, the next look may have moved.
            }

            // What is set from now on may be too late for this look.
            Interlocked.Exchange(ref _nextLookTicks, long.MaxValue);
            var next = await LookAsync(stoppingToken);
            var latest = time.GetUtcNow() + DeliveryOptions.Spread(options.Value.TimerPollMax);
            LookNoLaterThan((next < latest ? next : latest).UtcTicks);
        }

        await RestAsync(CancellationToken.None);
    }

    /// <returns>Whether that is earlier than was planned.</returns>
    private bool LookNoLaterThan(long ticks)
    {
        var planned = Interlocked.Read(ref _nextLookTicks);
        while (ticks < planned)
        {
            var found = Interlocked.CompareExchange(ref _nextLookTicks, ticks, planned);
            if (found == planned)
            {
                return true;
            }

            planned = found;
        }

        return false;
    }

    /// <summary>
    /// Begins to deliver what is due, each as soon as there is room for it. No timer is waited for: one whose entity lived on a
    /// silo that stands still is answered only when that silo is given up, and the others must not be as late as that.
    /// </summary>
    /// <returns>When to look again.</returns>
    internal async Task<DateTimeOffset> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var taken = await store.TakeTimersAsync(time.GetUtcNow(), options.Value.BatchMax, cancellationToken);
            foreach (var timer in taken.Due.Where(timer => !_firing.ContainsKey(timer)))
            {
                await _room.WaitAsync(cancellationToken);
                _firing[timer] = 0;
                _ = FireInRoomAsync(timer);
            }

            return taken.Due.Count == options.Value.BatchMax
                ? time.GetUtcNow()
                : taken.NextAt ?? DateTimeOffset.MaxValue;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return DateTimeOffset.MaxValue;
        }
        catch (Exception e)
        {
            // Whatever the database says now: a pump that ended would leave every later timer lying.
            LogLookFailed(logger, e);
            return time.GetUtcNow() + DeliveryOptions.Spread(options.Value.SweepInterval);
        }
    }

    /// <summary>Waits until nothing is being fired.</summary>
    internal async Task RestAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < options.Value.DeliveriesMax; i++)
        {
            await _room.WaitAsync(cancellationToken);
        }

        _room.Release(options.Value.DeliveriesMax);
    }

    private async Task FireInRoomAsync(DueTimer timer)
    {
        try
        {
            await FireAsync(timer);
        }
        finally
        {
            _firing.TryRemove(timer, out _);
            _room.Release();
        }
    }

    /// <summary>Hands a timer to its entity. It never throws.</summary>
    private async Task FireAsync(DueTimer timer)
    {
        using var activity = RuntimeActivity.StartTimer(timer);
        try
        {
            var answer = await entities.HandleAsync(timer.Entity, new Envelope
            {
                InputId = string.Create(CultureInfo.InvariantCulture, $"timer/{timer.Entity}/{timer.Timer}/{timer.DueAt.UtcTicks}"),
                Input = InputOf(timer),
                NotBefore = timer.DueAt,
            });
            if (answer.Outcome is TurnOutcome.Ignored or TurnOutcome.Refused)
            {
                store.Forget(timer); // Nothing waits for it any more; its entity never removed the row.
            }

            var lateness = time.GetUtcNow() - timer.DueAt;
            RuntimeMetrics.OnTimerFired(lateness);
            LogFired(logger, timer.Entity.ToString(), timer.Timer, lateness.TotalMilliseconds, answer.Outcome);
        }
        catch (Exception e)
        {
            RuntimeActivity.Fail(activity, e);

            // The lease of the row runs out and it is taken again; the other timers go on.
            LogFireFailed(logger, e, timer.Entity.ToString(), timer.Timer);
        }
    }

    private static byte[] InputOf(DueTimer timer) => timer.Entity.Kind switch
    {
        EntityKinds.Instance => JsonSerializer.SerializeToUtf8Bytes<InstanceInput>(
            new InstanceInput.TimerFired(long.Parse(timer.Timer, CultureInfo.InvariantCulture)), EngineJson.Plain.InstanceInput),
        EntityKinds.TriggerSet => JsonSerializer.SerializeToUtf8Bytes<TriggerInput>(new TriggerInput.TimerFired(timer.Timer), TriggerJson.Plain.TriggerInput),
        _ => JsonSerializer.SerializeToUtf8Bytes<AssessmentInput>(new AssessmentInput.TimerFired(timer.Timer), CaseJson.Plain.AssessmentInput),
    };

    private async Task WaitAsync(TimeSpan wait, CancellationToken stoppingToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var delay = Task.Delay(Milliseconds(wait), time, waiting.Token);
        var nudge = _nudge.WaitAsync(waiting.Token);
        await Task.WhenAny(delay, nudge);
        await waiting.CancelAsync();
        await Task.WhenAll(delay, nudge).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Timers of the runtime count whole milliseconds and leave the rest out: what is left would be waited for again and again.</summary>
    private static TimeSpan Milliseconds(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));

    [LoggerMessage(Level = LogLevel.Debug, EventName = "TimerFired", Message = "{EntityId} timer {Timer} was delivered {LateMs} ms after it was due: {Outcome}")]
    private static partial void LogFired(ILogger logger, string entityId, string timer, double lateMs, TurnOutcome outcome);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "TimerFailed", Message = "{EntityId} timer {Timer} was not delivered; trying again")]
    private static partial void LogFireFailed(ILogger logger, Exception exception, string entityId, string timer);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "TimerLookFailed", Message = "The timers could not be read; trying again")]
    private static partial void LogLookFailed(ILogger logger, Exception exception);
}
