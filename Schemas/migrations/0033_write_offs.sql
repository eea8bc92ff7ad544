-- A contract may make the sponsor bear its part of a debt that nobody pays (E11b): its share is booked
-- again with the write-off. Rows before this migration have none.
UPDATE kvitt.template SET settled_measure = 'share', settled_direction = 'to_issuer' WHERE id = 29;
INSERT INTO kvitt.template_leg (template, leg, account, sign, measure) VALUES
  (29, 3, '1110', 1, 'share'), (29, 4, '5190', -1, 'share');
