using System.Collections.Immutable;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.Benchmarks;

/// <summary>What being watched costs: the same load on servers that differ in their telemetry only, in turn.</summary>
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
        var servers = new List<ServerUnderTest>();
        var clients = new List<HttpClients>();
        try
        {
            foreach (var (_, settings) in Watched)
            {
                var server = await ServerUnderTest.StartAsync(await postgres.CreateDatabaseAsync($"telemetry{servers.Count}"), cancellationToken, settings);
                servers.Add(server);
                clients.Add(new HttpClients(server.Port, server.ApiKey, Clients));
                clients[^1].Run(BenchmarkPlan.WarmUp);
            }

            var rounds = Watched.Select(_ => new List<Measurement>()).ToArray();
            for (var round = 0; round < plan.Rounds; round++)
            {
                for (var i = 0; i < rounds.Length; i++)
                {
                    rounds[i].Add(clients[i].Run(plan.Duration));
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
        finally
        {
            clients.ForEach(each => each.Dispose());
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }
}

/// <summary>Throughput under telemetry.</summary>
/// <param name="Watched">What is made.</param>
/// <param name="PerSecond">Resumes per second.</param>
/// <param name="Ratio">Median over the rounds of resumes per resume of the server that makes nothing.</param>
internal sealed record TelemetryResult(string Watched, double PerSecond, double Ratio);
