-- Cashback pay-out (E3): files of credits to card accounts, and the card system's answers.
INSERT INTO kvitt.account (code, title, kind) VALUES
  ('1020', 'Card system settlement', 'asset');
INSERT INTO kvitt.template (id, code, unit_from, unit_to, settled_measure, settled_direction,
  balance_sign, lot_sign, debt_sign, flow) VALUES
  (25, 'E3b', 'unit.open', 'unit.redeemed', NULL, NULL, -1, -1, 0, 'settled'),
  (26, 'E3c', 'unit.redeemed', 'unit.open', NULL, NULL, 1, 1, 0, 'settled');
INSERT INTO kvitt.template_leg (template, leg, account, sign, measure) VALUES
  (25, 1, '2100', 1, 'cost'), (25, 2, '1020', -1, 'cost'),
  (26, 1, '1020', 1, 'cost'), (26, 2, '2100', -1, 'cost');
ALTER TABLE kvitt.batch DROP CONSTRAINT batch_kind_check;
ALTER TABLE kvitt.batch ADD CONSTRAINT batch_kind_check CHECK (kind IN ('feed', 'till', 'answer',
  'deadline', 'settlement', 'bank', 'events', 'expiry', 'redemption', 'payout'));

CREATE TABLE kvitt.payout_file (
  sequence bigint PRIMARY KEY CHECK (sequence > 0),
  number text NOT NULL UNIQUE,
  batch_id bigint NOT NULL UNIQUE,
  pay_date date NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  body bytea NOT NULL,
  CHECK (digest = sha256(body))
);
CREATE TABLE kvitt.payout (
  id text PRIMARY KEY,
  sequence bigint NOT NULL REFERENCES kvitt.payout_file,
  -- The call that asked for it; NULL where the bank pays out what everybody has.
  hold_id bigint UNIQUE,
  member_id bigint NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  currency text NOT NULL,
  first_seq integer NOT NULL,
  last_seq integer NOT NULL CHECK (last_seq >= first_seq)
);
-- Made once and never again.
CREATE TABLE kvitt.payout_signature (
  sequence bigint PRIMARY KEY REFERENCES kvitt.payout_file,
  signer text NOT NULL,
  body bytea NOT NULL
);
CREATE TABLE kvitt.payout_answer (
  sequence bigint PRIMARY KEY CHECK (sequence > 0),
  number text NOT NULL UNIQUE,
  answered bigint NOT NULL UNIQUE REFERENCES kvitt.payout_file,
  batch_id bigint NOT NULL UNIQUE,
  digest bytea NOT NULL UNIQUE CHECK (digest = sha256(body)),
  body bytea NOT NULL
);
CREATE TABLE kvitt.payout_outcome (
  payout_id text PRIMARY KEY REFERENCES kvitt.payout,
  answer bigint NOT NULL REFERENCES kvitt.payout_answer,
  status text NOT NULL CHECK (status IN ('A', 'X')),
  reason text NOT NULL,
  card_ref text NOT NULL,
  CHECK ((status = 'X') = (reason <> ''))
);
GRANT SELECT ON kvitt.payout_file, kvitt.payout, kvitt.payout_signature, kvitt.payout_answer,
  kvitt.payout_outcome TO kvitt_read, kvitt_audit;
GRANT INSERT ON kvitt.payout_file, kvitt.payout, kvitt.payout_signature, kvitt.payout_answer,
  kvitt.payout_outcome TO kvitt_settle;
