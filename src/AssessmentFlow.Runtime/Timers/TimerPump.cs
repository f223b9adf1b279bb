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
    private long _nextLookTicks = long.MaxValue;

    /// <summary>A commit of this silo set a timer: look no later than when it is due.</summary>
    public void Expect(DateTimeOffset dueAt)
    {
        if (dueAt.UtcTicks < Interlocked.Read(ref _nextLookTicks) && _nudge.CurrentCount is 0)
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
            var next = await LookAsync(stoppingToken);
            var now = time.GetUtcNow();
            var wait = next - now;
            wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > options.Value.TimerPollMax ? options.Value.TimerPollMax : wait;
            Interlocked.Exchange(ref _nextLookTicks, (now + wait).UtcTicks);
            if (wait > TimeSpan.Zero)
            {
                await WaitAsync(wait, stoppingToken);
            }
        }
    }

    /// <summary>Delivers what is due.</summary>
    /// <returns>When to look again.</returns>
    internal async Task<DateTimeOffset> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var taken = await store.TakeTimersAsync(time.GetUtcNow(), options.Value.BatchMax, cancellationToken);
            await Parallel.ForEachAsync(
                taken.Due,
                new ParallelOptions { MaxDegreeOfParallelism = options.Value.DeliveriesMax, TaskScheduler = TaskScheduler.Current, CancellationToken = cancellationToken },
                async (timer, _) => await FireAsync(timer));
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
            return time.GetUtcNow() + options.Value.SweepInterval;
        }
    }

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
        var delay = Task.Delay(wait, time, waiting.Token);
        var nudge = _nudge.WaitAsync(waiting.Token);
        await Task.WhenAny(delay, nudge);
        await waiting.CancelAsync();
        await Task.WhenAll(delay, nudge).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(Level = LogLevel.Debug, EventName = "TimerFired", Message = "{EntityId} timer {Timer} was delivered {LateMs} ms after it was due: {Outcome}")]
    private static partial void LogFired(ILogger logger, string entityId, string timer, double lateMs, TurnOutcome outcome);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "TimerFailed", Message = "{EntityId} timer {Timer} was not delivered; trying again")]
    private static partial void LogFireFailed(ILogger logger, Exception exception, string entityId, string timer);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "TimerLookFailed", Message = "The timers could not be read; trying again")]
    private static partial void LogLookFailed(ILogger logger, Exception exception);
}
