-- Card feeds at full depth: further facts on a purchase, files without a number, links with their
-- evidence, the queues of unlinked and quarantined records, account events.

-- Rows of encoding 1 have the first 19 columns of a purchase, of encoding 2 all 23; a digest
-- covers exactly the columns of its batch's encoding.
ALTER TABLE kvitt.batch ADD COLUMN encoding smallint NOT NULL DEFAULT 1 CHECK (encoding IN (1, 2));
ALTER TABLE kvitt.batch ALTER COLUMN encoding SET DEFAULT 2;
ALTER TABLE kvitt.purchase ADD COLUMN lifecycle bigint;
ALTER TABLE kvitt.purchase ADD COLUMN markup_minor bigint;
ALTER TABLE kvitt.purchase ADD COLUMN country smallint;
ALTER TABLE kvitt.purchase ADD COLUMN channel smallint;
ALTER TABLE kvitt.purchase DROP CONSTRAINT purchase_type_check;
DO $$
DECLARE
  v_leaf regclass;
BEGIN
  FOR v_leaf IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'kvitt.purchase'::regclass LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS purchase_type_check', v_leaf);
  END LOOP;
END $$;
ALTER TABLE kvitt.purchase ADD CONSTRAINT purchase_type_known CHECK (type BETWEEN 1 AND 11);

ALTER TABLE kvitt.batch DROP CONSTRAINT batch_kind_check;
ALTER TABLE kvitt.batch ADD CONSTRAINT batch_kind_check
  CHECK (kind IN ('feed', 'till', 'answer', 'deadline', 'settlement', 'bank', 'events'));

-- A file may have no number in its feed, and a key of its own inside it.
ALTER TABLE kvitt.file ALTER COLUMN sequence DROP NOT NULL;
ALTER TABLE kvitt.file ADD COLUMN key text;
ALTER TABLE kvitt.file ADD CONSTRAINT file_source_key UNIQUE (source, key);
ALTER TABLE kvitt.file ADD COLUMN skipped bigint NOT NULL DEFAULT 0;
ALTER TABLE kvitt.file ADD COLUMN has_totals boolean NOT NULL DEFAULT true;

-- A gap in a feed's numbers that someone decided not to wait for.
CREATE TABLE kvitt.gap_release (
  source text NOT NULL,
  sequence bigint NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 400),
  released_by name NOT NULL DEFAULT session_user,
  PRIMARY KEY (source, sequence)
);

-- What a link rests on: the bank's reference, a life cycle, a likeness, or a decision.
ALTER TABLE kvitt.record_link ADD COLUMN currency smallint;
ALTER TABLE kvitt.record_link ADD COLUMN billing_minor bigint;
ALTER TABLE kvitt.record_link ADD COLUMN evidence text NOT NULL DEFAULT 'reference';

-- Refunds and the like whose purchase nothing names. They have no effect until they are linked.
CREATE TABLE kvitt.unlinked_record (
  identity uuid PRIMARY KEY,
  row_id bigint NOT NULL,
  member_id bigint NOT NULL,
  evidence text NOT NULL
);
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

-- A line can hold several records, and a row keeps its fields for a retry.
ALTER TABLE kvitt.quarantine ADD COLUMN item integer NOT NULL DEFAULT 1;
ALTER TABLE kvitt.quarantine ADD COLUMN fields jsonb;
ALTER TABLE kvitt.quarantine ADD COLUMN message text NOT NULL DEFAULT '';
ALTER TABLE kvitt.quarantine DROP CONSTRAINT quarantine_pkey;
ALTER TABLE kvitt.quarantine ADD PRIMARY KEY (batch_id, line, item);
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
  PRIMARY KEY (batch_id, line, item, seq)
);

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

-- Life cycle of cards as the card system reports it.
CREATE TABLE kvitt.card_event (
  batch_id bigint NOT NULL,
  line integer NOT NULL,
  sender text NOT NULL,
  event_ref text NOT NULL,
  event text NOT NULL CHECK (event IN ('opened', 'closed', 'replaced', 'good_standing')),
  token text NOT NULL,
  new_token text,
  effective_date date NOT NULL,
  detail text NOT NULL,
  PRIMARY KEY (batch_id, line),
  UNIQUE (sender, event_ref),
  CHECK ((event = 'replaced') = (new_token IS NOT NULL))
);
CREATE INDEX card_event_token ON kvitt.card_event (token);

-- Foreign keys, named, after their tables.
ALTER TABLE kvitt.unlinked_decision ADD CONSTRAINT unlinked_decision_proposal
  FOREIGN KEY (identity, seq, proposed_by)
  REFERENCES kvitt.unlinked_proposal (identity, seq, proposed_by);
ALTER TABLE kvitt.quarantine_decision ADD CONSTRAINT quarantine_decision_proposal
  FOREIGN KEY (batch_id, line, item, seq, proposed_by)
  REFERENCES kvitt.quarantine_proposal (batch_id, line, item, seq, proposed_by);

