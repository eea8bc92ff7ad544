-- Contracts that settle miles when their line is sent, not when the partner confirms it (M2b); what it
-- rejects afterwards is a credit on the next statement (M5b).
INSERT INTO kvitt.template (id, code, unit_from, unit_to, settled_measure, settled_direction,
  balance_sign, lot_sign, debt_sign, flow, makes_lot) VALUES
  (79, 'M2b', NULL, NULL, 'cost', 'to_partner', 0, 0, 0, 'settled', false),
  (80, 'M3u', 'unit.filed', 'unit.delivered', NULL, NULL, 0, 0, 0, 'other', false),
  (81, 'M5b', 'unit.filed', 'unit.rejected', 'cost', 'to_issuer', 0, 0, 0, 'other', false);
INSERT INTO kvitt.template_leg (template, leg, account, sign, measure) VALUES
  (79, 1, '2400', 1, 'cost'), (79, 2, '2410', -1, 'cost'),
  (81, 1, '2410', 1, 'cost'), (81, 2, '2440', -1, 'cost');
ALTER TABLE kvitt.batch DROP CONSTRAINT batch_kind_check;
ALTER TABLE kvitt.batch ADD CONSTRAINT batch_kind_check CHECK (kind IN ('feed', 'till', 'answer',
  'deadline', 'settlement', 'bank', 'events', 'expiry', 'redemption', 'payout', 'adjustment',
  'opening', 'review', 'award', 'funding', 'amendment', 'closing', 'estimate', 'merge',
  'redenomination', 'baskets', 'filing'));

-- Lines that are owed from the statement on that sends them, by lot and attempt.
CREATE TABLE kvitt.filing (
  lot_id bigint NOT NULL,
  attempt integer NOT NULL CHECK (attempt > 0),
  -- The row that owes it.
  row_id bigint NOT NULL UNIQUE,
  PRIMARY KEY (lot_id, attempt)
);
GRANT SELECT ON kvitt.filing TO kvitt_read, kvitt_audit;
GRANT INSERT ON kvitt.filing TO kvitt_settle;
