using System.Data.Common;
using System.Net.Sockets;
using AssessmentFlow.Runtime.Turns;
using Npgsql;

namespace AssessmentFlow.Storage.Postgres;

/// <summary>The journal on PostgreSQL. A batch of turns is one round trip and one transaction.</summary>
internal sealed class PostgresJournalStore(PostgresConnections connections, string silo, TimeSpan lease, int batchMax, int writers) : IJournalStore, IAsyncDisposable
{
    /// <summary>Messages of a silo that is alive are left to it this many leases long.</summary>
    private const int OwnLeases = 10;

    private readonly long _leaseMicros = lease.Ticks / TimeSpan.TicksPerMicrosecond;

    public int BatchMax => batchMax;

    public int Writers => writers;

    public async Task<bool[]> WriteAsync(IReadOnlyList<Turn> turns, Housekeeping housekeeping, CancellationToken cancellationToken)
    {
        // In the order of their keys, so that two silos wait for each other in one direction only.
        var order = Enumerable.Range(0, turns.Count).OrderBy(i => turns[i].Entity.Kind, StringComparer.Ordinal).ThenBy(i => turns[i].Entity.Key, StringComparer.Ordinal).ToList();
        var written = new bool[turns.Count];
        if (await TryWriteAsync(order.ConvertAll(i => turns[i]), housekeeping, cancellationToken))
        {
            Array.Fill(written, true);
            return written;
        }

        // Something of it may not be written. Whoever stands in the way says what; the rest goes on together.
        var refused = await FindRefusedAsync(order.ConvertAll(i => turns[i]), cancellationToken);
        order.RemoveAll(i => refused.Contains(turns[i].InputId));
        if (order.Count == turns.Count || !await TryWriteAsync(order.ConvertAll(i => turns[i]), housekeeping, cancellationToken))
        {
            throw new BatchConflictException("The turns of a batch stand in each other's way, or in that of another silo's.");
        }

        order.ForEach(i => written[i] = true);
        return written;
    }

    public Task<EntitySnapshot?> LoadAsync(EntityId entity, CancellationToken cancellationToken) => Read(
        Rows.LoadSql,
        [("@id", entity.ToString())],
        Rows.Snapshot,
        cancellationToken);

    public Task<RecordedInput?> FindInputAsync(string inputId, CancellationToken cancellationToken) => Read(
        "SELECT entity_id, version, fingerprint, answer FROM turn WHERE input_id = @id",
        [("@id", inputId)],
        static reader => new RecordedInput(EntityId.Parse(reader.GetString(0)), reader.GetInt64(1), reader[2] as byte[], reader[3] as byte[]),
        cancellationToken);

    public Task<IReadOnlyList<PendingMessage>> TakeMessagesAsync(
        IReadOnlyCollection<string> livingSilos, DateTimeOffset now, int max, CancellationToken cancellationToken)
    {
        var micros = Times.Micros(now);
        return ReadAll(
            $"""
            UPDATE outbox o SET owner = @silo, not_before = @lease
            FROM (
                SELECT entity_id, version, position FROM outbox
                WHERE not_before <= @now AND (owner <> ALL (@living) OR attempts > 0 OR not_before <= @abandoned)
                ORDER BY not_before LIMIT @max FOR UPDATE SKIP LOCKED) taken
            WHERE o.entity_id = taken.entity_id AND o.version = taken.version AND o.position = taken.position
            RETURNING {Rows.MessageColumns}
            """,
            [
                ("@silo", silo), ("@lease", micros + _leaseMicros), ("@now", micros), ("@living", livingSilos.ToArray()),
                ("@abandoned", micros - (OwnLeases * _leaseMicros)), ("@max", max),
            ],
            Rows.Message,
            cancellationToken);
    }

    public async Task<bool> KeepMessageAsync(MessageId message, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellationToken) => (await ReadAll(
        """
        UPDATE outbox SET owner = @silo, not_before = @until
        WHERE entity_id = @id AND version = @version AND position = @position AND (owner = @silo OR not_before <= @now)
        RETURNING version
        """,
        [
            ("@silo", silo), ("@until", Times.Micros(until)), ("@now", Times.Micros(now)),
            ("@id", message.Entity.ToString()), ("@version", message.Version), ("@position", message.Position),
        ],
        static reader => reader.GetInt64(0),
        cancellationToken)).Count > 0;

