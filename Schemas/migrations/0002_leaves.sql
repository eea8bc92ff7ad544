-- Leaves of the book. Rows are written aside into a table of their own, checked, sealed and
-- attached (D3, D8); the digest of a block covers the binary COPY image of its rows in column
-- order, so the order of these columns is part of the canonical encoding, version 1.
CREATE TABLE kvitt.purchase (
  batch_id bigint NOT NULL,
  identity uuid NOT NULL,
  original uuid,
  content bigint NOT NULL,
  member_id bigint NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  billing_minor bigint NOT NULL CHECK (billing_minor >= 0),
  occurred_at timestamptz NOT NULL,
  seq integer NOT NULL,
  line integer NOT NULL,
  event_date date NOT NULL,
  booking_date date NOT NULL,
  currency smallint NOT NULL,
  billing_currency smallint NOT NULL,
  type smallint NOT NULL CHECK (type IN (1, 2)),
  reversal smallint NOT NULL CHECK (reversal IN (0, 1)),
  mcc smallint NOT NULL,
  merchant text NOT NULL,
  reference text NOT NULL
) PARTITION BY RANGE (batch_id);

CREATE TABLE kvitt.reward (
  batch_id bigint NOT NULL,
  member_id bigint NOT NULL,
  purchase_id bigint NOT NULL,
  lot_id bigint NOT NULL,
  quantity bigint NOT NULL CHECK (quantity >= 0),
  cost_minor bigint NOT NULL CHECK (cost_minor >= 0),
  share_minor bigint NOT NULL CHECK (share_minor BETWEEN 0 AND cost_minor),
  uncapped bigint NOT NULL,
  seq integer NOT NULL,
  agreement integer NOT NULL,
  event_date date NOT NULL,
  booking_date date NOT NULL,
  settlement_date date NOT NULL,
  available_on date NOT NULL,
  template smallint NOT NULL,
  rule smallint NOT NULL,
  partner smallint NOT NULL,
  programme smallint NOT NULL,
  unit smallint NOT NULL,
  currency smallint NOT NULL,
  -- Year × 12 + month - 1 of the purchase: monthly caps count by it.
  earn_month smallint NOT NULL
) PARTITION BY RANGE (batch_id);

CREATE TABLE kvitt.batch (
  id bigint PRIMARY KEY CHECK (id > 0),
  kind text NOT NULL
    CHECK (kind IN ('feed', 'till', 'answer', 'deadline', 'settlement', 'bank')),
  business_date date NOT NULL,
  recorded_at timestamptz NOT NULL,
  opened_by name NOT NULL DEFAULT session_user
);

-- Files that were taken; a refused file leaves nothing here.
CREATE TABLE kvitt.file (
  batch_id bigint PRIMARY KEY,
  source text NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  sequence bigint NOT NULL,
  name text NOT NULL,
  records bigint NOT NULL,
  repeats bigint NOT NULL,
  quarantined bigint NOT NULL,
  late bigint NOT NULL,
  -- Face value that a till file states; 0 for other files.
  stated_minor bigint NOT NULL,
  UNIQUE (source, digest),
  UNIQUE (source, sequence)
);

CREATE TABLE kvitt.quarantine (
  batch_id bigint NOT NULL,
  line integer NOT NULL,
  col integer NOT NULL,
  code text NOT NULL,
  excerpt text NOT NULL,
  PRIMARY KEY (batch_id, line)
);

-- Which leaves can hold a record of a day: the identity guard asks only these (D7).
CREATE TABLE kvitt.leaf_day (
  day date NOT NULL,
  batch_id bigint NOT NULL,
  PRIMARY KEY (day, batch_id)
);

-- Which leaves hold rows that count toward the caps of a month.
CREATE TABLE kvitt.leaf_month (
  month smallint NOT NULL,
  batch_id bigint NOT NULL,
  PRIMARY KEY (month, batch_id)
);

