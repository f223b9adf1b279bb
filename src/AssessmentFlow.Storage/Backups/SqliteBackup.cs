using System.Collections.Immutable;
using System.IO.Compression;
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

        var folder = Directory.CreateTempSubdirectory("assessmentflow-backup-"); // Which nobody else may read.
        var copy = Path.Combine(folder.FullName, EntryName);
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
            folder.Delete(recursive: true);
        }
    }

    public static async Task RestoreAsync(string path, ZipArchive archive, BackupManifest manifest, CancellationToken cancellationToken)
    {
        using var held = SqliteFileLock.TryTake(path) ?? throw new BackupException($"A server runs on '{path}'. Stop it first.");
        if (File.Exists(path))
        {
            throw new BackupException($"'{path}' exists. Move it away first, with its -wal and -shm: what is there is not replaced.");
        }

        await WholeFile.WriteAsync(path, async unfinished =>
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
        });
    }

    private static async Task<BackupManifest> DescribeAsync(string path, DateTimeOffset takenAt, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(SqliteConnectionStrings.Of(path) + ";Pooling=False");
        await connection.OpenAsync(cancellationToken);
        var names = await connection.ReadAsync("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name", static row => row.GetString(0), cancellationToken);
        if (!names.Contains("SchemaVersions", StringComparer.Ordinal))
        {
            throw new BackupException($"There is no AssessmentFlow in '{path}'.");
        }

        var tables = ImmutableArray.CreateBuilder<BackupTable>();
        foreach (var name in names)
        {
            tables.Add(new BackupTable(
                name,
                await connection.ReadAsync($"SELECT name FROM pragma_table_info('{name}')", static row => row.GetString(0), cancellationToken),
                await connection.CountAsync($"\"{name}\"", cancellationToken)));
        }

        var scripts = await connection.ReadAsync("SELECT ScriptName FROM SchemaVersions ORDER BY SchemaVersionID", static row => row.GetString(0), cancellationToken);
        return new BackupManifest(StorageProvider.Sqlite, takenAt, scripts, tables.ToImmutable());
    }
}
