-- What card feeds bring: files, rows in quarantine, links between records, account events, baskets.

-- Files that were taken; a refused file leaves nothing here.
CREATE TABLE kvitt.file (
  batch_id bigint PRIMARY KEY,
  source text NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  -- Null where the feed numbers no files.
  sequence bigint,
  name text NOT NULL,
  records bigint NOT NULL,
  repeats bigint NOT NULL,
  quarantined bigint NOT NULL,
  late bigint NOT NULL,
  -- Face value that a till file states; 0 for other files.
  stated_minor bigint NOT NULL,
  -- A key of its own inside the file.
  key text,
  skipped bigint NOT NULL DEFAULT 0,
  has_totals boolean NOT NULL DEFAULT true,
  UNIQUE (source, digest),
  UNIQUE (source, sequence),
  CONSTRAINT file_source_key UNIQUE (source, key)
);

-- A gap in a feed's numbers that someone decided not to wait for.
CREATE TABLE kvitt.gap_release (
  source text NOT NULL,
  sequence bigint NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 400),
  released_by name NOT NULL DEFAULT session_user,
  PRIMARY KEY (source, sequence)
);

-- Rows that could not be used, masked. A line can hold several, and a row keeps its fields for a retry.
CREATE TABLE kvitt.quarantine (
  batch_id bigint NOT NULL,
  line integer NOT NULL,
  col integer NOT NULL,
  code text NOT NULL,
  excerpt text NOT NULL,
  item integer NOT NULL DEFAULT 1,
  fields jsonb,
  message text NOT NULL DEFAULT '',
  PRIMARY KEY (batch_id, line, item)
);

-- A correction or a discard that one person proposes, and a second person's yes.
CREATE TABLE kvitt.quarantine_proposal (
  batch_id bigint NOT NULL,
  line integer NOT NULL,
  item integer NOT NULL,
  seq integer NOT NULL CHECK (seq > 0),
  action text NOT NULL CHECK (action IN ('retry', 'discard')),
  correction jsonb NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 400),
  proposed_by name NOT NULL DEFAULT session_user,
  PRIMARY KEY (batch_id, line, item, seq),
  UNIQUE (batch_id, line, item, seq, proposed_by)
);

CREATE TABLE kvitt.quarantine_decision (
  batch_id bigint NOT NULL,
  line integer NOT NULL,
  item integer NOT NULL,
  seq integer NOT NULL,
  proposed_by name NOT NULL,
  decided_by name NOT NULL DEFAULT session_user,
  PRIMARY KEY (batch_id, line, item, seq),
  CHECK (decided_by <> proposed_by)
);

-- What became of a decided retry: the batch that took it, or why it failed again.
CREATE TABLE kvitt.quarantine_result (
  batch_id bigint NOT NULL,
  line integer NOT NULL,
  item integer NOT NULL,
  seq integer NOT NULL,
  retry_batch bigint NOT NULL,
  code text NOT NULL,
  -- What a corrected row brings of the amount that a file's control totals missed without it: debit
  -- less credit, as billed; null where the totals had its amount already.
  currency text CHECK (currency ~ '^[A-Z]{3}$'),
  minor bigint,
  PRIMARY KEY (batch_id, line, item, seq),
  CONSTRAINT quarantine_result_amount CHECK ((currency IS NULL) = (minor IS NULL))
);

-- Refunds and reversals by the record they concern: few rows, so a live index is cheap here.
CREATE TABLE kvitt.record_link (
  identity uuid PRIMARY KEY,
  original uuid NOT NULL,
  batch_id bigint NOT NULL,
  amount_minor bigint NOT NULL,
  type smallint NOT NULL,
  reversal smallint NOT NULL,
  event_date date NOT NULL,
  currency smallint,
  billing_minor bigint,
  -- What a link rests on: the bank's reference, a life cycle, a likeness, or a decision.
  evidence text NOT NULL DEFAULT 'reference'
);
CREATE INDEX record_link_original ON kvitt.record_link (original);

-- Records that came before the one they concern.
CREATE TABLE kvitt.waiting_record (
  identity uuid PRIMARY KEY,
  original uuid NOT NULL,
  batch_id bigint NOT NULL
);

-- Waits that are over.
CREATE TABLE kvitt.waiting_done (
  identity uuid PRIMARY KEY,
  batch_id bigint NOT NULL
);

-- Refunds and the like whose purchase nothing names. They have no effect until they are linked.
CREATE TABLE kvitt.unlinked_record (
  identity uuid PRIMARY KEY,
  row_id bigint NOT NULL,
  member_id bigint NOT NULL,
  evidence text NOT NULL
);

