-- Notes what the lots of a member can give; the caller has locked the member and read the rows after.
CREATE OR REPLACE FUNCTION kvitt.set_spendable(
  p_member bigint, p_unit smallint, p_seal bigint, p_day date, p_lots bigint
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO kvitt.spendable (member_id, unit, seal_no, day, quantity)
  VALUES (p_member, p_unit, p_seal, p_day, p_lots - kvitt.reserved(p_member, p_unit))
  ON CONFLICT (member_id, unit) DO UPDATE
    SET seal_no = excluded.seal_no, day = excluded.day, quantity = excluded.quantity;
END $$;
