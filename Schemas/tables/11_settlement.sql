-- Plans, approvals, windows, statements, answers, payment orders.

-- Settlement plans: the canonical text and its digest.
CREATE TABLE kvitt.plan (
  id text PRIMARY KEY,
  business_date date NOT NULL,
  cut_seal bigint NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  body text NOT NULL,
  prepared_by name NOT NULL DEFAULT session_user,
  UNIQUE (id, digest, prepared_by),
  CHECK (digest = sha256(convert_to(body, 'UTF8')))
);

-- A second person's yes to exactly this plan.
CREATE TABLE kvitt.plan_approval (
  plan_id text NOT NULL,
  digest bytea NOT NULL,
  prepared_by name NOT NULL,
  approved_by name NOT NULL DEFAULT session_user,
  PRIMARY KEY (plan_id, approved_by),
  CONSTRAINT plan_approval_two_people CHECK (approved_by <> prepared_by)
);

-- A standing approval lets a night run unattended, up to limits: on gross movement each way and on what
-- is ordered, each in one run and in 31 days. It holds for one account, and ends when the partner's terms
-- or the certificates that may sign for it change.
CREATE TABLE kvitt.standing (
  id bigint PRIMARY KEY,
  partner smallint NOT NULL,
  currency text NOT NULL,
  account text NOT NULL,
  to_partner_minor bigint NOT NULL CHECK (to_partner_minor >= 0),
  to_issuer_minor bigint NOT NULL CHECK (to_issuer_minor >= 0),
  month_to_partner_minor bigint NOT NULL CHECK (month_to_partner_minor >= to_partner_minor),
  month_to_issuer_minor bigint NOT NULL CHECK (month_to_issuer_minor >= to_issuer_minor),
  expires_on date NOT NULL,
  -- Of the partner's terms, and of the certificates that may sign for it, as they were then.
  terms_digest bytea NOT NULL CHECK (octet_length(terms_digest) = 32),
  signers_digest bytea NOT NULL CHECK (octet_length(signers_digest) = 32),
  prepared_by name NOT NULL DEFAULT session_user,
  UNIQUE (id, prepared_by)
);

-- Standing approvals of two people.
CREATE TABLE kvitt.standing_approval (
  standing_id bigint PRIMARY KEY,
  prepared_by name NOT NULL,
  approved_by name NOT NULL DEFAULT session_user,
  CONSTRAINT standing_approval_two_people CHECK (approved_by <> prepared_by)
);

-- Standing approvals that somebody took back; one person suffices.
CREATE TABLE kvitt.standing_withdrawal (
  standing_id bigint PRIMARY KEY,
  reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 400),
  withdrawn_by name NOT NULL DEFAULT session_user
);

-- A run settles a plan; only begin_settlement writes it, after it has seen the approval.
CREATE TABLE kvitt.settlement_run (
  plan_id text PRIMARY KEY,
  batch_id bigint NOT NULL UNIQUE,
  business_date date NOT NULL UNIQUE
);

-- One window per slice for ever: the primary key is the promise.
CREATE TABLE kvitt.window_claim (
  partner smallint NOT NULL,
  batch_id bigint NOT NULL,
  settlement_date date NOT NULL,
  run_batch bigint NOT NULL,
  PRIMARY KEY (partner, batch_id, settlement_date)
);

-- Statements to partners.
CREATE TABLE kvitt.statement (
  id bigint PRIMARY KEY,
  number text NOT NULL UNIQUE,
  partner smallint NOT NULL,
  sequence integer NOT NULL CHECK (sequence > 0),
  run_batch bigint NOT NULL,
  business_date date NOT NULL,
  cut_seal bigint NOT NULL,
  created timestamptz NOT NULL,
  currency text NOT NULL,
  opening_minor bigint NOT NULL,
  settled_minor bigint NOT NULL,
  paid_minor bigint NOT NULL,
  ordered_minor bigint NOT NULL CHECK (ordered_minor >= 0),
  due date NOT NULL,
  reference text NOT NULL,
  filed_lines integer NOT NULL,
  filed_quantity bigint NOT NULL,
  settled_lines integer NOT NULL,
  line_digest bytea NOT NULL CHECK (octet_length(line_digest) = 32),
  json_digest bytea NOT NULL CHECK (octet_length(json_digest) = 32),
  UNIQUE (partner, sequence),
  UNIQUE (partner, business_date)
);

