-- Disputes (E12, E13): while one is open, the lots of its purchase are frozen.
CREATE TABLE kvitt.dispute_event (
  identity uuid PRIMARY KEY,
  -- The record that is disputed; it may come later.
  purchase uuid NOT NULL,
  member_id bigint NOT NULL,
  -- 1 opens a dispute, -1 ends one.
  step smallint NOT NULL CHECK (step IN (-1, 1)),
  batch_id bigint NOT NULL
);
CREATE INDEX dispute_event_member ON kvitt.dispute_event (member_id);
GRANT SELECT ON kvitt.dispute_event TO kvitt_read, kvitt_audit;
GRANT INSERT ON kvitt.dispute_event TO kvitt_ingest;
