-- Digests the rows that a statement has written into a table of facts, before anybody else sees them. It is
-- the table's trigger, so no way to write goes around it, and it fires once a statement: a file's rows
-- cost a sort and a digest of 256 at a time.
CREATE OR REPLACE FUNCTION kvitt.note_facts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD' SET timezone = 'UTC' SET bytea_output = 'hex' AS $$
DECLARE
  v_source record;
BEGIN
  SELECT s.key, s.columns INTO STRICT v_source
    FROM kvitt.fact_sources() AS s WHERE s.relation = TG_TABLE_NAME;
  EXECUTE format(
    'INSERT INTO kvitt.fact_note (relation, keys, digest)
     SELECT %1$L, array_agg(key ORDER BY key COLLATE "C"),
            sha256(convert_to(string_agg(text, E''\n'' ORDER BY key COLLATE "C"), ''UTF8''))
       FROM (SELECT key, text, (row_number() OVER (ORDER BY key COLLATE "C") - 1) / 256 AS part
               FROM (SELECT ROW(%2$s)::text AS key, ROW(%3$s)::text AS text FROM fresh) AS written
            ) AS parted
      GROUP BY part', TG_TABLE_NAME, v_source.key, v_source.columns);
  RETURN NULL;
END $$;

-- A view has none: what it shows is noted by the function that makes it appear.
DO $$
DECLARE
  v_relation text;
BEGIN
  FOR v_relation IN SELECT s.relation FROM kvitt.fact_sources() AS s
     WHERE s.relation <> 'posted_hold' ORDER BY 1 LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER facts AFTER INSERT ON kvitt.%I
      REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts()',
      v_relation);
  END LOOP;
END $$;