-- Their lines.
CREATE TABLE kvitt.statement_line (
  statement_id bigint NOT NULL,
  line integer NOT NULL,
  section text NOT NULL CHECK (section IN ('filed', 'settled')),
  event_id text NOT NULL,
  attempt integer NOT NULL CHECK (attempt > 0),
  kind text NOT NULL,
  row_id bigint NOT NULL,
  source_id bigint NOT NULL,
  member_id bigint NOT NULL,
  member_ref text NOT NULL,
  event_date date NOT NULL,
  booking_date date NOT NULL,
  quantity bigint,
  unit text NOT NULL,
  unit_price text NOT NULL,
  value_minor bigint NOT NULL CHECK (value_minor >= 0),
  direction text NOT NULL CHECK (direction IN ('to_partner', 'to_issuer')),
  contract text NOT NULL,
  original_event_id text NOT NULL,
  PRIMARY KEY (statement_id, line),
  UNIQUE (event_id, section, attempt)
);
CREATE INDEX statement_line_row ON kvitt.statement_line (row_id);
CREATE INDEX statement_line_source ON kvitt.statement_line (source_id);

-- Signatures of files of the outbox, by the file's place there. Each is made once and kept: DER bytes over
-- content of that digest.
CREATE TABLE kvitt.signature (
  file text PRIMARY KEY,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  signer text NOT NULL,
  body bytea NOT NULL
);

CREATE TABLE kvitt.payment_order (
  id text PRIMARY KEY,
  statement_id bigint NOT NULL UNIQUE,
  partner smallint NOT NULL,
  currency text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  pay_on date NOT NULL,
  account text NOT NULL,
  reference text NOT NULL UNIQUE
);

-- Tax documents that a statement's net settles; each series of a partner counts without gap.
CREATE TABLE kvitt.document (
  number text PRIMARY KEY,
  statement_id bigint NOT NULL,
  partner smallint NOT NULL,
  series text NOT NULL CHECK (series IN ('SB', 'IN', 'CP', 'CI')),
  serial integer NOT NULL CHECK (serial > 0),
  net_minor bigint NOT NULL CHECK (net_minor >= 0),
  UNIQUE (partner, series, serial)
);

-- Certificates handed over by a partner, as one person brings them: who may sign for it, from when to
-- when.
CREATE TABLE kvitt.signer (
  partner smallint NOT NULL,
  fingerprint bytea NOT NULL CHECK (fingerprint = sha256(certificate)),
  certificate bytea NOT NULL,
  valid_from date NOT NULL,
  valid_to date NOT NULL,
  proposed_by name NOT NULL DEFAULT session_user,
  PRIMARY KEY (partner, fingerprint),
  UNIQUE (partner, fingerprint, proposed_by)
);

-- A second person's yes.
CREATE TABLE kvitt.signer_decision (
  partner smallint NOT NULL,
  fingerprint bytea NOT NULL,
  proposed_by name NOT NULL,
  decided_by name NOT NULL DEFAULT session_user,
  PRIMARY KEY (partner, fingerprint),
  CONSTRAINT signer_decision_two_people CHECK (decided_by <> proposed_by)
);

-- Certificates that count no longer; one person suffices.
CREATE TABLE kvitt.signer_withdrawal (
  partner smallint NOT NULL,
  fingerprint bytea NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 3 AND 400),
  withdrawn_by name NOT NULL DEFAULT session_user,
  PRIMARY KEY (partner, fingerprint)
);

-- Partners' answers with their bytes.
CREATE TABLE kvitt.answer (
  partner smallint NOT NULL,
  sequence integer NOT NULL CHECK (sequence > 0),
  number text NOT NULL,
  statement_id bigint NOT NULL,
  batch_id bigint NOT NULL UNIQUE,
  digest bytea NOT NULL,
  signer bytea NOT NULL,
  accepted_quantity bigint NOT NULL,
  accepted_minor bigint NOT NULL,
  theirs_quantity bigint NOT NULL,
  theirs_minor bigint NOT NULL,
  body bytea NOT NULL,
  signature bytea NOT NULL,
  PRIMARY KEY (partner, sequence)
);

-- One outcome per filed line and attempt; status D stands for the terms' deadline.
CREATE TABLE kvitt.outcome (
  event_id text NOT NULL,
  attempt integer NOT NULL,
  row_id bigint NOT NULL,
  batch_id bigint NOT NULL,
  status text NOT NULL CHECK (status IN ('A', 'P', 'W', 'M', 'X', 'D')),
  filed_quantity bigint NOT NULL,
  accepted_quantity bigint NOT NULL,
  accepted_minor bigint NOT NULL,
  reason text NOT NULL,
  partner_ref text NOT NULL,
  PRIMARY KEY (event_id, attempt),
  CHECK (accepted_quantity BETWEEN 0 AND filed_quantity)
);
CREATE INDEX outcome_row ON kvitt.outcome (row_id);
CREATE INDEX outcome_batch ON kvitt.outcome (batch_id);
CREATE INDEX outcome_deadline ON kvitt.outcome (event_id, attempt) WHERE status = 'D';
CREATE INDEX outcome_rejected ON kvitt.outcome (event_id, attempt)
  WHERE status IN ('P', 'X');

