using AssessmentFlow.Runtime.Telemetry;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AssessmentFlow.Server.Hosting;

/// <summary>Traces and metrics, each made only when somebody is there to have them.</summary>
internal static class Telemetry
{
    /// <summary>Where Prometheus reads metrics.</summary>
    public const string MetricsPath = "/metrics";

    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string SamplerVariable = "OTEL_TRACES_SAMPLER";

    private static readonly string[] Meters =
    [
        RuntimeMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.Orleans", "Npgsql", "System.Runtime",
    ];

    /// <param name="builder">The process.</param>
    /// <param name="storage">Name under which the storage traces and measures.</param>
    public static void AddTelemetry(this WebApplicationBuilder builder, string storage)
    {
        builder.Services.AddOptions<TelemetryOptions>().BindConfiguration(TelemetryOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>();
        var options = OptionsOf(builder.Configuration);
        var isExported = !string.IsNullOrEmpty(builder.Configuration[EndpointVariable]);
        var isTraced = isExported || options.RecentTraces > 0;
        if (!isTraced && !options.Metrics)
        {
            return;
        }

        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("assessmentflow"));
        if (isTraced)
        {
            telemetry.WithTracing(tracing =>
            {
                AddTraces(tracing, storage, options, hasSampler: !string.IsNullOrEmpty(builder.Configuration[SamplerVariable]));
                if (isExported)
                {
                    tracing.AddOtlpExporter(); // Not all of telemetry at once: that sends logs, too, with the texts of exceptions.
                }
            });
        }

        if (options.Metrics)
        {
            telemetry.WithMetrics(metrics =>
            {
                metrics.AddMeter([.. Meters, storage]).AddPrometheusExporter();
                if (isExported)
                {
                    metrics.AddOtlpExporter();
                }
            });
        }

        if (options.RecentTraces > 0)
        {
            builder.Services.AddSingleton(new RecentTraces(options.RecentTraces));
        }
    }

    public static void MapTelemetry(this WebApplication app)
    {
        app.MapTraces();
        if (OptionsOf(app.Configuration).Metrics)
        {
            app.MapPrometheusScrapingEndpoint(MetricsPath).DisableRateLimiting();
        }
    }

    private static void AddTraces(TracerProviderBuilder tracing, string storage, TelemetryOptions options, bool hasSampler)
    {
        tracing
            .AddRequests()
            .AddSource(RuntimeActivity.SourceName, storage)
            .AddNpgsql()
            .AddProcessor(_ => new TextlessTraces());
        if (options.TracesPerSecond > 0 && !hasSampler)
        {
            tracing.SetSampler(new ParentBasedSampler(new RateLimitedSampler(options.TracesPerSecond, TimeProvider.System)));
        }

        if (options.RecentTraces > 0)
        {
            tracing.AddProcessor(services => services.GetRequiredService<RecentTraces>());
        }
    }

    private static TelemetryOptions OptionsOf(IConfiguration configuration) =>
        configuration.GetSection(TelemetryOptions.Section).Get<TelemetryOptions>() ?? new TelemetryOptions();
}
