using OpenTelemetry.Trace;

namespace AssessmentFlow.Server.Hosting;

/// <summary>
/// Takes the first traces that begin in each second and no more: what is watched under light load is seen as a whole, and
/// under heavy load being watched costs no more than those and what they bring about.
/// </summary>
/// <param name="perSecond">Traces per second (count).</param>
/// <param name="time">The clock.</param>
internal sealed class RateLimitedSampler(int perSecond, TimeProvider time) : Sampler
{
    /// <summary>The second that is counted, and what it has taken so far.</summary>
    private long _taken;

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var second = time.GetTimestamp() / time.TimestampFrequency;
        while (true)
        {
            var before = Volatile.Read(ref _taken);
            var count = before >> 32 == second ? (int)before : 0;
            if (count >= perSecond)
            {
                return new SamplingResult(SamplingDecision.Drop);
            }

            if (Interlocked.CompareExchange(ref _taken, (second << 32) | (uint)(count + 1), before) == before)
            {
                return new SamplingResult(SamplingDecision.RecordAndSample);
            }
        }
    }
}
