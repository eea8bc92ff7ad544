-- Lots that expire: what nobody used becomes breakage income, and a refund afterwards undoes that.
INSERT INTO kvitt.account (code, title, kind) VALUES
  ('4200', 'Breakage income', 'income'),
  ('unit.expired', 'Units expired', 'unit');

INSERT INTO kvitt.template
  (id, code, unit_from, unit_to, settled_measure, settled_direction, balance_sign) VALUES
  (8, 'E17', 'unit.open', 'unit.expired', 'share', 'to_partner', -1),
  (9, 'S5', 'unit.open', 'unit.expired', NULL, NULL, -1),
  (19, 'E17r', 'unit.expired', 'unit.issued', 'share', 'to_partner', 0),
  (20, 'S5r', 'unit.expired', 'unit.issued', NULL, NULL, 0);

INSERT INTO kvitt.template_leg (template, leg, account, sign, measure) VALUES
  (8, 1, '2100', 1, 'cost'), (8, 2, '4200', -1, 'cost'),
  (8, 3, '5190', 1, 'share'), (8, 4, '1110', -1, 'share'),
  (9, 1, '2200', 1, 'cost'), (9, 2, '4200', -1, 'cost'),
  (19, 1, '4200', 1, 'cost'), (19, 2, '5100', -1, 'cost'),
  (19, 3, '5190', 1, 'share'), (19, 4, '1110', -1, 'share'),
  (20, 1, '4200', 1, 'cost'), (20, 2, '5110', -1, 'cost');

ALTER TABLE kvitt.batch DROP CONSTRAINT batch_kind_check;
ALTER TABLE kvitt.batch ADD CONSTRAINT batch_kind_check
  CHECK (kind IN ('feed', 'till', 'answer', 'deadline', 'settlement', 'bank', 'events', 'expiry'));
