-- Makes the index of identities of an open leaf, before records are looked up in it.
CREATE OR REPLACE FUNCTION kvitt.index_identities(p_batch bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET maintenance_work_mem = '4MB' AS $$
BEGIN
  IF EXISTS (SELECT FROM kvitt.seal WHERE batch_id = p_batch) THEN
    RAISE EXCEPTION 'batch % is sealed', p_batch USING ERRCODE = 'KV023';
  END IF;
  EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS purchase_%1$s_identity
    ON kvitt.purchase_%1$s (identity) WITH (fillfactor = 100)', p_batch);
END $$;
