using AssessmentFlow.IntegrationTests.Support;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Migrations;
using AssessmentFlow.Storage.Postgres;
using AssessmentFlow.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace AssessmentFlow.IntegrationTests.Storage;

/// <summary>The journal on a real PostgreSQL server.</summary>
public sealed class PostgresTurnJournalTests(PostgresFixture postgres) : TurnJournalSpec
{
    private string? _connectionString;
    private NpgsqlDataSource? _source;

    private protected override bool SharesDatabaseBetweenSilos => true;

    private protected override async Task<IJournalStore> OpenAsync(string silo)
    {
        if (_source is null)
        {
            _connectionString = await postgres.CreateDatabaseAsync();
            _source = StorageServices.CreatePostgresSource(_connectionString);
            await DatabaseMigration.MigratePostgresAsync(_source, _connectionString, TestContext.Current.CancellationToken);
        }

        return new PostgresJournalStore(new PostgresConnections(_source), silo, Lease, batchMax: 64, writers: 2);
    }

    private protected override ValueTask CleanUpAsync() => _source?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>The journal in a real SQLite file.</summary>
public sealed class SqliteTurnJournalTests : TurnJournalSpec
{
    private readonly string _folder = Directory.CreateTempSubdirectory("assessmentflow-sqlite-").FullName;
    private readonly List<SqliteJournalStore> _stores = [];

    private protected override bool SharesDatabaseBetweenSilos => false;

    private protected override async Task<IJournalStore> OpenAsync(string silo)
    {
        var path = Path.Combine(_folder, "journal.db");
        await DatabaseMigration.MigrateSqliteAsync(path, TestContext.Current.CancellationToken);
        var store = new SqliteJournalStore(SqliteConnectionStrings.Of(path), silo, Lease, batchMax: 64);
        _stores.Add(store);
        return store;
    }

    private protected override ValueTask CleanUpAsync()
    {
        _stores.ForEach(store => store.Dispose());
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
