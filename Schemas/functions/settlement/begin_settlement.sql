-- Begins the settlement of a plan: a second person approved exactly it, or every payment in it is
-- covered by a standing approval of two people (limits on gross movement each way, not expired).
CREATE OR REPLACE FUNCTION kvitt.begin_settlement(p_plan text, p_batch bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_plan kvitt.plan;
  v_uncovered text;
BEGIN
  SELECT * INTO STRICT v_plan FROM kvitt.plan WHERE id = p_plan;
  IF NOT EXISTS (SELECT FROM kvitt.plan_approval a
                  WHERE a.plan_id = p_plan AND a.digest = v_plan.digest) THEN
    SELECT string_agg(x->>'code', ', ') INTO v_uncovered
      FROM jsonb_array_elements(v_plan.body::jsonb->'partners') AS x
     WHERE (x->>'ordered')::bigint > 0
       AND NOT EXISTS (
         SELECT FROM kvitt.standing_in_force s
          WHERE s.partner = (x->>'partner')::smallint AND s.currency = x->>'currency'
            AND s.expires_on >= v_plan.business_date
            AND s.to_partner_minor >= (x->>'to_partner')::bigint
            AND s.to_issuer_minor >= (x->>'to_issuer')::bigint);
    IF v_uncovered IS NOT NULL THEN
      RAISE EXCEPTION 'plan % lacks approval for %', p_plan, v_uncovered USING ERRCODE = 'KV024';
    END IF;
  END IF;
  INSERT INTO kvitt.settlement_run (plan_id, batch_id, business_date)
  VALUES (p_plan, p_batch, v_plan.business_date);
END $$;

GRANT EXECUTE ON FUNCTION kvitt.begin_settlement(text, bigint) TO kvitt_settle;
