-- Notes what the lots of a member can give; the caller has locked the member and read the rows after.
--
-- A caller may err on the low side only: it is never more than what the member's rows hold of a unit that calls
-- can use, of a seal that stands, and on a day that has come.
CREATE OR REPLACE FUNCTION kvitt.set_spendable(
  p_member bigint, p_unit smallint, p_seal bigint, p_day date, p_lots bigint
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_most bigint;
BEGIN
  SELECT coalesce(sum(t.balance_sign * r.quantity), 0) INTO v_most
    FROM kvitt.reward r JOIN kvitt.flow t ON t.id = r.flow
   WHERE r.member_id = p_member AND r.unit = p_unit;
  IF p_lots > greatest(v_most, 0)
    OR p_lots > 0 AND EXISTS (SELECT FROM kvitt.unit u
                               WHERE u.id = p_unit AND u.kind IN ('miles', 'status', 'stamps'))
    OR p_seal > (SELECT seal_no FROM kvitt.book WHERE id = 1) THEN
    RAISE EXCEPTION 'member % has % of unit %, not %', p_member, v_most, p_unit, p_lots
      USING ERRCODE = 'KV020';
  END IF;
  PERFORM kvitt.check_business_date(p_day);
  INSERT INTO kvitt.spendable (member_id, unit, seal_no, day, quantity)
  VALUES (p_member, p_unit, p_seal, p_day, p_lots - kvitt.reserved(p_member, p_unit))
  ON CONFLICT (member_id, unit) DO UPDATE
    SET seal_no = excluded.seal_no, day = excluded.day, quantity = excluded.quantity;
END $$;
