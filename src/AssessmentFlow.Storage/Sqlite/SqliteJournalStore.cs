using System.Data.Common;
using AssessmentFlow.Runtime.Turns;
using Microsoft.Data.Sqlite;

namespace AssessmentFlow.Storage.Sqlite;

/// <summary>The journal in one SQLite file: write-ahead log, every commit flushed to the disk, one writer.</summary>
internal sealed partial class SqliteJournalStore : IJournalStore, IDisposable
{
    /// <summary>Turns and messages of a silo that is alive are left to it ten leases long.</summary>
    private const int OwnLeases = 10;

    private readonly string _connectionString;
    private readonly string _silo;
    private readonly long _leaseMicros;
    private readonly Lock _writing = new();
    private readonly SqliteConnection _writer;
    private readonly SqliteStatements _statements;

    public SqliteJournalStore(string connectionString, string silo, TimeSpan lease, int batchMax)
    {
        _connectionString = connectionString;
        _silo = silo;
        _leaseMicros = lease.Ticks / TimeSpan.TicksPerMicrosecond;
        BatchMax = batchMax;
        _writer = Open();
        using var pragmas = _writer.CreateCommand();
        pragmas.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
        pragmas.ExecuteNonQuery();
        _statements = new SqliteStatements(_writer);
    }

    public int BatchMax { get; }

    public int Writers => 1;

    public void Dispose()
    {
        _statements.Dispose();
        _writer.Dispose();
    }

    public Task<bool[]> WriteAsync(IReadOnlyList<Turn> turns, Housekeeping housekeeping, CancellationToken cancellationToken) => Write(() =>
    {
        var written = new bool[turns.Count];
        for (var i = 0; i < turns.Count; i++)
        {
            written[i] = Write(turns[i]);
        }

        foreach (var message in housekeeping.Delivered)
        {
            _statements.RemoveMessage.Run(message.Entity.ToString(), message.Version, message.Position);
        }

        foreach (var timer in housekeeping.Forgotten)
        {
            _statements.ForgetTimer.Run(timer.Entity.ToString(), timer.Timer, Times.MicrosUp(timer.DueAt));
        }

        return written;
    });

    public Task<EntitySnapshot?> LoadAsync(EntityId entity, CancellationToken cancellationToken) => Read(
        Rows.LoadSql,
        [("@id", entity.ToString())],
        Rows.Snapshot);

    public Task<RecordedInput?> FindInputAsync(string inputId, CancellationToken cancellationToken) => Read(
        "SELECT entity_id, version, fingerprint, answer FROM turn WHERE input_id = @id",
        [("@id", inputId)],
        static reader => new RecordedInput(EntityId.Parse(reader.GetString(0)), reader.GetInt64(1), reader[2] as byte[], reader[3] as byte[]));

    public async Task<TakenTimers> TakeTimersAsync(DateTimeOffset now, int max, CancellationToken cancellationToken)
    {
        var micros = Times.Micros(now);
        var next = await NextTimerAsync();
        if (next is null || next > micros)
        {
            return new TakenTimers([], next is null ? null : Times.FromMicros(next.Value));
        }

        var due = await Write(() =>
        {
            var timers = new List<(string Entity, DueTimer Timer)>();
            using (var reader = _statements.FindTimers.Query(micros, max))
            {
                while (reader.Read())
                {
                    timers.Add((reader.GetString(0), new DueTimer(Rows.Entity(reader.GetString(0)), reader.GetString(1), Times.FromMicros(reader.GetInt64(2)))));
                }
            }

            foreach (var (entity, timer) in timers)
            {
                _statements.LeaseTimer.Run(entity, timer.Timer, micros + _leaseMicros);
            }

            return timers.ConvertAll(each => each.Timer);
        });
        next = await NextTimerAsync();
        return new TakenTimers(due, next is null ? null : Times.FromMicros(next.Value));
    }

    public Task<IReadOnlyList<EntityId>> FindWaitingAsync(string key, string? correlationId, CancellationToken cancellationToken) => ReadAll(
        "SELECT DISTINCT entity_id FROM wait WHERE key = @key AND (@correlation IS NULL OR correlation_id = @correlation)",
        [("@key", key), ("@correlation", (object?)correlationId ?? DBNull.Value)],
        static reader => EntityId.Parse(reader.GetString(0)));

    public Task<IReadOnlyList<FoundRow>> ListAsync(ViewQuery query, CancellationToken cancellationToken)
    {
        var (sql, parameters) = ViewSql.Build(query);
        return ReadAll(sql, parameters, Rows.Found);
    }

    public Task<FoundRow?> FindRowAsync(string view, string id, CancellationToken cancellationToken) => Read(
        $"SELECT {ViewSql.Columns} FROM view_row WHERE view = @view AND id = @id", [("@view", view), ("@id", id)], Rows.Found);

