-- Uses points at once so that they become units of another kind; the same key does nothing twice.
-- The answer is that of kvitt.hold.
CREATE OR REPLACE FUNCTION kvitt.convert_points(
  p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamptz,
  p_into smallint, OUT outcome text, OUT hold_id bigint, OUT rest bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_into smallint;
BEGIN
  SELECT h.outcome, h.hold_id, h.rest INTO outcome, hold_id, rest
    FROM kvitt.hold(p_key, p_member, p_unit, p_quantity, p_day, p_at, NULL) AS h;
  IF outcome = 'held' THEN
    INSERT INTO kvitt.conversion VALUES (hold_id, p_into);
  ELSIF outcome = 'repeated' THEN
    SELECT c.unit INTO v_into FROM kvitt.conversion c WHERE c.hold_id = convert_points.hold_id;
    IF v_into IS DISTINCT FROM p_into THEN
      outcome := 'conflict';
    END IF;
  END IF;
END $$;
