using System.IO.Compression;

namespace AssessmentFlow.Storage.Backups;

/// <summary>
/// A backup of everything that an installation keeps in its database, as of one instant, made while it works: an archive
/// with a manifest. It is restored into an empty database, by this build or a later one.
/// </summary>
public static class DatabaseBackup
{
    /// <summary>Makes a backup.</summary>
    /// <param name="options">Which database.</param>
    /// <param name="path">The file to write; one that exists is not replaced.</param>
    /// <param name="cancellationToken">To give up; then there is no file.</param>
    /// <exception cref="BackupException">There is no such database, or the file exists.</exception>
    public static async Task<BackupManifest> WriteAsync(StorageOptions options, string path, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
        {
            throw new BackupException($"'{path}' exists. Backups are not replaced: name another file.");
        }

        BackupManifest? manifest = null;
        await WholeFile.WriteAsync(path, async unfinished =>
        {
            await using var file = new FileStream(unfinished, FileMode.Create, FileAccess.ReadWrite);
            await using var archive = await ZipArchive.CreateAsync(file, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
            manifest = options.Provider is StorageProvider.Postgres
                ? await PostgresBackup.WriteAsync(options.ConnectionString!, archive, cancellationToken)
                : await SqliteBackup.WriteAsync(options.SqlitePath, archive, cancellationToken);
        });
        return manifest!;
    }

    /// <summary>Restores a backup into an empty database: all of it, or nothing.</summary>
    /// <param name="options">Which database.</param>
    /// <param name="path">The backup.</param>
    /// <param name="cancellationToken">To give up; then the database is as empty as before.</param>
    /// <exception cref="BackupException">The file is no backup that this build can read, or the database is not empty.</exception>
    public static async Task<BackupManifest> RestoreAsync(StorageOptions options, string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new BackupException($"There is no '{path}'.");
        }

        try
        {
            await using var archive = await ZipFile.OpenReadAsync(path, cancellationToken);
            var manifest = await BackupManifest.ReadAsync(archive, cancellationToken);
            if (manifest.Provider != options.Provider)
            {
                throw new BackupException($"The backup was taken from {manifest.Provider}; it cannot be restored to {options.Provider}.");
            }

            manifest.CheckKnown();
            if (options.Provider is StorageProvider.Postgres)
            {
                await PostgresBackup.RestoreAsync(options.ConnectionString!, archive, manifest, cancellationToken);
            }
            else
            {
                await SqliteBackup.RestoreAsync(options.SqlitePath, archive, manifest, cancellationToken);
            }

            return manifest;
        }
        catch (InvalidDataException e)
        {
            throw BackupException.Unreadable(e);
        }
    }
}
