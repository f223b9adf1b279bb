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
            AddClaims(batch);
            AddMessages(batch);
        }

        AddHousekeeping(batch);
        return batch;
    }

    private void AddTurns(NpgsqlBatch batch) => Add(
        batch,
        PostgresStatements.AddTurn,
        Texts(turns, turn => turn.Entity.ToString()),
        Longs(turns, turn => turn.ExpectedVersion + 1),
        Texts(turns, turn => turn.InputId),
        Bytes(turns, turn => turn.Fingerprint),
        Bytes(turns, turn => turn.Answer),
        Longs(turns, turn => Times.Micros(turn.At)),
        Texts(turns, turn => turn.Actor),
        Bytes(turns, turn => turn.Facts),
        Bytes(turns, turn => turn.Hash),
        Texts(turns, turn => TraceContexts.Write(turn.KeptTrace)));

    private void AddEntities(NpgsqlBatch batch)
    {
        var (added, moved) = Split(turns, turn => turn.ExpectedVersion is 0);
        AddEntities(batch, PostgresStatements.AddEntity, added);
        AddEntities(batch, PostgresStatements.MoveEntity, moved);
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
                PostgresStatements.PutRows,
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
            Add(batch, PostgresStatements.RemoveRows, Texts(removals, removal => removal.Item.View), Texts(removals, removal => removal.Item.Id));
        }
    }

    private void AddTimers(NpgsqlBatch batch)
    {
        var (puts, removals) = Split(Changes(turn => turn.Timers), change => change.Item.DueAt is not null);
        if (puts.Count > 0)
        {
            Add(batch, PostgresStatements.PutTimers, Entities(puts), Texts(puts, put => put.Item.Timer), Longs(puts, put => Times.MicrosUp(put.Item.DueAt!.Value)));
        }

        if (removals.Count > 0)
        {
            Add(batch, PostgresStatements.RemoveTimers, Entities(removals), Texts(removals, removal => removal.Item.Timer));
        }
    }

    private void AddWaits(NpgsqlBatch batch)
    {
        var (removals, puts) = Split(Changes(turn => turn.Waits), change => change.Item.IsOver);
        AddWaits(batch, PostgresStatements.RemoveWaits, removals);
        AddWaits(batch, PostgresStatements.PutWaits, puts);
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

    private void AddClaims(NpgsqlBatch batch)
    {
        var (removals, puts) = Split(Changes(turn => turn.Claims), change => change.Item.IsOver);
        AddClaims(batch, PostgresStatements.RemoveClaims, removals);
        AddClaims(batch, PostgresStatements.PutClaims, puts);
    }

    private static void AddClaims(NpgsqlBatch batch, string sql, List<(Turn Turn, ClaimChange Item)> changes)
    {
        if (changes.Count > 0)
        {
            Add(batch, sql, Texts(changes, change => change.Item.Key), Entities(changes));
        }
    }

    private void AddMessages(NpgsqlBatch batch)
    {
        var messages = Changes(turn => turn.Outbox.Select((body, position) => (Position: position, Body: body)));
        if (messages.Count > 0)
        {
            Add(
                batch,
                PostgresStatements.PutMessages,
                Entities(messages),
                Longs(messages, message => message.Turn.ExpectedVersion + 1),
                Ints(messages, message => message.Item.Position),
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
                PostgresStatements.RemoveMessages,
                Texts(delivered, message => message.Entity.ToString()),
                Longs(delivered, message => message.Version),
                Ints(delivered, message => message.Position));
        }

        var forgotten = housekeeping.Forgotten;
        if (forgotten.Count > 0)
        {
            Add(
                batch,
                PostgresStatements.ForgetTimers,
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

    private static NpgsqlParameter<string?[]> Entities<T>(List<(Turn Turn, T Item)> changes) => Texts(changes, change => change.Turn.Entity.ToString());

    private static void Add(NpgsqlBatch batch, string sql, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddRange(parameters);
        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter<string?[]> Texts<T>(IReadOnlyList<T> items, Func<T, string?> select) => Array(items, select, NpgsqlDbType.Text);

    private static NpgsqlParameter<long[]> Longs<T>(IReadOnlyList<T> items, Func<T, long> select) => Array(items, select, NpgsqlDbType.Bigint);

    private static NpgsqlParameter<byte[]?[]> Bytes<T>(IReadOnlyList<T> items, Func<T, byte[]?> select) => Array(items, select, NpgsqlDbType.Bytea);

    private static NpgsqlParameter<int[]> Ints<T>(IReadOnlyList<T> items, Func<T, int> select) => Array(items, select, NpgsqlDbType.Integer);

    private static NpgsqlParameter<TValue[]> Array<T, TValue>(IReadOnlyList<T> items, Func<T, TValue> select, NpgsqlDbType type)
    {
        var values = new TValue[items.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = select(items[i]);
        }

        return new NpgsqlParameter<TValue[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}
