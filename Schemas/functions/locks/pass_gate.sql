-- Keeps planning and the taking back of lots apart: a plan holds its partners' gates alone, a
-- batch that takes miles back shares them.
CREATE OR REPLACE FUNCTION kvitt.pass_gate(p_alone boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_alone THEN
    PERFORM FROM kvitt.partner ORDER BY id FOR UPDATE;
  ELSE
    PERFORM FROM kvitt.partner ORDER BY id FOR SHARE;
  END IF;
END $$;
