-- Begins the settlement of a plan, and claims its slices. It speaks once of everybody with whom there is something to
-- settle, its amounts and currencies are those of the books, and a second person approved exactly it, or a
-- standing approval of two people covers every payment in it.
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
  -- One after the other: each sees what the one before it settled.
  LOCK TABLE kvitt.settlement_run IN SHARE ROW EXCLUSIVE MODE;
  PERFORM kvitt.check_turn(v_plan.business_date, v_plan.cut_seal);
  SELECT string_agg(t.code, ', ' ORDER BY t.code) INTO v_wrong FROM kvitt.partner t
   WHERE (SELECT count(*) FROM kvitt.plan_positions(p_plan) AS p WHERE p.partner = t.id) > 1;
  IF v_wrong IS NOT NULL THEN
    RAISE EXCEPTION 'plan % speaks twice of %', p_plan, v_wrong USING ERRCODE = 'KV020';
  END IF;
  SELECT string_agg(t.code, ', ' ORDER BY t.code) INTO v_wrong
    FROM (SELECT o.id, o.code FROM kvitt.partner o
           WHERE o.id NOT IN (SELECT p.partner FROM kvitt.plan_positions(p_plan) AS p
                               WHERE p.partner IS NOT NULL) OFFSET 0) AS t
   CROSS JOIN LATERAL kvitt.books_position(t.id, NULL, v_plan.business_date, v_plan.cut_seal) AS b
   WHERE b.opening <> 0 OR b.paid <> 0 OR b.slices <> '[]';
  IF v_wrong IS NOT NULL THEN
    RAISE EXCEPTION 'plan % leaves out %, with whom there is something to settle', p_plan, v_wrong
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
      OR p.ordered < 0 OR p.currency IS NULL
      OR p.currency <> kvitt.partner_currency(p.partner)
      OR EXISTS (
        SELECT FROM jsonb_to_recordset(b.slices) AS x (batch bigint, date date)
          JOIN kvitt.leaf_total t ON t.batch_id = x.batch AND t.settlement_date = x.date
          JOIN kvitt.flow f ON f.id = t.flow
          JOIN kvitt.currency c ON c.id = t.currency
         WHERE t.partner = p.partner AND f.line_measure IS NOT NULL AND c.code <> p.currency
         GROUP BY t.programme, t.flow, t.currency
        HAVING sum(CASE f.line_measure WHEN 'cost' THEN t.cost_minor ELSE t.share_minor END) <> 0);
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
