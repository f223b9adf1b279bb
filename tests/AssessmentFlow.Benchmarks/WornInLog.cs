using AssessmentFlow.TestSupport;
using Npgsql;

namespace AssessmentFlow.Benchmarks;

/// <summary>
/// The write-ahead log of a database that has worked for a while. PostgreSQL writes a new segment (16 MiB) full of zeros
/// before its first use and from then on recycles it. On a database of a few seconds every commit waits for that about
/// once a second; on one of a few hours none does. Server and yardstick are both measured on the latter.
/// </summary>
internal static class WornInLog
{
    /// <summary>Keep the segments (<c>min_wal_size</c>), and room for a whole run between two checkpoints by size.</summary>
    public static readonly string[] Settings = ["min_wal_size=6GB", "max_wal_size=12GB"];

    /// <summary>Segments made before anything is measured (count): 6 GiB, more than a run writes.</summary>
    private const int Segments = 384;

    /// <summary>Starts a server, fills its log once and gives the segments back for use again.</summary>
    public static async Task<PostgresServer> StartAsync(CancellationToken cancellationToken)
    {
        var postgres = await PostgresServer.StartAsync(Settings);
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString("postgres"));
        for (var segment = 0; segment < Segments; segment++)
        {
            // A segment is left only when something was written into it.
            await ExecuteAsync("SELECT pg_logical_emit_message(false, 'worn-in', '')");
            await ExecuteAsync("SELECT pg_switch_wal()");
        }

        await ExecuteAsync("CHECKPOINT");
        return postgres;

        async Task ExecuteAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
