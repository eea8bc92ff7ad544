-- Loading of terms, partners and members. The database keeps bytes and digest of what was loaded.
CREATE FUNCTION kvitt.apply_terms(
  p_kind text, p_code text, p_version integer, p_body bytea
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_id integer;
  v_digest bytea;
BEGIN
  LOCK TABLE kvitt.terms IN SHARE ROW EXCLUSIVE MODE;
  SELECT id, digest INTO v_id, v_digest FROM kvitt.terms
   WHERE kind = p_kind AND code = p_code AND version = p_version;
  IF FOUND THEN
    IF v_digest <> sha256(p_body) THEN
      RAISE EXCEPTION '% % version % stands with other content', p_kind, p_code, p_version
        USING ERRCODE = 'KV023';
    END IF;
    RETURN 0;
  END IF;
  SELECT coalesce(max(id), 0) + 1 INTO v_id FROM kvitt.terms;
  INSERT INTO kvitt.terms (id, kind, code, version, digest, body)
  VALUES (v_id, p_kind, p_code, p_version, sha256(p_body), p_body);
  RETURN v_id;
END $$;

CREATE FUNCTION kvitt.register_partner(p_code text, p_name text, p_entity text)
RETURNS smallint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_id smallint;
BEGIN
  LOCK TABLE kvitt.partner IN SHARE ROW EXCLUSIVE MODE;
  SELECT id INTO v_id FROM kvitt.partner WHERE code = p_code;
  IF NOT FOUND THEN
    SELECT coalesce(max(id), 0) + 1 INTO v_id FROM kvitt.partner;
    INSERT INTO kvitt.partner (id, code, name, entity) VALUES (v_id, p_code, p_name, p_entity);
  END IF;
  RETURN v_id;
END $$;

CREATE FUNCTION kvitt.register_programme(p_code text) RETURNS smallint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_id smallint;
BEGIN
  LOCK TABLE kvitt.programme IN SHARE ROW EXCLUSIVE MODE;
  SELECT id INTO v_id FROM kvitt.programme WHERE code = p_code;
  IF NOT FOUND THEN
    SELECT coalesce(max(id), 0) + 1 INTO v_id FROM kvitt.programme;
    INSERT INTO kvitt.programme (id, code) VALUES (v_id, p_code);
  END IF;
  RETURN v_id;
END $$;

CREATE FUNCTION kvitt.register_unit(p_code text, p_kind text, p_currency smallint)
RETURNS smallint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_id smallint;
BEGIN
  LOCK TABLE kvitt.unit IN SHARE ROW EXCLUSIVE MODE;
  SELECT id INTO v_id FROM kvitt.unit
   WHERE code = p_code AND kind = p_kind AND currency = p_currency;
  IF NOT FOUND THEN
    SELECT coalesce(max(id), 0) + 1 INTO v_id FROM kvitt.unit;
    INSERT INTO kvitt.unit (id, code, kind, currency) VALUES (v_id, p_code, p_kind, p_currency);
  END IF;
  RETURN v_id;
END $$;

-- Enrols cards: new tokens get a member each, known tokens keep theirs; a changed partner number
-- becomes a new row. Returns (new members, changed numbers).
CREATE FUNCTION kvitt.enrol_members(
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

-- A partner's answer may name the new number of a merged member.
CREATE FUNCTION kvitt.change_member_refs(p_members bigint[], p_refs text[]) RETURNS void
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
