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

    /// <summary>Migrates the database that is set.</summary>
    /// <param name="storage">Which; its connection string is set when it is PostgreSQL.</param>
    /// <param name="cancellationToken">To give up.</param>
    /// <returns>Names of the migrations that were applied, in their order; none when the schema was up to date.</returns>
    /// <exception cref="MigrationException">A migration failed; the database is as it was before that migration.</exception>
    public static Task<IReadOnlyList<string>> MigrateAsync(StorageOptions storage, CancellationToken cancellationToken) =>
        storage.Provider is StorageProvider.Postgres
            ? MigratePostgresAsync(storage.ConnectionString!, cancellationToken)
            : MigrateSqliteAsync(storage.SqlitePath, cancellationToken);

    /// <summary>Migrates PostgreSQL.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="cancellationToken">To give up.</param>
    /// <param name="only">The scripts that are run, as an earlier build would; null for all.</param>
    /// <returns>Names of the migrations that were applied, in their order; none when the schema was up to date.</returns>
    /// <exception cref="MigrationException">A migration failed; the database is as it was before that migration.</exception>
    public static async Task<IReadOnlyList<string>> MigratePostgresAsync(
        string connectionString, CancellationToken cancellationToken, IReadOnlyCollection<string>? only = null)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);

        // Whoever holds the lock may be at work for long, and lets go of it when it dies: the wait has no end of its own.
        await using (var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { Parameters = { new() { Value = LockKey } }, CommandTimeout = 0 })
        {
            await take.ExecuteNonQueryAsync(cancellationToken);
        }

        try
        {
            return await UpgradeAsync(DeployChanges.To.PostgresqlDatabase(connectionString)
                .WithScriptsEmbeddedInAssembly(typeof(DatabaseMigration).Assembly, name => IsOf(StorageProvider.Postgres, name) && only?.Contains(name, StringComparer.Ordinal) is not false)
                .WithTransactionPerScript()
                .WithExecutionTimeout(TimeSpan.Zero) // None: the more a database holds, the longer a migration takes.
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
    /// <returns>Names of the migrations that were applied, in their order; none when the schema was up to date.</returns>
    /// <exception cref="MigrationException">A migration failed; the file is as it was before that migration.</exception>
    public static async Task<IReadOnlyList<string>> MigrateSqliteAsync(string path, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);

        // SQLite has no lock that spans transactions: a lock file beside the database does.
        await using var held = await FileLock.TakeAsync(path + ".migrating", cancellationToken);
        return await UpgradeAsync(DeployChanges.To.SqliteDatabase(SqliteConnectionStrings.Of(path))
            .WithScriptsEmbeddedInAssembly(typeof(DatabaseMigration).Assembly, name => IsOf(StorageProvider.Sqlite, name))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build());
    }

    /// <summary>Names of the migrations that this build knows, in the order in which they are run.</summary>
    public static IReadOnlyList<string> Scripts(StorageProvider provider) =>
        [.. typeof(DatabaseMigration).Assembly.GetManifestResourceNames().Where(name => IsOf(provider, name)).Order(StringComparer.Ordinal)];

    private static bool IsOf(StorageProvider provider, string script) => script.Contains($".{provider}.", StringComparison.Ordinal);

    /// <summary>Runs the migrations, which know no waiting but that of a thread: on one of their own, so that the caller's goes on.</summary>
    private static async Task<IReadOnlyList<string>> UpgradeAsync(UpgradeEngine engine)
    {
        var result = await Task.Run(engine.PerformUpgrade);
        return result.Successful
            ? [.. result.Scripts.Select(static script => script.Name)]
            : throw new MigrationException($"Migration {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);
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
