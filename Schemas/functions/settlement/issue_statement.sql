-- Issues the statement of a partner under the run of a plan, and orders its payment. Partner, amounts, days
-- and account are those of the plan that begin_settlement let through; the statement's lines, which stand
-- already, give the same amounts.
CREATE OR REPLACE FUNCTION kvitt.issue_statement(
  p_plan text, p_partner smallint, p_id bigint, p_number text, p_created timestamptz,
  p_reference text, p_filed_quantity bigint, p_line_digest bytea, p_json_digest bytea
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_run record;
  v_own record;
  v_lines record;
BEGIN
  SELECT r.batch_id, r.business_date, p.cut_seal INTO v_run
    FROM kvitt.settlement_run r JOIN kvitt.plan p ON p.id = r.plan_id
   WHERE r.plan_id = p_plan
     AND NOT EXISTS (SELECT FROM kvitt.seal s WHERE s.batch_id = r.batch_id);
  SELECT * INTO v_own FROM kvitt.plan_positions(p_plan) AS x WHERE x.partner = p_partner;
  IF v_run.batch_id IS NULL OR v_own.partner IS NULL OR p_id >> 16 <> v_run.batch_id THEN
    RAISE EXCEPTION 'no run of plan % issues statement %', p_plan, p_number
      USING ERRCODE = 'KV020';
  END IF;
  SELECT count(*) FILTER (WHERE section = 'filed') AS filed,
         count(*) FILTER (WHERE section = 'settled') AS settled,
         coalesce(sum(value_minor) FILTER (
           WHERE section = 'settled' AND direction = 'to_partner'), 0) AS to_partner,
         coalesce(sum(value_minor) FILTER (
           WHERE section = 'settled' AND direction = 'to_issuer'), 0) AS to_issuer
    INTO v_lines FROM kvitt.statement_line WHERE statement_id = p_id;
  IF v_lines.to_partner - v_lines.to_issuer <> v_own.to_partner - v_own.to_issuer THEN
    RAISE EXCEPTION 'the lines of % give %, the plan %', p_number,
      v_lines.to_partner - v_lines.to_issuer, v_own.to_partner - v_own.to_issuer
      USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.statement (id, number, partner, sequence, run_batch, business_date, cut_seal,
    created, currency, opening_minor, settled_minor, paid_minor, ordered_minor, due, reference,
    filed_lines, filed_quantity, settled_lines, line_digest, json_digest)
  VALUES (p_id, p_number, p_partner, v_own.sequence, v_run.batch_id, v_run.business_date,
    v_run.cut_seal, p_created, v_own.currency, v_own.opening, v_own.to_partner - v_own.to_issuer,
    v_own.paid, v_own.ordered, v_own.pay_on, p_reference, v_lines.filed, p_filed_quantity,
    v_lines.settled, p_line_digest, p_json_digest);
  IF v_own.ordered > 0 THEN
    INSERT INTO kvitt.payment_order (id, statement_id, partner, currency, amount_minor, pay_on,
      account, reference)
    VALUES (format('PO-%s-%s', to_char(v_run.business_date, 'YYYYMMDD'),
        lpad((p_id & 65535)::text, greatest(2, length((p_id & 65535)::text)), '0')),
      p_id, p_partner, v_own.currency, v_own.ordered, v_own.pay_on, v_own.account, p_reference);
  END IF;
END $$;
