namespace AssessmentFlow.Storage;

/// <summary>Times as the databases keep them: microseconds since 1970 (UTC).</summary>
internal static class Times
{
    public static long Micros(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>Rounded up: a timer must not be found due before it is.</summary>
    public static long MicrosUp(DateTimeOffset at) => Micros(at.AddTicks(at == DateTimeOffset.MaxValue ? 0 : TimeSpan.TicksPerMicrosecond - 1));

    /// <summary>A number that is no time becomes the nearest one that is: one broken row must not hold up those beside it.</summary>
    public static DateTimeOffset FromMicros(long micros) =>
        DateTimeOffset.UnixEpoch.AddTicks(Math.Clamp(micros, Micros(DateTimeOffset.MinValue), Micros(DateTimeOffset.MaxValue)) * TimeSpan.TicksPerMicrosecond);
}
