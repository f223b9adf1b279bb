using System.Collections.Immutable;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.Benchmarks;

/// <summary>
/// Instances that start, wait many times and end, each wait resumed by a request of its own, in closed loops over HTTP;
/// in turn with the yardstick, so that both see the same moods of the machine.
/// </summary>
internal static class ResumeBenchmark
{
    public static async Task<IReadOnlyList<ResumeResult>> RunAsync(BenchmarkPlan plan, TextWriter log, CancellationToken cancellationToken)
    {
        await using var postgres = await WornInLog.StartAsync(cancellationToken);
        var results = new List<ResumeResult>();
        foreach (var database in plan.Databases)
        {
            foreach (var clients in plan.Clients)
            {
                var result = await MeasureAsync(plan, database, clients, postgres, cancellationToken);
                await log.WriteLineAsync(PerformanceReport.Row(result));
                results.Add(result);
            }
        }

        return results;
    }

    private static async Task<ResumeResult> MeasureAsync(BenchmarkPlan plan, string database, int clients, PostgresServer postgres, CancellationToken cancellationToken)
    {
        var connectionString = await postgres.CreateDatabaseAsync($"{database}{clients}");
        await using var yardstick = await RawUpserts.OpenAsync(await postgres.CreateDatabaseAsync($"{database}{clients}raw"), clients);
        await using var server = await ServerUnderTest.StartAsync(database is "postgres" ? connectionString : null, cancellationToken);
        using var http = new HttpClients(server.Port, server.ApiKey, clients);
        await yardstick.RunAsync(BenchmarkPlan.WarmUp);
        http.Run(BenchmarkPlan.WarmUp);
        var raw = new List<Measurement>();
        var resumes = new List<Measurement>();
        var costs = new List<TurnCost>();
        for (var round = 0; round < plan.Rounds; round++)
        {
            raw.Add(await yardstick.RunAsync(plan.Duration));
            var before = await CostsAsync(http, server, connectionString, database);
            resumes.Add(http.Run(plan.Duration));
            costs.Add((await CostsAsync(http, server, connectionString, database)).PerTurnSince(before));
        }

        return new ResumeResult(
            database,
            clients,
            Measurement.MedianOf(resumes),
            Measurement.MedianOf(raw),
            [.. resumes.Zip(raw, (resume, upsert) => resume.PerSecond / upsert.PerSecond)],
            new TurnCost(
                Turns: costs.Sum(cost => cost.Turns),
                Commits: Measurement.Median(costs, cost => cost.Commits),
                ServerMicros: Measurement.Median(costs, cost => cost.ServerMicros),
                DatabaseMicros: Measurement.Median(costs, cost => cost.DatabaseMicros)));
    }

    private static async Task<TurnCost> CostsAsync(HttpClients http, ServerUnderTest server, string connectionString, string database) => new(
        http.Turns,
        database is "postgres" ? await Transactions.CommittedAsync(connectionString) : 0,
        CpuClock.MicrosOf(server.ProcessId),
        database is "postgres" ? CpuClock.MicrosOf("postgres") : 0);
}

/// <summary>What one client does: starts an instance, resumes it until it ends, starts the next one.</summary>
internal sealed class InstanceLoop
{
    private readonly string _client = Guid.NewGuid().ToString("N");
    private string _path = "";
    private long _version;
    private int _wait = BenchmarkPlan.Waits;
    private long _requests;

    /// <summary>Turns acknowledged so far: starts and resumes (count).</summary>
    public long Turns { get; private set; }

    /// <summary>Whether the last request was a resume and not a start.</summary>
    public bool IsResume => _wait > 0;

    /// <summary>The next request.</summary>
    public (string Path, string Key, long? IfMatch, string Body) Next()
    {
        var key = $"{_client}-{_requests++}";
        if (_wait is BenchmarkPlan.Waits)
        {
            _wait = 0;
            return ("/api/v1/instances", key, null, $"{{\"definitionId\":\"{MeasuredWorkflows.Waits}\"}}");
        }

        _wait++;
        return (_path, key, _version, $"{{\"name\":\"step-{_wait}\",\"payload\":{{\"wait\":{_wait}}}}}");
    }

    /// <exception cref="InvalidOperationException">The request was not acknowledged.</exception>
    public void OnAnswer(int status, ReadOnlyMemory<byte> body)
    {
        if (status is not (200 or 201))
        {
            throw new InvalidOperationException($"{status}: {System.Text.Encoding.UTF8.GetString(body.Span)}");
        }

        using var answer = System.Text.Json.JsonDocument.Parse(body);
        _version = answer.RootElement.GetProperty("version").GetInt64();
        if (_wait is 0)
        {
            _path = $"/api/v1/instances/{answer.RootElement.GetProperty("id").GetString()}/signals";
        }

        Turns++;
    }
}

/// <summary>What was measured for one database and one number of clients.</summary>
/// <param name="Database">The database.</param>
/// <param name="Clients">Clients (count).</param>
/// <param name="Resumes">Acknowledged resumes over HTTP.</param>
/// <param name="Raw">Prepared single-row upserts on PostgreSQL.</param>
/// <param name="Ratios">Resumes per upsert, round by round.</param>
/// <param name="PerTurn">What one acknowledged turn cost.</param>
internal sealed record ResumeResult(string Database, int Clients, Measurement Resumes, Measurement Raw, ImmutableArray<double> Ratios, TurnCost PerTurn)
{
    /// <summary>Median over the rounds.</summary>
    public double Ratio => Measurement.Median(Ratios, ratio => ratio);
}

/// <summary>What turns cost, everything that the server does meanwhile included.</summary>
/// <param name="Turns">Acknowledged turns: starts and resumes (count).</param>
/// <param name="Commits">Transactions of the database (count).</param>
/// <param name="ServerMicros">CPU time of the server (microseconds).</param>
/// <param name="DatabaseMicros">CPU time of the database server (microseconds).</param>
internal sealed record TurnCost(double Turns, double Commits, double ServerMicros, double DatabaseMicros)
{
    public TurnCost PerTurnSince(TurnCost before)
    {
        var turns = Turns - before.Turns;
        return new TurnCost(turns, (Commits - before.Commits) / turns, (ServerMicros - before.ServerMicros) / turns, (DatabaseMicros - before.DatabaseMicros) / turns);
    }
}
