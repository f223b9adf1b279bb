using AssessmentFlow.TestSupport;
using Npgsql;

namespace AssessmentFlow.Benchmarks;

/// <summary>
/// What a resume costs an instance with a long history beside one with hardly any: the same workflow, resumed in turn by
/// one client, so that both see the same moods of the machine.
/// </summary>
internal static class HistoryBenchmark
{
    /// <summary>Activities that the instance with a long history has executed before it is measured (count).</summary>
    public const int LongHistory = 10_000;

    private const int Pairs = 1_000;
    private const string Database = "history";

    public static async Task<HistoryResult> RunAsync(CancellationToken cancellationToken)
    {
        await using var postgres = await PostgresServer.StartAsync();
        var connectionString = await postgres.CreateDatabaseAsync(Database);
        await using var server = await ServerUnderTest.StartAsync(connectionString, cancellationToken);
        using var api = new SequentialClient(server);
        var aged = await api.StartAsync(MeasuredWorkflows.Round);
        for (var executed = 0; executed < LongHistory; executed += MeasuredWorkflows.ActivitiesPerRound)
        {
            await api.ResumeAsync(aged);
        }

        var young = new List<double>(Pairs);
        var old = new List<double>(Pairs);
        var other = "";
        for (var pair = 0; pair < Pairs; pair++)
        {
            other = await api.StartAsync(MeasuredWorkflows.Round);
            young.Add(await api.ResumeAsync(other));
            old.Add(await api.ResumeAsync(aged));
        }

        return new HistoryResult(
            Measurement.Median(young, latency => latency),
            Measurement.Median(old, latency => latency),
            await StateBytesAsync(connectionString, other),
            await StateBytesAsync(connectionString, aged));
    }

    private static async Task<long> StateBytesAsync(string connectionString, string instanceId)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT length(state)::bigint FROM entity WHERE entity_id LIKE '%' || $1", connection)
        {
            Parameters = { new() { Value = instanceId } },
        };
        return (long)(await command.ExecuteScalarAsync())!;
    }
}

/// <summary>What a resume costs with hardly any history and with a long one.</summary>
/// <param name="YoungMs">Median latency with ten executed activities (milliseconds).</param>
/// <param name="OldMs">Median latency with a long history (milliseconds).</param>
/// <param name="YoungBytes">Snapshot with ten executed activities (bytes).</param>
/// <param name="OldBytes">Snapshot with a long history (bytes).</param>
internal sealed record HistoryResult(double YoungMs, double OldMs, long YoungBytes, long OldBytes);
