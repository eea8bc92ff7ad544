-- Notes facts of members by their caller's role. The settlement tells tiers and closed accounts, which follow
-- from rows. A person tells choices, offers and events: at once from the day on that the books have come
-- to, since what that day's purchases earn is not decided yet; with an earlier day as one of two people.
--
-- Says 'done' where one person sufficed, else what the caller's word did (ask_import), and the digest of the
-- facts.
CREATE OR REPLACE FUNCTION kvitt.tell_member_facts(
  p_source text, p_name text, p_members bigint[], p_kinds text[], p_values text[], p_from text[],
  p_through text[], p_control smallint[], OUT outcome text, OUT content bytea
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' AS $$
DECLARE
  v_own text[] := CASE WHEN pg_has_role(kvitt.acting_role(), 'kvitt_settle', 'USAGE')
                       THEN ARRAY['tier', 'closed'] ELSE '{}' END
    || CASE WHEN pg_has_role(kvitt.acting_role(), 'kvitt_finance', 'USAGE')
            THEN ARRAY['choice', 'audience', 'event'] ELSE '{}' END;
  v_day date := (SELECT max(business_date) FROM kvitt.batch);
BEGIN
  IF NOT p_kinds <@ v_own THEN
    RAISE EXCEPTION '% tells no such facts of members', kvitt.acting_role() USING ERRCODE = 'KV026';
  END IF;
  content := sha256(convert_to(ROW('facts', p_source, p_members, p_kinds, p_values, p_from, p_through,
    p_control)::text, 'UTF8'));
  outcome := 'done';
  IF EXISTS (SELECT FROM unnest(p_kinds, p_from) AS x (kind, day)
              WHERE kind NOT IN ('tier', 'closed') AND day::date < v_day) THEN
    outcome := kvitt.ask_import('facts', content, p_name, cardinality(p_members));
  END IF;
  IF outcome IN ('done', 'decided') THEN
    INSERT INTO kvitt.member_fact (member_id, kind, value, valid_from, valid_to, control, source)
    SELECT m, k, v, f::date, nullif(t, '')::date, c = 1, p_source
      FROM unnest(p_members, p_kinds, p_values, p_from, p_through, p_control)
        WITH ORDINALITY AS x (m, k, v, f, t, c, n)
     ORDER BY n;
  END IF;
END $$;
