-- The chart: accounts, currencies and flows. Their rows come from the program's own tables.

-- Accounts of the general ledger: money by number, units by state.
CREATE TABLE kvitt.account (
  code text PRIMARY KEY,
  title text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('asset', 'liability', 'income', 'expense', 'unit'))
);

-- Currencies of ISO 4217.
CREATE TABLE kvitt.currency (
  id smallint PRIMARY KEY,
  code text NOT NULL UNIQUE CHECK (code ~ '^[A-Z]{3}$'),
  exponent smallint NOT NULL CHECK (exponent BETWEEN 0 AND 4)
);

-- Flows: how one row of the subledger moves units, and what it settles.
CREATE TABLE kvitt.template (
  id smallint PRIMARY KEY,
  code text NOT NULL UNIQUE,
  unit_from text,
  unit_to text,
  settled_measure text CHECK (settled_measure IN ('cost', 'share')),
  settled_direction text CHECK (settled_direction IN ('to_partner', 'to_issuer')),
  -- What a row does to the member's balance of the reward.
  balance_sign smallint NOT NULL CHECK (balance_sign IN (-1, 0, 1)),
  -- -1 takes from the lot that the row names, 1 gives back.
  lot_sign smallint NOT NULL DEFAULT 0 CHECK (lot_sign IN (-1, 0, 1)),
  -- 1 raises what the member owes, -1 lowers it.
  debt_sign smallint NOT NULL DEFAULT 0 CHECK (debt_sign IN (-1, 0, 1)),
  -- The column of the liability roll-forward.
  flow text NOT NULL DEFAULT 'other'
    CHECK (flow IN ('earned', 'reversed', 'settled', 'expired', 'other')),
  -- Whether the row is a lot that movements name.
  makes_lot boolean NOT NULL DEFAULT false,
  CHECK ((unit_from IS NULL) = (unit_to IS NULL)),
  CHECK ((settled_measure IS NULL) = (settled_direction IS NULL))
);

-- The money legs of flows.
CREATE TABLE kvitt.template_leg (
  template smallint NOT NULL,
  leg smallint NOT NULL,
  account text NOT NULL,
  sign smallint NOT NULL CHECK (sign IN (-1, 1)),
  measure text NOT NULL CHECK (measure IN ('cost', 'share')),
  PRIMARY KEY (template, leg)
);

-- Foreign keys stand apart from their tables, so that tables can be distributed first (D8).
ALTER TABLE kvitt.template
  ADD CONSTRAINT template_unit_from FOREIGN KEY (unit_from) REFERENCES kvitt.account (code),
  ADD CONSTRAINT template_unit_to FOREIGN KEY (unit_to) REFERENCES kvitt.account (code);
ALTER TABLE kvitt.template_leg
  ADD CONSTRAINT template_leg_template FOREIGN KEY (template) REFERENCES kvitt.template (id),
  ADD CONSTRAINT template_leg_account FOREIGN KEY (account) REFERENCES kvitt.account (code);

-- Rights.
GRANT SELECT ON kvitt.account, kvitt.currency, kvitt.template,
  kvitt.template_leg TO kvitt_read, kvitt_audit;
