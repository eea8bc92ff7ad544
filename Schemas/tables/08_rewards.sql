-- What the engine keeps beside the rows: debts, bonuses, budgets.

-- What members owe, as the rows say; ledger check compares. Only members who owe stand
-- here, so that a batch reads it whole.
CREATE TABLE kvitt.member_debt (
  member_id bigint NOT NULL,
  unit smallint NOT NULL,
  quantity bigint NOT NULL,
  -- What it cost; of a debt of nothing, what rounding left.
  cost_minor bigint NOT NULL,
  PRIMARY KEY (member_id, unit)
);

-- Bonuses that were given: one for a member, a rule and what it was given for.
CREATE TABLE kvitt.bonus (
  member_id bigint NOT NULL,
  rule text NOT NULL,
  -- The event, or the number of the friend who was referred.
  event text NOT NULL,
  programme smallint NOT NULL,
  given_on date NOT NULL,
  lot_id bigint NOT NULL UNIQUE,
  PRIMARY KEY (member_id, programme, rule, event)
);
CREATE INDEX bonus_event ON kvitt.bonus (event);

-- Bonuses that were taken back (O16).
CREATE TABLE kvitt.bonus_undone (
  lot_id bigint PRIMARY KEY REFERENCES kvitt.bonus (lot_id),
  batch_id bigint NOT NULL
);

-- What sponsors' budgets have left, over all versions of an agreement.
CREATE TABLE kvitt.budget (
  agreement text NOT NULL,
  rule text NOT NULL,
  partner smallint NOT NULL,
  limit_minor bigint NOT NULL CHECK (limit_minor > 0),
  used_minor bigint NOT NULL CHECK (used_minor >= 0),
  -- What refunds gave back to the sponsor after the promotion, and not to the budget (P4).
  kept_minor bigint NOT NULL CHECK (kept_minor >= 0),
  PRIMARY KEY (agreement, rule, partner)
);

-- The rules, by version, whose shares a budget pays.
CREATE TABLE kvitt.budget_rule (
  agreement_id integer NOT NULL,
  ordinal smallint NOT NULL,
  agreement text NOT NULL,
  rule text NOT NULL,
  PRIMARY KEY (agreement_id, ordinal)
);
