using AssessmentFlow.Runtime.Turns;
using Npgsql;
using NpgsqlTypes;

namespace AssessmentFlow.Storage.Postgres;

/// <summary>
/// A batch of turns as multi-row statements over arrays. The first statement takes the turns that may be taken;
/// the others find the taken ones by their hash, so that what belongs to a refused turn is not written.
/// </summary>
internal sealed class PostgresBatch(IReadOnlyList<Turn> turns, Housekeeping housekeeping, string silo, long leaseMicros)
{
    /// <summary>
    /// The primary key of turn is the guard: of two writers at one version the second finds the place taken.
    /// Rows are inserted in the order of their keys, so that two silos wait for each other in one direction only.
    /// A gap between entity and turn can only come from a database that was restored beneath a running silo; it
    /// divides by zero rather than write.
    /// </summary>
    private const string TakeTurns = """
        WITH input AS (
            SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[], $7::bigint[], $8::text[], $9::bytea[], $10::bytea[], $11::bytea[], $12::text[])
                AS t (ordinal, entity_id, version, input_id, fingerprint, answer, at, actor, state, facts, hash, trace)),
        taken AS (
            INSERT INTO turn (entity_id, version, input_id, fingerprint, answer, at, actor, facts, hash, trace)
            SELECT entity_id, version, input_id, fingerprint, answer, at, actor, facts, hash, trace FROM input ORDER BY entity_id
            ON CONFLICT DO NOTHING
            RETURNING entity_id, version),
        moved AS (
            INSERT INTO entity AS e (entity_id, version, state, hash, changed_at)
            SELECT i.entity_id, i.version, i.state, i.hash, i.at FROM input i JOIN taken t ON t.entity_id = i.entity_id AND t.version = i.version
            ON CONFLICT (entity_id) DO UPDATE
            SET version = excluded.version, state = excluded.state, hash = excluded.hash, changed_at = excluded.changed_at
            WHERE e.version = excluded.version - 1
            RETURNING entity_id)
        SELECT i.ordinal + 0 / (CASE WHEN EXISTS (SELECT 1 FROM moved m WHERE m.entity_id = t.entity_id) THEN 1 ELSE 0 END)
        FROM taken t JOIN input i ON i.entity_id = t.entity_id AND i.version = t.version
        """;

    private const string PutRows = """
        INSERT INTO view_row (view, id, entity_id, scope, a, b, c, d, at, version, body)
        SELECT v.view, v.id, v.entity_id, v.scope, v.a, v.b, v.c, v.d, v.at, v.version, v.body
        FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::bytea[])
            AS v (entity_id, turn, hash, view, id, scope, a, b, c, d, at, version, body)
        JOIN turn t ON t.entity_id = v.entity_id AND t.version = v.turn AND t.hash = v.hash
        ON CONFLICT (view, id) DO UPDATE SET scope = excluded.scope, a = excluded.a, b = excluded.b, c = excluded.c,
            d = excluded.d, at = excluded.at, version = excluded.version, body = excluded.body
        """;

    private const string RemoveRows = """
        DELETE FROM view_row r USING unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::text[]) AS v (entity_id, turn, hash, view, id)
        JOIN turn t ON t.entity_id = v.entity_id AND t.version = v.turn AND t.hash = v.hash
        WHERE r.view = v.view AND r.id = v.id
        """;

    private const string PutTimers = """
        INSERT INTO timer (entity_id, timer, due_at, not_before)
        SELECT v.entity_id, v.timer, v.due_at, v.due_at
        FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::bigint[]) AS v (entity_id, turn, hash, timer, due_at)
        JOIN turn t ON t.entity_id = v.entity_id AND t.version = v.turn AND t.hash = v.hash
        ON CONFLICT (entity_id, timer) DO UPDATE SET due_at = excluded.due_at, not_before = excluded.not_before
        """;

    private const string RemoveTimers = """
        DELETE FROM timer r USING unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[]) AS v (entity_id, turn, hash, timer)
        JOIN turn t ON t.entity_id = v.entity_id AND t.version = v.turn AND t.hash = v.hash
        WHERE r.entity_id = v.entity_id AND r.timer = v.timer
        """;

    private const string PutWaits = """
        INSERT INTO wait (entity_id, bookmark, key, correlation_id)
        SELECT v.entity_id, v.bookmark, v.key, v.correlation_id
        FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bigint[], $5::text[], $6::text[]) AS v (entity_id, turn, hash, bookmark, key, correlation_id)
        JOIN turn t ON t.entity_id = v.entity_id AND t.version = v.turn AND t.hash = v.hash
        ON CONFLICT (entity_id, bookmark) DO UPDATE SET key = excluded.key, correlation_id = excluded.correlation_id
        """;

