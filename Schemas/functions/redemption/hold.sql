-- Reserves a quantity of what the member can spend; without p_until it counts as used at once.
--
-- outcome: held; repeated (the key did exactly this before); conflict (the key did something else);
-- short (rest says how much there is); stale (nothing is noted, or the books are newer).
CREATE OR REPLACE FUNCTION kvitt.hold(
  p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamptz,
  p_until timestamptz, OUT outcome text, OUT hold_id bigint, OUT rest bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_hold kvitt.hold;
  v_own kvitt.spendable;
  v_seal bigint;
BEGIN
  -- First the lock, then everything that is read under it: a batch that used lots has sealed by then.
  PERFORM FROM kvitt.spendable WHERE member_id = p_member AND unit = p_unit FOR NO KEY UPDATE;
  SELECT * INTO v_hold FROM kvitt.hold WHERE key = p_key;
  IF FOUND THEN
    hold_id := v_hold.id;
    -- What was used at once ended when it began; a hold lasts.
    outcome := CASE WHEN (v_hold.member_id, v_hold.unit, v_hold.quantity)
      = (p_member, p_unit, p_quantity) AND (v_hold.until = v_hold.held_at) = (p_until IS NULL)
      THEN 'repeated' ELSE 'conflict' END;
    RETURN;
  END IF;
  SELECT seal_no INTO v_seal FROM kvitt.book WHERE id = 1;
  UPDATE kvitt.spendable SET quantity = quantity - p_quantity
   WHERE member_id = p_member AND unit = p_unit AND day = p_day AND seal_no = v_seal
     AND quantity >= p_quantity RETURNING quantity INTO rest;
  IF NOT FOUND THEN
    -- The row may have come since the lock was asked for, which then holds nothing: what is read here is
    -- written back below, so no other call may come between.
    SELECT * INTO v_own FROM kvitt.spendable WHERE member_id = p_member AND unit = p_unit
      FOR NO KEY UPDATE;
    IF NOT FOUND OR v_own.day <> p_day OR v_own.seal_no <> v_seal THEN
      outcome := 'stale';
      RETURN;
    END IF;
    rest := v_own.quantity + kvitt.end_overdue(p_member, p_unit, p_at) - p_quantity;
    IF rest < 0 THEN
      rest := rest + p_quantity;
      outcome := 'short';
      RETURN;
    END IF;
    UPDATE kvitt.spendable SET quantity = rest WHERE member_id = p_member AND unit = p_unit;
  END IF;
  INSERT INTO kvitt.hold (key, member_id, unit, quantity, day, held_at, until, captured, ended_at)
  VALUES (p_key, p_member, p_unit, p_quantity, p_day, p_at, coalesce(p_until, p_at),
    CASE WHEN p_until IS NULL THEN p_quantity END, CASE WHEN p_until IS NULL THEN p_at END)
  RETURNING id INTO hold_id;
  outcome := 'held';
END $$;
