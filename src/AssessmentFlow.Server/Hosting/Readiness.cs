using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AssessmentFlow.Server.Hosting;

/// <summary>Whether the process has finished its first start.</summary>
internal sealed class Readiness
{
    private volatile bool _isReady;

    public bool IsReady
    {
        get => _isReady;
        set => _isReady = value;
    }
}

/// <summary>Ready when started up and when the database answers.</summary>
internal sealed class ReadinessCheck(Readiness readiness, IJournalQueries queries) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!readiness.IsReady)
        {
            return HealthCheckResult.Unhealthy("Starting.");
        }

        try
        {
            await queries.CheckAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (JournalUnavailableException)
        {
            return HealthCheckResult.Unhealthy("The database cannot be reached.");
        }
    }
}
