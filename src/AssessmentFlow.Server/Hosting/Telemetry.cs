using AssessmentFlow.Runtime.Telemetry;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace AssessmentFlow.Server.Hosting;

/// <summary>Traces, when somewhere to send them is configured.</summary>
internal static class Telemetry
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Whether anybody receives traces; when nobody does, none are made.</summary>
    public static bool IsExported(IConfiguration configuration) => !string.IsNullOrEmpty(configuration[EndpointVariable]);

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        if (!IsExported(builder.Configuration))
        {
            return;
        }

        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("assessmentflow"))
            .WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation()
                .AddSource(RuntimeActivity.SourceName, "Microsoft.Orleans.Application")
                .AddNpgsql())
            .UseOtlpExporter();
    }
}
