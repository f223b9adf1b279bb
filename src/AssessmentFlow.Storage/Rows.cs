using System.Data.Common;
using AssessmentFlow.Runtime.Turns;

namespace AssessmentFlow.Storage;

/// <summary>Reading of rows that both databases return in the same shape.</summary>
internal static class Rows
{
    public const string TurnsSql =
        "SELECT version, input_id, at, actor, facts, hash, trace FROM turn WHERE entity_id = @id AND version > @after ORDER BY version LIMIT @max";

    /// <summary>With the trace of the last turn, to which the next one links.</summary>
    public const string LoadSql = """
        SELECT e.version, e.state, e.hash, t.trace FROM entity e
        LEFT JOIN turn t ON t.entity_id = e.entity_id AND t.version = e.version
        WHERE e.entity_id = @id
        """;

    /// <summary>What <see cref="Message"/> reads of a row <c>o</c> of the outbox, with the trace of the turn that wrote it.</summary>
    public const string MessageColumns =
        "o.entity_id, o.version, o.position, o.body, o.attempts, (SELECT trace FROM turn t WHERE t.entity_id = o.entity_id AND t.version = o.version)";

    public const string EarlierMessageSql = "SELECT version FROM outbox WHERE entity_id = @id AND version < @version LIMIT 1";

    /// <summary>What lies between the ids of all receivers of a message, in the order of bytes.</summary>
    public static (string, object)[] ReceiversOf(MessageId message) => [("@from", message.ToReceiver("")), ("@to", $"{message}{(char)('/' + 1)}")];

    public static FoundRow Found(DbDataReader reader) => new(
        reader.GetString(0),
        new ViewRow(Text(reader, 1), Text(reader, 2), Text(reader, 3), Text(reader, 4), Text(reader, 5), reader.GetInt64(6), reader.GetInt64(7), (byte[])reader[8]),
        reader.FieldCount > 9 ? Times.FromMicros(reader.GetInt64(9)) : null);

    public static EntitySnapshot Snapshot(DbDataReader reader) => new(
        reader.GetInt64(0), (byte[])reader[1], (byte[])reader[2], TraceContexts.Read(Text(reader, 3)));

    public static PendingMessage Message(DbDataReader reader) => new(
        new MessageId(Entity(reader.GetString(0)), reader.GetInt64(1), reader.GetInt32(2)), (byte[])reader[3], reader.GetInt32(4), TraceContexts.Read(Text(reader, 5)));

    public static RecordedTurn Turn(DbDataReader reader) => new(
        reader.GetInt64(0), reader.GetString(1), Times.FromMicros(reader.GetInt64(2)), reader.GetString(3), (byte[])reader[4], (byte[])reader[5], Text(reader, 6));

    /// <summary>
    /// The entity of a timer or message. What is no id at all becomes one of a kind that nobody knows: delivering it fails and
    /// is told, and the rows beside it are not held up.
    /// </summary>
    public static EntityId Entity(string text) => text.IndexOf('/', StringComparison.Ordinal) > 0 ? EntityId.Parse(text) : new EntityId(text, "");

    private static string? Text(DbDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);
}
