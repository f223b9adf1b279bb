using AssessmentFlow.Storage;
using AssessmentFlow.TestSupport;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>A database as tests meet it: past the servers, and by a server on it.</summary>
internal static class Databases
{
    /// <summary>Its rows.</summary>
    public static DatabaseRows Rows(this StorageOptions options) => new(() => options.Provider is StorageProvider.Postgres
        ? Postgres(options.ConnectionString!)
        : new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = options.SqlitePath, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString));

    /// <summary>A connection of its own, which no pool keeps open when the database is gone.</summary>
    public static NpgsqlConnection Postgres(string connectionString) => new(connectionString + ";Pooling=false");

    /// <summary>A database with nothing in it.</summary>
    /// <param name="postgres">Where it is made on PostgreSQL.</param>
    /// <param name="provider">The kind.</param>
    /// <param name="folder">Where it is made on SQLite.</param>
    public static async Task<StorageOptions> EmptyAsync(this PostgresFixture postgres, StorageProvider provider, string folder) => provider is StorageProvider.Postgres
        ? new StorageOptions { Provider = provider, ConnectionString = await postgres.CreateDatabaseAsync() }
        : new StorageOptions { DataPath = folder };

    /// <summary>How a server is started on it.</summary>
    public static ServerSettings Settings(this StorageOptions options) => options.Provider is StorageProvider.Postgres
        ? new ServerSettings { PostgresConnectionString = options.ConnectionString }
        : new ServerSettings { DataFolder = options.DataPath };
}
