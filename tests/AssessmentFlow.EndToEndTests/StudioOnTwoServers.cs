using System.Net;
using System.Text.Json.Nodes;
using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

namespace AssessmentFlow.EndToEndTests;

/// <summary>Studio on two servers behind one address that sends each connection to the next of them.</summary>
[Collection(StudioBrowser.OneAtATime)]
public sealed class StudioOnTwoServers(TwoServers installation) : StudioWalkSpec, IClassFixture<TwoServers>
{
    protected override Uri Address => installation.Address;

    protected override string Key => installation.Key;

    [Fact]
    public async Task Whichever_server_a_page_hangs_on_it_is_told_of_what_an_instance_does_on_any()
    {
        string[] events = ["first", "second"];
        using var api = new StudioClient(Address, Key);
        var instance = await api.RunAsync(await api.ImportWaitingAsync("Synthetic watched", events));
        using var first = await HubClient.WatchAsync(installation.Servers[0], Key, instance);
        using var second = await HubClient.WatchAsync(installation.Servers[1], Key, instance);
        await HearAsync(); // How it stands now, which may be told twice.

        foreach (var name in events)
        {
            Assert.Equal(HttpStatusCode.OK, (await api.SendAsync("POST", $"/events/{name}/trigger", new JsonObject { ["workflowInstanceId"] = instance })).Status);
            await HearAsync(); // It runs on one of the two; the other learns of it by what was committed.
        }

        async Task HearAsync()
        {
            foreach (var hub in new[] { first, second })
            {
                Assert.Contains(instance, await hub.HearAsync(StudioBrowser.InstanceMoved), StringComparison.Ordinal);
            }
        }
    }
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

    /// <summary>Where each server answers by itself.</summary>
    internal IReadOnlyList<Uri> Servers => [_first!.Address, _second!.Address];

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
