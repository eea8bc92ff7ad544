-- Members found by a keyed hash of what they say at a till, and accounts that are closed.
CREATE TABLE kvitt.member_lookup (
  -- HMAC-SHA-256 under a key outside the database, 128 bits of it; nothing leads back.
  digest text PRIMARY KEY CHECK (digest ~ '^h[0-9]+_[0-9a-f]{32}$'),
  member_id bigint NOT NULL REFERENCES kvitt.member,
  kind text NOT NULL CHECK (kind IN ('email', 'phone')),
  noted_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX member_lookup_member ON kvitt.member_lookup (member_id);
GRANT SELECT ON kvitt.member_lookup TO kvitt_read, kvitt_audit;
GRANT INSERT (digest, member_id, kind) ON kvitt.member_lookup TO kvitt_finance;

ALTER TABLE kvitt.member_fact DROP CONSTRAINT member_fact_kind_check;
ALTER TABLE kvitt.member_fact ADD CONSTRAINT member_fact_kind_check CHECK (kind IN
  ('joined', 'terms', 'referrer', 'tier', 'choice', 'audience', 'event', 'closed'));
ALTER TABLE kvitt.batch DROP CONSTRAINT batch_kind_check;
ALTER TABLE kvitt.batch ADD CONSTRAINT batch_kind_check CHECK (kind IN ('feed', 'till', 'answer',
  'deadline', 'settlement', 'bank', 'events', 'expiry', 'redemption', 'payout', 'adjustment',
  'opening', 'review', 'award', 'funding', 'amendment', 'closing'));
