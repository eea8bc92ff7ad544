-- One run per (job, business date), with a fence that every commit of the run compares.
-- Begins or resumes; a live holder refuses with KV075, a dead one is taken over: its backend is
-- ended first, then the fence rises.
CREATE OR REPLACE FUNCTION kvitt.begin_run(p_job text, p_date date, p_holder text, p_at timestamptz)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_run kvitt.run;
  v_start timestamptz;
BEGIN
  PERFORM kvitt.check_business_date(p_date);
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
