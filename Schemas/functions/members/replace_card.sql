-- A card that replaces another belongs to the same member; lots follow the account. Says what was
-- done: 'new', 'known', or 'unknown' where the old card is nobody's, 'other' where the new one
-- belongs to someone else.
CREATE OR REPLACE FUNCTION kvitt.replace_card(p_token text, p_new text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_member bigint;
  v_other bigint;
BEGIN
  SELECT member_id INTO v_member FROM kvitt.card WHERE token = p_token;
  IF NOT FOUND THEN
    RETURN 'unknown';
  END IF;
  SELECT member_id INTO v_other FROM kvitt.card WHERE token = p_new;
  IF FOUND THEN
    RETURN CASE WHEN v_other = v_member THEN 'known' ELSE 'other' END;
  END IF;
  INSERT INTO kvitt.card (token, member_id) VALUES (p_new, v_member);
  RETURN 'new';
END $$;
