-- Refuses lines that take more of miles bought ahead than there is, before their first day, beyond what
-- a month may draw, or of two purchases.
CREATE OR REPLACE FUNCTION kvitt.check_prepaid_moves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_key text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('kvitt.prepaid_move'));
  SELECT m.key INTO v_key FROM moved m JOIN kvitt.prepurchase p USING (key)
   WHERE m.quantity > 0 AND m.day < p.usable_from LIMIT 1;
  IF v_key IS NULL THEN
    SELECT r.key INTO v_key FROM kvitt.prepaid_room r
     WHERE r.key IN (SELECT key FROM moved) AND (r.whole < 0 OR r.returned < 0) LIMIT 1;
  END IF;
  IF v_key IS NULL THEN
    SELECT m.key INTO v_key FROM kvitt.prepaid_move m JOIN kvitt.prepurchase p USING (key)
     WHERE m.key IN (SELECT key FROM moved) AND (m.day <= p.usable_through) IS NOT FALSE
     GROUP BY m.key, p.month_max, date_trunc('month', m.day)
    HAVING sum(m.quantity) > p.month_max LIMIT 1;
  END IF;
  IF v_key IS NULL THEN
    SELECT m.key INTO v_key FROM kvitt.prepaid_move m
     WHERE m.lot_id IN (SELECT lot_id FROM moved)
     GROUP BY m.lot_id, m.key HAVING sum(m.quantity) < 0 LIMIT 1;
  END IF;
  IF v_key IS NULL THEN
    SELECT max(m.key) INTO v_key FROM kvitt.prepaid_move m
     WHERE m.lot_id IN (SELECT lot_id FROM moved)
     GROUP BY m.lot_id HAVING count(DISTINCT m.key) > 1 LIMIT 1;
  END IF;
  IF v_key IS NOT NULL THEN
    RAISE EXCEPTION 'lines take more of % than it has', v_key USING ERRCODE = 'KV020';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER prepaid_move_fits AFTER INSERT ON kvitt.prepaid_move
  REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION kvitt.check_prepaid_moves();
