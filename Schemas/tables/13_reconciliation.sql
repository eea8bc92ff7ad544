-- Bank statements, matches, breaks, proofs.

-- Statements of our own bank accounts.
CREATE TABLE kvitt.bank_statement (
  batch_id bigint PRIMARY KEY,
  account text NOT NULL,
  currency text NOT NULL,
  sequence integer NOT NULL,
  date date NOT NULL,
  opening_minor bigint NOT NULL,
  closing_minor bigint NOT NULL,
  digest bytea NOT NULL,
  UNIQUE (account, sequence)
);

-- Their lines.
CREATE TABLE kvitt.bank_line (
  id text PRIMARY KEY,
  batch_id bigint NOT NULL,
  line integer NOT NULL,
  date date NOT NULL,
  kind text NOT NULL CHECK (kind IN ('payment', 'receipt', 'return', 'fee')),
  -- Signed: positive is money in.
  amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
  currency text NOT NULL,
  reference text NOT NULL,
  text text NOT NULL
);

-- Exclusive on both sides, undo without DELETE: a claim needs the release of the one before it.
CREATE TABLE kvitt.match_claim (
  side text NOT NULL,
  item text NOT NULL,
  generation integer NOT NULL CHECK (generation > 0),
  prev integer GENERATED ALWAYS AS (nullif(generation - 1, 0)) STORED,
  match_id text NOT NULL,
  rule text NOT NULL,
  PRIMARY KEY (side, item, generation)
);

-- Matches undone.
CREATE TABLE kvitt.match_release (
  side text NOT NULL,
  item text NOT NULL,
  generation integer NOT NULL,
  reason text NOT NULL,
  released_by name NOT NULL DEFAULT session_user,
  PRIMARY KEY (side, item, generation)
);

-- What does not agree.
CREATE TABLE kvitt.break_item (
  id text PRIMARY KEY,
  fingerprint text NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('ours-only', 'theirs-only', 'quantity', 'price', 'amount',
    'vat', 'sign', 'currency', 'duplicate', 'late', 'timing', 'reversed-pair', 'fee',
    'unknown-receipt', 'unknown-member', 'control-total', 'format')),
  pair text NOT NULL,
  commodity text NOT NULL,
  opened_on date NOT NULL,
  ours bigint NOT NULL,
  theirs bigint NOT NULL,
  -- The cost in money where the commodity is a reward unit.
  value_minor bigint NOT NULL,
  currency text NOT NULL,
  pointer text NOT NULL,
  advice text NOT NULL,
  CHECK (ours <> theirs)
);

-- The life of breaks.
CREATE TABLE kvitt.break_event (
  break_id text NOT NULL,
  seq integer NOT NULL CHECK (seq > 0),
  state text NOT NULL CHECK (state IN ('open', 'cleared')),
  business_date date NOT NULL,
  note text NOT NULL,
  PRIMARY KEY (break_id, seq)
);

-- A proof that does not explain its difference cannot be stored. A day that is proved again after
-- new facts gets the next generation; each proof continues the one before it, by the breaks that
-- were open then and the number of the last break.
CREATE TABLE kvitt.proof (
  pair text NOT NULL,
  commodity text NOT NULL,
  business_date date NOT NULL,
  generation integer NOT NULL CHECK (generation > 0),
  ours bigint NOT NULL,
  theirs bigint NOT NULL,
  breaks bigint NOT NULL,
  rounding bigint NOT NULL,
  opened_before bigint NOT NULL,
  new_today bigint NOT NULL,
  cleared_today bigint NOT NULL,
  exact_count bigint NOT NULL,
  exact_digest bytea NOT NULL,
  last_break integer NOT NULL,
  open_breaks text[] NOT NULL,
  PRIMARY KEY (pair, commodity, business_date, generation),
  CONSTRAINT proof_explained CHECK (ours - theirs = breaks + rounding),
  CONSTRAINT proof_continues CHECK (breaks = opened_before + new_today - cleared_today)
);

-- Foreign keys that can be added after their tables were distributed.
ALTER TABLE kvitt.bank_line
  ADD CONSTRAINT bank_line_statement FOREIGN KEY (batch_id)
    REFERENCES kvitt.bank_statement (batch_id);
ALTER TABLE kvitt.match_claim
  ADD CONSTRAINT match_claim_after_release FOREIGN KEY (side, item, prev)
    REFERENCES kvitt.match_release (side, item, generation);
ALTER TABLE kvitt.match_release
  ADD CONSTRAINT match_release_of_claim FOREIGN KEY (side, item, generation)
    REFERENCES kvitt.match_claim (side, item, generation);
ALTER TABLE kvitt.break_event
  ADD CONSTRAINT break_event_break FOREIGN KEY (break_id) REFERENCES kvitt.break_item (id);
