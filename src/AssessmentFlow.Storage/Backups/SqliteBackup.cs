using System.Collections.Immutable;
using System.IO.Compression;
using AssessmentFlow.Storage.Migrations;
using AssessmentFlow.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace AssessmentFlow.Storage.Backups;

/// <summary>Backups of SQLite: the file as the database itself writes it anew, as of one instant.</summary>
internal static class SqliteBackup
{
    private const string EntryName = "assessmentflow.db";

    public static async Task<BackupManifest> WriteAsync(string path, ZipArchive archive, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new BackupException($"There is no AssessmentFlow in '{path}'.");
        }

        var copy = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            var takenAt = TimeProvider.System.GetUtcNow();
            await using (var connection = new SqliteConnection(SqliteConnectionStrings.Of(path) + ";Pooling=False"))
            {
                await connection.OpenAsync(cancellationToken);
                await using var vacuum = connection.CreateCommand();
                vacuum.CommandText = "VACUUM INTO $copy";
                vacuum.Parameters.AddWithValue("$copy", copy);
                await vacuum.ExecuteNonQueryAsync(cancellationToken);
            }

            var manifest = await DescribeAsync(copy, takenAt, cancellationToken);
            await manifest.WriteAsync(archive, cancellationToken);
            await using var entry = await archive.CreateEntry(EntryName, CompressionLevel.Fastest).OpenAsync(cancellationToken);
            await using var file = File.OpenRead(copy);
            await file.CopyToAsync(entry, cancellationToken);
            return manifest;
        }
        finally
        {
            File.Delete(copy);
        }
    }

    public static async Task RestoreAsync(string path, ZipArchive archive, BackupManifest manifest, CancellationToken cancellationToken)
    {
        using var held = SqliteFileLock.TryTake(path) ?? throw new BackupException($"A server runs on '{path}'. Stop it first.");
        if (File.Exists(path))
        {
            throw new BackupException($"'{path}' exists. Move it away first, with its -wal and -shm: what is there is not replaced.");
        }

        DatabaseMigration.CheckKnown(StorageProvider.Sqlite, manifest.Scripts);
        var unfinished = path + ".unfinished";
        try
        {
            await using (var entry = await (archive.GetEntry(EntryName) ?? throw new InvalidDataException($"It has no {EntryName}.")).OpenAsync(cancellationToken))
            await using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
            {
                await entry.CopyToAsync(file, cancellationToken);
            }

            var restored = await DescribeAsync(unfinished, manifest.TakenAt, cancellationToken);
            if (restored.Rows != manifest.Rows)
            {
                throw new InvalidDataException($"It had {manifest.Rows} rows; {restored.Rows} were restored.");
            }

            File.Move(unfinished, path);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static async Task<BackupManifest> DescribeAsync(string path, DateTimeOffset takenAt, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(SqliteConnectionStrings.Of(path) + ";Pooling=False");
        await connection.OpenAsync(cancellationToken);
        var names = await ReadAsync(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name", static row => row.GetString(0), cancellationToken);
        if (!names.Contains("SchemaVersions", StringComparer.Ordinal))
        {
            throw new BackupException($"There is no AssessmentFlow in '{path}'.");
        }

        var tables = ImmutableArray.CreateBuilder<BackupTable>();
        foreach (var name in names)
        {
            tables.Add(new BackupTable(
                name,
                await ReadAsync(connection, $"SELECT name FROM pragma_table_info('{name}')", static row => row.GetString(0), cancellationToken),
                (await ReadAsync(connection, $"SELECT count(*) FROM \"{name}\"", static row => row.GetInt64(0), cancellationToken))[0]));
        }

        var scripts = await ReadAsync(connection, "SELECT ScriptName FROM SchemaVersions ORDER BY SchemaVersionID", static row => row.GetString(0), cancellationToken);
        return new BackupManifest(StorageProvider.Sqlite, takenAt, scripts, tables.ToImmutable());
    }

    private static async Task<ImmutableArray<T>> ReadAsync<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> row, CancellationToken cancellationToken)
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
}
