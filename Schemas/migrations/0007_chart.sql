-- Chart of accounts, currencies, posting templates; a test compares them with the Ledger target.
INSERT INTO kvitt.account (code, title, kind) VALUES
  ('1010', 'Settlement bank', 'asset'),
  ('1015', 'Payments in transit', 'asset'),
  ('1100', 'Partner receivable, billed', 'asset'),
  ('1110', 'Partner receivable, accrued', 'asset'),
  ('1300', 'Member clawback receivable', 'asset'),
  ('2100', 'Cashback liability', 'liability'),
  ('2200', 'Store-credit liability', 'liability'),
  ('2400', 'Partner payable, accrued', 'liability'),
  ('2410', 'Partner payable, confirmed', 'liability'),
  ('2440', 'Rejected accruals, duty to member open', 'liability'),
  ('2490', 'Net settlement clearing', 'liability'),
  ('2500', 'Unapplied receipts, suspense', 'liability'),
  ('5100', 'Cashback cost', 'expense'),
  ('5110', 'Store-credit cost', 'expense'),
  ('5120', 'Partner-miles cost', 'expense'),
  ('5190', 'Partner funding (contra-cost)', 'expense'),
  ('5400', 'Rounding', 'expense'),
  ('5700', 'Bank charges', 'expense'),
  ('unit.issued', 'Units issued (counter)', 'unit'),
  ('unit.open', 'Units pending or available', 'unit'),
  ('unit.filed', 'Units filed with the partner', 'unit'),
  ('unit.delivered', 'Units delivered', 'unit'),
  ('unit.rejected', 'Units rejected', 'unit'),
  ('unit.redeemed', 'Units redeemed', 'unit'),
  ('unit.converted', 'Units converted', 'unit'),
  ('unit.debt', 'Units owed by members', 'unit');

INSERT INTO kvitt.currency (id, code, exponent) VALUES
  (208, 'DKK', 2), (352, 'ISK', 0), (392, 'JPY', 0), (414, 'KWD', 3), (578, 'NOK', 2),
  (752, 'SEK', 2), (756, 'CHF', 2), (826, 'GBP', 2), (840, 'USD', 2), (978, 'EUR', 2),
  (985, 'PLN', 2);

INSERT INTO kvitt.template
  (id, code, unit_from, unit_to, settled_measure, settled_direction, balance_sign) VALUES
  (1, 'E1', 'unit.issued', 'unit.open', 'share', 'to_issuer', 1),
  (2, 'E6', 'unit.open', 'unit.issued', 'share', 'to_partner', -1),
  (3, 'E9', 'unit.debt', 'unit.issued', 'share', 'to_partner', -1),
  (4, 'S1', 'unit.issued', 'unit.open', NULL, NULL, 1),
  (5, 'S7a', 'unit.open', 'unit.issued', NULL, NULL, -1),
  (6, 'S7b', 'unit.debt', 'unit.issued', NULL, NULL, -1),
  (7, 'S3', 'unit.open', 'unit.redeemed', 'cost', 'to_partner', -1),
  (10, 'M1', 'unit.issued', 'unit.open', NULL, NULL, 1),
  (11, 'M7a', 'unit.open', 'unit.issued', NULL, NULL, -1),
  (12, 'M8', NULL, NULL, NULL, NULL, -1),
  (13, 'M3', 'unit.filed', 'unit.delivered', 'cost', 'to_partner', 0),
  (14, 'M5', 'unit.filed', 'unit.rejected', NULL, NULL, 0),
  (15, 'M8a', 'unit.delivered', 'unit.issued', 'cost', 'to_issuer', 0),
  (16, 'M7c', 'unit.rejected', 'unit.issued', NULL, NULL, 0),
  (17, 'M6a', 'unit.rejected', 'unit.filed', NULL, NULL, 0),
  (18, 'M6b', 'unit.rejected', 'unit.converted', NULL, NULL, -1);

INSERT INTO kvitt.template_leg (template, leg, account, sign, measure) VALUES
  (1, 1, '5100', 1, 'cost'), (1, 2, '2100', -1, 'cost'),
  (1, 3, '1110', 1, 'share'), (1, 4, '5190', -1, 'share'),
  (2, 1, '2100', 1, 'cost'), (2, 2, '5100', -1, 'cost'),
  (2, 3, '5190', 1, 'share'), (2, 4, '1110', -1, 'share'),
  (3, 1, '1300', 1, 'cost'), (3, 2, '5100', -1, 'cost'),
  (3, 3, '5190', 1, 'share'), (3, 4, '1110', -1, 'share'),
  (4, 1, '5110', 1, 'cost'), (4, 2, '2200', -1, 'cost'),
  (5, 1, '2200', 1, 'cost'), (5, 2, '5110', -1, 'cost'),
  (6, 1, '1300', 1, 'cost'), (6, 2, '5110', -1, 'cost'),
  (7, 1, '2200', 1, 'cost'), (7, 2, '2410', -1, 'cost'),
  (10, 1, '5120', 1, 'cost'), (10, 2, '2400', -1, 'cost'),
  (11, 1, '2400', 1, 'cost'), (11, 2, '5120', -1, 'cost'),
  (13, 1, '2400', 1, 'cost'), (13, 2, '2410', -1, 'cost'),
  (14, 1, '2400', 1, 'cost'), (14, 2, '2440', -1, 'cost'),
  (15, 1, '2410', 1, 'cost'), (15, 2, '5120', -1, 'cost'),
  (16, 1, '2440', 1, 'cost'), (16, 2, '5120', -1, 'cost'),
  (17, 1, '2440', 1, 'cost'), (17, 2, '2400', -1, 'cost'),
  (18, 1, '2440', 1, 'cost'), (18, 2, '5120', -1, 'cost');

INSERT INTO kvitt.book (id, entity, seal_no, seal)
VALUES (1, 'NBANK', 0, decode(repeat('00', 32), 'hex'));
