-- The reward rows of members, oldest first: what a call needs, without a right to read all rows.
CREATE OR REPLACE FUNCTION kvitt.member_rewards(p_members bigint[]) RETURNS SETOF kvitt.reward
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT * FROM kvitt.reward WHERE member_id = ANY (p_members) ORDER BY batch_id, seq
$$;
