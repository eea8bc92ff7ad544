-- The number of the batch of a kind that takes in what the key names; numbers have no gap.
CREATE OR REPLACE FUNCTION kvitt.reserve_batch(p_kind text, p_key text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_key text := p_kind || '/' || p_key;
  v_id bigint;
BEGIN
  PERFORM kvitt.check_batch_role(p_kind);
  SELECT id INTO v_id FROM kvitt.batch_number WHERE key = v_key;
  IF FOUND AND (EXISTS (SELECT FROM kvitt.batch WHERE id = v_id) OR NOT EXISTS (
    SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent IN ('kvitt.purchase'::regclass, 'kvitt.reward'::regclass)
       AND CASE WHEN c.relname ~ '^(purchase|reward)_[0-9]+_[0-9]+$'
                THEN v_id BETWEEN split_part(c.relname, '_', 2)::bigint
                     AND split_part(c.relname, '_', 3)::bigint
                ELSE false END)) THEN
    RETURN v_id;
  END IF;
  LOCK TABLE kvitt.batch_number IN SHARE ROW EXCLUSIVE MODE;
  -- A file that was refused kept its number; leaves around it were merged since, so the number
  -- lies inside a merged range and can no longer carry a leaf of its own.
  DELETE FROM kvitt.batch_number WHERE key = v_key AND id = v_id;
  INSERT INTO kvitt.batch_number (key, id)
  SELECT v_key, coalesce(max(id), 0) + 1 FROM kvitt.batch_number
  ON CONFLICT (key) DO NOTHING;
  SELECT id INTO STRICT v_id FROM kvitt.batch_number WHERE key = v_key;
  RETURN v_id;
END $$;
