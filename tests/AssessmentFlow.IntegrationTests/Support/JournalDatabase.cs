using System.Data.Common;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Migrations;
using AssessmentFlow.Storage.Postgres;
using AssessmentFlow.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace AssessmentFlow.IntegrationTests.Support;

/// <summary>A database of its own for one test, opened by any number of journals one after the other or at once.</summary>
internal abstract class JournalDatabase : IAsyncDisposable
{
    protected static TimeSpan Lease => TimeSpan.FromSeconds(3);

    /// <summary>Whether several processes may use it at once.</summary>
    public abstract bool IsShared { get; }

    /// <summary>Opens it, made and up to date.</summary>
    public abstract Task<IJournalStore> OpenAsync(string silo);

    /// <summary>Changes it past the journal.</summary>
    public async Task ChangeAsync(string sql)
    {
        await using var connection = Connect();
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are constants of the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public abstract ValueTask DisposeAsync();

    protected abstract DbConnection Connect();
}

/// <summary>One on a real PostgreSQL server.</summary>
internal sealed class PostgresJournalDatabase(PostgresFixture postgres) : JournalDatabase
{
    private string? _connectionString;
    private NpgsqlDataSource? _source;

    public override bool IsShared => true;

    public override async Task<IJournalStore> OpenAsync(string silo)
    {
        if (_source is null)
        {
            _connectionString = await postgres.CreateDatabaseAsync();
            _source = StorageServices.CreatePostgresSource(_connectionString);
            await DatabaseMigration.MigratePostgresAsync(_connectionString, TestContext.Current.CancellationToken);
        }

        return new PostgresJournalStore(new PostgresConnections(_source), silo, Lease, batchMax: 64, writers: 2);
    }

    public override ValueTask DisposeAsync() => _source?.DisposeAsync() ?? ValueTask.CompletedTask;

    protected override DbConnection Connect() => new NpgsqlConnection(_connectionString + ";Pooling=false");
}

/// <summary>One in a real SQLite file.</summary>
internal sealed class SqliteJournalDatabase : JournalDatabase
{
    private readonly string _folder = Directory.CreateTempSubdirectory("assessmentflow-sqlite-").FullName;
    private readonly List<SqliteJournalStore> _stores = [];

    public override bool IsShared => false;

    private string Path => System.IO.Path.Combine(_folder, "journal.db");

    public override async Task<IJournalStore> OpenAsync(string silo)
    {
        await DatabaseMigration.MigrateSqliteAsync(Path, TestContext.Current.CancellationToken);
        var store = new SqliteJournalStore(SqliteConnectionStrings.Of(Path), silo, Lease, batchMax: 64);
        _stores.Add(store);
        return store;
    }

    public override ValueTask DisposeAsync()
    {
        _stores.ForEach(store => store.Dispose());
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    protected override DbConnection Connect() => new SqliteConnection(SqliteConnectionStrings.Of(Path));
}
