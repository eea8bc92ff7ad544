-- Loads terms: 'stands' where exactly these bytes are in force, 'proposed' where one person has
-- brought them, 'applied' where the caller is the second.
CREATE OR REPLACE FUNCTION kvitt.apply_terms(
  p_kind text, p_code text, p_version integer, p_body bytea
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_digest bytea := sha256(p_body);
  v_stands bytea;
  v_other name;
BEGIN
  LOCK TABLE kvitt.terms IN SHARE ROW EXCLUSIVE MODE;
  SELECT digest INTO v_stands FROM kvitt.terms
   WHERE kind = p_kind AND code = p_code AND version = p_version;
  IF FOUND THEN
    IF v_stands <> v_digest THEN
      RAISE EXCEPTION '% % version % stands with other content', p_kind, p_code, p_version
        USING ERRCODE = 'KV023';
    END IF;
    RETURN 'stands';
  END IF;
  SELECT proposed_by INTO v_other FROM kvitt.terms_proposal
   WHERE kind = p_kind AND code = p_code AND version = p_version AND digest = v_digest
     AND proposed_by <> session_user
   ORDER BY proposed_by LIMIT 1;
  IF NOT FOUND THEN
    INSERT INTO kvitt.terms_proposal (kind, code, version, digest)
    VALUES (p_kind, p_code, p_version, v_digest) ON CONFLICT DO NOTHING;
    RETURN 'proposed';
  END IF;
  INSERT INTO kvitt.terms (id, kind, code, version, digest, body, proposed_by)
  SELECT coalesce(max(id), 0) + 1, p_kind, p_code, p_version, v_digest, p_body, v_other
    FROM kvitt.terms;
  RETURN 'applied';
END $$;