-- Rejected lines that were filed again, dropped or lapsed: nothing is left to do about them.
CREATE TABLE kvitt.rejection_closed (
  event_id text NOT NULL,
  attempt integer NOT NULL,
  batch_id bigint NOT NULL,
  how text NOT NULL CHECK (how IN ('refiled', 'lapsed', 'dropped')),
  PRIMARY KEY (event_id, attempt)
);

-- Rows that go onto a statement outside their slice: reversal lines wait for the answer to their
-- lot (M7b), cured lines go out again (M6a). Filled by check_leaf.
CREATE TABLE kvitt.waiting_line (
  row_id bigint PRIMARY KEY,
  flow smallint NOT NULL,
  partner smallint NOT NULL,
  member_id bigint NOT NULL,
  lot_id bigint NOT NULL,
  batch_id bigint NOT NULL
);

-- Lines that are owed from the statement on that sends them, by lot and attempt.
CREATE TABLE kvitt.filing (
  lot_id bigint NOT NULL,
  attempt integer NOT NULL CHECK (attempt > 0),
  -- The row that owes it.
  row_id bigint NOT NULL UNIQUE,
  PRIMARY KEY (lot_id, attempt)
);

-- Foreign keys that can be added after their tables were distributed.
ALTER TABLE kvitt.plan_approval
  ADD CONSTRAINT plan_approval_plan FOREIGN KEY (plan_id, digest, prepared_by)
    REFERENCES kvitt.plan (id, digest, prepared_by);
ALTER TABLE kvitt.standing
  ADD CONSTRAINT standing_partner FOREIGN KEY (partner) REFERENCES kvitt.partner (id);
ALTER TABLE kvitt.standing_approval
  ADD CONSTRAINT standing_approval_standing FOREIGN KEY (standing_id, prepared_by)
    REFERENCES kvitt.standing (id, prepared_by);
ALTER TABLE kvitt.standing_withdrawal
  ADD CONSTRAINT standing_withdrawal_standing FOREIGN KEY (standing_id)
    REFERENCES kvitt.standing (id);
ALTER TABLE kvitt.settlement_run
  ADD CONSTRAINT settlement_run_plan FOREIGN KEY (plan_id) REFERENCES kvitt.plan (id),
  ADD CONSTRAINT settlement_run_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.window_claim
  ADD CONSTRAINT window_claim_slice FOREIGN KEY (partner, batch_id, settlement_date)
    REFERENCES kvitt.slice (partner, batch_id, settlement_date);
ALTER TABLE kvitt.statement
  ADD CONSTRAINT statement_partner FOREIGN KEY (partner) REFERENCES kvitt.partner (id),
  ADD CONSTRAINT statement_batch FOREIGN KEY (run_batch) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.payment_order
  ADD CONSTRAINT payment_order_statement FOREIGN KEY (statement_id)
    REFERENCES kvitt.statement (id);
ALTER TABLE kvitt.signer
  ADD CONSTRAINT signer_partner FOREIGN KEY (partner) REFERENCES kvitt.partner (id);
ALTER TABLE kvitt.signer_decision
  ADD CONSTRAINT signer_decision_signer FOREIGN KEY (partner, fingerprint, proposed_by)
    REFERENCES kvitt.signer (partner, fingerprint, proposed_by);
ALTER TABLE kvitt.signer_withdrawal
  ADD CONSTRAINT signer_withdrawal_signer FOREIGN KEY (partner, fingerprint)
    REFERENCES kvitt.signer (partner, fingerprint);
ALTER TABLE kvitt.answer
  ADD CONSTRAINT answer_statement FOREIGN KEY (statement_id) REFERENCES kvitt.statement (id),
  ADD CONSTRAINT answer_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.document
  ADD CONSTRAINT document_statement FOREIGN KEY (statement_id) REFERENCES kvitt.statement (id);
ALTER TABLE kvitt.rejection_closed
  ADD CONSTRAINT rejection_closed_outcome FOREIGN KEY (event_id, attempt)
    REFERENCES kvitt.outcome (event_id, attempt);
