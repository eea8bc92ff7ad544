-- Notes which batch carries what was captured of holds; each once.
CREATE OR REPLACE FUNCTION kvitt.post_holds(
  p_batch bigint, p_holds bigint[], p_first integer[], p_last integer[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_count bigint;
BEGIN
  IF EXISTS (SELECT FROM kvitt.seal WHERE batch_id = p_batch) THEN
    RAISE EXCEPTION 'batch % is sealed', p_batch USING ERRCODE = 'KV023';
  END IF;
  UPDATE kvitt.hold h SET batch_id = p_batch, first_seq = x.f, last_seq = x.l
    FROM unnest(p_holds, p_first, p_last) AS x (id, f, l)
   WHERE h.id = x.id AND h.batch_id IS NULL AND h.captured > 0;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  IF v_count <> cardinality(p_holds) THEN
    RAISE EXCEPTION 'batch % posts holds that are open, released or posted', p_batch
      USING ERRCODE = 'KV023';
  END IF;
  PERFORM kvitt.note_holds(p_holds);
END $$;
