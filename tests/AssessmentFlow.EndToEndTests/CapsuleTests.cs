using System.Reflection;
using System.Text.Json;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Backups;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What a release left in its database, with everything under way, this build restores, takes to its schema and carries on.</summary>
public sealed class CapsuleTests(PostgresFixture postgres) : IDisposable
{
    private const string RecordVariable = "ASSESSMENTFLOW_RECORD_CAPSULE";
    private const string KeyFile = "api-keys.json";

    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, "tests", "AssessmentFlow.EndToEndTests", "Capsules");

    private readonly TemporaryFolder _folder = new();

    /// <summary>Every release that left one, on both databases.</summary>
    public static TheoryData<string, StorageProvider> Capsules
    {
        get
        {
            var data = new TheoryData<string, StorageProvider>();
            foreach (var release in Directory.EnumerateDirectories(Folder).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal))
            {
                data.Add(release, StorageProvider.Sqlite);
                data.Add(release, StorageProvider.Postgres);
            }

            return data;
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Capsules))]
    public async Task What_an_earlier_release_left_under_way_goes_on_and_comes_to_its_end(string release, StorageProvider provider)
    {
        Assert.SkipWhen(provider is StorageProvider.Postgres && PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var options = await EmptyAsync(provider);
        await DatabaseBackup.RestoreAsync(options, FileOf(release, provider), Token);
        var before = await TurnChain.ReadAsync(options.Rows());
        before.AssertUnbroken();
        await using var server = await ServerProcess.StartAsync(options.Settings() with { Keys = await File.ReadAllTextAsync(Path.Combine(Folder, release, KeyFile), Token) });
        using var api = await RestClient.OfAsync(server);

        await ReadCapsule(release, provider).ResumeAsync(server, api, Token);

        var after = await TurnChain.ReadAsync(options.Rows());
        after.AssertUnbroken();
        var kept = after.Turns.Select(turn => (turn.Entity, turn.Version, Convert.ToHexString(turn.Hash))).ToHashSet();
        Assert.All(before.Turns, turn => Assert.Contains((turn.Entity, turn.Version, Convert.ToHexString(turn.Hash)), kept));
    }

    /// <summary>With the variable set it records the capsule of this version; one that was released is not recorded again.</summary>
    [Theory]
    [InlineData(StorageProvider.Sqlite)]
    [InlineData(StorageProvider.Postgres)]
    public async Task This_version_leaves_a_capsule_to_those_that_follow(StorageProvider provider)
    {
        Assert.SkipWhen(provider is StorageProvider.Postgres && PostgresServer.Missing is not null, PostgresServer.Missing ?? "");
        var version = typeof(DatabaseBackup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        if (Environment.GetEnvironmentVariable(RecordVariable) is not null)
        {
            await RecordAsync(version, provider);
        }

        Assert.True(File.Exists(FileOf(version, provider)), $"Version {version} has no capsule. Set {RecordVariable}=1 and run this test again.");
    }

    public void Dispose() => _folder.Dispose();

    private static string FileOf(string release, StorageProvider provider) => Path.Combine(Folder, release, $"{Name(provider)}.backup");

    private static string NoteOf(string release, StorageProvider provider) => Path.Combine(Folder, release, $"{Name(provider)}.json");

    private static string Name(StorageProvider provider) => provider is StorageProvider.Postgres ? "postgres" : "sqlite";

    private static Capsule ReadCapsule(string release, StorageProvider provider) =>
        JsonSerializer.Deserialize<Capsule>(File.ReadAllText(NoteOf(release, provider)), JsonSerializerOptions.Web)!;

    private async Task RecordAsync(string version, StorageProvider provider)
    {
        Directory.CreateDirectory(Path.Combine(Folder, version));
        var keys = Path.Combine(Folder, version, KeyFile);
        var options = await EmptyAsync(provider);
        await using var server = await ServerProcess.StartAsync(options.Settings() with { Keys = File.Exists(keys) ? await File.ReadAllTextAsync(keys, Token) : null });
        using var api = await RestClient.OfAsync(server);
        var capsule = await Capsule.FillAsync(server, api, Token);
        File.Delete(FileOf(version, provider));
        await DatabaseBackup.WriteAsync(options, FileOf(version, provider), Token);
        await File.WriteAllTextAsync(NoteOf(version, provider), JsonSerializer.Serialize(capsule, JsonSerializerOptions.Web), Token);
        File.Copy(Path.Combine(server.DataFolder, KeyFile), keys, overwrite: true);
    }

    private async Task<StorageOptions> EmptyAsync(StorageProvider provider) => provider is StorageProvider.Postgres
        ? new StorageOptions { Provider = provider, ConnectionString = await postgres.CreateDatabaseAsync() }
        : new StorageOptions { DataPath = _folder.Path };
}
