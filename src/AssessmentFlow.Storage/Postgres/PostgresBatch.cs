using AssessmentFlow.Runtime.Turns;
using Npgsql;
using NpgsqlTypes;

namespace AssessmentFlow.Storage.Postgres;

/// <summary>
/// A batch of turns as multi-row statements over arrays, which together take effect or fail. It fails when a single
/// turn of it may not be taken: the primary key of turn and the unique input id are the guard, and checking each row
/// beforehand as well would cost every turn what hardly any needs.
/// </summary>
internal sealed class PostgresBatch(IReadOnlyList<Turn> turns, Housekeeping housekeeping, string silo, long leaseMicros)
{
    private const string AddTurn = """
        INSERT INTO turn (entity_id, version, input_id, fingerprint, answer, at, actor, facts, hash, trace)
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[], $5::bytea[], $6::bigint[], $7::text[], $8::bytea[], $9::bytea[], $10::text[])
        """;

    private const string AddEntity = """
        INSERT INTO entity (entity_id, version, state, hash, changed_at)
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[])
        """;

    /// <summary>
    /// Two silos at one version meet in the primary key of turn. An entity that is behind its turns can only come from
    /// a database that was restored beneath a running silo; it divides by zero rather than write.
    /// </summary>
    private const string MoveEntity = """
        WITH moved AS (
            UPDATE entity e SET version = i.version, state = i.state, hash = i.hash, changed_at = i.changed_at
            FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[]) AS i (entity_id, version, state, hash, changed_at)
            WHERE e.entity_id = i.entity_id AND e.version = i.version - 1
            RETURNING 1)
        SELECT 1 / (CASE WHEN (SELECT count(*) FROM moved) = cardinality($1) THEN 1 ELSE 0 END)
        """;

    private const string PutRows = """
        INSERT INTO view_row (entity_id, view, id, scope, a, b, c, d, at, version, body)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bytea[])
        ON CONFLICT (view, id) DO UPDATE SET scope = excluded.scope, a = excluded.a, b = excluded.b, c = excluded.c,
            d = excluded.d, at = excluded.at, version = excluded.version, body = excluded.body
        """;

    private const string RemoveRows = """
        DELETE FROM view_row r USING unnest($1::text[], $2::text[]) AS v (view, id) WHERE r.view = v.view AND r.id = v.id
        """;

    private const string PutTimers = """
        INSERT INTO timer (entity_id, timer, due_at, not_before)
        SELECT v.entity_id, v.timer, v.due_at, v.due_at FROM unnest($1::text[], $2::text[], $3::bigint[]) AS v (entity_id, timer, due_at)
        ON CONFLICT (entity_id, timer) DO UPDATE SET due_at = excluded.due_at, not_before = excluded.not_before
        """;

    private const string RemoveTimers = """
        DELETE FROM timer r USING unnest($1::text[], $2::text[]) AS v (entity_id, timer)
        WHERE r.entity_id = v.entity_id AND r.timer = v.timer
        """;

    private const string PutWaits = """
        INSERT INTO wait (entity_id, key, correlation_id, bookmark)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
        """;

    private const string RemoveWaits = """
        DELETE FROM wait r USING unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS v (entity_id, key, correlation_id, bookmark)
        WHERE r.key = v.key AND r.correlation_id = v.correlation_id AND r.entity_id = v.entity_id AND r.bookmark = v.bookmark
        """;

    private const string PutMessages = """
        INSERT INTO outbox (entity_id, version, position, not_before, body, owner)
        SELECT v.entity_id, v.version, v.position, v.not_before, v.body, $6
        FROM unnest($1::text[], $2::bigint[], $3::int[], $4::bigint[], $5::bytea[]) AS v (entity_id, version, position, not_before, body)
        """;

    private const string RemoveMessages = """
        DELETE FROM outbox r USING unnest($1::text[], $2::bigint[], $3::int[]) AS v (entity_id, version, position)
        WHERE r.entity_id = v.entity_id AND r.version = v.version AND r.position = v.position
        """;

    private const string ForgetTimers = """
        DELETE FROM timer r USING unnest($1::text[], $2::text[], $3::bigint[]) AS v (entity_id, timer, due_at)
        WHERE r.entity_id = v.entity_id AND r.timer = v.timer AND r.due_at = v.due_at
        """;

    public NpgsqlBatch Build(NpgsqlConnection connection)
    {
        var batch = connection.CreateBatch();
        if (turns.Count > 0)
        {
            AddTurns(batch);
            AddEntities(batch);
            AddViews(batch);
            AddTimers(batch);
            AddWaits(batch);
            AddMessages(batch);
        }

        AddHousekeeping(batch);
        return batch;
    }

    private void AddTurns(NpgsqlBatch batch) => Add(
        batch,
        AddTurn,
        Texts(turns, turn => turn.Entity.ToString()),
        Longs(turns, turn => turn.ExpectedVersion + 1),
        Texts(turns, turn => turn.InputId),
        Bytes(turns, turn => turn.Fingerprint),
        Bytes(turns, turn => turn.Answer),
        Longs(turns, turn => Times.Micros(turn.At)),
        Texts(turns, turn => turn.Actor),
        Bytes(turns, turn => turn.Facts),
        Bytes(turns, turn => turn.Hash),
        Texts(turns, turn => turn.Trace));

    private void AddEntities(NpgsqlBatch batch)
    {
        var (added, moved) = Split(turns, turn => turn.ExpectedVersion is 0);
        AddEntities(batch, AddEntity, added);
        AddEntities(batch, MoveEntity, moved);
    }

