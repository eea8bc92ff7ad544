-- The card's product, which rules may ask for, and who brought the member in.
ALTER TABLE kvitt.member_fact DROP CONSTRAINT member_fact_kind_check;
ALTER TABLE kvitt.member_fact ADD CONSTRAINT member_fact_kind_check CHECK (kind IN
  ('joined', 'terms', 'referrer', 'tier', 'choice', 'audience', 'event', 'closed', 'product',
   'staff'));
