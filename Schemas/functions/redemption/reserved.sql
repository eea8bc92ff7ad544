-- What the holds of a member reserve of a unit.
CREATE OR REPLACE FUNCTION kvitt.reserved(p_member bigint, p_unit smallint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(sum(coalesce(captured, quantity)), 0)::bigint FROM kvitt.hold
   WHERE member_id = p_member AND unit = p_unit AND batch_id IS NULL AND captured IS DISTINCT FROM 0
$$;
