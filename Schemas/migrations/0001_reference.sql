-- What the books refer to: accounts, units, templates, partners, programmes, members, terms.
CREATE TABLE kvitt.account (
  code text PRIMARY KEY,
  title text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('asset', 'liability', 'income', 'expense', 'unit'))
);

CREATE TABLE kvitt.currency (
  id smallint PRIMARY KEY,
  code text NOT NULL UNIQUE CHECK (code ~ '^[A-Z]{3}$'),
  exponent smallint NOT NULL CHECK (exponent BETWEEN 0 AND 4)
);

CREATE TABLE kvitt.template (
  id smallint PRIMARY KEY,
  code text NOT NULL UNIQUE,
  unit_from text,
  unit_to text,
  settled_measure text CHECK (settled_measure IN ('cost', 'share')),
  settled_direction text CHECK (settled_direction IN ('to_partner', 'to_issuer')),
  balance_sign smallint NOT NULL CHECK (balance_sign IN (-1, 0, 1)),
  CHECK ((unit_from IS NULL) = (unit_to IS NULL)),
  CHECK ((settled_measure IS NULL) = (settled_direction IS NULL))
);

CREATE TABLE kvitt.template_leg (
  template smallint NOT NULL,
  leg smallint NOT NULL,
  account text NOT NULL,
  sign smallint NOT NULL CHECK (sign IN (-1, 1)),
  measure text NOT NULL CHECK (measure IN ('cost', 'share')),
  PRIMARY KEY (template, leg)
);

CREATE TABLE kvitt.partner (
  id smallint PRIMARY KEY CHECK (id > 0),
  code text NOT NULL UNIQUE CHECK (code ~ '^[A-Z0-9]{2,12}$'),
  name text NOT NULL,
  entity text NOT NULL
);

CREATE TABLE kvitt.unit (
  id smallint PRIMARY KEY CHECK (id > 0),
  code text NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9._-]{1,40}$'),
  kind text NOT NULL CHECK (kind IN ('cashback', 'credit', 'miles')),
  currency smallint NOT NULL
);

CREATE TABLE kvitt.programme (
  id smallint PRIMARY KEY CHECK (id > 0),
  code text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9-]{2,40}$')
);

-- Agreements, partner terms, calendars and feed profiles as they were loaded: bytes and digest.
CREATE TABLE kvitt.terms (
  id integer PRIMARY KEY CHECK (id > 0),
  kind text NOT NULL CHECK (kind IN ('agreement', 'partner', 'calendar', 'feed')),
  code text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  body bytea NOT NULL,
  applied_by name NOT NULL DEFAULT session_user,
  UNIQUE (kind, code, version),
  CHECK (digest = sha256(body))
);

CREATE TABLE kvitt.member (
  id bigint PRIMARY KEY CHECK (id > 0),
  programme smallint NOT NULL
);

-- The number under which the partner knows a member; the highest seq is in force.
CREATE TABLE kvitt.member_ref (
  member_id bigint NOT NULL,
  seq integer NOT NULL CHECK (seq > 0),
  ref text NOT NULL CHECK (ref ~ '^[A-Za-z0-9._-]{1,40}$'),
  PRIMARY KEY (member_id, seq)
);

CREATE TABLE kvitt.card (
  token text PRIMARY KEY CHECK (token ~ '^[A-Za-z0-9._-]{1,40}$'),
  member_id bigint NOT NULL
);
