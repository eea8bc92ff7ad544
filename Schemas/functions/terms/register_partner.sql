-- The number of a partner, a new one where its code is new.
CREATE OR REPLACE FUNCTION kvitt.register_partner(p_code text, p_name text, p_entity text)
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
