-- The number of a reward unit, a new one where code, kind and currency are new.
CREATE OR REPLACE FUNCTION kvitt.register_unit(p_code text, p_kind text, p_currency smallint)
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
