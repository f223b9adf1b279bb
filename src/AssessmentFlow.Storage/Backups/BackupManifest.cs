using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using AssessmentFlow.Storage.Migrations;

namespace AssessmentFlow.Storage.Backups;

/// <summary>What a backup is: the first entry of its archive.</summary>
/// <param name="Provider">The database that it was taken from; it is restored to one of the same kind.</param>
/// <param name="TakenAt">When it was begun: it holds what was committed by then, and nothing later.</param>
/// <param name="Scripts">Migrations that the database had seen, in order.</param>
/// <param name="Tables">Its tables, in the order of the archive.</param>
public sealed record BackupManifest(StorageProvider Provider, DateTimeOffset TakenAt, ImmutableArray<string> Scripts, ImmutableArray<BackupTable> Tables)
{
    private const string EntryName = "manifest.json";

    /// <summary>Rows of all tables (count).</summary>
    [JsonIgnore]
    public long Rows => Tables.Sum(static table => table.Rows);

    /// <summary>Sees to it that this build knows the migrations that the database had seen.</summary>
    /// <exception cref="BackupException">It does not: a later build took the backup.</exception>
    internal void CheckKnown()
    {
        if (Scripts.Except(DatabaseMigration.Scripts(Provider), StringComparer.Ordinal).FirstOrDefault() is { } unknown)
        {
            throw new BackupException($"The backup was made by a later version: this one does not know the migration '{unknown}'. Restore it with that version or one after it.");
        }
    }

    internal async Task WriteAsync(ZipArchive archive, CancellationToken cancellationToken)
    {
        await using var entry = await archive.CreateEntry(EntryName, CompressionLevel.Fastest).OpenAsync(cancellationToken);
        await JsonSerializer.SerializeAsync(entry, this, BackupJson.Default.BackupManifest, cancellationToken);
    }

    /// <exception cref="BackupException">The archive is no backup.</exception>
    internal static async Task<BackupManifest> ReadAsync(ZipArchive archive, CancellationToken cancellationToken)
    {
        try
        {
            await using var entry = await (archive.GetEntry(EntryName) ?? throw new InvalidDataException($"It has no {EntryName}.")).OpenAsync(cancellationToken);
            return await JsonSerializer.DeserializeAsync(entry, BackupJson.Default.BackupManifest, cancellationToken) ?? throw new JsonException("The manifest is null.");
        }
        catch (Exception e) when (e is InvalidDataException or JsonException)
        {
            throw BackupException.Unreadable(e);
        }
    }
}

/// <summary>One table of a backup.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Its columns, in the order in which the rows have them.</param>
/// <param name="Rows">Its rows (count).</param>
public sealed record BackupTable(string Name, ImmutableArray<string> Columns, long Rows);

[JsonSourceGenerationOptions(WriteIndented = true, UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;
