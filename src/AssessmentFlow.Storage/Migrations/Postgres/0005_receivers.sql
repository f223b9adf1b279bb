-- Who has taken an event: the input ids of its receivers begin with its id, entity#version.position, and a slash. In the order
-- of bytes, since the order of a language need not keep what begins alike together.
CREATE INDEX turn_receiver ON turn (input_id text_pattern_ops) WHERE input_id LIKE '%#%/%';