-- The rest of ISO 4217 list one (edition 2026-01-01); a test compares it with the Ledger target.
INSERT INTO kvitt.currency (id, code, exponent) VALUES
  (784, 'AED', 2), (971, 'AFN', 2), (8, 'ALL', 2), (51, 'AMD', 2), (973, 'AOA', 2),
  (32, 'ARS', 2), (36, 'AUD', 2), (533, 'AWG', 2), (944, 'AZN', 2), (977, 'BAM', 2),
  (52, 'BBD', 2), (50, 'BDT', 2), (48, 'BHD', 3), (108, 'BIF', 0), (60, 'BMD', 2),
  (96, 'BND', 2), (68, 'BOB', 2), (984, 'BOV', 2), (986, 'BRL', 2), (44, 'BSD', 2),
  (64, 'BTN', 2), (72, 'BWP', 2), (933, 'BYN', 2), (84, 'BZD', 2), (124, 'CAD', 2),
  (976, 'CDF', 2), (947, 'CHE', 2), (948, 'CHW', 2), (990, 'CLF', 4), (152, 'CLP', 0),
  (156, 'CNY', 2), (170, 'COP', 2), (970, 'COU', 2), (188, 'CRC', 2), (192, 'CUP', 2),
  (132, 'CVE', 2), (203, 'CZK', 2), (262, 'DJF', 0), (214, 'DOP', 2), (12, 'DZD', 2),
  (818, 'EGP', 2), (232, 'ERN', 2), (230, 'ETB', 2), (242, 'FJD', 2), (238, 'FKP', 2),
  (981, 'GEL', 2), (936, 'GHS', 2), (292, 'GIP', 2), (270, 'GMD', 2), (324, 'GNF', 0),
  (320, 'GTQ', 2), (328, 'GYD', 2), (344, 'HKD', 2), (340, 'HNL', 2), (332, 'HTG', 2),
  (348, 'HUF', 2), (360, 'IDR', 2), (376, 'ILS', 2), (356, 'INR', 2), (368, 'IQD', 3),
  (364, 'IRR', 2), (388, 'JMD', 2), (400, 'JOD', 3), (404, 'KES', 2), (417, 'KGS', 2),
  (116, 'KHR', 2), (174, 'KMF', 0), (408, 'KPW', 2), (410, 'KRW', 0), (136, 'KYD', 2),
  (398, 'KZT', 2), (418, 'LAK', 2), (422, 'LBP', 2), (144, 'LKR', 2), (430, 'LRD', 2),
  (426, 'LSL', 2), (434, 'LYD', 3), (504, 'MAD', 2), (498, 'MDL', 2), (969, 'MGA', 2),
  (807, 'MKD', 2), (104, 'MMK', 2), (496, 'MNT', 2), (446, 'MOP', 2), (929, 'MRU', 2),
  (480, 'MUR', 2), (462, 'MVR', 2), (454, 'MWK', 2), (484, 'MXN', 2), (979, 'MXV', 2),
  (458, 'MYR', 2), (943, 'MZN', 2), (516, 'NAD', 2), (566, 'NGN', 2), (558, 'NIO', 2),
  (524, 'NPR', 2), (554, 'NZD', 2), (512, 'OMR', 3), (590, 'PAB', 2), (604, 'PEN', 2),
  (598, 'PGK', 2), (608, 'PHP', 2), (586, 'PKR', 2), (600, 'PYG', 0), (634, 'QAR', 2),
  (946, 'RON', 2), (941, 'RSD', 2), (643, 'RUB', 2), (646, 'RWF', 0), (682, 'SAR', 2),
  (90, 'SBD', 2), (690, 'SCR', 2), (938, 'SDG', 2), (702, 'SGD', 2), (654, 'SHP', 2),
  (925, 'SLE', 2), (706, 'SOS', 2), (968, 'SRD', 2), (728, 'SSP', 2), (930, 'STN', 2),
  (222, 'SVC', 2), (760, 'SYP', 2), (748, 'SZL', 2), (764, 'THB', 2), (972, 'TJS', 2),
  (934, 'TMT', 2), (788, 'TND', 3), (776, 'TOP', 2), (949, 'TRY', 2), (780, 'TTD', 2),
  (901, 'TWD', 2), (834, 'TZS', 2), (980, 'UAH', 2), (800, 'UGX', 0), (997, 'USN', 2),
  (940, 'UYI', 0), (858, 'UYU', 2), (927, 'UYW', 4), (860, 'UZS', 2), (926, 'VED', 2),
  (928, 'VES', 2), (704, 'VND', 0), (548, 'VUV', 0), (882, 'WST', 2), (396, 'XAD', 2),
  (950, 'XAF', 0), (951, 'XCD', 2), (532, 'XCG', 2), (952, 'XOF', 0), (953, 'XPF', 0),
  (886, 'YER', 2), (710, 'ZAR', 2), (967, 'ZMW', 2), (924, 'ZWG', 2);
