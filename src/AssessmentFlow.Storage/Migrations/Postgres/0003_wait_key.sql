-- Who waits for which event: found by the name, or by name and business identity ('' for none). One index is the guard
-- and the way to the rows, since every step of a workflow ends one wait and begins another.
ALTER TABLE wait DROP CONSTRAINT wait_pkey;
DROP INDEX wait_key;
UPDATE wait SET correlation_id = '' WHERE correlation_id IS NULL;
ALTER TABLE wait ALTER COLUMN correlation_id SET NOT NULL;
ALTER TABLE wait ADD PRIMARY KEY (key, correlation_id, entity_id, bookmark);