-- What one person says they concern, and a second person's yes.
CREATE TABLE kvitt.unlinked_proposal (
  identity uuid NOT NULL,
  seq integer NOT NULL CHECK (seq > 0),
  -- The purchase; null accepts that there is none.
  original uuid,
  reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 400),
  proposed_by name NOT NULL DEFAULT session_user,
  PRIMARY KEY (identity, seq),
  UNIQUE (identity, seq, proposed_by)
);

CREATE TABLE kvitt.unlinked_decision (
  identity uuid PRIMARY KEY,
  seq integer NOT NULL,
  proposed_by name NOT NULL,
  decided_by name NOT NULL DEFAULT session_user,
  CHECK (decided_by <> proposed_by)
);

-- Disputes opened and ended; while one is open, the lots of its purchase are frozen (E12, E13).
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

-- Uncapped sums by member for a month and rule, as one batch left them: a cache of the rows that
-- ledger check proves. Pairs of variable-length numbers: member (difference to the last), sum.
CREATE TABLE kvitt.month_sum (
  batch_id bigint NOT NULL,
  month smallint NOT NULL,
  agreement integer NOT NULL,
  rule smallint NOT NULL,
  -- Seals up to this one, and the batch's own rows, are in.
  base_seal bigint NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (month, agreement, rule, batch_id)
);
ALTER TABLE kvitt.month_sum ALTER COLUMN body SET STORAGE EXTERNAL;

-- Files of account events of which the changes of standing were brought to the purchases (term 6).
CREATE TABLE kvitt.standing_review (
  batch_id bigint PRIMARY KEY REFERENCES kvitt.batch
);

-- What purchases consisted of, as retailers send it (seed row 52): codes of goods, nothing else.
CREATE TABLE kvitt.basket (
  batch_id bigint NOT NULL REFERENCES kvitt.batch,
  line integer NOT NULL,
  partner smallint NOT NULL REFERENCES kvitt.partner,
  basket_ref text NOT NULL CHECK (basket_ref ~ '^[A-Za-z0-9._-]{1,40}$'),
  member_id bigint NOT NULL REFERENCES kvitt.member,
  merchant text NOT NULL,
  -- The day on the till's clock.
  day date NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  currency smallint NOT NULL REFERENCES kvitt.currency,
  PRIMARY KEY (batch_id, line),
  UNIQUE (partner, basket_ref)
);

-- The goods of a basket.
CREATE TABLE kvitt.basket_line (
  batch_id bigint NOT NULL,
  line integer NOT NULL,
  -- The basket's own line.
  basket integer NOT NULL,
  item text NOT NULL CHECK (item ~ '^[A-Za-z0-9._-]{1,40}$'),
  category text NOT NULL CHECK (category ~ '^[A-Za-z0-9._-]{1,40}$'),
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  PRIMARY KEY (batch_id, basket, line),
  FOREIGN KEY (batch_id, basket) REFERENCES kvitt.basket (batch_id, line)
);

-- The purchase that a basket turned out to be; each has one.
CREATE TABLE kvitt.basket_purchase (
  purchase_id bigint PRIMARY KEY,
  batch_id bigint NOT NULL,
  basket integer NOT NULL,
  UNIQUE (batch_id, basket),
  FOREIGN KEY (batch_id, basket) REFERENCES kvitt.basket (batch_id, line)
);

-- Foreign keys that can be added after their tables were distributed.
ALTER TABLE kvitt.file
  ADD CONSTRAINT file_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.waiting_record
  ADD CONSTRAINT waiting_record_link FOREIGN KEY (identity)
    REFERENCES kvitt.record_link (identity);
ALTER TABLE kvitt.waiting_done
  ADD CONSTRAINT waiting_done_waiting FOREIGN KEY (identity)
    REFERENCES kvitt.waiting_record (identity);
ALTER TABLE kvitt.unlinked_decision ADD CONSTRAINT unlinked_decision_proposal
  FOREIGN KEY (identity, seq, proposed_by)
  REFERENCES kvitt.unlinked_proposal (identity, seq, proposed_by);
ALTER TABLE kvitt.quarantine_decision ADD CONSTRAINT quarantine_decision_proposal
  FOREIGN KEY (batch_id, line, item, seq, proposed_by)
  REFERENCES kvitt.quarantine_proposal (batch_id, line, item, seq, proposed_by);
