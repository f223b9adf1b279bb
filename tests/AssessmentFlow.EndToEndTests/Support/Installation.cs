using System.Data.Common;
using AssessmentFlow.Storage;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>A server process of its own with data of its own, shared by the tests of one class.</summary>
public abstract class Installation : IAsyncLifetime
{
    private ServerProcess? _server;
    private RestClient? _api;
    private Stage? _stage;

    /// <summary>The process.</summary>
    public ServerProcess Server
    {
        get
        {
            Assert.SkipWhen(_server is null, Missing ?? "The server did not start.");
            return _server;
        }
    }

    /// <summary>Its API.</summary>
    public RestClient Api => Server is not null && _api is not null ? _api : throw new InvalidOperationException("The server did not start.");

    /// <summary>Where cases are brought to where a test begins.</summary>
    public Stage Stage => _stage ??= new Stage(Api);

    /// <summary>Its database.</summary>
    public abstract StorageOptions Database { get; }

    /// <summary>Its database, read past the server.</summary>
    public DatabaseRows Rows => Database.Rows();

    /// <summary>What this machine lacks for it; null when nothing.</summary>
    protected virtual string? Missing => null;

    public async ValueTask InitializeAsync()
    {
        if (Missing is null)
        {
            _server = await ServerProcess.StartAsync(await SettingsAsync());
            _api = await RestClient.OfAsync(_server);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Rows out of the database, read past the server.</summary>
    public Task<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<DbDataReader, T> read) => Rows.ReadAsync(sql, read);

    /// <summary>Turns written so far.</summary>
    public async Task<long> CountTurnsAsync() => (await ReadAsync("SELECT count(*) FROM turn", row => row.GetInt64(0)))[0];

    protected abstract Task<ServerSettings> SettingsAsync();
}

/// <summary>A default installation: one process, SQLite.</summary>
public class SqliteInstallation : Installation
{
    public override StorageOptions Database => new() { DataPath = Server.DataFolder };

    protected override Task<ServerSettings> SettingsAsync() => Task.FromResult(new ServerSettings());
}

/// <summary>An installation on PostgreSQL.</summary>
public sealed class PostgresInstallation(PostgresFixture postgres) : Installation
{
    private StorageOptions? _database;

    public override StorageOptions Database => Server is not null && _database is not null ? _database : throw new InvalidOperationException("The server did not start.");

    protected override string? Missing => PostgresServer.Missing;

    protected override async Task<ServerSettings> SettingsAsync()
    {
        _database = new StorageOptions { Provider = StorageProvider.Postgres, ConnectionString = await postgres.CreateDatabaseAsync() };
        return _database.Settings();
    }
}
