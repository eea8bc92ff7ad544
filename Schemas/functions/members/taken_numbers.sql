-- Rows of a member file whose partner number cannot be: another member of the programme has it, in the
-- books or in the file, or another card of the same member stands in the file with another number. Only
-- numbers that are new or changed are asked. Gives the row, the other card, and whether it is the same
-- member's.
CREATE OR REPLACE FUNCTION kvitt.taken_numbers(p_programme text, p_tokens text[], p_refs text[])
RETURNS TABLE (row_no bigint, other text, same_member boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH given AS (
    SELECT g.n, g.token, g.ref, c.member_id, coalesce(c.member_id::text, 'new ' || g.token) AS who,
           now.ref IS DISTINCT FROM g.ref AS fresh
      FROM unnest(p_tokens, p_refs) WITH ORDINALITY AS g (token, ref, n)
      LEFT JOIN kvitt.card c USING (token)
      LEFT JOIN kvitt.member_number now ON now.member_id = c.member_id
  ), beside AS (
    SELECT n, who, fresh, ref,
           first_value(who) OVER number AS first_who, first_value(token) OVER number AS first_token,
           bool_or(fresh) OVER (PARTITION BY ref) AS number_fresh,
           first_value(ref) OVER person AS own_ref, first_value(token) OVER person AS own_token
      FROM given
    WINDOW number AS (PARTITION BY ref ORDER BY n), person AS (PARTITION BY who ORDER BY n)
  )
  SELECT n, first_token, false FROM beside WHERE who <> first_who AND number_fresh
   UNION ALL
  SELECT n, own_token, true FROM beside WHERE ref <> own_ref
   UNION ALL
  SELECT g.n, (SELECT min(c.token) FROM kvitt.card c WHERE c.member_id = v.member_id), false
    FROM given g
    JOIN kvitt.member_number v USING (ref)
    JOIN kvitt.member m ON m.id = v.member_id
    JOIN kvitt.programme p ON p.id = m.programme AND p.code = p_programme
   WHERE g.fresh AND v.member_id IS DISTINCT FROM g.member_id
     -- Two members may change numbers with each other.
     AND NOT EXISTS (SELECT FROM given o WHERE o.member_id = v.member_id AND o.ref <> v.ref)
   ORDER BY 1
   LIMIT 20
$$;
