using System.Collections.Concurrent;
using Npgsql;

namespace AssessmentFlow.Storage.Postgres;

/// <summary>
/// Open connections, the last used first. The pool behind them hands out whichever has rested longest, so that many
/// server processes each know a little; this way a few know it all: their plans are made and their caches are warm.
/// </summary>
internal sealed class PostgresConnections(NpgsqlDataSource source) : IAsyncDisposable
{
    /// <summary>Connections kept open (count); further ones go back to the pool.</summary>
    private const int KeptMax = 8;

    private readonly ConcurrentStack<NpgsqlConnection> _kept = new();

    public async ValueTask<Lease> RentAsync(CancellationToken cancellationToken) =>
        new(this, _kept.TryPop(out var connection) ? connection : await source.OpenConnectionAsync(cancellationToken));

    public async ValueTask DisposeAsync()
    {
        while (_kept.TryPop(out var connection))
        {
            await connection.DisposeAsync();
        }
    }

    private void Keep(NpgsqlConnection connection)
    {
        if (_kept.Count < KeptMax)
        {
            _kept.Push(connection);
        }
        else
        {
            connection.Dispose();
        }
    }

    /// <summary>The server may have gone: what was kept is as doubtful as the connection that failed.</summary>
    private void Close(NpgsqlConnection failed)
    {
        failed.Dispose();
        while (_kept.TryPop(out var connection))
        {
            connection.Dispose();
        }
    }

    /// <summary>A connection for one piece of work. One that is not given back, because the work failed, is closed.</summary>
    internal sealed class Lease(PostgresConnections owner, NpgsqlConnection connection) : IDisposable
    {
        private bool _isGivenBack;

        public NpgsqlConnection Connection => connection;

        /// <summary>The work ended well: the connection can be used again.</summary>
        public void GiveBack() => _isGivenBack = true;

        public void Dispose()
        {
            if (_isGivenBack)
            {
                owner.Keep(connection);
            }
            else
            {
                owner.Close(connection);
            }
        }
    }
}
