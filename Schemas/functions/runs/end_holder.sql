-- Ends the recorded holder's backend; the next begin_run then takes the run over.
CREATE OR REPLACE FUNCTION kvitt.end_holder(p_job text, p_date date) RETURNS boolean
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
