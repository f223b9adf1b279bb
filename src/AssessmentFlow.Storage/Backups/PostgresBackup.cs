using System.Collections.Immutable;
using System.Data;
using System.IO.Compression;
using AssessmentFlow.Storage.Migrations;
using Npgsql;

namespace AssessmentFlow.Storage.Backups;

/// <summary>Backups of PostgreSQL: every table as the database itself copies it, read in one snapshot.</summary>
internal static class PostgresBackup
{
    /// <summary>Tables that say which processes run, and those that migrations fill.</summary>
    private static readonly string[] NotKept = ["orleansmembershiptable", "orleansmembershipversiontable", "orleansquery", "schemaversions"];

    private static readonly NpgsqlCommandBuilder Names = new();

    public static async Task<BackupManifest> WriteAsync(string connectionString, ZipArchive archive, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        if (await ScriptsAsync(connection, cancellationToken) is not { IsEmpty: false } scripts)
        {
            throw new BackupException("There is no AssessmentFlow in this database.");
        }

        var takenAt = (await connection.ReadAsync("SELECT now()", static row => row.GetFieldValue<DateTimeOffset>(0), cancellationToken))[0];
        var manifest = new BackupManifest(StorageProvider.Postgres, takenAt, scripts, await TablesAsync(connection, cancellationToken));
        await manifest.WriteAsync(archive, cancellationToken);
        foreach (var table in manifest.Tables)
        {
            await using var entry = await archive.CreateEntry(table.Name, CompressionLevel.Fastest).OpenAsync(cancellationToken);
            await using var rows = await connection.BeginRawBinaryCopyAsync($"COPY {Copied(table)} TO STDOUT (FORMAT BINARY)", cancellationToken);
            await rows.CopyToAsync(entry, cancellationToken);
        }

        return manifest;
    }

    public static async Task RestoreAsync(string connectionString, ZipArchive archive, BackupManifest manifest, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        if ((await TablesAsync(connection, cancellationToken)).Any(static table => table.Rows > 0))
        {
            throw new BackupException("The database is not empty. Make a new one and restore into that: what is there is not replaced.");
        }

        // The tables as they were when the backup was taken; the next start brings them to the schema of its build.
        await DatabaseMigration.MigratePostgresAsync(connectionString, cancellationToken, manifest.Scripts);
        await using var all = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var table in manifest.Tables)
        {
            await using var entry = await (archive.GetEntry(table.Name) ?? throw new InvalidDataException($"It has no table {table.Name}.")).OpenAsync(cancellationToken);
            await using (var rows = await connection.BeginRawBinaryCopyAsync($"COPY {Copied(table)} FROM STDIN (FORMAT BINARY)", cancellationToken))
            {
                await entry.CopyToAsync(rows, cancellationToken);
            }

            var restored = await connection.CountAsync(Names.QuoteIdentifier(table.Name), cancellationToken);
            if (restored != table.Rows)
            {
                throw new InvalidDataException($"The table {table.Name} had {table.Rows} rows; {restored} were restored.");
            }
        }

        await all.CommitAsync(cancellationToken);
        await using var analyze = new NpgsqlCommand("ANALYZE", connection); // Else the first queries go through whole tables.
        await analyze.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Copied(BackupTable table) =>
        $"{Names.QuoteIdentifier(table.Name)} ({string.Join(", ", table.Columns.Select(Names.QuoteIdentifier))})";

    private static async Task<ImmutableArray<string>> ScriptsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await connection.ReadAsync("SELECT to_regclass('schemaversions') IS NOT NULL", static row => row.GetBoolean(0), cancellationToken))[0]
            ? await connection.ReadAsync("SELECT scriptname FROM schemaversions ORDER BY schemaversionsid", static row => row.GetString(0), cancellationToken)
            : [];

    private static async Task<ImmutableArray<BackupTable>> TablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var columns = await connection.ReadAsync(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY c.table_name, c.ordinal_position",
            static row => (Table: row.GetString(0), Column: row.GetString(1)),
            cancellationToken);
        var tables = ImmutableArray.CreateBuilder<BackupTable>();
        foreach (var table in columns.GroupBy(static each => each.Table, static each => each.Column, StringComparer.Ordinal).Where(static each => !NotKept.Contains(each.Key, StringComparer.Ordinal)))
        {
            var rows = await connection.CountAsync(Names.QuoteIdentifier(table.Key), cancellationToken);
            tables.Add(new BackupTable(table.Key, [.. table], rows));
        }

        return tables.ToImmutable();
    }
}
