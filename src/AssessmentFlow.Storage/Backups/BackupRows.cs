using System.Collections.Immutable;
using System.Data.Common;

namespace AssessmentFlow.Storage.Backups;

/// <summary>What a backup asks a database about itself.</summary>
internal static class BackupRows
{
    /// <summary>All rows of a query.</summary>
    public static async Task<ImmutableArray<T>> ReadAsync<T>(this DbConnection connection, string sql, Func<DbDataReader, T> row, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = ImmutableArray.CreateBuilder<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(row(reader));
        }

        return rows.ToImmutable();
    }

    /// <summary>How many rows a table has, by its quoted name.</summary>
    public static async Task<long> CountAsync(this DbConnection connection, string table, CancellationToken cancellationToken) =>
        (await connection.ReadAsync($"SELECT count(*) FROM {table}", static row => row.GetInt64(0), cancellationToken))[0];
}
