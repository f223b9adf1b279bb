using AssessmentFlow.EndToEndTests.Support;
using AssessmentFlow.TestSupport;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace AssessmentFlow.EndToEndTests.Support;

/// <summary>One PostgreSQL server for all tests, started by the first that needs it; each installation has a database of its own.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server = new(() => PostgresServer.StartAsync());
    private int _databases;

    /// <summary>Makes an empty database. Without PostgreSQL the tests that ask fail: they must not pass unseen.</summary>
    public async Task<string> CreateDatabaseAsync() =>
        await (await _server.Value).CreateDatabaseAsync($"installation{Interlocked.Increment(ref _databases)}");

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}