CREATE TABLE kvitt.block (
  batch_id bigint NOT NULL,
  part text NOT NULL CHECK (part IN ('purchase', 'reward')),
  block integer NOT NULL,
  rows integer NOT NULL CHECK (rows BETWEEN 1 AND 1024),
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  PRIMARY KEY (batch_id, part, block)
);

-- Sums of a leaf by everything that a control posting or a slice distinguishes.
CREATE TABLE kvitt.leaf_total (
  batch_id bigint NOT NULL,
  template smallint NOT NULL,
  partner smallint NOT NULL,
  programme smallint NOT NULL,
  unit smallint NOT NULL,
  currency smallint NOT NULL,
  booking_date date NOT NULL,
  settlement_date date NOT NULL,
  rows bigint NOT NULL,
  quantity bigint NOT NULL,
  cost_minor bigint NOT NULL,
  share_minor bigint NOT NULL,
  PRIMARY KEY (batch_id, template, partner, programme, unit, currency, booking_date,
    settlement_date)
);

-- Refunds and reversals by the record they concern: few rows, so a live index is cheap here.
CREATE TABLE kvitt.record_link (
  identity uuid PRIMARY KEY,
  original uuid NOT NULL,
  batch_id bigint NOT NULL,
  amount_minor bigint NOT NULL,
  type smallint NOT NULL,
  reversal smallint NOT NULL,
  event_date date NOT NULL
);
CREATE INDEX record_link_original ON kvitt.record_link (original);

-- Records that came before the one they concern, and those whose wait is over.
CREATE TABLE kvitt.waiting_record (
  identity uuid PRIMARY KEY,
  original uuid NOT NULL,
  batch_id bigint NOT NULL
);
CREATE TABLE kvitt.waiting_done (
  identity uuid PRIMARY KEY,
  batch_id bigint NOT NULL
);

CREATE TABLE kvitt.slice (
  partner smallint NOT NULL,
  batch_id bigint NOT NULL,
  settlement_date date NOT NULL,
  PRIMARY KEY (partner, batch_id, settlement_date)
);

CREATE TABLE kvitt.entry (
  id bigint PRIMARY KEY,
  batch_id bigint NOT NULL,
  code text NOT NULL,
  booking_date date NOT NULL,
  text text NOT NULL
);

CREATE TABLE kvitt.posting (
  entry_id bigint NOT NULL,
  leg integer NOT NULL,
  account text NOT NULL,
  commodity text NOT NULL,
  partner smallint NOT NULL,
  programme smallint NOT NULL,
  settlement_date date NOT NULL,
  amount bigint NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (entry_id, leg)
);

-- Digests of what a batch issued or relied on: statements, approvals, terms, matches, answers.
CREATE TABLE kvitt.attachment (
  batch_id bigint NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  PRIMARY KEY (batch_id, kind, name)
);

CREATE TABLE kvitt.seal (
  batch_id bigint PRIMARY KEY,
  seal_no bigint NOT NULL UNIQUE CHECK (seal_no > 0),
  purchases bigint NOT NULL,
  rewards bigint NOT NULL,
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  previous bytea NOT NULL CHECK (octet_length(previous) = 32),
  seal bytea NOT NULL UNIQUE CHECK (octet_length(seal) = 32)
);

-- One row: the newest seal. Locked last before COMMIT, so seals follow the order of commits.
CREATE TABLE kvitt.book (
  id smallint PRIMARY KEY CHECK (id = 1),
  entity text NOT NULL,
  seal_no bigint NOT NULL,
  seal bytea NOT NULL
);

CREATE TABLE kvitt.period_closed (
  month date PRIMARY KEY CHECK (extract(day FROM month) = 1),
  closed_by name NOT NULL DEFAULT session_user
);

-- The number of a batch belongs to what it takes in (a file's digest, a step of a date), so a
-- retry after a crash posts under the same number and gives the same row ids (D7).
CREATE TABLE kvitt.batch_number (
  key text PRIMARY KEY,
  id bigint NOT NULL UNIQUE
);
