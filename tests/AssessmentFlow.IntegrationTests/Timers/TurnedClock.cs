using AssessmentFlow.TestSupport;
using Microsoft.Extensions.Time.Testing;

namespace AssessmentFlow.IntegrationTests.Timers;

/// <summary>A clock that stands still until the test turns it, and knows when whoever waits by it has looked again.</summary>
internal sealed class TurnedClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private int _waits;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Interlocked.Increment(ref _waits);
        return timer;
    }

    /// <summary>Waits by this clock that were begun so far (count).</summary>
    public int Waits => Volatile.Read(ref _waits);

    /// <summary>Turns the clock to a time, and waits until the pump has looked at what is due and waits again.</summary>
    public async Task TurnToAsync(DateTimeOffset time)
    {
        var waits = Waits;
        SetUtcNow(time);
        await WaitsAgainAsync(waits);
    }

    /// <summary>Waits until the pump has looked and waits again.</summary>
    /// <param name="waits">Waits begun before.</param>
    public Task WaitsAgainAsync(int waits) =>
        Eventually.HoldsAsync($"the pump has looked at {GetUtcNow():u} and waits again", () => Task.FromResult(Waits > waits), TestContext.Current.CancellationToken);
}
