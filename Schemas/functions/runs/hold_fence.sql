-- Holds the run's row until COMMIT; a risen fence refuses.
CREATE OR REPLACE FUNCTION kvitt.hold_fence(p_job text, p_date date, p_fence integer) RETURNS void
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
