namespace AssessmentFlow.Storage.Postgres;

/// <summary>The statements of a batch. Each takes its rows as arrays, one per column.</summary>
internal static class PostgresStatements
{
    public const string AddTurn = """
        INSERT INTO turn (entity_id, version, input_id, fingerprint, answer, at, actor, facts, hash, trace)
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[], $5::bytea[], $6::bigint[], $7::text[], $8::bytea[], $9::bytea[], $10::text[])
        """;

    public const string AddEntity = """
        INSERT INTO entity (entity_id, version, state, hash, changed_at)
        SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[])
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
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bytea[])
        ON CONFLICT (view, id) DO UPDATE SET scope = excluded.scope, a = excluded.a, b = excluded.b, c = excluded.c,
            d = excluded.d, at = excluded.at, version = excluded.version, body = excluded.body
        """;

    public const string RemoveRows = """
        DELETE FROM view_row r USING unnest($1::text[], $2::text[]) AS v (view, id) WHERE r.view = v.view AND r.id = v.id
        """;

    public const string PutTimers = """
        INSERT INTO timer (entity_id, timer, due_at, not_before)
        SELECT v.entity_id, v.timer, v.due_at, v.due_at FROM unnest($1::text[], $2::text[], $3::bigint[]) AS v (entity_id, timer, due_at)
        ON CONFLICT (entity_id, timer) DO UPDATE SET due_at = excluded.due_at, not_before = excluded.not_before
        """;

    public const string RemoveTimers = """
        DELETE FROM timer r USING unnest($1::text[], $2::text[]) AS v (entity_id, timer)
        WHERE r.entity_id = v.entity_id AND r.timer = v.timer
        """;

    public const string PutWaits = """
        INSERT INTO wait (entity_id, key, correlation_id, bookmark)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
        """;

    public const string RemoveWaits = """
        DELETE FROM wait r USING unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS v (entity_id, key, correlation_id, bookmark)
        WHERE r.key = v.key AND r.correlation_id = v.correlation_id AND r.entity_id = v.entity_id AND r.bookmark = v.bookmark
        """;

    /// <summary>A name that somebody else holds fails the batch, as a version or an input id that is taken does.</summary>
    public const string PutClaims = "INSERT INTO claim (key, entity_id) SELECT * FROM unnest($1::text[], $2::text[])";

    public const string RemoveClaims = """
        DELETE FROM claim r USING unnest($1::text[], $2::text[]) AS v (key, entity_id) WHERE r.key = v.key AND r.entity_id = v.entity_id
        """;

    public const string PutMessages = """
        INSERT INTO outbox (entity_id, version, position, not_before, body, owner)
        SELECT v.entity_id, v.version, v.position, v.not_before, v.body, $6
        FROM unnest($1::text[], $2::bigint[], $3::int[], $4::bigint[], $5::bytea[]) AS v (entity_id, version, position, not_before, body)
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
