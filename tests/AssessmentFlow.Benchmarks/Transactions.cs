using Npgsql;

namespace AssessmentFlow.Benchmarks;

/// <summary>What PostgreSQL counts.</summary>
internal static class Transactions
{
    /// <summary>Transactions committed in a database so far, by everything that is done in it (count).</summary>
    public static async Task<long> CommittedAsync(string connectionString)
    {
        // Backends report what they did at most once a second, and idle ones only when they have been idle that long.
        await Task.Delay(TimeSpan.FromSeconds(2));
        var database = new NpgsqlConnectionStringBuilder(connectionString);
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Database = "postgres" }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT xact_commit FROM pg_stat_database WHERE datname = $1", connection)
        {
            Parameters = { new() { Value = database.Database } },
        };
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
