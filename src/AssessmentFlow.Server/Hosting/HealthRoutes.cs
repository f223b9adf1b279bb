using Microsoft.AspNetCore.Diagnostics.HealthChecks;

namespace AssessmentFlow.Server.Hosting;

/// <summary>Where whoever runs the process asks how it is. Deployments name these paths.</summary>
internal static class HealthRoutes
{
    /// <summary>Answers while the process serves requests; looks at nothing else, so that a database outage restarts nobody.</summary>
    public const string Live = "/health/live";

    /// <summary>Answers 200 when the process is started up and its database answers.</summary>
    public const string Ready = "/health/ready";

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapHealthChecks(Live, new HealthCheckOptions { Predicate = static _ => false }).DisableRateLimiting();
        app.MapHealthChecks(Ready).DisableRateLimiting();
    }
}
