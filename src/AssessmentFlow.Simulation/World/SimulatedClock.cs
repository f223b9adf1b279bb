namespace AssessmentFlow.Simulation;

/// <summary>The clock of one silo: the time of the world, and how far the silo is ahead of it.</summary>
internal sealed class SimulatedClock(SimulatedWorld world, SimulatedSilo silo) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => world.Now + silo.Ahead;

    public override long GetTimestamp() => world.Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(SimulatedClock clock, Action callback) : ITimer
    {
        private PendingStep? _next;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Dispose();
            if (dueTime >= TimeSpan.Zero)
            {
                _next = clock.Plan(dueTime, () => Fire(period));
            }

            return true;
        }

        public void Dispose()
        {
            _next?.Drop();
            _next = null;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire(TimeSpan period)
        {
            _next = period > TimeSpan.Zero ? clock.Plan(period, () => Fire(period)) : null;
            callback();
        }
    }

    private PendingStep Plan(TimeSpan after, Action run) => world.Plan($"{silo} has waited", silo, after, run);
}
