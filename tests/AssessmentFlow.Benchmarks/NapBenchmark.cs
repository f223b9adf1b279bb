using System.Globalization;
using AssessmentFlow.TestSupport;
using Npgsql;

namespace AssessmentFlow.Benchmarks;

/// <summary>Many instances that sleep the same time and wake nearly at once: how late the last one is.</summary>
internal static class NapBenchmark
{
    /// <summary>Instances that sleep (count).</summary>
    public const int Sleepers = 10_000;

    private const int Starters = 64;

    /// <summary>Lateness is the time of the turn that ended the instance, less the time of its start and of its sleep.</summary>
    private const string LatenessSql = """
        SELECT extract(epoch FROM max((row->>'finishedAt')::timestamptz - (row->>'createdAt')::timestamptz))::float8,
               extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY (row->>'finishedAt')::timestamptz - (row->>'createdAt')::timestamptz))::float8
        FROM (SELECT convert_from(body, 'UTF8')::jsonb AS row FROM view_row WHERE view = 'instance' AND a = $1) rows
        """;

    public static async Task<NapResult> RunAsync(CancellationToken cancellationToken)
    {
        await using var postgres = await WornInLog.StartAsync(cancellationToken);
        var connectionString = await postgres.CreateDatabaseAsync("naps");
        await using var server = await ServerUnderTest.StartAsync(connectionString, cancellationToken);
        using var api = new SequentialClient(server);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Sleepers),
            new ParallelOptions { MaxDegreeOfParallelism = Starters, CancellationToken = cancellationToken },
            async (_, _) => await api.StartAsync(MeasuredWorkflows.Nap));

        await using var source = NpgsqlDataSource.Create(connectionString);
        while (await CountFinishedAsync(source, cancellationToken) < Sleepers)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }

        await using var command = source.CreateCommand(LatenessSql);
        command.Parameters.Add(new() { Value = MeasuredWorkflows.Nap });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new NapResult(reader.GetDouble(1) - MeasuredWorkflows.NapSeconds, reader.GetDouble(0) - MeasuredWorkflows.NapSeconds);
    }

    private static async Task<long> CountFinishedAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("SELECT count(*) FROM view_row WHERE view = 'instance' AND a = $1 AND c = 'Finished'");
        command.Parameters.Add(new() { Value = MeasuredWorkflows.Nap });
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }
}

/// <summary>How late instances woke.</summary>
/// <param name="MedianSeconds">Median lateness (seconds).</param>
/// <param name="LastSeconds">Greatest lateness (seconds).</param>
internal sealed record NapResult(double MedianSeconds, double LastSeconds);
