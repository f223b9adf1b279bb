using AssessmentFlow.Runtime.Turns;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AssessmentFlow.Server.Hosting;

/// <summary>Whether the process has finished its first start, and whether it is about to stop.</summary>
internal sealed class Readiness
{
    private volatile bool _isReady;
    private volatile bool _isStopping;

    public bool IsReady
    {
        get => _isReady;
        set => _isReady = value;
    }

    public bool IsStopping
    {
        get => _isStopping;
        set => _isStopping = value;
    }
}

/// <summary>Ready when started up, until it is asked to stop, and when the database answers.</summary>
internal sealed class ReadinessCheck(Readiness readiness, IJournalQueries queries) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!readiness.IsReady)
        {
            return HealthCheckResult.Unhealthy("Starting.");
        }

        if (readiness.IsStopping)
        {
            return HealthCheckResult.Unhealthy("Stopping.");
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
