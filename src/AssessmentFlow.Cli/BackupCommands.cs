using System.CommandLine;
using System.Globalization;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Backups;

namespace AssessmentFlow.Cli;

/// <summary><c>flow backup</c> and <c>flow restore</c>.</summary>
internal static class BackupCommands
{
    public static Command CreateBackup() => Create(
        "backup",
        "Write everything that an installation keeps in its database into a file, while it works. Keep api-keys.json with it.",
        "The file to write. One that exists is not replaced.",
        DatabaseBackup.WriteAsync,
        "Backed up");

    public static Command CreateRestore() => Create(
        "restore",
        "Restore a backup into an empty database: all of it, or nothing. No server may run on that database.",
        "The backup.",
        DatabaseBackup.RestoreAsync,
        "Restored");

    private static Command Create(
        string name, string description, string aboutFile, Func<StorageOptions, string, CancellationToken, Task<BackupManifest>> work, string done)
    {
        var file = new Argument<FileInfo>("file") { Description = aboutFile };
        var command = DatabaseCommand.Create(name, description, async (parsed, options, cancellationToken) =>
        {
            var manifest = await work(options, parsed.GetRequiredValue(file).FullName, cancellationToken);
            return string.Create(CultureInfo.InvariantCulture, $"{done}: {manifest.Rows} rows of {manifest.Provider} as of {manifest.TakenAt:u}.");
        });
        command.Add(file);
        return command;
    }
}
