-- Cards of the member who is found by a keyed hash; the search is noted with who asked and why, also where
-- nobody is found.
CREATE OR REPLACE FUNCTION kvitt.find_member(p_digests text[], p_kind text, p_reason text)
RETURNS TABLE (token text)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO kvitt.member_search (kind, member_id, reason)
  SELECT p_kind, (SELECT l.member_id FROM kvitt.member_lookup l WHERE l.digest = ANY (p_digests)), p_reason;
  SELECT c.token FROM kvitt.member_lookup l JOIN kvitt.card c USING (member_id)
   WHERE l.digest = ANY (p_digests) ORDER BY c.token
$$;