    public Task PutOffMessageAsync(MessageId message, DateTimeOffset until, CancellationToken cancellationToken) => ReadAll(
        "UPDATE outbox SET not_before = @until, attempts = attempts + 1 WHERE entity_id = @id AND version = @version AND position = @position",
        [("@until", Times.Micros(until)), ("@id", message.Entity.ToString()), ("@version", message.Version), ("@position", message.Position)],
        static _ => 0,
        cancellationToken);

    public async Task<bool> HasEarlierAsync(MessageId message, CancellationToken cancellationToken) => (await ReadAll(
        Rows.EarlierMessageSql,
        [("@id", message.Entity.ToString()), ("@version", message.Version)],
        static reader => reader.GetInt64(0),
        cancellationToken)).Count > 0;

    /// <summary>The operators and the pattern are those of the index turn_receiver.</summary>
    public async Task<bool> WasTakenAsync(MessageId message, CancellationToken cancellationToken) => (await ReadAll(
        "SELECT version FROM turn WHERE input_id LIKE '%#%/%' AND input_id ~>=~ @from AND input_id ~<~ @to LIMIT 1",
        Rows.ReceiversOf(message),
        static reader => reader.GetInt64(0),
        cancellationToken)).Count > 0;

    public async Task<TakenTimers> TakeTimersAsync(DateTimeOffset now, int max, CancellationToken cancellationToken)
    {
        // One statement looks and takes; the column next says when to look again, also when nothing was due.
        var micros = Times.Micros(now);
        var rows = await ReadAll(
            """
            WITH due AS (
                SELECT entity_id, timer FROM timer WHERE not_before <= @now
                ORDER BY not_before LIMIT @max FOR UPDATE SKIP LOCKED),
            taken AS (
                UPDATE timer t SET not_before = @lease FROM due d
                WHERE t.entity_id = d.entity_id AND t.timer = d.timer
                RETURNING t.entity_id, t.timer, t.due_at)
            SELECT entity_id, timer, due_at, NULL::bigint FROM taken
            UNION ALL
            SELECT NULL, NULL, NULL, (SELECT min(not_before) FROM timer WHERE not_before > @now)
            """,
            [("@now", micros), ("@lease", micros + _leaseMicros), ("@max", max)],
            static reader => (
                Timer: reader.IsDBNull(0) ? null : new DueTimer(Rows.Entity(reader.GetString(0)), reader.GetString(1), Times.FromMicros(reader.GetInt64(2))),
                Next: reader.IsDBNull(3) ? (DateTimeOffset?)null : Times.FromMicros(reader.GetInt64(3))),
            cancellationToken);
        return new TakenTimers([.. rows.Select(row => row.Timer).OfType<DueTimer>()], rows[^1].Next);
    }

    public Task<IReadOnlyList<EntityId>> FindWaitingAsync(string key, string? correlationId, CancellationToken cancellationToken) => ReadAll(
        correlationId is null
            ? "SELECT DISTINCT entity_id FROM wait WHERE key = @key"
            : "SELECT DISTINCT entity_id FROM wait WHERE key = @key AND correlation_id = @correlation",
        correlationId is null ? [("@key", key)] : [("@key", key), ("@correlation", correlationId)],
        static reader => EntityId.Parse(reader.GetString(0)),
        cancellationToken);

    public Task<IReadOnlyList<FoundRow>> ListAsync(ViewQuery query, CancellationToken cancellationToken)
    {
        var (sql, parameters) = ViewSql.Build(query);
        return ReadAll(sql, parameters, Rows.Found, cancellationToken);
    }

    public Task<FoundRow?> FindRowAsync(string view, string id, CancellationToken cancellationToken) => Read(
        $"SELECT {ViewSql.Columns} FROM view_row WHERE view = @view AND id = @id", [("@view", view), ("@id", id)], Rows.Found, cancellationToken);

    public Task<string?> FindRunningAsync(string? definitionId, string? correlationId, CancellationToken cancellationToken)
    {
        var (sql, parameters) = ViewSql.BuildRunning(definitionId, correlationId);
        return Read(sql, parameters, static reader => reader.GetString(0), cancellationToken);
    }

