using System.Collections.Immutable;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.Benchmarks;

/// <summary>
/// What being watched costs: the same load on servers that differ in their telemetry only. Of two equal processes one may stay a
/// tenth faster for all its life, within a minute the machine gets slower or faster by more, and a database is cleaned up a while
/// after it was worked on: so each round starts new processes, which warm up and are measured in turn, a second at a time. How far
/// two equal servers differ even so is measured beside them.
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
        ("nothing, by another process", []),
    ];

    public static async Task<ImmutableArray<TelemetryResult>> RunAsync(BenchmarkPlan plan, CancellationToken cancellationToken)
    {
        await using var postgres = await WornInLog.StartAsync(cancellationToken);
        var rounds = new List<ImmutableArray<Share>>();
        for (var round = 0; round < plan.Rounds; round++)
        {
            rounds.Add(await RunRoundAsync(plan, postgres, round, cancellationToken));
        }

        return
        [
            .. Watched.Select((watched, i) => new TelemetryResult(
                watched.Name,
                Measurement.Median(rounds, round => round[i].PerSecond),
                Measurement.Median(rounds, round => round[i].PerSecond / round[0].PerSecond),
                rounds.Min(round => round[i].PerSecond / round[0].PerSecond),
                rounds.Max(round => round[i].PerSecond / round[0].PerSecond),
                Measurement.Median(rounds, round => round[i].ServerMicros))),
        ];
    }

    /// <returns>The share of each server.</returns>
    private static async Task<ImmutableArray<Share>> RunRoundAsync(BenchmarkPlan plan, PostgresServer postgres, int round, CancellationToken cancellationToken)
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

            RunInTurn(servers, BenchmarkPlan.WarmUp);
            var before = servers.ConvertAll(each => CpuClock.MicrosOf(each.Server.ProcessId));
            var turns = RunInTurn(servers, plan.Duration);
            return
            [
                .. servers.Select((each, i) => new Share(
                    turns.Average(turn => turn[i].PerSecond),
                    (CpuClock.MicrosOf(each.Server.ProcessId) - before[i]) / turns.Sum(turn => turn[i].Operations))),
            ];
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

    /// <returns>For each turn, what was measured at each server.</returns>
    private static List<List<Measurement>> RunInTurn(List<(ServerUnderTest Server, HttpClients Clients)> servers, TimeSpan each) =>
        [.. Enumerable.Range(0, (int)Math.Ceiling(each / Turn)).Select(_ => servers.ConvertAll(one => one.Clients.Run(Turn)))];

    /// <summary>What one server did in one round.</summary>
    /// <param name="PerSecond">Resumes per second.</param>
    /// <param name="ServerMicros">CPU time of the server per resume (microseconds).</param>
    private readonly record struct Share(double PerSecond, double ServerMicros);
}

/// <summary>Throughput under telemetry.</summary>
/// <param name="Watched">What is made.</param>
/// <param name="PerSecond">Resumes per second, median of the rounds.</param>
/// <param name="Ratio">Resumes per resume of the first server that makes nothing, median of the rounds.</param>
/// <param name="LowestRatio">The same, of the round where it was lowest.</param>
/// <param name="HighestRatio">The same, of the round where it was highest.</param>
/// <param name="ServerMicros">CPU time of the server per resume (microseconds), median of the rounds.</param>
internal sealed record TelemetryResult(
    string Watched, double PerSecond, double Ratio, double LowestRatio, double HighestRatio, double ServerMicros);
