-- Enrols cards as two people ask for the same rows: new tokens get a member each, known tokens keep theirs; a
-- changed partner number becomes a new row, and so does what the rows tell of their members that is not in
-- the books. Texts that are empty tell nothing. p_day is from when facts count of which the file names no
-- day, and the two people name the same one.
--
-- Says 'stands' where the rows change nothing; else what the caller's word did (ask_import), the digest of
-- the rows, and how many members are new, numbers changed and facts told once it is decided.
CREATE OR REPLACE FUNCTION kvitt.enrol_members(
  p_programme text, p_name text, p_day date, p_tokens text[], p_refs text[], p_joined text[],
  p_channels text[], p_terms text[], p_products text[], p_staff text[], p_referrers text[],
  OUT outcome text, OUT content bytea, OUT enrolled bigint, OUT changed bigint, OUT told bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' AS $$
DECLARE
  v_programme smallint;
  v_base bigint;
  v_tells boolean := array_to_string(
    p_joined || p_channels || p_terms || p_products || p_staff || p_referrers, '') <> '';
BEGIN
  SELECT id INTO STRICT v_programme FROM kvitt.programme WHERE code = p_programme;
  LOCK TABLE kvitt.member IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM kvitt.taken_numbers(p_programme, p_tokens, p_refs)) THEN
    RAISE EXCEPTION 'a partner number belongs to another member' USING ERRCODE = 'KV023';
  END IF;
  SELECT coalesce(max(id), 0) INTO v_base FROM kvitt.member;
  CREATE TEMP TABLE enrolment ON COMMIT DROP AS
  SELECT g.n, g.token, g.ref, nullif(g.joined, '')::date AS joined, nullif(g.channel, '') AS channel,
         nullif(g.terms, '') AS terms, nullif(g.product, '') AS product,
         nullif(g.staff, '') AS staff, nullif(g.referrer, '') AS referrer,
         c.member_id IS NULL AS is_new,
         coalesce(c.member_id, v_base + row_number()
           OVER (PARTITION BY c.member_id IS NULL ORDER BY g.token)) AS member_id,
         m.programme, number.seq, number.ref IS DISTINCT FROM g.ref AS is_fresh
    FROM unnest(p_tokens, p_refs, p_joined, p_channels, p_terms, p_products, p_staff, p_referrers)
      WITH ORDINALITY AS g (token, ref, joined, channel, terms, product, staff, referrer, n)
    LEFT JOIN kvitt.card c USING (token)
    LEFT JOIN kvitt.member m ON m.id = c.member_id
    LEFT JOIN LATERAL (SELECT r.seq, r.ref FROM kvitt.member_ref r WHERE r.member_id = c.member_id
                        ORDER BY r.seq DESC LIMIT 1) AS number ON true;
  IF EXISTS (SELECT FROM enrolment WHERE programme <> v_programme) THEN
    RAISE EXCEPTION 'a card belongs to another programme' USING ERRCODE = 'KV023';
  END IF;
  IF EXISTS (SELECT FROM enrolment GROUP BY token HAVING count(*) > 1) THEN
    RAISE EXCEPTION 'a card stands twice' USING ERRCODE = 'KV023';
  END IF;
  CREATE TEMP TABLE news ON COMMIT DROP AS
  SELECT e.n, f.place, e.member_id, f.kind, f.value, f.valid_from
    FROM enrolment e
    LEFT JOIN LATERAL (SELECT m.value, m.valid_from FROM kvitt.member_fact m
                        WHERE m.member_id = e.member_id AND m.kind = 'joined'
                        ORDER BY m.id DESC LIMIT 1) AS known ON true
    LEFT JOIN LATERAL (
      SELECT coalesce((SELECT r.member_id FROM enrolment r WHERE r.token = e.referrer AND r.is_new),
                      (SELECT c.member_id FROM kvitt.card c WHERE c.token = e.referrer)) AS member_id
       WHERE e.referrer IS NOT NULL) AS brought ON true
   CROSS JOIN LATERAL (SELECT coalesce(e.joined, known.valid_from, p_day)) AS since (day)
   CROSS JOIN LATERAL (VALUES
      -- What an old card bought was decided under its old product, and stays.
      (1, 'product', e.product, CASE WHEN e.is_new THEN coalesce(e.joined, p_day) ELSE p_day END),
      (2, 'joined', CASE WHEN e.joined IS NOT NULL OR e.channel IS NOT NULL
                         THEN coalesce(e.channel, known.value, 'bank') END, since.day),
      (3, 'terms', e.terms, since.day),
      (4, 'staff', e.staff, since.day),
      (5, 'referrer', CASE WHEN e.referrer IS NOT NULL THEN coalesce(brought.member_id::text, '?') END,
       since.day)) AS f (place, kind, value, valid_from)
    LEFT JOIN LATERAL (SELECT m.value, m.valid_from, m.valid_to, m.control FROM kvitt.member_fact m
                        WHERE m.member_id = e.member_id AND m.kind = f.kind
                          AND (f.kind <> 'product' OR m.valid_from <= p_day)
                        ORDER BY m.id DESC LIMIT 1) AS stands ON true
   WHERE f.value IS NOT NULL AND CASE
     WHEN f.kind = 'product'
       THEN stands.value IS DISTINCT FROM f.value OR stands.valid_to < p_day
     -- Without a day of its own a row repeats what stands, whenever that began.
     WHEN e.joined IS NULL THEN stands.value IS DISTINCT FROM f.value
     ELSE (stands.value, stands.valid_from, stands.valid_to, stands.control)
            IS DISTINCT FROM (f.value, f.valid_from, NULL::date, false) END;
  IF EXISTS (SELECT FROM news WHERE kind = 'referrer' AND value IN ('?', member_id::text)) THEN
    RAISE EXCEPTION 'a referrer is no other member' USING ERRCODE = 'KV023';
  END IF;
  SELECT count(*) FILTER (WHERE is_new), count(DISTINCT member_id) FILTER (WHERE is_fresh AND NOT is_new)
    INTO enrolled, changed FROM enrolment;
  SELECT count(*) INTO told FROM news;
  content := sha256(convert_to(ROW('members', p_programme, CASE WHEN v_tells THEN p_day END, p_tokens,
    p_refs, p_joined, p_channels, p_terms, p_products, p_staff, p_referrers)::text, 'UTF8'));
  outcome := 'stands';
  IF enrolled + changed + told > 0 THEN
    outcome := kvitt.ask_import('members', content, p_name, cardinality(p_tokens));
  END IF;
  IF outcome = 'decided' THEN
    INSERT INTO kvitt.member (id, programme) SELECT member_id, v_programme FROM enrolment WHERE is_new;
    INSERT INTO kvitt.card (token, member_id) SELECT token, member_id FROM enrolment WHERE is_new;
    INSERT INTO kvitt.member_ref (member_id, seq, ref)
    SELECT DISTINCT member_id, coalesce(seq, 0) + 1, ref FROM enrolment WHERE is_fresh;
    INSERT INTO kvitt.member_fact (member_id, kind, value, valid_from, source)
    SELECT member_id, kind, value, valid_from, 'enrolment' FROM news ORDER BY n, place;
  END IF;
  DROP TABLE enrolment, news;
END $$;
