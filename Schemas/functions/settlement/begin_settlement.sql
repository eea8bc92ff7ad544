-- Begins the settlement of a plan, and claims its slices. Its amounts are those of the books, and a second
-- person approved exactly it, or a standing approval of two people covers every payment in it.
CREATE OR REPLACE FUNCTION kvitt.begin_settlement(p_plan text, p_batch bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_plan kvitt.plan;
  v_wrong text;
BEGIN
  SELECT * INTO STRICT v_plan FROM kvitt.plan WHERE id = p_plan;
  IF NOT EXISTS (SELECT FROM kvitt.batch b
                  WHERE b.id = p_batch AND b.kind = 'settlement'
                    AND b.business_date = v_plan.business_date
                    AND NOT EXISTS (SELECT FROM kvitt.seal s WHERE s.batch_id = b.id)) THEN
    RAISE EXCEPTION 'batch % is no open settlement of %', p_batch, v_plan.business_date
      USING ERRCODE = 'KV020';
  END IF;
  SELECT string_agg(DISTINCT p.code, ', ') INTO v_wrong
    FROM kvitt.plan_positions(p_plan) AS p
   CROSS JOIN LATERAL kvitt.books_position(
     p.partner, p.currency, v_plan.business_date, v_plan.cut_seal) AS b
   WHERE (p.sequence, p.opening, p.to_partner, p.to_issuer, p.paid, p.slices)
         IS DISTINCT FROM (b.sequence, b.opening, b.to_partner, b.to_issuer, b.paid, b.slices)
      OR p.code IS DISTINCT FROM (SELECT t.code FROM kvitt.partner t WHERE t.id = p.partner)
      OR p.ordered IS DISTINCT FROM CASE p.action
           WHEN 'pay' THEN b.opening + b.to_partner - b.to_issuer - b.paid ELSE 0 END
      OR p.ordered < 0;
  IF v_wrong IS NOT NULL THEN
    RAISE EXCEPTION 'plan % does not say what the books say of %', p_plan, v_wrong
      USING ERRCODE = 'KV020';
  END IF;
  IF NOT EXISTS (SELECT FROM kvitt.plan_approval a
                  WHERE a.plan_id = p_plan AND a.digest = v_plan.digest) THEN
    SELECT string_agg(p.code, ', ') INTO v_wrong FROM kvitt.plan_positions(p_plan) AS p
     WHERE p.ordered > 0
       AND NOT EXISTS (
         SELECT FROM kvitt.standing_in_force s
          CROSS JOIN LATERAL kvitt.standing_use(s.partner, v_plan.business_date) AS u
          WHERE s.partner = p.partner AND s.currency = p.currency AND s.account = p.account
            AND s.expires_on >= v_plan.business_date
            AND s.to_partner_minor >= greatest(p.to_partner, p.ordered)
            AND s.to_issuer_minor >= p.to_issuer
            AND s.month_to_partner_minor
                >= greatest(u.to_partner + p.to_partner, u.ordered + p.ordered)
            AND s.month_to_issuer_minor >= u.to_issuer + p.to_issuer);
    IF v_wrong IS NOT NULL THEN
      RAISE EXCEPTION 'plan % lacks approval for %', p_plan, v_wrong USING ERRCODE = 'KV024';
    END IF;
  END IF;
  INSERT INTO kvitt.settlement_run (plan_id, batch_id, business_date)
  VALUES (p_plan, p_batch, v_plan.business_date);
  INSERT INTO kvitt.window_claim (partner, batch_id, settlement_date, run_batch)
  SELECT p.partner, x.batch, x.date, p_batch
    FROM kvitt.plan_positions(p_plan) AS p
   CROSS JOIN LATERAL jsonb_to_recordset(p.slices) AS x (batch bigint, date date);
END $$;
