-- Names that one entity at a time can hold. They decide between instances of a workflow that start at once.
CREATE TABLE claim (
    key       text NOT NULL PRIMARY KEY,
    entity_id text NOT NULL
);

-- Which instances of a workflow are running: found without passing by all that have ended.
CREATE INDEX view_row_running ON view_row (a, scope) WHERE view = 'instance' AND b = 'Running';
