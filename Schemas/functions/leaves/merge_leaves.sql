-- Merges the leaves of a range of batches into one: the rows, their order and therefore their digests stay;
-- only the number of tables falls. The range begins and ends with a sealed batch, so the next number finds room
-- behind it; a leaf that was merged before and reaches into the range goes along whole.
CREATE OR REPLACE FUNCTION kvitt.merge_leaves(p_part text, p_first bigint, p_last bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET maintenance_work_mem = '4MB' AS $$
DECLARE
  v_leaf regclass;
  v_new text;
  v_old regclass[];
  v_from bigint;
  v_to bigint;
  v_before bigint;
  v_after bigint;
BEGIN
  IF p_part NOT IN ('purchase', 'reward') THEN
    RAISE EXCEPTION 'no such part: %', p_part USING ERRCODE = 'KV020';
  END IF;
  IF p_first >= p_last OR (SELECT count(*) FROM kvitt.seal WHERE batch_id IN (p_first, p_last)) < 2
    OR EXISTS (SELECT FROM kvitt.batch b WHERE b.id BETWEEN p_first AND p_last
                AND NOT EXISTS (SELECT FROM kvitt.seal s WHERE s.batch_id = b.id)) THEN
    RAISE EXCEPTION 'batches % to % are not all sealed', p_first, p_last USING ERRCODE = 'KV020';
  END IF;
  -- Names of leaves alone are read as numbers, so these are gathered first.
  WITH named AS MATERIALIZED (
    SELECT i.inhrelid::regclass AS leaf, string_to_array(c.relname, '_') AS words
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = format('kvitt.%s', p_part)::regclass
  )
  SELECT array_agg(l.leaf), least(min(l.bounds[1]), p_first), greatest(max(l.bounds[2]), p_last)
    INTO v_old, v_from, v_to
    FROM (SELECT n.leaf,
                 ARRAY[n.words[2]::bigint, coalesce(n.words[3], n.words[2])::bigint] AS bounds
            FROM named n) AS l
   WHERE l.bounds[1] <= p_last AND l.bounds[2] >= p_first;
  IF coalesce(array_length(v_old, 1), 0) < 2 THEN
    RETURN 0;
  END IF;
  v_new := format('%s_%s_%s', p_part, v_from, v_to);
  EXECUTE format('SELECT count(*) FROM kvitt.%s WHERE batch_id BETWEEN %s AND %s',
    p_part, v_from, v_to) INTO v_before;
  EXECUTE format(
    'CREATE TABLE kvitt.%1$s (LIKE kvitt.%2$s INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
       CONSTRAINT %1$s_leaf CHECK (batch_id >= %3$s AND batch_id < %4$s))
       WITH (autovacuum_enabled = false)', v_new, p_part, v_from, v_to + 1);
  EXECUTE format('INSERT INTO kvitt.%1$s SELECT * FROM kvitt.%2$s
    WHERE batch_id BETWEEN %3$s AND %4$s ORDER BY batch_id, seq', v_new, p_part, v_from, v_to);
  GET DIAGNOSTICS v_after = ROW_COUNT;
  IF v_before <> v_after THEN
    RAISE EXCEPTION 'merging % rows gave %', v_before, v_after USING ERRCODE = 'KV020';
  END IF;
  IF p_part = 'reward' THEN
    EXECUTE format('CREATE UNIQUE INDEX ON kvitt.%s (seq, batch_id) WITH (fillfactor = 100)', v_new);
  END IF;
  IF p_part = 'purchase' THEN
    EXECUTE format('CREATE UNIQUE INDEX ON kvitt.%s (identity)', v_new);
  ELSE
    EXECUTE format('CREATE INDEX ON kvitt.%s (member_id)', v_new);
  END IF;
  -- Rows stand in the order of their batches: the guard reads only the pages of the days it asks.
  EXECUTE format('CREATE INDEX ON kvitt.%s USING brin (batch_id) WITH (pages_per_range = 16)',
    v_new);
  IF p_part = 'reward' THEN
    EXECUTE format('CREATE INDEX ON kvitt.%s (member_id) WHERE %s', v_new, kvitt.movement());
  END IF;
  EXECUTE format('GRANT SELECT ON kvitt.%s TO kvitt_read', v_new);
  EXECUTE format('ANALYZE kvitt.%s', v_new);
  FOREACH v_leaf IN ARRAY v_old LOOP
    EXECUTE format('ALTER TABLE kvitt.%s DETACH PARTITION %s', p_part, v_leaf);
    EXECUTE format('DROP TABLE %s', v_leaf);
  END LOOP;
  EXECUTE format('ALTER TABLE kvitt.%s ATTACH PARTITION kvitt.%s FOR VALUES FROM (%s) TO (%s)',
    p_part, v_new, v_from, v_to + 1);
  RETURN v_after;
END $$;
