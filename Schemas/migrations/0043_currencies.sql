-- Miles whose price is in another currency than the programme (M13), and what that position is worth at
-- the end of a month (M14).
INSERT INTO kvitt.account (code, title, kind) VALUES
  ('1900', 'Currency position', 'asset'),
  ('5500', 'Currency result', 'expense');
ALTER TABLE kvitt.batch DROP CONSTRAINT batch_kind_check;
ALTER TABLE kvitt.batch ADD CONSTRAINT batch_kind_check CHECK (kind IN ('feed', 'till', 'answer',
  'deadline', 'settlement', 'bank', 'events', 'expiry', 'redemption', 'payout', 'adjustment',
  'opening', 'review', 'award', 'funding', 'amendment', 'closing', 'estimate', 'merge',
  'redenomination', 'baskets', 'filing', 'prepaid', 'currency'));
