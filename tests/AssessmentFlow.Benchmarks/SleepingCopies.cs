using Npgsql;

namespace AssessmentFlow.Benchmarks;

/// <summary>Sleeping instances in any number: copies of one real instance, made by SQL on PostgreSQL.</summary>
internal static class SleepingCopies
{
    private const int CopiesPerStatement = 50_000;

    /// <summary>A value of the copied instance with the id of the copy wherever its own stands.</summary>
    private const string Copied = """
        CREATE FUNCTION copied(value text, template text, copy text) RETURNS text LANGUAGE sql IMMUTABLE
            RETURN replace(value, template, copy);
        CREATE FUNCTION copied(value bytea, template text, copy text) RETURNS bytea LANGUAGE sql IMMUTABLE
            RETURN convert_to(replace(convert_from(value, 'UTF8'), template, copy), 'UTF8');
        """;

    private const string Copies = """
        WITH copies AS (SELECT md5($1 || n) AS copy FROM generate_series($2::int, $3::int) n),
        entities AS (
            INSERT INTO entity
            SELECT copied(entity_id, $1, copy), version, copied(state, $1, copy), hash, changed_at FROM entity, copies WHERE entity_id = 'instance/' || $1),
        turns AS (
            INSERT INTO turn
            SELECT copied(entity_id, $1, copy), version, input_id || copy, fingerprint, copied(answer, $1, copy), at, actor, copied(facts, $1, copy), hash, trace
            FROM turn, copies WHERE entity_id = 'instance/' || $1),
        rows AS (
            INSERT INTO view_row
            SELECT view, copied(id, $1, copy), copied(entity_id, $1, copy), scope, a, b, c, d, at, version, copied(body, $1, copy)
            FROM view_row, copies WHERE entity_id = 'instance/' || $1),
        timers AS (
            INSERT INTO timer
            SELECT copied(entity_id, $1, copy), timer, due_at, not_before FROM timer, copies WHERE entity_id = 'instance/' || $1)
        INSERT INTO wait
        SELECT copied(entity_id, $1, copy), bookmark, key, correlation_id FROM wait, copies WHERE entity_id = 'instance/' || $1
        """;

    /// <summary>Makes the functions that copy.</summary>
    public static Task PrepareAsync(NpgsqlDataSource source, CancellationToken cancellationToken) => ExecuteAsync(source, Copied, cancellationToken);

    /// <summary>Adds copies until there are enough.</summary>
    /// <param name="source">The database.</param>
    /// <param name="template">The instance that is copied.</param>
    /// <param name="from">Instances that there are (count).</param>
    /// <param name="to">Instances that there are to be (count).</param>
    /// <param name="cancellationToken">To stop.</param>
    public static async Task FillAsync(NpgsqlDataSource source, string template, int from, int to, CancellationToken cancellationToken)
    {
        for (var first = from; first < to; first += CopiesPerStatement)
        {
            var last = Math.Min(to, first + CopiesPerStatement) - 1;
            await using var command = source.CreateCommand(Copies);
            command.Parameters.Add(new() { Value = template });
            command.Parameters.Add(new() { Value = first });
            command.Parameters.Add(new() { Value = last });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await ExecuteAsync(source, "VACUUM ANALYZE", cancellationToken); // Else the database would see to it by itself while it is measured.
        await ExecuteAsync(source, "CHECKPOINT", cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
