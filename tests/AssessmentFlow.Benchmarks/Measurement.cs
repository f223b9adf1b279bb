using System.Diagnostics;

namespace AssessmentFlow.Benchmarks;

/// <summary>What one measurement saw.</summary>
/// <param name="PerSecond">Acknowledged operations per second.</param>
/// <param name="P50Ms">Median latency (milliseconds).</param>
/// <param name="P99Ms">99th percentile of the latency (milliseconds).</param>
/// <param name="Operations">Operations (count).</param>
internal sealed record Measurement(double PerSecond, double P50Ms, double P99Ms, long Operations)
{
    /// <summary>Runs closed loops: each begins its next operation when the last was acknowledged.</summary>
    /// <param name="loops">One function a client: does one operation.</param>
    /// <param name="duration">How long.</param>
    public static async Task<Measurement> RunAsync(IReadOnlyList<Func<Task>> loops, TimeSpan duration)
    {
        var latencies = new List<double>[loops.Count];
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(loops.Select((loop, i) => Task.Run(async () =>
        {
            var own = latencies[i] = [];
            while (clock.Elapsed < duration)
            {
                var begun = Stopwatch.GetTimestamp();
                await loop();
                own.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }
        })));
        return Of(latencies.SelectMany(each => each), clock.Elapsed);
    }

    /// <summary>What operations with these latencies (milliseconds) amount to.</summary>
    public static Measurement Of(IEnumerable<double> latencies, TimeSpan elapsed)
    {
        var all = latencies.Order().ToArray();
        return new Measurement(all.Length / elapsed.TotalSeconds, At(all, 0.50), At(all, 0.99), all.Length);
    }

    public static Measurement MedianOf(IReadOnlyList<Measurement> rounds) =>
        new(Median(rounds, round => round.PerSecond), Median(rounds, round => round.P50Ms), Median(rounds, round => round.P99Ms), rounds.Sum(round => round.Operations));

    public static double Median<T>(IReadOnlyList<T> items, Func<T, double> select)
    {
        var sorted = items.Select(select).Order().ToArray();
        return sorted.Length % 2 is 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static double At(double[] sorted, double share) => sorted.Length is 0 ? double.NaN : sorted[(int)(share * (sorted.Length - 1))];
}
