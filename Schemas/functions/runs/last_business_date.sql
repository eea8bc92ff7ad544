-- The last business date that the books take: the day after the server's own in UTC, since the day of the east
-- begins before. Books of a rehearsal go further: their administrator says so by
-- ALTER DATABASE … SET kvitt.rehearsal_through. It is read where only an administrator can write it, never
-- from the settings of a session, which any login may change.
CREATE OR REPLACE FUNCTION kvitt.last_business_date() RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT greatest((now() AT TIME ZONE 'UTC')::date + 1, (
    SELECT max(split_part(x.setting, '=', 2)::date)
      FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS x (setting)
     WHERE s.setrole = 0
       AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
       AND x.setting LIKE 'kvitt.rehearsal\_through=%'))
$$;
