-- Puts what was written since the last seal under the next one: a digest for each table, over the digests of
-- its notes. It runs while the book's row is locked, so a note belongs to one seal, and what another
-- transaction has not committed goes with a later one.
CREATE OR REPLACE FUNCTION kvitt.attach_facts(p_batch bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH taken AS (
    UPDATE kvitt.fact_note SET batch_id = p_batch WHERE batch_id IS NULL RETURNING relation, digest
  )
  INSERT INTO kvitt.attachment (batch_id, kind, name, digest)
  SELECT p_batch, 'facts', relation, sha256(string_agg(digest, ''::bytea ORDER BY digest))
    FROM taken GROUP BY relation
$$;
