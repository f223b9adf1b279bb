-- The turn journal and what is written with it. Times are microseconds since 1970 (UTC): exactly what was decided
-- and hashed. Read them with datetime(x / 1e6, 'unixepoch').

-- The last snapshot of every entity.
CREATE TABLE entity (
    entity_id  text   NOT NULL PRIMARY KEY,
    version    integer NOT NULL,
    state      blob  NOT NULL,
    hash       blob  NOT NULL,
    changed_at integer NOT NULL
) STRICT;

-- Every turn that was ever taken. (entity_id, version) is the guard against a second writer,
-- input_id the guard against a second application.
CREATE TABLE turn (
    entity_id   text   NOT NULL,
    version     integer NOT NULL,
    input_id    text   NOT NULL,
    fingerprint blob,
    answer      blob,
    at          integer NOT NULL,
    actor       text   NOT NULL,
    facts       blob  NOT NULL,
    hash        blob  NOT NULL,
    trace       text,
    PRIMARY KEY (entity_id, version)
) STRICT;
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
    at        integer NOT NULL,
    version   integer NOT NULL,
    body      blob  NOT NULL,
    PRIMARY KEY (view, id)
) STRICT;
CREATE INDEX view_row_at ON view_row (view, at, id);
CREATE INDEX view_row_scope ON view_row (view, scope, at, id);
CREATE INDEX view_row_a ON view_row (view, a, at, id);

-- Timers; not_before is the due time until the timer is taken, then the end of the lease.
CREATE TABLE timer (
    entity_id  text   NOT NULL,
    timer      text   NOT NULL,
    due_at     integer NOT NULL,
    not_before integer NOT NULL,
    PRIMARY KEY (entity_id, timer)
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_not_before ON timer (not_before);

-- Who waits for which event.
CREATE TABLE wait (
    entity_id      text   NOT NULL,
    bookmark       integer NOT NULL,
    key            text   NOT NULL,
    correlation_id text,
    PRIMARY KEY (entity_id, bookmark)
) STRICT, WITHOUT ROWID;
CREATE INDEX wait_key ON wait (key, correlation_id);

-- What others are still to be told; owner is the silo that delivers it.
CREATE TABLE outbox (
    entity_id  text    NOT NULL,
    version    integer  NOT NULL,
    position   integer NOT NULL,
    owner      text    NOT NULL,
    not_before integer  NOT NULL,
    attempts   integer NOT NULL DEFAULT 0,
    body       blob   NOT NULL,
    PRIMARY KEY (entity_id, version, position)
) STRICT;
CREATE INDEX outbox_not_before ON outbox (not_before);
