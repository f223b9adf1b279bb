using System.Collections.Immutable;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.Benchmarks;

/// <summary>
/// What being watched costs: the same load on servers that differ in their telemetry only. Of two equal processes one may stay a
/// tenth faster for all its life, within a minute the machine gets slower or faster by more, and a database is cleaned up a while
/// after it was worked on: so each round starts new processes, which warm up and are measured in turn, a second at a time.
/// </summary>
internal static class TelemetryBenchmark
{
    private const int Clients = 64;

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);

    private static readonly ImmutableArray<(string Name, (string, string)[] Settings)> Watched =
    [
        ("nothing", []),
        ("metrics, a hundred traces per second", [("Telemetry__Metrics", "true"), ("Telemetry__RecentTraces", "1000")]),
        ("metrics, every trace", [("Telemetry__Metrics", "true"), ("Telemetry__RecentTraces", "1000"), ("Telemetry__TracesPerSecond", "0")]),
    ];

    public static async Task<ImmutableArray<TelemetryResult>> RunAsync(BenchmarkPlan plan, CancellationToken cancellationToken)
    {
        await using var postgres = await WornInLog.StartAsync(cancellationToken);
        var rounds = new List<double[]>();
        for (var round = 0; round < plan.Rounds; round++)
        {
            rounds.Add(await RunRoundAsync(plan, postgres, round, cancellationToken));
        }

        return
        [
            .. Watched.Select((watched, i) => new TelemetryResult(
                watched.Name,
                Measurement.Median(rounds, round => round[i]),
                Measurement.Median(rounds, round => round[i] / round[0]),
                rounds.Min(round => round[i] / round[0]),
                rounds.Max(round => round[i] / round[0]))),
        ];
    }

    /// <returns>Resumes per second of each server.</returns>
    private static async Task<double[]> RunRoundAsync(BenchmarkPlan plan, PostgresServer postgres, int round, CancellationToken cancellationToken)
    {
        var servers = new List<(ServerUnderTest Server, HttpClients Clients)>();
        try
        {
            foreach (var (_, settings) in Watched)
            {
                var database = await postgres.CreateDatabaseAsync($"telemetry{round}x{servers.Count}");
                var server = await ServerUnderTest.StartAsync(database, cancellationToken, settings);
                servers.Add((server, new HttpClients(server.Port, server.ApiKey, Clients)));
            }

            var warmUp = (int)(BenchmarkPlan.WarmUp / Turn);
            var turns = Enumerable.Range(0, warmUp + (int)Math.Ceiling(plan.Duration / Turn)).Select(_ => servers.ConvertAll(each => each.Clients.Run(Turn).PerSecond)).ToList();
            return [.. servers.Select((_, i) => turns.Skip(warmUp).Average(turn => turn[i]))];
        }
        finally
        {
            foreach (var (server, clients) in servers)
            {
                clients.Dispose();
                await server.DisposeAsync();
            }
        }
    }
}

/// <summary>Throughput under telemetry.</summary>
/// <param name="Watched">What is made.</param>
/// <param name="PerSecond">Resumes per second, median of the rounds.</param>
/// <param name="Ratio">Resumes per resume of the server that makes nothing, median of the rounds.</param>
/// <param name="LowestRatio">The same, of the round where it was lowest.</param>
/// <param name="HighestRatio">The same, of the round where it was highest.</param>
internal sealed record TelemetryResult(string Watched, double PerSecond, double Ratio, double LowestRatio, double HighestRatio);
