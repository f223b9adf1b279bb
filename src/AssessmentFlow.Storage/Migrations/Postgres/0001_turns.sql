-- The turn journal and what is written with it. Times are microseconds since 1970 (UTC): exactly what was decided
-- and hashed. Read them with to_timestamp(x / 1e6).

-- The last snapshot of every entity. Rewritten in place by every turn: room on the page keeps the rewrite there.
CREATE TABLE entity (
    entity_id  text   NOT NULL PRIMARY KEY,
    version    bigint NOT NULL,
    state      bytea  NOT NULL,
    hash       bytea  NOT NULL,
    changed_at bigint NOT NULL
) WITH (fillfactor = 50, toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE entity ALTER COLUMN state SET STORAGE MAIN;

-- Every turn that was ever taken. (entity_id, version) is the guard against a second writer,
-- input_id the guard against a second application.
CREATE TABLE turn (
    entity_id   text   NOT NULL,
    version     bigint NOT NULL,
    input_id    text   NOT NULL,
    fingerprint bytea,
    answer      bytea,
    at          bigint NOT NULL,
    actor       text   NOT NULL,
    facts       bytea  NOT NULL,
    hash        bytea  NOT NULL,
    trace       text,
    PRIMARY KEY (entity_id, version)
);
CREATE UNIQUE INDEX turn_input ON turn (input_id);

-- Rows of lists.
CREATE TABLE view_row (
    view      text   NOT NULL,
    id        text   NOT NULL,
    entity_id text   NOT NULL,
    scope     text,
    a         text,
    b         text,
    c         text,
    d         text,
    at        bigint NOT NULL,
    version   bigint NOT NULL,
    body      bytea  NOT NULL,
    PRIMARY KEY (view, id)
);
CREATE INDEX view_row_at ON view_row (view, at, id);
CREATE INDEX view_row_scope ON view_row (view, scope, at, id);
CREATE INDEX view_row_a ON view_row (view, a, at, id);

-- Timers; not_before is the due time until the timer is taken, then the end of the lease.
CREATE TABLE timer (
    entity_id  text   NOT NULL,
    timer      text   NOT NULL,
    due_at     bigint NOT NULL,
    not_before bigint NOT NULL,
    PRIMARY KEY (entity_id, timer)
);
CREATE INDEX timer_not_before ON timer (not_before);

-- Who waits for which event.
CREATE TABLE wait (
    entity_id      text   NOT NULL,
    bookmark       bigint NOT NULL,
    key            text   NOT NULL,
    correlation_id text,
    PRIMARY KEY (entity_id, bookmark)
);
CREATE INDEX wait_key ON wait (key, correlation_id);

-- What others are still to be told; owner is the silo that delivers it.
CREATE TABLE outbox (
    entity_id  text    NOT NULL,
    version    bigint  NOT NULL,
    position   integer NOT NULL,
    owner      text    NOT NULL,
    not_before bigint  NOT NULL,
    attempts   integer NOT NULL DEFAULT 0,
    body       bytea   NOT NULL,
    PRIMARY KEY (entity_id, version, position)
);
CREATE INDEX outbox_not_before ON outbox (not_before);
