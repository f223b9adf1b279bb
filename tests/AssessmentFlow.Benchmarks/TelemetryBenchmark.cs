using System.Collections.Immutable;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.Benchmarks;

/// <summary>
/// What being watched costs: the same load on servers that differ in their telemetry only, in turn. Each measurement has a
/// process of its own, and each round another order: of two equal processes one may stay a tenth faster for all its life.
/// </summary>
internal static class TelemetryBenchmark
{
    private const int Clients = 64;

    private static readonly ImmutableArray<(string Name, (string, string)[] Settings)> Watched =
    [
        ("nothing", []),
        ("metrics, a hundred traces per second", [("Telemetry__Metrics", "true"), ("Telemetry__RecentTraces", "1000")]),
        ("metrics, every trace", [("Telemetry__Metrics", "true"), ("Telemetry__RecentTraces", "1000"), ("Telemetry__TracesPerSecond", "0")]),
    ];

    public static async Task<ImmutableArray<TelemetryResult>> RunAsync(BenchmarkPlan plan, CancellationToken cancellationToken)
    {
        await using var postgres = await WornInLog.StartAsync(cancellationToken);
        var rounds = Watched.Select(_ => new List<Measurement>()).ToArray();
        for (var round = 0; round < plan.Rounds; round++)
        {
            for (var turn = 0; turn < Watched.Length; turn++)
            {
                var i = (round + turn) % Watched.Length;
                rounds[i].Add(await MeasureAsync(plan, await postgres.CreateDatabaseAsync($"telemetry{round}x{i}"), Watched[i].Settings, cancellationToken));
            }
        }

        return
        [
            .. Watched.Zip(rounds, (watched, measured) => new TelemetryResult(
                watched.Name,
                Measurement.Median(measured, each => each.PerSecond),
                Measurement.Median([.. measured.Zip(rounds[0])], pair => pair.First.PerSecond / pair.Second.PerSecond))),
        ];
    }

    private static async Task<Measurement> MeasureAsync(BenchmarkPlan plan, string connectionString, (string, string)[] settings, CancellationToken cancellationToken)
    {
        await using var server = await ServerUnderTest.StartAsync(connectionString, cancellationToken, settings);
        using var clients = new HttpClients(server.Port, server.ApiKey, Clients);
        clients.Run(BenchmarkPlan.WarmUp);
        return clients.Run(plan.Duration);
    }
}

/// <summary>Throughput under telemetry.</summary>
/// <param name="Watched">What is made.</param>
/// <param name="PerSecond">Resumes per second.</param>
/// <param name="Ratio">Median over the rounds of resumes per resume of the server that makes nothing.</param>
internal sealed record TelemetryResult(string Watched, double PerSecond, double Ratio);
