-- Who waits for which event: found by the name, or by name and business identity ('' for none). One index is both the
-- table and the way to it, since every step of a workflow ends one wait and begins another.
ALTER TABLE wait RENAME TO wait_before_0003;
DROP INDEX wait_key;
CREATE TABLE wait (
    key            text    NOT NULL,
    correlation_id text    NOT NULL,
    entity_id      text    NOT NULL,
    bookmark       integer NOT NULL,
    PRIMARY KEY (key, correlation_id, entity_id, bookmark)
) STRICT, WITHOUT ROWID;
INSERT INTO wait (key, correlation_id, entity_id, bookmark)
SELECT key, coalesce(correlation_id, ''), entity_id, bookmark FROM wait_before_0003;
DROP TABLE wait_before_0003;
