-- Notes a step of a run, under its fence. A run is finished only where its date is settled.
CREATE OR REPLACE FUNCTION kvitt.note_step(
  p_job text, p_date date, p_fence integer, p_step text, p_state text, p_note text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM kvitt.check_business_date(p_date);
  PERFORM kvitt.hold_fence(p_job, p_date, p_fence);
  IF p_state = 'finished' AND NOT (pg_has_role(kvitt.acting_role(), 'kvitt_settle', 'USAGE')
    AND EXISTS (SELECT FROM kvitt.settlement_run r JOIN kvitt.seal s USING (batch_id)
                 WHERE r.business_date = p_date)) THEN
    RAISE EXCEPTION 'run % of % is not finished: nothing of that date is settled', p_job, p_date
      USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.run_event (job, business_date, seq, step, state, note)
  SELECT p_job, p_date, coalesce(max(seq), 0) + 1, p_step, p_state, p_note
    FROM kvitt.run_event WHERE job = p_job AND business_date = p_date;
END $$;
