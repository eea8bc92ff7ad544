-- Least privilege (D3). No role holds UPDATE, DELETE or TRUNCATE on anything, nor INSERT on a
-- parent of leaves; columns that name a person are filled by the database alone.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA kvitt FROM PUBLIC;
GRANT USAGE ON SCHEMA kvitt TO kvitt_read, kvitt_ingest, kvitt_settle, kvitt_finance, kvitt_audit;
GRANT SELECT ON ALL TABLES IN SCHEMA kvitt TO kvitt_read, kvitt_audit;
GRANT EXECUTE ON FUNCTION kvitt.seal_text(bigint, bytea, bytea) TO kvitt_read, kvitt_audit;
GRANT EXECUTE ON FUNCTION
  kvitt.begin_run(text, date, text, timestamptz), kvitt.end_holder(text, date),
  kvitt.hold_fence(text, date, integer),
  kvitt.note_step(text, date, integer, text, text, text)
  TO kvitt_ingest, kvitt_settle;
GRANT EXECUTE ON FUNCTION
  kvitt.reserve_batch(text),
  kvitt.open_leaf(bigint, text, date, timestamptz, boolean), kvitt.find_repeats(bigint, integer),
  kvitt.seal_leaf(bigint, bigint, bigint, bytea, jsonb, jsonb, jsonb, jsonb),
  kvitt.lock_members(bigint[]), kvitt.pass_gate(boolean)
  TO kvitt_ingest, kvitt_settle;
GRANT INSERT ON kvitt.file, kvitt.quarantine, kvitt.break_item, kvitt.break_event,
  kvitt.record_link, kvitt.waiting_record, kvitt.waiting_done
  TO kvitt_ingest;
GRANT EXECUTE ON FUNCTION kvitt.change_member_refs(bigint[], text[]) TO kvitt_settle;
GRANT EXECUTE ON FUNCTION kvitt.merge_leaves(text, bigint, bigint) TO kvitt_settle;
GRANT EXECUTE ON FUNCTION kvitt.begin_settlement(text, bigint) TO kvitt_settle;
GRANT INSERT ON kvitt.window_claim, kvitt.document, kvitt.rejection_closed, kvitt.statement, kvitt.statement_line,
  kvitt.signature, kvitt.payment_order, kvitt.answer, kvitt.outcome, kvitt.bank_statement,
  kvitt.bank_line, kvitt.match_claim, kvitt.match_release, kvitt.break_item, kvitt.break_event,
  kvitt.proof, kvitt.file
  TO kvitt_settle;
GRANT INSERT (id, business_date, cut_seal, digest, body) ON kvitt.plan
  TO kvitt_settle, kvitt_finance;
GRANT INSERT (plan_id, digest, prepared_by) ON kvitt.plan_approval TO kvitt_finance;
GRANT INSERT (id, partner, currency, to_partner_minor, to_issuer_minor, expires_on)
  ON kvitt.standing TO kvitt_finance;
GRANT INSERT (standing_id, prepared_by) ON kvitt.standing_approval TO kvitt_finance;
GRANT INSERT (partner, fingerprint, certificate, valid_from, valid_to) ON kvitt.signer
  TO kvitt_finance;
GRANT EXECUTE ON FUNCTION kvitt.pass_gate(boolean) TO kvitt_finance;
GRANT EXECUTE ON FUNCTION
  kvitt.apply_terms(text, text, integer, bytea), kvitt.register_partner(text, text, text),
  kvitt.register_programme(text), kvitt.register_unit(text, text, smallint),
  kvitt.enrol_members(text, text[], text[])
  TO kvitt_finance;
