using System.Diagnostics.Metrics;

namespace AssessmentFlow.Runtime.Telemetry;

/// <summary>Metrics of the runtime. Ids are never among their tags.</summary>
public static class RuntimeMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "AssessmentFlow.Runtime";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Histogram<double> Lateness = Meter.CreateHistogram(
        "assessmentflow.timer.lateness",
        "s",
        "From when a timer was due to when its entity had taken it.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 60, 600, 3_600] });

    private static readonly Counter<long> Deliveries =
        Meter.CreateCounter<long>("assessmentflow.message.deliveries", "{delivery}", "Deliveries of messages of the outbox, by whether they were done.");

    /// <summary>An entity has taken a timer.</summary>
    internal static void OnTimerFired(TimeSpan lateness) => Lateness.Record(lateness.TotalSeconds);

    /// <summary>A message was delivered, or could not be.</summary>
    internal static void OnDelivery(bool isDone) => Deliveries.Add(1, new KeyValuePair<string, object?>("assessmentflow.outcome", isDone ? "done" : "failed"));
}