    public Task<string?> FindRunningAsync(string? definitionId, string? correlationId, CancellationToken cancellationToken)
    {
        var (sql, parameters) = ViewSql.BuildRunning(definitionId, correlationId);
        return Read(sql, parameters, static reader => reader.GetString(0));
    }

    public Task<IReadOnlyList<RecordedTurn>> ReadTurnsAsync(EntityId entity, long afterVersion, int max, CancellationToken cancellationToken) => ReadAll(
        Rows.TurnsSql, [("@id", entity.ToString()), ("@after", afterVersion), ("@max", max)], Rows.Turn);

    public Task CheckAsync(CancellationToken cancellationToken) => Read("SELECT 1", [], static reader => reader.GetInt64(0).ToString());

    private bool Write(Turn turn)
    {
        var entity = turn.Entity.ToString();
        var version = turn.ExpectedVersion + 1;
        if (turn.Claims.Any(claim => !claim.IsOver && _statements.FindClaim.Finds(claim.Key)))
        {
            return false;
        }

        var isTurnNew = _statements.InsertTurn.Run(
            entity, version, turn.InputId, turn.Fingerprint, turn.Answer, Times.Micros(turn.At), turn.Actor, turn.Facts, turn.Hash, TraceContexts.Write(turn.KeptTrace)) is 1;
        if (!isTurnNew)
        {
            return false;
        }

        var isMoved = turn.ExpectedVersion is 0
            ? _statements.InsertEntity.Run(entity, version, turn.State, turn.Hash, Times.Micros(turn.At))
            : _statements.MoveEntity.Run(entity, version, turn.State, turn.Hash, Times.Micros(turn.At));
        if (isMoved is not 1)
        {
            throw new InvalidOperationException($"The journal of {entity} has a gap before version {version}.");
        }

        WriteChanges(turn, entity, version);
        return true;
    }

    private void WriteChanges(Turn turn, string entity, long version)
    {
        foreach (var change in turn.Views)
        {
            _ = change.Row is { } row
                ? _statements.PutRow.Run(change.View, change.Id, entity, row.Scope, row.A, row.B, row.C, row.D, row.At, row.Version, row.Body)
                : _statements.RemoveRow.Run(change.View, change.Id);
        }

        foreach (var change in turn.Timers)
        {
            _ = change.DueAt is { } due
                ? _statements.PutTimer.Run(entity, change.Timer, Times.MicrosUp(due))
                : _statements.RemoveTimer.Run(entity, change.Timer);
        }

        foreach (var change in turn.Waits)
        {
            (change.IsOver ? _statements.RemoveWait : _statements.PutWait).Run(change.Key, change.CorrelationId ?? "", entity, change.Bookmark);
        }

        foreach (var change in turn.Claims)
        {
            (change.IsOver ? _statements.RemoveClaim : _statements.PutClaim).Run(change.Key, entity);
        }

        for (var i = 0; i < turn.Outbox.Length; i++)
        {
            _statements.PutMessage.Run(entity, version, i, _silo, Times.Micros(turn.At) + _leaseMicros, turn.Outbox[i]);
        }
    }

    private async Task<long?> NextTimerAsync() =>
        (await ReadAll("SELECT min(not_before) FROM timer", [], static reader => reader.IsDBNull(0) ? (long?)null : reader.GetInt64(0)))[0];

    /// <summary>Runs in the one writing transaction. SQLite is synchronous; what is short here must not wait on the pool.</summary>
    private Task<T> Write<T>(Func<T> work)
    {
        lock (_writing)
        {
            try
            {
                using var transaction = _writer.BeginTransaction(deferred: false);
                _statements.Join(transaction);
                var result = work();
                transaction.Commit();
                return Task.FromResult(result);
            }
            catch (SqliteException e)
            {
                return Task.FromException<T>(Translate(e));
            }
        }
    }

    private Task<T?> Read<T>(string sql, IEnumerable<(string Name, object Value)> parameters, Func<DbDataReader, T> map)
        where T : class
    {
        try
        {
            using var connection = Open();
            using var command = Command(connection, sql, parameters);
            using var reader = command.ExecuteReader();
            return Task.FromResult(reader.Read() ? map(reader) : null);
        }
        catch (SqliteException e)
        {
            return Task.FromException<T?>(Translate(e));
        }
    }

    private Task<IReadOnlyList<T>> ReadAll<T>(string sql, IEnumerable<(string Name, object Value)> parameters, Func<DbDataReader, T> map)
    {
        try
        {
            using var connection = Open();
            using var command = Command(connection, sql, parameters);
            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read())
            {
                rows.Add(map(reader));
            }

            return Task.FromResult<IReadOnlyList<T>>(rows);
        }
        catch (SqliteException e)
        {
            return Task.FromException<IReadOnlyList<T>>(Translate(e));
        }
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, IEnumerable<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is put together from constants; values are bound.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }

    private static JournalUnavailableException Translate(SqliteException e) => new($"The database file cannot be used: {e.Message}", e);
}
