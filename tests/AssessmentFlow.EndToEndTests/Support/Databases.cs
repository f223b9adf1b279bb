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
        ? new NpgsqlConnection(options.ConnectionString + ";Pooling=false")
        : new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = options.SqlitePath, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString));

    /// <summary>How a server is started on it.</summary>
    public static ServerSettings Settings(this StorageOptions options) => options.Provider is StorageProvider.Postgres
        ? new ServerSettings { PostgresConnectionString = options.ConnectionString }
        : new ServerSettings { DataFolder = options.DataPath };
}
