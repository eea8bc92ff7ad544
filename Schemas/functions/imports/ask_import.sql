-- A person asks for an import of which two decide: 'proposed' where the caller is the first, 'own' where the
-- caller asked before and nobody else has, 'decided' where the caller is the second.
--
-- Whoever brings rows computes the digest over all that would land, and lets them land in the same
-- transaction where this says 'decided'; so the second person's rows are the first one's.
CREATE OR REPLACE FUNCTION kvitt.ask_import(
  p_kind text, p_digest bytea, p_name text, p_rows integer
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_open kvitt.import;
BEGIN
  LOCK TABLE kvitt.import IN SHARE ROW EXCLUSIVE MODE;
  SELECT * INTO v_open FROM kvitt.import i
   WHERE i.digest = p_digest
     AND NOT EXISTS (SELECT FROM kvitt.import_decision d
                      WHERE (d.digest, d.round) = (i.digest, i.round));
  IF NOT FOUND THEN
    INSERT INTO kvitt.import (kind, digest, round, name, rows)
    SELECT p_kind, p_digest, count(*) + 1, p_name, p_rows
      FROM kvitt.import i WHERE i.digest = p_digest;
    RETURN 'proposed';
  END IF;
  IF v_open.proposed_by = session_user THEN
    RETURN 'own';
  END IF;
  INSERT INTO kvitt.import_decision (digest, round, proposed_by)
  VALUES (v_open.digest, v_open.round, v_open.proposed_by);
  RETURN 'decided';
END $$;
