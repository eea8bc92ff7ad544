-- The general ledger and its seals.

-- Entries of the general ledger.
CREATE TABLE kvitt.entry (
  id bigint PRIMARY KEY,
  batch_id bigint NOT NULL,
  code text NOT NULL,
  booking_date date NOT NULL,
  text text NOT NULL
);

-- Their legs, debit positive.
CREATE TABLE kvitt.posting (
  entry_id bigint NOT NULL,
  leg integer NOT NULL,
  account text NOT NULL,
  commodity text NOT NULL,
  partner smallint NOT NULL,
  programme smallint NOT NULL,
  settlement_date date NOT NULL,
  amount bigint NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (entry_id, leg)
);

-- Digests of what a batch issued or relied on: statements, approvals, terms, matches, answers.
CREATE TABLE kvitt.attachment (
  batch_id bigint NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  PRIMARY KEY (batch_id, kind, name)
);

-- Number, root, previous and value of each seal.
CREATE TABLE kvitt.seal (
  batch_id bigint PRIMARY KEY,
  seal_no bigint NOT NULL UNIQUE CHECK (seal_no > 0),
  purchases bigint NOT NULL,
  rewards bigint NOT NULL,
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  previous bytea NOT NULL CHECK (octet_length(previous) = 32),
  seal bytea NOT NULL UNIQUE CHECK (octet_length(seal) = 32)
);

-- One row: the newest seal. Locked last before COMMIT, so seals follow the order of commits.
CREATE TABLE kvitt.book (
  id smallint PRIMARY KEY CHECK (id = 1),
  entity text NOT NULL,
  seal_no bigint NOT NULL,
  seal bytea NOT NULL
);
INSERT INTO kvitt.book (id, entity, seal_no, seal)
VALUES (1, 'NBANK', 0, decode(repeat('00', 32), 'hex'));

CREATE TABLE kvitt.period_closed (
  month date PRIMARY KEY CHECK (extract(day FROM month) = 1),
  closed_by name NOT NULL DEFAULT session_user
);

-- Foreign keys that can be added after their tables were distributed.
ALTER TABLE kvitt.entry
  ADD CONSTRAINT entry_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.posting
  ADD CONSTRAINT posting_entry FOREIGN KEY (entry_id) REFERENCES kvitt.entry (id),
  ADD CONSTRAINT posting_account FOREIGN KEY (account) REFERENCES kvitt.account (code);
ALTER TABLE kvitt.attachment
  ADD CONSTRAINT attachment_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.seal
  ADD CONSTRAINT seal_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
