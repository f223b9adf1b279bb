using System.Diagnostics.Metrics;

namespace AssessmentFlow.Storage;

/// <summary>Metrics of the storage. Ids are never among their tags.</summary>
internal static class StorageMetrics
{
    private static readonly Meter Meter = new(StorageActivity.SourceName);

    private static readonly Counter<long> Turns = Meter.CreateCounter<long>("assessmentflow.turns", "{turn}", "Turns that were written.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "assessmentflow.commit.duration",
        "s",
        "How long a transaction took that wrote turns.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5] });

    /// <summary>A transaction wrote turns.</summary>
    /// <param name="turns">How many (count).</param>
    /// <param name="duration">How long it took.</param>
    public static void OnCommitted(int turns, TimeSpan duration)
    {
        Turns.Add(turns);
        Duration.Record(duration.TotalSeconds);
    }
}
