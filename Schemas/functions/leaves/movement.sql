-- Which rows the small index of movements of a leaf holds: what moves lots, or concerns a purchase of
-- another batch. Queries that are to use the index say it in the same words.
CREATE OR REPLACE FUNCTION kvitt.movement() RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT format('flow NOT IN (%s) OR purchase_id >> 32 <> batch_id',
           string_agg(id::text, ', ' ORDER BY id))
    FROM kvitt.flow WHERE is_bulk
$$;