    private const string RemoveWaits = """
        DELETE FROM wait r USING unnest($1::text[], $2::bigint[], $3::bytea[], $4::bigint[]) AS v (entity_id, turn, hash, bookmark)
        JOIN turn t ON t.entity_id = v.entity_id AND t.version = v.turn AND t.hash = v.hash
        WHERE r.entity_id = v.entity_id AND r.bookmark = v.bookmark
        """;

    private const string PutMessages = """
        INSERT INTO outbox (entity_id, version, position, owner, not_before, body)
        SELECT v.entity_id, v.turn, v.position, $6, t.at + $7, v.body
        FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::int[], $5::bytea[]) AS v (entity_id, turn, hash, position, body)
        JOIN turn t ON t.entity_id = v.entity_id AND t.version = v.turn AND t.hash = v.hash
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
        TakeTurns,
        Ints(Enumerable.Range(0, turns.Count)),
        Texts(turns, turn => turn.Entity.ToString()),
        Longs(turns, turn => turn.ExpectedVersion + 1),
        Texts(turns, turn => turn.InputId),
        Bytes(turns, turn => turn.Fingerprint),
        Bytes(turns, turn => turn.Answer),
        Longs(turns, turn => Times.Micros(turn.At)),
        Texts(turns, turn => turn.Actor),
        Bytes(turns, turn => turn.State),
        Bytes(turns, turn => turn.Facts),
        Bytes(turns, turn => turn.Hash),
        Texts(turns, turn => turn.Trace));

    private void AddViews(NpgsqlBatch batch)
    {
        // Within a turn the last word on a row counts: one statement may not touch a row twice.
        var changes = Changes(turn => turn.Views.GroupBy(change => (change.View, change.Id)).Select(group => group.Last()));
        if (changes.FindAll(change => change.Item.Row is not null) is { Count: > 0 } puts)
        {
            Add(
                batch,
                PutRows,
                [
                    .. Keys(puts),
                    Texts(puts, put => put.Item.View),
                    Texts(puts, put => put.Item.Id),
                    Texts(puts, put => put.Item.Row!.Scope),
                    Texts(puts, put => put.Item.Row!.A),
                    Texts(puts, put => put.Item.Row!.B),
                    Texts(puts, put => put.Item.Row!.C),
                    Texts(puts, put => put.Item.Row!.D),
                    Longs(puts, put => put.Item.Row!.At),
                    Longs(puts, put => put.Item.Row!.Version),
                    Bytes(puts, put => put.Item.Row!.Body),
                ]);
        }

        if (changes.FindAll(change => change.Item.Row is null) is { Count: > 0 } removals)
        {
            Add(batch, RemoveRows, [.. Keys(removals), Texts(removals, removal => removal.Item.View), Texts(removals, removal => removal.Item.Id)]);
        }
    }

    private void AddTimers(NpgsqlBatch batch)
    {
        var changes = Changes(turn => turn.Timers);
        if (changes.FindAll(change => change.Item.DueAt is not null) is { Count: > 0 } puts)
        {
            Add(batch, PutTimers, [.. Keys(puts), Texts(puts, put => put.Item.Timer), Longs(puts, put => Times.MicrosUp(put.Item.DueAt!.Value))]);
        }

        if (changes.FindAll(change => change.Item.DueAt is null) is { Count: > 0 } removals)
        {
            Add(batch, RemoveTimers, [.. Keys(removals), Texts(removals, removal => removal.Item.Timer)]);
        }
    }

    private void AddWaits(NpgsqlBatch batch)
    {
        var changes = Changes(turn => turn.Waits);
        if (changes.FindAll(change => change.Item.Key is not null) is { Count: > 0 } puts)
        {
            Add(batch, PutWaits, [.. Keys(puts), Longs(puts, put => put.Item.Bookmark), Texts(puts, put => put.Item.Key), Texts(puts, put => put.Item.CorrelationId)]);
        }

        if (changes.FindAll(change => change.Item.Key is null) is { Count: > 0 } removals)
        {
            Add(batch, RemoveWaits, [.. Keys(removals), Longs(removals, removal => removal.Item.Bookmark)]);
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
                [
                    .. Keys(messages),
                    Ints(messages.Select(message => message.Item.Position)),
                    Bytes(messages, message => message.Item.Body),
                    new NpgsqlParameter { Value = silo },
                    new NpgsqlParameter { Value = leaseMicros },
                ]);
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

    /// <summary>What leads a change to its turn: entity, version, hash.</summary>
    private static NpgsqlParameter[] Keys<T>(List<(Turn Turn, T Item)> changes) =>
    [
        Texts(changes, change => change.Turn.Entity.ToString()),
        Longs(changes, change => change.Turn.ExpectedVersion + 1),
        Bytes(changes, change => change.Turn.Hash),
    ];

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
