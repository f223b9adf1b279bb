using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json.Nodes;
using AssessmentFlow.Cli;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Backups;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What a backup holds, and what is made of it.</summary>
public abstract class BackupSpec(Installation installation, PostgresFixture postgres) : IDisposable
{
    private const int Instances = 12;
    private const int RoundsBefore = 3;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private StorageOptions Source => installation.Database;

    private string Backup => Path.Combine(_folder.Path, "cases.backup");

    [Fact]
    public async Task A_backup_made_under_load_is_restored_with_all_that_was_acknowledged_before_it_and_goes_on()
    {
        var ids = await StartAsync();
        var acknowledged = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        using var stopping = new CancellationTokenSource();
        var load = Task.WhenAll(ids.Select(id => SignalAsync(id, acknowledged, stopping.Token)));
        await Eventually.HoldsAsync("every instance has taken some turns", () => Task.FromResult(ids.All(id => acknowledged.GetValueOrDefault(id) >= RoundsBefore)), Token);
        var before = acknowledged.ToDictionary(StringComparer.Ordinal);
        Assert.Equal(0, await BackupCommands.CreateBackup().Parse([Backup, .. Arguments(Source)]).InvokeAsync(cancellationToken: Token));
        await stopping.CancelAsync();
        await load;

        var target = await EmptyAsync();
        Assert.Equal(0, await BackupCommands.CreateRestore().Parse([Backup, .. Arguments(target)]).InvokeAsync(cancellationToken: Token));
        var chain = await TurnChain.ReadAsync(target.Rows());
        chain.AssertUnbroken();
        Assert.All(ids, id => Assert.InRange(chain.Entities[$"instance/{id}"].Version, before[id] + 1, acknowledged[id] + 1)); // The first turn is the start.

        await using var server = await ServerProcess.StartAsync(target.Settings() with { Keys = await File.ReadAllTextAsync(Path.Combine(installation.Server.DataFolder, "api-keys.json"), Token) });
        using var api = await RestClient.OfAsync(server);
        foreach (var id in ids)
        {
            var answer = await api.SendAsync(Stage.Signal(id), Token);
            Assert.Equal(chain.Entities[$"instance/{id}"].Version + 1, (long)answer.Json["version"]!);
        }
    }

    [Fact]
    public async Task What_is_there_is_never_replaced()
    {
        await StartAsync();
        await DatabaseBackup.WriteAsync(Source, Backup, Token);
        var content = await File.ReadAllBytesAsync(Backup, Token);
        await RefusedAsync("exists", () => DatabaseBackup.WriteAsync(Source, Backup, Token));
        Assert.Equal(content, await File.ReadAllBytesAsync(Backup, Token));

        var target = await EmptyAsync();
        var manifest = await DatabaseBackup.RestoreAsync(target, Backup, Token);
        await RefusedAsync(target.Provider is StorageProvider.Postgres ? "not empty" : "exists", () => DatabaseBackup.RestoreAsync(target, Backup, Token));
        await RefusedAsync(target.Provider is StorageProvider.Postgres ? "not empty" : "A server runs", () => DatabaseBackup.RestoreAsync(Source, Backup, Token));
        Assert.Equal(manifest.Tables.Single(table => table.Name is "turn").Rows, (await target.Rows().ReadAsync("SELECT count(*) FROM turn", row => row.GetInt64(0)))[0]);
    }

    [Fact]
    public async Task A_backup_that_is_damaged_incomplete_or_of_a_later_version_leaves_nothing_behind()
    {
        await StartAsync();
        await DatabaseBackup.WriteAsync(Source, Backup, Token);
        var target = await EmptyAsync();

        var half = Path.Combine(_folder.Path, "half");
        await File.WriteAllBytesAsync(half, (await File.ReadAllBytesAsync(Backup, Token))[..^100], Token);
        await RefusedAsync("damaged", () => DatabaseBackup.RestoreAsync(target, half, Token));
        await RefusedAsync("There is no", () => DatabaseBackup.RestoreAsync(target, half + "-missing", Token));
        await RefusedAsync("damaged", () => RestoreAsync("without a table", archive => archive.Entries.Last().Delete()));
        await RefusedAsync("later version", () => RestoreAsync("of a later version", archive => Change(archive, manifest => manifest["scripts"]!.AsArray().Add("9999_later.sql"))));
        await RefusedAsync("damaged", () => RestoreAsync("with another count", archive => Change(archive, manifest => manifest["tables"]![0]!["rows"] = 1_000_000)));

        var manifest = await DatabaseBackup.RestoreAsync(target, Backup, Token);
        Assert.Equal(manifest.Tables.Single(table => table.Name is "turn").Rows, (await target.Rows().ReadAsync("SELECT count(*) FROM turn", row => row.GetInt64(0)))[0]);

        async Task<BackupManifest> RestoreAsync(string name, Action<ZipArchive> change)
        {
            var path = Path.Combine(_folder.Path, name);
            File.Copy(Backup, path);
            using (var archive = ZipFile.Open(path, ZipArchiveMode.Update))
            {
                change(archive);
            }

            return await DatabaseBackup.RestoreAsync(target, path, Token);
        }
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private static string[] Arguments(StorageOptions options) => options.Provider is StorageProvider.Postgres
        ? ["--postgres", options.ConnectionString!]
        : ["--data", options.DataPath];

    private static async Task RefusedAsync(string why, Func<Task> work) =>
        Assert.Contains(why, (await Assert.ThrowsAsync<BackupException>(work)).Message, StringComparison.Ordinal);

    private static void Change(ZipArchive archive, Action<JsonNode> change)
    {
        var entry = archive.GetEntry("manifest.json")!;
        JsonNode manifest;
        using (var read = entry.Open())
        {
            manifest = JsonNode.Parse(read)!;
        }

        entry.Delete();
        change(manifest);
        using var write = new StreamWriter(archive.CreateEntry("manifest.json").Open());
        write.Write(manifest.ToJsonString());
    }

    private Task<StorageOptions> EmptyAsync() => postgres.EmptyAsync(Source.Provider, Path.Combine(_folder.Path, "restored"));

    private async Task<ImmutableArray<string>> StartAsync()
    {
        var ids = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; i < Instances; i++)
        {
            ids.Add(await installation.Stage.StartAsync(Definitions.Waits));
        }

        return ids.ToImmutable();
    }

    private async Task SignalAsync(string id, ConcurrentDictionary<string, int> acknowledged, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var answer = await installation.Api.SendAsync(Stage.Signal(id), Token);
            acknowledged[id] = (int)answer.Json["version"]! - 1;
        }
    }
}

public sealed class BackupsOnSqlite(SqliteInstallation installation, PostgresFixture postgres) : BackupSpec(installation, postgres), IClassFixture<SqliteInstallation>;

public sealed class BackupsOnPostgres(PostgresInstallation installation, PostgresFixture postgres) : BackupSpec(installation, postgres), IClassFixture<PostgresInstallation>;
