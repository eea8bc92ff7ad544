-- A partner's answer may name the new number of a merged member.
CREATE OR REPLACE FUNCTION kvitt.change_member_refs(p_members bigint[], p_refs text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO kvitt.member_ref (member_id, seq, ref)
  SELECT g.member_id, last.seq + 1, g.ref
    FROM (SELECT DISTINCT ON (member_id) member_id, ref
            FROM unnest(p_members, p_refs) AS x (member_id, ref)
           ORDER BY member_id, ref) AS g
    CROSS JOIN LATERAL (SELECT seq, ref FROM kvitt.member_ref r WHERE r.member_id = g.member_id
                         ORDER BY seq DESC LIMIT 1) AS last
   WHERE last.ref <> g.ref
$$;
