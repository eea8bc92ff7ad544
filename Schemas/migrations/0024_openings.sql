-- Go-live (G1, G2): lots and debts of the old system, against the migration account, by two people.
INSERT INTO kvitt.account (code, title, kind) VALUES ('3900', 'Migration', 'liability');
INSERT INTO kvitt.template (id, code, unit_from, unit_to, settled_measure, settled_direction,
  balance_sign, lot_sign, debt_sign, flow, makes_lot) VALUES
  (34, 'G1', 'unit.issued', 'unit.open', NULL, NULL, 1, 0, 0, 'earned', true),
  (35, 'G1s', 'unit.issued', 'unit.open', NULL, NULL, 1, 0, 0, 'earned', true),
  (36, 'G2', 'unit.debt', 'unit.issued', NULL, NULL, -1, 0, 1, 'other', false);
INSERT INTO kvitt.template_leg (template, leg, account, sign, measure) VALUES
  (34, 1, '3900', 1, 'cost'), (34, 2, '2100', -1, 'cost'),
  (35, 1, '3900', 1, 'cost'), (35, 2, '2200', -1, 'cost'),
  (36, 1, '1300', 1, 'cost'), (36, 2, '3900', -1, 'cost');
ALTER TABLE kvitt.batch DROP CONSTRAINT batch_kind_check;
ALTER TABLE kvitt.batch ADD CONSTRAINT batch_kind_check CHECK (kind IN ('feed', 'till', 'answer',
  'deadline', 'settlement', 'bank', 'events', 'expiry', 'redemption', 'payout', 'adjustment',
  'opening'));

CREATE TABLE kvitt.opening (
  digest bytea PRIMARY KEY CHECK (digest = sha256(body)),
  name text NOT NULL,
  body bytea NOT NULL,
  -- What the old general ledger says, as the proposer typed it.
  totals text NOT NULL,
  proposed_by name NOT NULL DEFAULT session_user,
  UNIQUE (digest, totals, proposed_by)
);
CREATE TABLE kvitt.opening_decision (
  digest bytea PRIMARY KEY,
  totals text NOT NULL,
  proposed_by name NOT NULL,
  decided_by name NOT NULL DEFAULT session_user,
  FOREIGN KEY (digest, totals, proposed_by)
    REFERENCES kvitt.opening (digest, totals, proposed_by),
  CHECK (decided_by <> proposed_by)
);
CREATE TABLE kvitt.opening_posted (
  digest bytea PRIMARY KEY REFERENCES kvitt.opening_decision,
  batch_id bigint NOT NULL
);
GRANT SELECT ON kvitt.opening, kvitt.opening_decision, kvitt.opening_posted
  TO kvitt_read, kvitt_audit;
GRANT INSERT (digest, name, body, totals) ON kvitt.opening TO kvitt_finance;
GRANT INSERT (digest, totals, proposed_by) ON kvitt.opening_decision TO kvitt_finance;
GRANT INSERT ON kvitt.opening_posted TO kvitt_settle;
