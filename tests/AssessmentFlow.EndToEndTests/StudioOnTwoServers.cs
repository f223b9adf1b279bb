using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Studio on two servers behind one address that sends each connection to the next of them.</summary>
[Collection(StudioBrowser.OneAtATime)]
public sealed class StudioOnTwoServers(TwoServers installation) : StudioWalkSpec, IClassFixture<TwoServers>
{
    protected override Uri Address => installation.Address;

    protected override string Key => installation.Key;
}

/// <summary>Two servers on one PostgreSQL database behind one address.</summary>
public sealed class TwoServers(PostgresFixture postgres) : IAsyncLifetime
{
    private ServerProcess? _first;
    private ServerProcess? _second;
    private RestClient? _api;
    private OneAddress? _front;

    /// <summary>The one address.</summary>
    public Uri Address
    {
        get
        {
            Assert.SkipWhen(_front is null, PostgresServer.Missing ?? "The servers did not start.");
            return _front.Address;
        }
    }

    /// <summary>Key of the secretariat.</summary>
    public string Key => _api!.Keys[Stage.Secretariat];

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.Missing is null)
        {
            var settings = new ServerSettings { PostgresConnectionString = await postgres.CreateDatabaseAsync() };
            _first = await ServerProcess.StartAsync(settings);
            _second = await ServerProcess.StartAsync(settings);
            _api = await RestClient.OfAsync(_first);
            _front = new OneAddress(_first, _second);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_front is not null)
        {
            await _front.DisposeAsync();
        }

        _api?.Dispose();
        foreach (var server in new[] { _second, _first })
        {
            if (server is not null)
            {
                await server.DisposeAsync();
            }
        }
    }
}
