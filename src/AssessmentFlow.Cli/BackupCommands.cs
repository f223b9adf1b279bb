using System.CommandLine;
using System.Globalization;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Backups;

namespace AssessmentFlow.Cli;

/// <summary><c>flow backup</c> and <c>flow restore</c>: they work on the database itself, not through the API.</summary>
internal static class BackupCommands
{
    private const string ConnectionVariable = "Storage__ConnectionString";

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
        var data = new Option<DirectoryInfo>("--data") { Description = "Data folder of an installation on SQLite.", DefaultValueFactory = _ => new DirectoryInfo("data") };
        var postgres = new Option<string?>("--postgres")
        {
            Description = $"Connection string of PostgreSQL, in place of SQLite. Without it the environment variable {ConnectionVariable} is taken, where there is one.",
        };
        var command = new Command(name, description) { file, data, postgres };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var connection = parsed.GetValue(postgres) ?? Environment.GetEnvironmentVariable(ConnectionVariable);
            var options = new StorageOptions
            {
                Provider = connection is null ? StorageProvider.Sqlite : StorageProvider.Postgres,
                ConnectionString = connection,
                DataPath = parsed.GetRequiredValue(data).FullName,
            };
            try
            {
                var manifest = await work(options, parsed.GetRequiredValue(file).FullName, cancellationToken);
                await Console.Out.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"{done}: {manifest.Rows} rows of {manifest.Provider} as of {manifest.TakenAt:u}."));
                return 0;
            }
            catch (Exception e) when (e is BackupException or IOException or UnauthorizedAccessException or System.Data.Common.DbException)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return 1;
            }
        });
        return command;
    }
}
