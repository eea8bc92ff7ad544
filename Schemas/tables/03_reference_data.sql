-- Reference data from outside: each import is a set with a number, a date and a digest; what is in
-- force is what the newest set says. Nothing is replaced.

-- An import.
CREATE TABLE kvitt.reference_set (
  id integer PRIMARY KEY CHECK (id > 0),
  kind text NOT NULL CHECK (kind IN ('fx', 'currencies', 'mcc', 'merchants')),
  name text NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  -- The newest day that the set speaks of.
  dated date NOT NULL,
  rows integer NOT NULL CHECK (rows > 0),
  imported_by name NOT NULL DEFAULT session_user,
  UNIQUE (kind, digest)
);

-- Units of a currency for one euro (ECB reference rates), as published.
CREATE TABLE kvitt.fx_rate (
  set_id integer NOT NULL,
  day date NOT NULL,
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  -- Neither infinite nor NaN, which is above both.
  rate numeric NOT NULL CHECK (rate > 0 AND rate < 'Infinity'),
  PRIMARY KEY (currency, day, set_id)
);

-- ISO 4217 as it was imported.
CREATE TABLE kvitt.currency_fact (
  set_id integer NOT NULL,
  code text NOT NULL CHECK (code ~ '^[A-Z]{3}$'),
  number smallint NOT NULL CHECK (number BETWEEN 0 AND 999),
  -- Null where ISO 4217 says N.A.
  exponent smallint CHECK (exponent BETWEEN 0 AND 4),
  PRIMARY KEY (code, set_id)
);

-- Merchant categories.
CREATE TABLE kvitt.mcc_title (
  set_id integer NOT NULL,
  code smallint NOT NULL CHECK (code BETWEEN 0 AND 9999),
  title text NOT NULL,
  PRIMARY KEY (code, set_id)
);

-- Which partner a merchant belongs to from a day on; empty where it belongs to none.
CREATE TABLE kvitt.merchant_entry (
  set_id integer NOT NULL,
  merchant text NOT NULL CHECK (merchant ~ '^[A-Za-z0-9._-]{1,40}$'),
  valid_from date NOT NULL,
  mcc smallint NOT NULL CHECK (mcc BETWEEN 0 AND 9999),
  partner text NOT NULL,
  PRIMARY KEY (merchant, valid_from, set_id)
);
