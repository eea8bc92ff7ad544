-- The chart: accounts, currencies, flows, and what each kind of batch may carry. Their rows come from
-- the program's own tables.

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

-- Flows: how one row of the subledger moves money, units, lots and debts.
CREATE TABLE kvitt.flow (
  id smallint PRIMARY KEY,
  code text NOT NULL UNIQUE,
  unit_from text,
  unit_to text,
  -- The line that a row gives in the section 'settled' of a statement; all null where it gives none. The
  -- kind is empty where the row's rule names it.
  line_kind text,
  line_measure text CHECK (line_measure IN ('cost', 'share')),
  line_direction text CHECK (line_direction IN ('to_partner', 'to_issuer')),
  -- What the line's id is made of: the row, its lot, or the line that the partner answered.
  line_id text CHECK (line_id IN ('row', 'lot', 'answer')),
  -- Whether the line states a quantity.
  line_quantity boolean,
  -- The earlier line that it concerns.
  line_original text CHECK (line_original IN ('nothing', 'lot', 'row')),
  -- What a row does to the member's balance of the reward.
  balance_sign smallint NOT NULL CHECK (balance_sign IN (-1, 0, 1)),
  -- -1 takes from the lot that the row names, 1 gives back.
  lot_sign smallint NOT NULL CHECK (lot_sign IN (-1, 0, 1)),
  -- 1 raises what the member owes, -1 lowers it.
  debt_sign smallint NOT NULL CHECK (debt_sign IN (-1, 0, 1)),
  -- Whether the row is a lot that movements name.
  makes_lot boolean NOT NULL,
  -- Whether feeds earn it by the million: the small index of movements leaves it out.
  is_bulk boolean NOT NULL,
  -- Whether the row asks for a line of a later statement: it waits until one sends it.
  waits boolean NOT NULL,
  -- Whether the row is of the bank itself, and of no member.
  is_of_bank boolean NOT NULL,
  -- The column of the liability roll-forward.
  roll_forward text NOT NULL
    CHECK (roll_forward IN ('earned', 'reversed', 'settled', 'expired', 'other')),
  CHECK ((unit_from IS NULL) = (unit_to IS NULL)),
  CHECK (num_nulls(line_kind, line_measure, line_direction, line_id, line_quantity, line_original)
    IN (0, 6))
);

-- The money legs of flows.
CREATE TABLE kvitt.flow_leg (
  flow smallint NOT NULL,
  leg smallint NOT NULL,
  account text NOT NULL,
  sign smallint NOT NULL CHECK (sign IN (-1, 1)),
  measure text NOT NULL CHECK (measure IN ('cost', 'share')),
  PRIMARY KEY (flow, leg)
);

-- Kinds of batches: the role that brings them, and the parts of their leaf.
CREATE TABLE kvitt.batch_kind (
  kind text PRIMARY KEY,
  role text NOT NULL,
  has_purchases boolean NOT NULL,
  has_rewards boolean NOT NULL
);

-- Entries that a kind of batch may carry beside the sums of its rows, by the accounts that they move.
CREATE TABLE kvitt.batch_entry (
  kind text NOT NULL,
  code text NOT NULL,
  account text NOT NULL,
  PRIMARY KEY (kind, code, account)
);

-- What the seal of a kind of batch may vouch for.
CREATE TABLE kvitt.batch_attachment (
  kind text NOT NULL,
  attachment text NOT NULL,
  PRIMARY KEY (kind, attachment)
);

-- Flows that rows of a kind of batch may have.
CREATE TABLE kvitt.batch_flow (
  kind text NOT NULL,
  flow smallint NOT NULL,
  PRIMARY KEY (kind, flow)
);

-- Foreign keys that can be added after their tables were distributed.
ALTER TABLE kvitt.flow
  ADD CONSTRAINT flow_unit_from FOREIGN KEY (unit_from) REFERENCES kvitt.account (code),
  ADD CONSTRAINT flow_unit_to FOREIGN KEY (unit_to) REFERENCES kvitt.account (code);
ALTER TABLE kvitt.flow_leg
  ADD CONSTRAINT flow_leg_flow FOREIGN KEY (flow) REFERENCES kvitt.flow (id),
  ADD CONSTRAINT flow_leg_account FOREIGN KEY (account) REFERENCES kvitt.account (code);
ALTER TABLE kvitt.batch_entry
  ADD CONSTRAINT batch_entry_kind FOREIGN KEY (kind) REFERENCES kvitt.batch_kind (kind),
  ADD CONSTRAINT batch_entry_account FOREIGN KEY (account) REFERENCES kvitt.account (code);
ALTER TABLE kvitt.batch_attachment
  ADD CONSTRAINT batch_attachment_kind FOREIGN KEY (kind) REFERENCES kvitt.batch_kind (kind);
ALTER TABLE kvitt.batch_flow
  ADD CONSTRAINT batch_flow_kind FOREIGN KEY (kind) REFERENCES kvitt.batch_kind (kind),
  ADD CONSTRAINT batch_flow_flow FOREIGN KEY (flow) REFERENCES kvitt.flow (id);
