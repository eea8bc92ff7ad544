-- Locks members in ascending order, against each other and against calls: whatever consumes lots
-- holds its members first.
CREATE OR REPLACE FUNCTION kvitt.lock_members(p_members bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM kvitt.member WHERE id = ANY (p_members) ORDER BY id FOR NO KEY UPDATE;
  PERFORM FROM kvitt.spendable WHERE member_id = ANY (p_members)
   ORDER BY member_id, unit FOR NO KEY UPDATE;
END $$;