    private static void AddEntities(NpgsqlBatch batch, string sql, List<Turn> turns)
    {
        if (turns.Count > 0)
        {
            Add(
                batch,
                sql,
                Texts(turns, turn => turn.Entity.ToString()),
                Longs(turns, turn => turn.ExpectedVersion + 1),
                Bytes(turns, turn => turn.State),
                Bytes(turns, turn => turn.Hash),
                Longs(turns, turn => Times.Micros(turn.At)));
        }
    }

    private void AddViews(NpgsqlBatch batch)
    {
        // Within a turn the last word on a row counts: one statement may not touch a row twice.
        var changes = Changes(turn => turn.Views.GroupBy(change => (change.View, change.Id)).Select(group => group.Last()));
        var (puts, removals) = Split(changes, change => change.Item.Row is not null);
        if (puts.Count > 0)
        {
            Add(
                batch,
                PutRows,
                Entities(puts),
                Texts(puts, put => put.Item.View),
                Texts(puts, put => put.Item.Id),
                Texts(puts, put => put.Item.Row!.Scope),
                Texts(puts, put => put.Item.Row!.A),
                Texts(puts, put => put.Item.Row!.B),
                Texts(puts, put => put.Item.Row!.C),
                Texts(puts, put => put.Item.Row!.D),
                Longs(puts, put => put.Item.Row!.At),
                Longs(puts, put => put.Item.Row!.Version),
                Bytes(puts, put => put.Item.Row!.Body));
        }

        if (removals.Count > 0)
        {
            Add(batch, RemoveRows, Texts(removals, removal => removal.Item.View), Texts(removals, removal => removal.Item.Id));
        }
    }

    private void AddTimers(NpgsqlBatch batch)
    {
        var (puts, removals) = Split(Changes(turn => turn.Timers), change => change.Item.DueAt is not null);
        if (puts.Count > 0)
        {
            Add(batch, PutTimers, Entities(puts), Texts(puts, put => put.Item.Timer), Longs(puts, put => Times.MicrosUp(put.Item.DueAt!.Value)));
        }

        if (removals.Count > 0)
        {
            Add(batch, RemoveTimers, Entities(removals), Texts(removals, removal => removal.Item.Timer));
        }
    }

    private void AddWaits(NpgsqlBatch batch)
    {
        var (removals, puts) = Split(Changes(turn => turn.Waits), change => change.Item.IsOver);
        AddWaits(batch, RemoveWaits, removals);
        AddWaits(batch, PutWaits, puts);
    }

    private static void AddWaits(NpgsqlBatch batch, string sql, List<(Turn Turn, WaitChange Item)> changes)
    {
        if (changes.Count > 0)
        {
            Add(
                batch,
                sql,
                Entities(changes),
                Texts(changes, change => change.Item.Key),
                Texts(changes, change => change.Item.CorrelationId ?? ""),
                Longs(changes, change => change.Item.Bookmark));
        }
    }

    private void AddMessages(NpgsqlBatch batch)
    {
        var messages = Changes(turn => turn.Outbox.Select((body, position) => (Position: position, Body: body)));
        if (messages.Count > 0)
        {
            Add(
                batch,
                PutMessages,
                Entities(messages),
                Longs(messages, message => message.Turn.ExpectedVersion + 1),
                Ints(messages.Select(message => message.Item.Position)),
                Longs(messages, message => Times.Micros(message.Turn.At) + leaseMicros),
                Bytes(messages, message => message.Item.Body),
                new NpgsqlParameter<string> { TypedValue = silo });
        }
    }

    private void AddHousekeeping(NpgsqlBatch batch)
    {
        var delivered = housekeeping.Delivered;
        if (delivered.Count > 0)
        {
            Add(
                batch,
                RemoveMessages,
                Texts(delivered, message => message.Entity.ToString()),
                Longs(delivered, message => message.Version),
                Ints(delivered.Select(message => message.Position)));
        }

        var forgotten = housekeeping.Forgotten;
        if (forgotten.Count > 0)
        {
            Add(
                batch,
                ForgetTimers,
                Texts(forgotten, timer => timer.Entity.ToString()),
                Texts(forgotten, timer => timer.Timer),
                Longs(forgotten, timer => Times.MicrosUp(timer.DueAt)));
        }
    }

    private List<(Turn Turn, T Item)> Changes<T>(Func<Turn, IEnumerable<T>> select)
    {
        var changes = new List<(Turn, T)>();
        foreach (var turn in turns)
        {
            foreach (var item in select(turn))
            {
                changes.Add((turn, item));
            }
        }

        return changes;
    }

    private static (List<T> Matching, List<T> Others) Split<T>(IReadOnlyList<T> items, Func<T, bool> matches)
    {
        var matching = new List<T>(items.Count);
        var others = new List<T>();
        foreach (var item in items)
        {
            (matches(item) ? matching : others).Add(item);
        }

        return (matching, others);
    }

    private static NpgsqlParameter Entities<T>(List<(Turn Turn, T Item)> changes) => Texts(changes, change => change.Turn.Entity.ToString());

    private static void Add(NpgsqlBatch batch, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(parameters);
        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter Texts<T>(IReadOnlyList<T> items, Func<T, string?> select) => Array(items, select, NpgsqlDbType.Text);

    private static NpgsqlParameter Longs<T>(IReadOnlyList<T> items, Func<T, long> select) => Array(items, select, NpgsqlDbType.Bigint);

    private static NpgsqlParameter Bytes<T>(IReadOnlyList<T> items, Func<T, byte[]?> select) => Array(items, select, NpgsqlDbType.Bytea);

    private static NpgsqlParameter Ints(IEnumerable<int> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer };

    private static NpgsqlParameter Array<T, TValue>(IReadOnlyList<T> items, Func<T, TValue> select, NpgsqlDbType type)
    {
        var values = new TValue[items.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = select(items[i]);
        }

        return new NpgsqlParameter { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}
