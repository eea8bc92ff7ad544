-- Releases all holds that are over, member by member; gives their number.
CREATE OR REPLACE FUNCTION kvitt.end_all_overdue(p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_own record;
  v_count bigint := 0;
BEGIN
  FOR v_own IN
    SELECT member_id, unit, count(*) AS holds FROM kvitt.hold
     WHERE batch_id IS NULL AND captured IS DISTINCT FROM 0 AND captured IS NULL AND until < p_at
     GROUP BY member_id, unit ORDER BY member_id, unit
  LOOP
    PERFORM FROM kvitt.spendable
     WHERE member_id = v_own.member_id AND unit = v_own.unit FOR NO KEY UPDATE;
    PERFORM kvitt.end_overdue(v_own.member_id, v_own.unit, p_at);
    v_count := v_count + v_own.holds;
  END LOOP;
  RETURN v_count;
END $$;
