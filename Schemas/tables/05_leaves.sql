-- Leaves of the book. Rows are written aside into a table of their own, checked, sealed and
-- attached.

-- One row a batch: a file, a step of a date, whatever is sealed as one.
CREATE TABLE kvitt.batch (
  id bigint PRIMARY KEY CHECK (id > 0),
  kind text NOT NULL,
  business_date date NOT NULL,
  recorded_at timestamptz NOT NULL,
  opened_by name NOT NULL DEFAULT session_user,
  -- The canonical encoding of its rows, which the digests of its blocks cover: the binary COPY image
  -- of all columns in their order. What adds a column begins a new encoding.
  encoding smallint NOT NULL DEFAULT 3 CHECK (encoding = 3)
);

-- The number of a batch belongs to what it takes in (a file's digest, a step of a date), so a
-- retry after a crash posts under the same number and gives the same row ids.
CREATE TABLE kvitt.batch_number (
  key text PRIMARY KEY,
  id bigint NOT NULL UNIQUE
);

-- Records of card feeds: facts alone. What a bank says beside what rules decide on is kept as it was
-- told, for people who look a record up; most of it is null, and null costs no byte.
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
  type smallint NOT NULL CONSTRAINT purchase_type_known CHECK (type BETWEEN 1 AND 11),
  reversal smallint NOT NULL CHECK (reversal IN (0, 1)),
  mcc smallint NOT NULL,
  merchant text NOT NULL,
  reference text NOT NULL,
  lifecycle bigint,
  markup_minor bigint,
  country smallint,
  channel smallint,
  -- The scheme's reference, such as an ARN, where it is not the bank's own.
  network_ref text,
  -- Not unique: a code may come again.
  approval_code text,
  -- Billed units for one of the purchase's own currency, an exact decimal as it was written.
  rate text CHECK (rate ~ '^[0-9]+([.][0-9]+)?$'),
  -- The day on which the bank posted it.
  posted_date date
) PARTITION BY RANGE (batch_id);

-- The subledger: lots, and what moves them.
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
  flow smallint NOT NULL,
  rule smallint NOT NULL,
  partner smallint NOT NULL,
  programme smallint NOT NULL,
  unit smallint NOT NULL,
  currency smallint NOT NULL,
  -- Year × 12 + month - 1 of the purchase: monthly caps count by it.
  earn_month smallint NOT NULL
) PARTITION BY RANGE (batch_id);

-- A digest for each 1,024 rows of a leaf.
CREATE TABLE kvitt.block (
  batch_id bigint NOT NULL,
  part text NOT NULL CHECK (part IN ('purchase', 'reward')),
  block integer NOT NULL,
  rows integer NOT NULL CHECK (rows BETWEEN 1 AND 1024),
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  PRIMARY KEY (batch_id, part, block)
);

-- Which leaves can hold a record of a day: the identity guard asks only these.
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

-- Sums of a leaf by everything that a control posting or a slice distinguishes.
CREATE TABLE kvitt.leaf_total (
  batch_id bigint NOT NULL,
  flow smallint NOT NULL,
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
  PRIMARY KEY (batch_id, flow, partner, programme, unit, currency, booking_date,
    settlement_date)
);

CREATE TABLE kvitt.slice (
  partner smallint NOT NULL,
  batch_id bigint NOT NULL,
  settlement_date date NOT NULL,
  PRIMARY KEY (partner, batch_id, settlement_date)
);

-- Foreign keys that can be added after their tables were distributed.
ALTER TABLE kvitt.batch
  ADD CONSTRAINT batch_kind_known FOREIGN KEY (kind) REFERENCES kvitt.batch_kind (kind);
ALTER TABLE kvitt.block
  ADD CONSTRAINT block_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
