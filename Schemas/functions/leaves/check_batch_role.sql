-- Refuses a caller who acts in another role than the one that brings batches of a kind.
CREATE OR REPLACE FUNCTION kvitt.check_batch_role(p_kind text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM kvitt.batch_kind
                  WHERE kind = p_kind AND pg_has_role(kvitt.acting_role(), role, 'USAGE')) THEN
    RAISE EXCEPTION '% brings no batches of kind %', kvitt.acting_role(), p_kind
      USING ERRCODE = 'KV026';
  END IF;
END $$;
