namespace AssessmentFlow.EndToEndTests.Chaos;

/// <summary>The log of a chaos run tells what went on at a time.</summary>
public sealed class ChaosLogTests
{
    private readonly TurnedClock _clock = new();

    [Fact]
    public void What_was_over_before_a_span_of_time_or_began_after_it_was_not_under_way_in_it_and_all_else_was()
    {
        var log = new ChaosLog(_clock);
        var over = log.Begin("kills");
        _clock.Turn();
        over.Dispose();
        var stop = log.Begin("stops", " of server 1");
        log.Begin("revivals");
        _clock.Turn();
        var from = _clock.GetUtcNow();
        _clock.Turn();
        log.Begin("cuts").Dispose();
        _clock.Turn();
        var to = _clock.GetUtcNow();
        _clock.Turn();
        stop.Dispose();
        log.Begin("kills").Dispose();

        Assert.Equal(["stops of server 1 from -1.0 s to 3.0 s", "revivals from -1.0 s, not over", "cuts from 1.0 s to 1.0 s"], log.During(from, to));
        Assert.Equal((2, "1 cuts, 2 kills, 1 revivals, 1 stops"), (log.CountOf("kills"), $"{log}"));
    }

    /// <summary>A clock that the test turns, by seconds.</summary>
    private sealed class TurnedClock : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => _now;

        public void Turn() => _now += TimeSpan.FromSeconds(1);
    }
}
