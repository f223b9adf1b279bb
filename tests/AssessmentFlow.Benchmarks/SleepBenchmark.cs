using System.Collections.Immutable;
using System.Diagnostics;
using AssessmentFlow.TestSupport;
using Npgsql;

namespace AssessmentFlow.Benchmarks;

/// <summary>
/// What instances cost that only sleep: the time a process takes to start beside them, its memory, what it asks the database
/// when nothing happens, and a resume of one that was not in memory. Sleepers are <see cref="SleepingCopies"/>.
/// </summary>
internal static class SleepBenchmark
{
    private const string Database = "sleepers";
    private const int Resumes = 500;
    private const int WarmUps = 500;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);

    /// <summary>A backend of PostgreSQL that falls idle reports its last transactions after ten seconds; they are not of the idle time.</summary>
    private static readonly TimeSpan UntilReported = TimeSpan.FromSeconds(12);

    public static async Task<ImmutableArray<SleepResult>> RunAsync(IEnumerable<int> sizes, TextWriter log, CancellationToken cancellationToken)
    {
        await using var postgres = await PostgresServer.StartAsync(WornInLog.Settings);
        var connectionString = await postgres.CreateDatabaseAsync(Database);
        await using var source = NpgsqlDataSource.Create(connectionString + ";Command Timeout=600");
        await using var server = await ServerUnderTest.StartAsync(connectionString, cancellationToken);
        using var api = new SequentialClient(server);
        var template = await api.StartAsync(MeasuredWorkflows.Sleep);
        await SleepingCopies.PrepareAsync(source, cancellationToken);
        var results = ImmutableArray.CreateBuilder<SleepResult>();
        var asleep = 1;
        foreach (var size in sizes.Order())
        {
            await SleepingCopies.FillAsync(source, template, asleep, size, cancellationToken);
            asleep = size;
            var result = await MeasureAsync(source, connectionString, server, api, size, cancellationToken);
            await log.WriteLineAsync(PerformanceReport.Row(result));
            results.Add(result);
        }

        return results.ToImmutable();
    }

    private static async Task<SleepResult> MeasureAsync(
        NpgsqlDataSource source, string connectionString, ServerUnderTest server, SequentialClient api, int size, CancellationToken cancellationToken)
    {
        var startAfterKill = await server.StartAgainAsync(inOrder: false, cancellationToken);
        var start = await server.StartAgainAsync(inOrder: true, cancellationToken);
        var ids = await PickAsync(source, WarmUps + Resumes, cancellationToken);
        foreach (var id in ids.Take(WarmUps))
        {
            await api.ResumeAsync(id);
        }

        var latencies = new List<double>(Resumes);
        foreach (var id in ids.Skip(WarmUps))
        {
            latencies.Add(await api.ResumeAsync(id));
        }

        await Task.Delay(UntilReported, cancellationToken);
        var before = await Transactions.CommittedAsync(connectionString);
        await Task.Delay(Idle, cancellationToken);
        var transactions = await Transactions.CommittedAsync(connectionString) - before;
        return new SleepResult(
            size,
            start.TotalSeconds,
            startAfterKill.TotalSeconds,
            Process.GetProcessById(server.ProcessId).WorkingSet64,
            Measurement.Median(latencies, latency => latency),
            transactions / Idle.TotalSeconds);
    }

    private static async Task<IReadOnlyList<string>> PickAsync(NpgsqlDataSource source, int count, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("SELECT id FROM view_row WHERE view = 'instance' AND a = $1 ORDER BY md5(id) LIMIT $2");
        command.Parameters.Add(new() { Value = MeasuredWorkflows.Sleep });
        command.Parameters.Add(new() { Value = count });
        var ids = new List<string>(count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetString(0));
        }

        return ids;
    }
}

/// <summary>What sleeping instances cost.</summary>
/// <param name="Instances">How many sleep (count).</param>
/// <param name="StartSeconds">From the start of a process until it is ready, after the last one left in order (seconds).</param>
/// <param name="StartAfterKillSeconds">The same after the last one was killed (seconds).</param>
/// <param name="MemoryBytes">Memory of that process after the resumes (bytes).</param>
/// <param name="ResumeMs">Median latency of resuming one that was not in memory (milliseconds).</param>
/// <param name="IdleQueriesPerSecond">Transactions of the database per second while nothing happens.</param>
internal sealed record SleepResult(int Instances, double StartSeconds, double StartAfterKillSeconds, long MemoryBytes, double ResumeMs, double IdleQueriesPerSecond);
