-- Ends a hold: what is captured counts as used, the rest is free again; 0 releases all of it, NULL
-- captures all of it.
--
-- outcome: ended; repeated; conflict (the key ended something else); over (more than was held);
-- captured or released (another call ended it before); unknown hold.
CREATE OR REPLACE FUNCTION kvitt.end_hold(
  p_key text, p_hold bigint, p_captured bigint, p_at timestamptz,
  OUT outcome text, OUT captured_quantity bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_hold kvitt.hold;
BEGIN
  SELECT * INTO v_hold FROM kvitt.hold WHERE id = p_hold;
  IF NOT FOUND THEN
    outcome := 'unknown';
    RETURN;
  END IF;
  PERFORM FROM kvitt.spendable
   WHERE member_id = v_hold.member_id AND unit = v_hold.unit FOR NO KEY UPDATE;
  SELECT * INTO v_hold FROM kvitt.hold WHERE id = p_hold;
  captured_quantity := coalesce(p_captured, v_hold.quantity);
  IF v_hold.captured IS NOT NULL THEN
    outcome := CASE
      WHEN v_hold.end_key = p_key AND v_hold.captured = captured_quantity THEN 'repeated'
      WHEN v_hold.end_key = p_key THEN 'conflict'
      WHEN v_hold.captured = 0 THEN 'released' ELSE 'captured' END;
    captured_quantity := v_hold.captured;
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM kvitt.hold WHERE end_key = p_key) THEN
    outcome := 'conflict';
    RETURN;
  END IF;
  IF captured_quantity > v_hold.quantity THEN
    outcome := 'over';
    RETURN;
  END IF;
  UPDATE kvitt.hold SET captured = captured_quantity, end_key = p_key, ended_at = p_at
   WHERE id = p_hold;
  IF captured_quantity < v_hold.quantity THEN
    UPDATE kvitt.spendable SET quantity = quantity + v_hold.quantity - captured_quantity
     WHERE member_id = v_hold.member_id AND unit = v_hold.unit;
  END IF;
  outcome := 'ended';
END $$;
