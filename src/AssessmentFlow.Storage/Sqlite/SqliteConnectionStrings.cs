using Microsoft.Data.Sqlite;

namespace AssessmentFlow.Storage.Sqlite;

/// <summary>Connection strings of SQLite files.</summary>
public static class SqliteConnectionStrings
{
    /// <summary>How long a writer waits for another one (seconds).</summary>
    private const int BusyTimeoutSeconds = 30;

    /// <summary>The connection string of a file.</summary>
    public static string Of(string path) => new SqliteConnectionStringBuilder
    {
        DataSource = path,
        Mode = SqliteOpenMode.ReadWriteCreate,
        DefaultTimeout = BusyTimeoutSeconds,
    }.ToString();
}
