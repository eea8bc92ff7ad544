-- What purchases consisted of, as retailers send it (seed row 52): codes of goods, nothing else.
ALTER TABLE kvitt.batch DROP CONSTRAINT batch_kind_check;
ALTER TABLE kvitt.batch ADD CONSTRAINT batch_kind_check CHECK (kind IN ('feed', 'till', 'answer',
  'deadline', 'settlement', 'bank', 'events', 'expiry', 'redemption', 'payout', 'adjustment',
  'opening', 'review', 'award', 'funding', 'amendment', 'closing', 'estimate', 'merge',
  'redenomination', 'baskets'));

CREATE TABLE kvitt.basket (
  batch_id bigint NOT NULL REFERENCES kvitt.batch,
  line integer NOT NULL,
  partner smallint NOT NULL REFERENCES kvitt.partner,
  basket_ref text NOT NULL CHECK (basket_ref ~ '^[A-Za-z0-9._-]{1,40}$'),
  member_id bigint NOT NULL REFERENCES kvitt.member,
  merchant text NOT NULL,
  -- The day on the till's clock.
  day date NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  currency smallint NOT NULL REFERENCES kvitt.currency,
  PRIMARY KEY (batch_id, line),
  UNIQUE (partner, basket_ref)
);
CREATE TABLE kvitt.basket_line (
  batch_id bigint NOT NULL,
  line integer NOT NULL,
  -- The basket's own line.
  basket integer NOT NULL,
  item text NOT NULL CHECK (item ~ '^[A-Za-z0-9._-]{1,40}$'),
  category text NOT NULL CHECK (category ~ '^[A-Za-z0-9._-]{1,40}$'),
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  PRIMARY KEY (batch_id, basket, line),
  FOREIGN KEY (batch_id, basket) REFERENCES kvitt.basket (batch_id, line)
);
-- The purchase that a basket turned out to be; each has one.
CREATE TABLE kvitt.basket_purchase (
  purchase_id bigint PRIMARY KEY,
  batch_id bigint NOT NULL,
  basket integer NOT NULL,
  UNIQUE (batch_id, basket),
  FOREIGN KEY (batch_id, basket) REFERENCES kvitt.basket (batch_id, line)
);
GRANT SELECT ON kvitt.basket, kvitt.basket_line, kvitt.basket_purchase TO kvitt_read, kvitt_audit;
GRANT INSERT ON kvitt.basket, kvitt.basket_line TO kvitt_ingest;
GRANT INSERT ON kvitt.basket_purchase TO kvitt_settle;
