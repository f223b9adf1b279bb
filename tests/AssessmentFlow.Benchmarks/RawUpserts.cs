using Npgsql;

namespace AssessmentFlow.Benchmarks;

/// <summary>
/// The yardstick: prepared single-row upserts, one transaction each, from as many connections as there are clients.
/// The row holds as many bytes as a snapshot of the measured workflow, others each time as a snapshot does: the same bytes
/// again would spare PostgreSQL most of its log.
/// </summary>
internal sealed class RawUpserts : IAsyncDisposable
{
    /// <summary>Bytes of the row's state (count).</summary>
    public const int StateBytes = 1_024;

    private const int RowsPerClient = 64;

    private readonly NpgsqlDataSource _source;
    private readonly List<NpgsqlCommand> _commands = [];

    private RawUpserts(NpgsqlDataSource source) => _source = source;

    public static async Task<RawUpserts> OpenAsync(string connectionString, int clients)
    {
        var raw = new RawUpserts(NpgsqlDataSource.Create(connectionString));
        await using (var create = raw._source.CreateCommand(
            "CREATE TABLE IF NOT EXISTS raw_upsert (id text PRIMARY KEY, version bigint NOT NULL, state bytea NOT NULL) WITH (fillfactor = 50)"))
        {
            await create.ExecuteNonQueryAsync();
        }

        for (var i = 0; i < clients; i++)
        {
            var connection = await raw._source.OpenConnectionAsync();
            var command = new NpgsqlCommand(
                "INSERT INTO raw_upsert (id, version, state) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state",
                connection)
            {
                Parameters =
                {
                    new NpgsqlParameter<string> { TypedValue = "" },
                    new NpgsqlParameter<long> { TypedValue = 0 },
                    new NpgsqlParameter<byte[]> { TypedValue = [] },
                },
            };
            await command.PrepareAsync();
            raw._commands.Add(command);
        }

        return raw;
    }

    public Task<Measurement> RunAsync(TimeSpan duration) => Measurement.RunAsync([.. _commands.Select(Loop)], duration);

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands)
        {
            await command.Connection!.DisposeAsync();
        }

        await _source.DisposeAsync();
    }

    private static Func<Task> Loop(NpgsqlCommand command, int client)
    {
        var random = new Random(client);
        var state = new byte[StateBytes];
        var ids = Enumerable.Range(0, RowsPerClient).Select(row => $"instance/{client}-{row}").ToArray();
        var version = 0L;
        return async () =>
        {
            version++;
            random.NextBytes(state);
            ((NpgsqlParameter<string>)command.Parameters[0]).TypedValue = ids[version % RowsPerClient];
            ((NpgsqlParameter<long>)command.Parameters[1]).TypedValue = version;
            ((NpgsqlParameter<byte[]>)command.Parameters[2]).TypedValue = state;
            await command.ExecuteNonQueryAsync();
        };
    }
}