    public Task<IReadOnlyList<RecordedTurn>> ReadTurnsAsync(EntityId entity, long afterVersion, int max, CancellationToken cancellationToken) => ReadAll(
        Rows.TurnsSql, [("@id", entity.ToString()), ("@after", afterVersion), ("@max", max)], Rows.Turn, cancellationToken);

    public ValueTask DisposeAsync() => connections.DisposeAsync();

    public Task CheckAsync(CancellationToken cancellationToken) => ReadAll("SELECT 1", [], static reader => reader.GetInt32(0), cancellationToken);

    /// <returns>Whether everything was written; else nothing was, because of one turn or several.</returns>
    private Task<bool> TryWriteAsync(List<Turn> turns, Housekeeping housekeeping, CancellationToken cancellationToken) => Guarded(async () =>
    {
        using var rented = await connections.RentAsync(cancellationToken);

        // Without an explicit transaction all statements of a batch are one: they commit together or not at all.
        await using var batch = new PostgresBatch(turns, housekeeping, silo, _leaseMicros).Build(rented.Connection);
        if (batch.BatchCommands.Count is 0)
        {
            rented.GiveBack();
            return true;
        }

        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
            rented.GiveBack();
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DivisionByZero)
        {
            rented.GiveBack();
            return false;
        }
    });

    /// <summary>
    /// Input ids of the turns that may not be written: taken before, of an entity that is at another version, or about
    /// to take a name that somebody holds.
    /// </summary>
    private async Task<HashSet<string>> FindRefusedAsync(List<Turn> turns, CancellationToken cancellationToken) => (await ReadAll(
        """
        SELECT i.input_id FROM unnest(@entities, @versions, @inputs) AS i (entity_id, version, input_id)
        WHERE EXISTS (SELECT 1 FROM turn t WHERE t.input_id = i.input_id)
           OR coalesce((SELECT e.version FROM entity e WHERE e.entity_id = i.entity_id), 0) <> i.version
           OR EXISTS (SELECT 1 FROM unnest(@takers, @claims) AS t (input_id, key) JOIN claim c ON c.key = t.key WHERE t.input_id = i.input_id)
        """,
        [
            ("@entities", turns.ConvertAll(turn => turn.Entity.ToString())),
            ("@versions", turns.ConvertAll(turn => turn.ExpectedVersion)),
            ("@inputs", turns.ConvertAll(turn => turn.InputId)),
            ("@takers", Taken(turns, static (turn, _) => turn.InputId)),
            ("@claims", Taken(turns, static (_, claim) => claim.Key)),
        ],
        static reader => reader.GetString(0),
        cancellationToken)).ToHashSet(StringComparer.Ordinal);

    private static string[] Taken(List<Turn> turns, Func<Turn, ClaimChange, string> select) =>
        [.. turns.SelectMany(turn => turn.Claims.Where(claim => !claim.IsOver).Select(claim => select(turn, claim)))];

    private async Task<T?> Read<T>(string sql, IEnumerable<(string, object)> parameters, Func<DbDataReader, T> map, CancellationToken cancellationToken)
        where T : class => (await ReadAll(sql, parameters, map, cancellationToken)).SingleOrDefault();

    private Task<IReadOnlyList<T>> ReadAll<T>(
        string sql, IEnumerable<(string Name, object Value)> parameters, Func<DbDataReader, T> map, CancellationToken cancellationToken) => Guarded(async () =>
    {
        using var rented = await connections.RentAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, rented.Connection);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        var rows = new List<T>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(map(reader));
            }
        }

        rented.GiveBack();
        return (IReadOnlyList<T>)rows;
    });

    private static async Task<T> Guarded<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
        {
            throw new BatchConflictException("The database gave the transaction up.", e);
        }
        catch (PostgresException e) when (!e.IsTransient && e.SqlState is not (PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.ReadOnlySqlTransaction))
        {
            throw new InvalidOperationException($"The database refused a statement ({e.SqlState}): {e.MessageText}", e);
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException or IOException)
        {
            throw new JournalUnavailableException($"The database cannot be reached: {e.Message}", e);
        }
    }
}
