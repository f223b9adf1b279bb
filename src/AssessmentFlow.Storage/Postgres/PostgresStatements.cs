namespace AssessmentFlow.Storage.Postgres;

/// <summary>
/// The statements of a batch. Each takes its rows as arrays, one per column. What is added is unfolded in the select list:
/// PostgreSQL hands such rows on one by one, while behind FROM it first copies every column into a store of its own.
/// </summary>
internal static class PostgresStatements
{
    public const string AddTurn = """
        INSERT INTO turn (entity_id, version, input_id, fingerprint, answer, at, actor, facts, hash, trace)
        SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::text[]), unnest($4::bytea[]), unnest($5::bytea[]),
            unnest($6::bigint[]), unnest($7::text[]), unnest($8::bytea[]), unnest($9::bytea[]), unnest($10::text[])
        """;

    public const string AddEntity = """
        INSERT INTO entity (entity_id, version, state, hash, changed_at)
        SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::bytea[]), unnest($4::bytea[]), unnest($5::bigint[])
        """;

    /// <summary>
    /// Two silos at one version meet in the primary key of turn. An entity that is behind its turns can only come from
    /// a database that was restored beneath a running silo; it divides by zero rather than write.
    /// </summary>
    public const string MoveEntity = """
        WITH moved AS (
            UPDATE entity e SET version = i.version, state = i.state, hash = i.hash, changed_at = i.changed_at
            FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[]) AS i (entity_id, version, state, hash, changed_at)
            WHERE e.entity_id = i.entity_id AND e.version = i.version - 1
            RETURNING 1)
        SELECT 1 / (CASE WHEN (SELECT count(*) FROM moved) = cardinality($1) THEN 1 ELSE 0 END)
        """;

    public const string PutRows = """
        INSERT INTO view_row (entity_id, view, id, scope, a, b, c, d, at, version, body)
        SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]), unnest($6::text[]),
            unnest($7::text[]), unnest($8::text[]), unnest($9::bigint[]), unnest($10::bigint[]), unnest($11::bytea[])
        ON CONFLICT (view, id) DO UPDATE SET scope = excluded.scope, a = excluded.a, b = excluded.b, c = excluded.c,
            d = excluded.d, at = excluded.at, version = excluded.version, body = excluded.body
        """;

    public const string RemoveRows = """
        DELETE FROM view_row r USING unnest($1::text[], $2::text[]) AS v (view, id) WHERE r.view = v.view AND r.id = v.id
        """;

    public const string PutTimers = """
        INSERT INTO timer (entity_id, timer, due_at, not_before)
        SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::bigint[]), unnest($3::bigint[])
        ON CONFLICT (entity_id, timer) DO UPDATE SET due_at = excluded.due_at, not_before = excluded.not_before
        """;

    public const string RemoveTimers = """
        DELETE FROM timer r USING unnest($1::text[], $2::text[]) AS v (entity_id, timer)
        WHERE r.entity_id = v.entity_id AND r.timer = v.timer
        """;

    public const string PutWaits = """
        INSERT INTO wait (entity_id, key, correlation_id, bookmark)
        SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::bigint[])
        """;

    public const string RemoveWaits = """
        DELETE FROM wait r USING unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS v (entity_id, key, correlation_id, bookmark)
        WHERE r.key = v.key AND r.correlation_id = v.correlation_id AND r.entity_id = v.entity_id AND r.bookmark = v.bookmark
        """;

    /// <summary>A name that somebody else holds fails the batch, as a version or an input id that is taken does.</summary>
    public const string PutClaims = "INSERT INTO claim (key, entity_id) SELECT unnest($1::text[]), unnest($2::text[])";

    public const string RemoveClaims = """
        DELETE FROM claim r USING unnest($1::text[], $2::text[]) AS v (key, entity_id) WHERE r.key = v.key AND r.entity_id = v.entity_id
        """;

    public const string PutMessages = """
        INSERT INTO outbox (entity_id, version, position, not_before, body, owner)
        SELECT unnest($1::text[]), unnest($2::bigint[]), unnest($3::int[]), unnest($4::bigint[]), unnest($5::bytea[]), $6
        """;

    public const string RemoveMessages = """
        DELETE FROM outbox r USING unnest($1::text[], $2::bigint[], $3::int[]) AS v (entity_id, version, position)
        WHERE r.entity_id = v.entity_id AND r.version = v.version AND r.position = v.position
        """;

    public const string ForgetTimers = """
        DELETE FROM timer r USING unnest($1::text[], $2::text[], $3::bigint[]) AS v (entity_id, timer, due_at)
        WHERE r.entity_id = v.entity_id AND r.timer = v.timer AND r.due_at = v.due_at
        """;
}
