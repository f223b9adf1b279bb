using System.Diagnostics;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Backups;
using AssessmentFlow.TestSupport;
using Npgsql;

namespace AssessmentFlow.Benchmarks;

/// <summary>How long an installation is away whose database was lost: a backup is restored, and a process starts on it.</summary>
internal static class BackupBenchmark
{
    public static async Task<BackupResult> RunAsync(int instances, CancellationToken cancellationToken)
    {
        await using var postgres = await PostgresServer.StartAsync(WornInLog.Settings);
        var connectionString = await postgres.CreateDatabaseAsync("cases");
        await using var source = NpgsqlDataSource.Create(connectionString + ";Command Timeout=600");
        await using var server = await ServerUnderTest.StartAsync(connectionString, cancellationToken);
        using var api = new SequentialClient(server);
        await SleepingCopies.PrepareAsync(source, cancellationToken);
        await SleepingCopies.FillAsync(source, await api.StartAsync(MeasuredWorkflows.Sleep), 1, instances, cancellationToken);

        var folder = Directory.CreateTempSubdirectory("assessmentflow-backup-");
        try
        {
            var file = Path.Combine(folder.FullName, "cases.backup");
            var begun = Stopwatch.GetTimestamp();
            var manifest = await DatabaseBackup.WriteAsync(Of(connectionString), file, cancellationToken);
            var backup = Stopwatch.GetElapsedTime(begun);

            var restored = await postgres.CreateDatabaseAsync("restored");
            begun = Stopwatch.GetTimestamp();
            await DatabaseBackup.RestoreAsync(Of(restored), file, cancellationToken);
            var restore = Stopwatch.GetElapsedTime(begun);
            begun = Stopwatch.GetTimestamp();
            await using var second = await ServerUnderTest.StartAsync(restored, restoredFrom: server, cancellationToken);
            return new BackupResult(
                instances, manifest.Rows, new FileInfo(file).Length, backup.TotalSeconds, restore.TotalSeconds, Stopwatch.GetElapsedTime(begun).TotalSeconds);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static StorageOptions Of(string connectionString) => new() { Provider = StorageProvider.Postgres, ConnectionString = connectionString };
}

/// <summary>What a backup costs, and coming back from it.</summary>
/// <param name="Instances">Instances in the database (count).</param>
/// <param name="Rows">Rows of the backup (count).</param>
/// <param name="Bytes">Its size (bytes).</param>
/// <param name="BackupSeconds">How long it took (seconds).</param>
/// <param name="RestoreSeconds">How long restoring it took (seconds).</param>
/// <param name="StartSeconds">From then until a process on it was ready and had answered (seconds).</param>
internal sealed record BackupResult(int Instances, long Rows, long Bytes, double BackupSeconds, double RestoreSeconds, double StartSeconds);
