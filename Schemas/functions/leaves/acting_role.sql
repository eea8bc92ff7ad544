-- The role in which the caller acts: the one that it took, or its login. A function with its owner's
-- rights asks for it, since all roles may be granted to one login.
CREATE OR REPLACE FUNCTION kvitt.acting_role() RETURNS name
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(nullif(current_setting('role'), 'none'), session_user)::name
$$;
