-- Enrols cards: new tokens get a member each, known tokens keep theirs; a changed partner number
-- becomes a new row. Returns (new members, changed numbers).
CREATE OR REPLACE FUNCTION kvitt.enrol_members(
  p_programme text, p_tokens text[], p_refs text[], OUT enrolled bigint, OUT changed bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_programme smallint;
  v_base bigint;
BEGIN
  SELECT id INTO STRICT v_programme FROM kvitt.programme WHERE code = p_programme;
  LOCK TABLE kvitt.member IN SHARE ROW EXCLUSIVE MODE;
  SELECT coalesce(max(id), 0) INTO v_base FROM kvitt.member;
  CREATE TEMP TABLE enrolment ON COMMIT DROP AS
  SELECT token, ref, c.member_id, m.programme
    FROM unnest(p_tokens, p_refs) AS given (token, ref)
    LEFT JOIN kvitt.card c USING (token)
    LEFT JOIN kvitt.member m ON m.id = c.member_id;
  IF EXISTS (SELECT FROM enrolment WHERE programme <> v_programme) THEN
    RAISE EXCEPTION 'a card belongs to another programme' USING ERRCODE = 'KV023';
  END IF;
  CREATE TEMP TABLE newcomer ON COMMIT DROP AS
  SELECT token, ref, v_base + row_number() OVER (ORDER BY token) AS member_id
    FROM enrolment WHERE member_id IS NULL;
  INSERT INTO kvitt.member (id, programme) SELECT member_id, v_programme FROM newcomer;
  GET DIAGNOSTICS enrolled = ROW_COUNT;
  INSERT INTO kvitt.card (token, member_id) SELECT token, member_id FROM newcomer;
  INSERT INTO kvitt.member_ref (member_id, seq, ref) SELECT member_id, 1, ref FROM newcomer;
  INSERT INTO kvitt.member_ref (member_id, seq, ref)
  SELECT e.member_id, last.seq + 1, e.ref
    FROM enrolment e
    CROSS JOIN LATERAL (SELECT seq, ref FROM kvitt.member_ref r WHERE r.member_id = e.member_id
                         ORDER BY seq DESC LIMIT 1) AS last
   WHERE e.member_id IS NOT NULL AND last.ref <> e.ref;
  GET DIAGNOSTICS changed = ROW_COUNT;
  DROP TABLE enrolment, newcomer;
END $$;
