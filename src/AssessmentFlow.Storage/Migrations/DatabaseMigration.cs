using AssessmentFlow.Storage.Sqlite;
using DbUp;
using DbUp.Engine;
using Npgsql;

namespace AssessmentFlow.Storage.Migrations;

/// <summary>Brings a database to the schema of this build. Safe when several processes start at once.</summary>
public static class DatabaseMigration
{
    /// <summary>Key of the advisory lock that one migrating process holds.</summary>
    private const long LockKey = 0x4153_5345_5353;

    /// <summary>Migrates PostgreSQL.</summary>
    /// <exception cref="InvalidOperationException">A migration failed; the database is as it was before that migration.</exception>
    public static async Task MigratePostgresAsync(NpgsqlDataSource source, string connectionString, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using (var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { Parameters = { new() { Value = LockKey } } })
        {
            await take.ExecuteNonQueryAsync(cancellationToken);
        }

        try
        {
            Upgrade(DeployChanges.To.PostgresqlDatabase(connectionString)
                .WithScriptsEmbeddedInAssembly(typeof(DatabaseMigration).Assembly, name => name.Contains(".Postgres.", StringComparison.Ordinal))
                .WithTransactionPerScript()
                .WithVariablesDisabled()
                .LogToNowhere()
                .Build());
        }
        finally
        {
            await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", connection) { Parameters = { new() { Value = LockKey } } };
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    /// <summary>Migrates a SQLite file, which is made when missing.</summary>
    /// <exception cref="InvalidOperationException">A migration failed; the file is as it was before that migration.</exception>
    public static async Task MigrateSqliteAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);

        // SQLite has no lock that spans transactions: a lock file beside the database does.
        await using var held = await FileLock.TakeAsync(path + ".migrating", cancellationToken);
        Upgrade(DeployChanges.To.SqliteDatabase(SqliteConnectionStrings.Of(path))
            .WithScriptsEmbeddedInAssembly(typeof(DatabaseMigration).Assembly, name => name.Contains(".Sqlite.", StringComparison.Ordinal))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build());
    }

    private static void Upgrade(UpgradeEngine engine)
    {
        var result = engine.PerformUpgrade();
        if (!result.Successful)
        {
            throw new InvalidOperationException($"Migration {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);
        }
    }
}

/// <summary>A lock between processes, held as long as the file is open.</summary>
internal static class FileLock
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    public static async Task<FileStream> TakeAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(RetryDelay, cancellationToken);
            }
        }
    }
}
