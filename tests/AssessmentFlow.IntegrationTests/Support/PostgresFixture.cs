using AssessmentFlow.TestSupport;

[assembly: AssemblyFixture(typeof(AssessmentFlow.IntegrationTests.Support.PostgresFixture))]

namespace AssessmentFlow.IntegrationTests.Support;

/// <summary>One PostgreSQL server for all tests; each test has a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;
    private int _databases;

    public PostgresServer Server
    {
        get
        {
            Assert.SkipWhen(_server is null, PostgresServer.Missing ?? "PostgreSQL did not start.");
            return _server;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.Missing is null)
        {
            _server = await PostgresServer.StartAsync();
        }
    }

    public Task<string> CreateDatabaseAsync() => Server.CreateDatabaseAsync($"test{Interlocked.Increment(ref _databases)}");

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
