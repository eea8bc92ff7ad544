-- Who takes part and under which terms.

-- Partners of the bank.
CREATE TABLE kvitt.partner (
  id smallint PRIMARY KEY CHECK (id > 0),
  code text NOT NULL UNIQUE CHECK (code ~ '^[A-Z0-9]{2,12}$'),
  name text NOT NULL,
  entity text NOT NULL
);

-- What rewards are counted in.
CREATE TABLE kvitt.unit (
  id smallint PRIMARY KEY CHECK (id > 0),
  code text NOT NULL UNIQUE CHECK (code ~ '^[A-Za-z0-9._-]{1,40}$'),
  kind text NOT NULL CHECK (kind IN
    ('cashback', 'credit', 'miles', 'points', 'status', 'stamps', 'voucher', 'benefit')),
  currency smallint NOT NULL
);

-- Programmes of cards.
CREATE TABLE kvitt.programme (
  id smallint PRIMARY KEY CHECK (id > 0),
  code text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9-]{2,40}$')
);

-- Agreements, partner terms, calendars, feed profiles and accounts as they were loaded: bytes and digest.
-- They take effect when two people have loaded the same bytes, since they decide what is earned, who
-- pays and to which account.
CREATE TABLE kvitt.terms (
  id integer PRIMARY KEY CHECK (id > 0),
  kind text NOT NULL CONSTRAINT terms_kind_known
    CHECK (kind IN ('agreement', 'partner', 'calendar', 'feed', 'account')),
  code text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  body bytea NOT NULL,
  applied_by name NOT NULL DEFAULT session_user,
  -- The first of the two people.
  proposed_by name,
  UNIQUE (kind, code, version),
  CHECK (digest = sha256(body)),
  CONSTRAINT terms_two_people CHECK (proposed_by <> applied_by)
);

-- Terms that one person has brought.
CREATE TABLE kvitt.terms_proposal (
  kind text NOT NULL,
  code text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  proposed_by name NOT NULL DEFAULT session_user,
  PRIMARY KEY (kind, code, version, digest, proposed_by)
);

-- Foreign keys that can be added after their tables were distributed.
ALTER TABLE kvitt.unit
  ADD CONSTRAINT unit_currency FOREIGN KEY (currency) REFERENCES kvitt.currency (id);
