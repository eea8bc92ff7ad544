-- Notes a keyed hash by which a member is found, as one of two people: whoever is found so can use what the
-- member has. p_digests are the same text under every key, the newest first, which is the one that is kept.
--
-- Says 'stands' where the member is found so already, 'taken' where another is, which is noted as a search;
-- else what the caller's word did (ask_import), and the digest of what was asked.
CREATE OR REPLACE FUNCTION kvitt.note_lookup(
  p_digests text[], p_kind text, p_member bigint, OUT outcome text, OUT content bytea
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_known bigint;
BEGIN
  SELECT member_id INTO v_known FROM kvitt.member_lookup WHERE digest = ANY (p_digests);
  IF FOUND THEN
    INSERT INTO kvitt.member_search (kind, member_id, reason)
    VALUES (p_kind, v_known, 'to be noted for member ' || p_member);
    outcome := CASE WHEN v_known = p_member THEN 'stands' ELSE 'taken' END;
    RETURN;
  END IF;
  content := sha256(convert_to(ROW('lookups', p_digests[1], p_kind, p_member)::text, 'UTF8'));
  outcome := kvitt.ask_import('lookups', content, p_kind || ' of member ' || p_member, 1);
  IF outcome = 'decided' THEN
    INSERT INTO kvitt.member_lookup (digest, member_id, kind) VALUES (p_digests[1], p_member, p_kind);
  END IF;
END $$;
