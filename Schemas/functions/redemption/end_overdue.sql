-- Releases holds of a member that are over; gives what becomes free. The member's row of spendable is
-- locked.
CREATE OR REPLACE FUNCTION kvitt.end_overdue(p_member bigint, p_unit smallint, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_free bigint;
BEGIN
  -- The words of the partial index stand here too: the planner does not conclude them from NULL.
  WITH ended AS (
    UPDATE kvitt.hold SET captured = 0, ended_at = p_at, end_key = 'timeout/' || id
     WHERE member_id = p_member AND unit = p_unit AND batch_id IS NULL
       AND captured IS DISTINCT FROM 0 AND captured IS NULL AND until < p_at
    RETURNING quantity
  ) SELECT coalesce(sum(quantity), 0) INTO v_free FROM ended;
  UPDATE kvitt.spendable SET quantity = quantity + v_free
   WHERE member_id = p_member AND unit = p_unit AND v_free > 0;
  RETURN v_free;
END $$;
