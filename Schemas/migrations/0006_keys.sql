-- Foreign keys stand apart from their tables, so that tables can be distributed first (D8).
-- Leaves carry none: seal_leaf checks them as sets.
ALTER TABLE kvitt.template
  ADD CONSTRAINT template_unit_from FOREIGN KEY (unit_from) REFERENCES kvitt.account (code),
  ADD CONSTRAINT template_unit_to FOREIGN KEY (unit_to) REFERENCES kvitt.account (code);
ALTER TABLE kvitt.template_leg
  ADD CONSTRAINT template_leg_template FOREIGN KEY (template) REFERENCES kvitt.template (id),
  ADD CONSTRAINT template_leg_account FOREIGN KEY (account) REFERENCES kvitt.account (code);
ALTER TABLE kvitt.unit
  ADD CONSTRAINT unit_currency FOREIGN KEY (currency) REFERENCES kvitt.currency (id);
ALTER TABLE kvitt.member
  ADD CONSTRAINT member_programme FOREIGN KEY (programme) REFERENCES kvitt.programme (id);
ALTER TABLE kvitt.member_ref
  ADD CONSTRAINT member_ref_member FOREIGN KEY (member_id) REFERENCES kvitt.member (id);
ALTER TABLE kvitt.card
  ADD CONSTRAINT card_member FOREIGN KEY (member_id) REFERENCES kvitt.member (id);
ALTER TABLE kvitt.file
  ADD CONSTRAINT file_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.block
  ADD CONSTRAINT block_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.entry
  ADD CONSTRAINT entry_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.posting
  ADD CONSTRAINT posting_entry FOREIGN KEY (entry_id) REFERENCES kvitt.entry (id),
  ADD CONSTRAINT posting_account FOREIGN KEY (account) REFERENCES kvitt.account (code);
ALTER TABLE kvitt.attachment
  ADD CONSTRAINT attachment_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.seal
  ADD CONSTRAINT seal_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.plan_approval
  ADD CONSTRAINT plan_approval_plan FOREIGN KEY (plan_id, digest, prepared_by)
    REFERENCES kvitt.plan (id, digest, prepared_by);
ALTER TABLE kvitt.standing
  ADD CONSTRAINT standing_partner FOREIGN KEY (partner) REFERENCES kvitt.partner (id);
ALTER TABLE kvitt.standing_approval
  ADD CONSTRAINT standing_approval_standing FOREIGN KEY (standing_id, prepared_by)
    REFERENCES kvitt.standing (id, prepared_by);
ALTER TABLE kvitt.settlement_run
  ADD CONSTRAINT settlement_run_plan FOREIGN KEY (plan_id) REFERENCES kvitt.plan (id),
  ADD CONSTRAINT settlement_run_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.window_claim
  ADD CONSTRAINT window_claim_slice FOREIGN KEY (partner, batch_id, settlement_date)
    REFERENCES kvitt.slice (partner, batch_id, settlement_date);
ALTER TABLE kvitt.statement
  ADD CONSTRAINT statement_partner FOREIGN KEY (partner) REFERENCES kvitt.partner (id),
  ADD CONSTRAINT statement_batch FOREIGN KEY (run_batch) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.signature
  ADD CONSTRAINT signature_statement FOREIGN KEY (statement_id) REFERENCES kvitt.statement (id);
ALTER TABLE kvitt.payment_order
  ADD CONSTRAINT payment_order_statement FOREIGN KEY (statement_id)
    REFERENCES kvitt.statement (id);
ALTER TABLE kvitt.signer
  ADD CONSTRAINT signer_partner FOREIGN KEY (partner) REFERENCES kvitt.partner (id);
ALTER TABLE kvitt.answer
  ADD CONSTRAINT answer_statement FOREIGN KEY (statement_id) REFERENCES kvitt.statement (id),
  ADD CONSTRAINT answer_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch (id);
ALTER TABLE kvitt.bank_line
  ADD CONSTRAINT bank_line_statement FOREIGN KEY (batch_id)
    REFERENCES kvitt.bank_statement (batch_id);
ALTER TABLE kvitt.match_claim
  ADD CONSTRAINT match_claim_after_release FOREIGN KEY (side, item, prev)
    REFERENCES kvitt.match_release (side, item, generation);
ALTER TABLE kvitt.match_release
  ADD CONSTRAINT match_release_of_claim FOREIGN KEY (side, item, generation)
    REFERENCES kvitt.match_claim (side, item, generation);
ALTER TABLE kvitt.break_event
  ADD CONSTRAINT break_event_break FOREIGN KEY (break_id) REFERENCES kvitt.break_item (id);
ALTER TABLE kvitt.run_event
  ADD CONSTRAINT run_event_run FOREIGN KEY (job, business_date)
    REFERENCES kvitt.run (job, business_date);
ALTER TABLE kvitt.waiting_record
  ADD CONSTRAINT waiting_record_link FOREIGN KEY (identity)
    REFERENCES kvitt.record_link (identity);
ALTER TABLE kvitt.waiting_done
  ADD CONSTRAINT waiting_done_waiting FOREIGN KEY (identity)
    REFERENCES kvitt.waiting_record (identity);
ALTER TABLE kvitt.document
  ADD CONSTRAINT document_statement FOREIGN KEY (statement_id) REFERENCES kvitt.statement (id);
ALTER TABLE kvitt.rejection_closed
  ADD CONSTRAINT rejection_closed_outcome FOREIGN KEY (event_id, attempt)
    REFERENCES kvitt.outcome (event_id, attempt);
