using System.Diagnostics;
using AssessmentFlow.Server.Hosting;
using OpenTelemetry.Trace;

namespace AssessmentFlow.UnitTests.Telemetry;

/// <summary>How many traces a process begins.</summary>
public sealed class RateLimitedSamplerTests
{
    [Fact]
    public void No_more_traces_are_begun_in_a_second_than_the_setting_says()
    {
        var clock = new SetClock();
        var sampler = new RateLimitedSampler(3, clock);

        Assert.Equal(3, Enumerable.Range(0, 100).Count(_ => Takes(sampler)));
        clock.Seconds++;
        Assert.Equal(3, Enumerable.Range(0, 100).Count(_ => Takes(sampler)));
    }

    [Fact]
    public async Task Threads_that_begin_traces_at_once_share_the_bound()
    {
        var sampler = new RateLimitedSampler(100, new SetClock());
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 1000).Count(_ => Takes(sampler)))));

        Assert.Equal(100, taken.Sum());
    }

    private static bool Takes(RateLimitedSampler sampler) =>
        sampler.ShouldSample(new SamplingParameters(default, ActivityTraceId.CreateRandom(), "turn", ActivityKind.Server)).Decision is SamplingDecision.RecordAndSample;

    private sealed class SetClock : TimeProvider
    {
        public long Seconds { get; set; } = 1_000;

        public override long GetTimestamp() => Seconds * TimestampFrequency;
    }
}
