-- Identities of the open leaf that stand twice: in itself, or in a sealed leaf that can hold the same
-- day or the one before or after, since zones and clocks that were corrected move a record by one;
-- leaf_day tells which, once the leaf's own days are noted. At most p_limit of them.
CREATE OR REPLACE FUNCTION kvitt.find_repeats(p_batch bigint, p_limit integer)
RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_leaf text := format('kvitt.purchase_%s', p_batch);
  v_others bigint[];
BEGIN
  SELECT array_agg(DISTINCT d.batch_id) INTO v_others
    FROM kvitt.leaf_day d JOIN kvitt.leaf_day own ON d.day BETWEEN own.day - 1 AND own.day + 1
   WHERE own.batch_id = p_batch AND d.batch_id <> p_batch;
  IF v_others IS NOT NULL THEN
    RETURN QUERY EXECUTE format(
      'SELECT n.identity FROM %s n JOIN kvitt.purchase o USING (identity)
        WHERE o.batch_id = ANY (ARRAY[%s]::bigint[]) LIMIT %s',
      v_leaf, array_to_string(v_others, ','), p_limit);
  END IF;
  BEGIN
    EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS purchase_%1$s_identity
      ON kvitt.purchase_%1$s (identity) WITH (fillfactor = 100)', p_batch);
  EXCEPTION WHEN unique_violation THEN
    RETURN QUERY EXECUTE format(
      'SELECT identity FROM %s GROUP BY identity HAVING count(*) > 1 LIMIT %s', v_leaf, p_limit);
  END;
END $$;
