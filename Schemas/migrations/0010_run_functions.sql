-- One run per (job, business date), with a fence that every commit of the run compares (D13).
-- Begins or resumes; a live holder refuses with KV075, a dead one is taken over: its backend is
-- ended first, then the fence rises.
CREATE FUNCTION kvitt.begin_run(p_job text, p_date date, p_holder text, p_at timestamptz)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_run kvitt.run;
  v_start timestamptz;
BEGIN
  SELECT backend_start INTO v_start FROM pg_stat_activity WHERE pid = pg_backend_pid();
  INSERT INTO kvitt.run VALUES (p_job, p_date, 1, pg_backend_pid(), v_start, p_holder, p_at)
  ON CONFLICT DO NOTHING;
  IF FOUND THEN
    RETURN 1;
  END IF;
  SELECT * INTO STRICT v_run FROM kvitt.run
   WHERE job = p_job AND business_date = p_date FOR UPDATE;
  IF v_run.backend <> pg_backend_pid() AND EXISTS (
    SELECT FROM pg_stat_activity
     WHERE pid = v_run.backend AND backend_start = v_run.backend_start
  ) THEN
    RAISE EXCEPTION 'run % of % is held by % since %', p_job, p_date, v_run.holder,
      v_run.started_at USING ERRCODE = 'KV075';
  END IF;
  UPDATE kvitt.run
     SET fence = fence + 1, backend = pg_backend_pid(), backend_start = v_start,
         holder = p_holder, started_at = p_at
   WHERE job = p_job AND business_date = p_date;
  RETURN v_run.fence + 1;
END $$;

-- Ends the recorded holder's backend; the next begin_run then takes the run over.
CREATE FUNCTION kvitt.end_holder(p_job text, p_date date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_run kvitt.run;
BEGIN
  SELECT * INTO v_run FROM kvitt.run WHERE job = p_job AND business_date = p_date FOR UPDATE;
  -- First look, then end: beside other conditions the function could be called for other rows.
  IF NOT FOUND OR NOT EXISTS (
    SELECT FROM pg_stat_activity
     WHERE pid = v_run.backend AND backend_start = v_run.backend_start
  ) THEN
    RETURN false;
  END IF;
  RETURN pg_terminate_backend(v_run.backend, 5000);
END $$;

-- Holds the run's row until COMMIT; a risen fence refuses.
CREATE FUNCTION kvitt.hold_fence(p_job text, p_date date, p_fence integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_fence integer;
BEGIN
  SELECT fence INTO v_fence FROM kvitt.run
   WHERE job = p_job AND business_date = p_date FOR SHARE;
  IF v_fence IS DISTINCT FROM p_fence THEN
    RAISE EXCEPTION 'run % of % was taken over', p_job, p_date USING ERRCODE = 'KV075';
  END IF;
END $$;

CREATE FUNCTION kvitt.note_step(
  p_job text, p_date date, p_fence integer, p_step text, p_state text, p_note text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM kvitt.hold_fence(p_job, p_date, p_fence);
  INSERT INTO kvitt.run_event (job, business_date, seq, step, state, note)
  SELECT p_job, p_date, coalesce(max(seq), 0) + 1, p_step, p_state, p_note
    FROM kvitt.run_event WHERE job = p_job AND business_date = p_date;
END $$;

-- Begins the settlement of a plan: a second person approved exactly it, or every payment in it is
-- covered by a standing approval of two people (limits on gross movement each way, not expired).
CREATE FUNCTION kvitt.begin_settlement(p_plan text, p_batch bigint) RETURNS void
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
