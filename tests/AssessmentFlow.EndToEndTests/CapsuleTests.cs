using System.IO.Compression;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.Storage;
using AssessmentFlow.Storage.Backups;
using AssessmentFlow.Storage.Migrations;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>What a release left in its database, with everything under way, this build restores, takes to its schema and carries on.</summary>
public sealed class CapsuleTests(PostgresFixture postgres) : IDisposable
{
    private const string RecordVariable = "ASSESSMENTFLOW_RECORD_CAPSULE";
    private const string KeyFile = "api-keys.json";

    /// <summary>How long events that nobody waits for are offered.</summary>
    private static readonly TimeSpan EventsKeptFor = TimeSpan.FromMinutes(11);

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
        var options = await postgres.EmptyAsync(provider, _folder.Path);
        var manifest = await DatabaseBackup.RestoreAsync(options, FileOf(release, provider), Token);
        var before = await TurnChain.ReadAsync(options.Rows());
        before.AssertUnbroken();
        await using var server = await ServerProcess.StartAsync(options.Settings() with { Keys = await File.ReadAllTextAsync(Path.Combine(Folder, release, KeyFile), Token) });
        using var api = await RestClient.OfAsync(server);

        await ReadCapsule(release, provider).ResumeAsync(server, api, Token);

        await Eventually.HoldsAsync(
            "no message is left, but an event that is still kept",
            async () => (await options.Rows().ReadAsync("SELECT count(*) FROM outbox", row => row.GetInt64(0)))[0] is 0 || TimeProvider.System.GetUtcNow() < manifest.TakenAt + EventsKeptFor,
            Token);
        var after = await TurnChain.ReadAsync(options.Rows());
        after.AssertUnbroken();
        var kept = after.Turns.Select(turn => (turn.Entity, turn.Version, Convert.ToHexString(turn.Hash))).ToHashSet();
        Assert.All(before.Turns, turn => Assert.Contains((turn.Entity, turn.Version, Convert.ToHexString(turn.Hash)), kept));
    }

    /// <summary>
    /// With the variable set it records the capsule of this version, over one that is there: that is for a version that was not
    /// released yet.
    /// </summary>
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

        var how = $"Set {RecordVariable}=1 and run this test again.";
        Assert.True(File.Exists(FileOf(version, provider)) && File.Exists(NoteOf(version, provider)), $"Version {version} has no capsule. {how}");
        await using var archive = await ZipFile.OpenReadAsync(FileOf(version, provider), Token);
        await using var manifest = await archive.GetEntry("manifest.json")!.OpenAsync(Token);
        var scripts = (await JsonNode.ParseAsync(manifest, cancellationToken: Token))!["scripts"]!.AsArray().Select(script => (string)script!);
        Assert.True(DatabaseMigration.Scripts(provider).SequenceEqual(scripts), $"The capsule of version {version} is older than its schema. {how}");
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
        var options = await postgres.EmptyAsync(provider, _folder.Path);
        await using var server = await ServerProcess.StartAsync(options.Settings() with { Keys = File.Exists(keys) ? await File.ReadAllTextAsync(keys, Token) : null });
        using var api = await RestClient.OfAsync(server);
        var capsule = await Capsule.FillAsync(server, api, Token);
        File.Delete(FileOf(version, provider));
        await DatabaseBackup.WriteAsync(options, FileOf(version, provider), Token);
        await File.WriteAllTextAsync(NoteOf(version, provider), JsonSerializer.Serialize(capsule, JsonSerializerOptions.Web), Token);
        File.Copy(Path.Combine(server.DataFolder, KeyFile), keys, overwrite: true);
    }
}
