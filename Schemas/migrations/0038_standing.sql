-- Files of account events of which the changes of standing were brought to the purchases (term 6).
CREATE TABLE kvitt.standing_review (
  batch_id bigint PRIMARY KEY REFERENCES kvitt.batch
);
GRANT SELECT ON kvitt.standing_review TO kvitt_read, kvitt_audit;
GRANT INSERT ON kvitt.standing_review TO kvitt_settle;

-- Old points become new ones by the rows of a merge (75 to 78): of one member, in two units.
ALTER TABLE kvitt.batch DROP CONSTRAINT batch_kind_check;
ALTER TABLE kvitt.batch ADD CONSTRAINT batch_kind_check CHECK (kind IN ('feed', 'till', 'answer',
  'deadline', 'settlement', 'bank', 'events', 'expiry', 'redemption', 'payout', 'adjustment',
  'opening', 'review', 'award', 'funding', 'amendment', 'closing', 'estimate', 'merge',
  'redenomination'));
