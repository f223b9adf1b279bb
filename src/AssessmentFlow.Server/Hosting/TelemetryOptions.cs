using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AssessmentFlow.Server.Hosting;

/// <summary>What the process tells of itself without a collector.</summary>
public sealed class TelemetryOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Telemetry";

    /// <summary>Traces kept in memory and shown at <c>/operations/traces</c> (count); 0 keeps none and costs nothing. Default: 0.</summary>
    [Range(0, 10_000)]
    public int RecentTraces { get; set; }

    /// <summary>
    /// Traces that this process begins in a second (count); those that others began are always gone on with, or not, as they
    /// say. 0 for no bound. <c>OTEL_TRACES_SAMPLER</c> takes its place. Default: 100.
    /// </summary>
    [Range(0, 1_000_000)]
    public int TracesPerSecond { get; set; } = 100;

    /// <summary>Whether <c>/metrics</c> answers, in the form that Prometheus reads. Default: false.</summary>
    public bool Metrics { get; set; }
}

[OptionsValidator]
internal sealed partial class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>;
