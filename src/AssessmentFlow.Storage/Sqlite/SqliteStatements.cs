using System.Globalization;
using Microsoft.Data.Sqlite;

namespace AssessmentFlow.Storage.Sqlite;

/// <summary>The prepared statements of the writing connection.</summary>
internal sealed class SqliteStatements(SqliteConnection connection) : IDisposable
{
    private readonly List<Statement> _all = [];

    public Statement InsertTurn => field ??= Add("""
        INSERT INTO turn (entity_id, version, input_id, fingerprint, answer, at, actor, facts, hash, trace)
        VALUES (@0, @1, @2, @3, @4, @5, @6, @7, @8, @9) ON CONFLICT DO NOTHING
        """, 10);

    public Statement InsertEntity => field ??= Add(
        "INSERT INTO entity (entity_id, version, state, hash, changed_at) VALUES (@0, @1, @2, @3, @4) ON CONFLICT DO NOTHING", 5);

    public Statement MoveEntity => field ??= Add(
        "UPDATE entity SET version = @1, state = @2, hash = @3, changed_at = @4 WHERE entity_id = @0 AND version = @1 - 1", 5);

    public Statement PutRow => field ??= Add("""
        INSERT INTO view_row (view, id, entity_id, scope, a, b, c, d, at, version, body)
        VALUES (@0, @1, @2, @3, @4, @5, @6, @7, @8, @9, @10)
        ON CONFLICT (view, id) DO UPDATE SET scope = excluded.scope, a = excluded.a, b = excluded.b, c = excluded.c,
            d = excluded.d, at = excluded.at, version = excluded.version, body = excluded.body
        """, 11);

    public Statement RemoveRow => field ??= Add("DELETE FROM view_row WHERE view = @0 AND id = @1", 2);

    public Statement PutTimer => field ??= Add("""
        INSERT INTO timer (entity_id, timer, due_at, not_before) VALUES (@0, @1, @2, @2)
        ON CONFLICT (entity_id, timer) DO UPDATE SET due_at = excluded.due_at, not_before = excluded.not_before
        """, 3);

    public Statement RemoveTimer => field ??= Add("DELETE FROM timer WHERE entity_id = @0 AND timer = @1", 2);

    public Statement ForgetTimer => field ??= Add("DELETE FROM timer WHERE entity_id = @0 AND timer = @1 AND due_at = @2", 3);

    public Statement FindTimers => field ??= Add(
        "SELECT entity_id, timer, due_at FROM timer WHERE not_before <= @0 ORDER BY not_before LIMIT @1", 2);

    public Statement LeaseTimer => field ??= Add("UPDATE timer SET not_before = @2 WHERE entity_id = @0 AND timer = @1", 3);

    public Statement PutWait => field ??= Add("INSERT INTO wait (key, correlation_id, entity_id, bookmark) VALUES (@0, @1, @2, @3)", 4);

    public Statement RemoveWait => field ??= Add("DELETE FROM wait WHERE key = @0 AND correlation_id = @1 AND entity_id = @2 AND bookmark = @3", 4);

    public Statement FindClaim => field ??= Add("SELECT 1 FROM claim WHERE key = @0", 1);

    public Statement PutClaim => field ??= Add("INSERT INTO claim (key, entity_id) VALUES (@0, @1)", 2);

    public Statement RemoveClaim => field ??= Add("DELETE FROM claim WHERE key = @0 AND entity_id = @1", 2);

    public Statement PutMessage => field ??= Add(
        "INSERT INTO outbox (entity_id, version, position, owner, not_before, body) VALUES (@0, @1, @2, @3, @4, @5)", 6);

    public Statement RemoveMessage => field ??= Add("DELETE FROM outbox WHERE entity_id = @0 AND version = @1 AND position = @2", 3);

    /// <summary>A file has one process: what another owner left, a process before this one left.</summary>
    public Statement FindMessages => field ??= Add($"""
        SELECT {Rows.MessageColumns}
        FROM outbox o WHERE not_before <= @0 AND (owner <> @2 OR attempts > 0 OR not_before <= @1)
        ORDER BY not_before LIMIT @3
        """, 4);

    public Statement LeaseMessage => field ??= Add(
        "UPDATE outbox SET owner = @3, not_before = @4 WHERE entity_id = @0 AND version = @1 AND position = @2", 5);

    public Statement KeepMessage => field ??= Add(
        "UPDATE outbox SET owner = @3, not_before = @4 WHERE entity_id = @0 AND version = @1 AND position = @2 AND (owner = @3 OR not_before <= @5)", 6);

    public Statement PutOffMessage => field ??= Add(
        "UPDATE outbox SET not_before = @3, attempts = attempts + 1 WHERE entity_id = @0 AND version = @1 AND position = @2", 4);

    /// <summary>Lets all statements take part in a transaction.</summary>
    public void Join(SqliteTransaction transaction)
    {
        foreach (var statement in _all)
        {
            statement.Transaction = transaction;
        }

        Current = transaction;
    }

    public void Dispose()
    {
        foreach (var statement in _all)
        {
            statement.Dispose();
        }
    }

    private SqliteTransaction? Current { get; set; }

    private Statement Add(string sql, int parameters)
    {
        var statement = new Statement(connection, sql, parameters) { Transaction = Current };
        _all.Add(statement);
        return statement;
    }

    /// <summary>A prepared statement whose parameters are @0, @1 and so on.</summary>
    internal sealed class Statement : IDisposable
    {
        private readonly SqliteCommand _command;

        public Statement(SqliteConnection connection, string sql, int parameters)
        {
            _command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are the constants above.
            _command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 0; i < parameters; i++)
            {
                _command.Parameters.Add(new SqliteParameter { ParameterName = string.Create(CultureInfo.InvariantCulture, $"@{i}") });
            }
        }

        public SqliteTransaction? Transaction
        {
            set => _command.Transaction = value;
        }

        public int Run(params ReadOnlySpan<object?> values)
        {
            Bind(values);
            return _command.ExecuteNonQuery();
        }

        public SqliteDataReader Query(params ReadOnlySpan<object?> values)
        {
            Bind(values);
            return _command.ExecuteReader();
        }

        public bool Finds(params ReadOnlySpan<object?> values)
        {
            using var reader = Query(values);
            return reader.Read();
        }

        public void Dispose() => _command.Dispose();

        private void Bind(ReadOnlySpan<object?> values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                _command.Parameters[i].Value = values[i] ?? DBNull.Value;
            }
        }
    }
}
