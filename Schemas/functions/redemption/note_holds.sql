-- Digests the holds that a batch posts. Calls change a hold until then, thousands a minute, and nothing is
-- booked from it: only what was posted is a fact.
CREATE OR REPLACE FUNCTION kvitt.note_holds(p_holds bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD' SET timezone = 'UTC' SET bytea_output = 'hex' AS $$
DECLARE
  v_source record;
BEGIN
  SELECT s.key, s.columns INTO STRICT v_source
    FROM kvitt.fact_sources() AS s WHERE s.relation = 'posted_hold';
  EXECUTE format(
    'INSERT INTO kvitt.fact_note (relation, keys, digest)
     SELECT ''posted_hold'', array_agg(key ORDER BY key COLLATE "C"),
            sha256(convert_to(string_agg(text, E''\n'' ORDER BY key COLLATE "C"), ''UTF8''))
       FROM (SELECT key, text, (row_number() OVER (ORDER BY key COLLATE "C") - 1) / 256 AS part
               FROM (SELECT ROW(%1$s)::text AS key, ROW(%2$s)::text AS text
                       FROM kvitt.posted_hold AS fresh WHERE id = ANY ($1)) AS posted
            ) AS parted
      GROUP BY part', v_source.key, v_source.columns) USING p_holds;
END $$;
