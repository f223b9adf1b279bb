using Microsoft.Extensions.Options;

namespace AssessmentFlow.Server.Hosting;

/// <summary>
/// The first thing in stopping: the process says that it is not ready and goes on serving for a while, so that whoever
/// spreads requests over the processes sends no more here before the port closes.
/// </summary>
internal sealed class Drain(Readiness readiness, IOptions<ClusterOptions> options, TimeProvider time) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        readiness.IsStopping = true;
        await Task.Delay(options.Value.DrainFor, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
