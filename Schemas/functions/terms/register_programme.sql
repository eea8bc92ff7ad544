-- The number of a programme, a new one where its code is new.
CREATE OR REPLACE FUNCTION kvitt.register_programme(p_code text) RETURNS smallint
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
