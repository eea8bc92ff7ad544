-- For the database's administrator, once per cluster: the roles of kvitt.
-- Group roles cannot log in; the owner owns every object and every SECURITY DEFINER function.
DO $$
DECLARE
  v_role text;
BEGIN
  FOREACH v_role IN ARRAY ARRAY['kvitt_owner', 'kvitt_read', 'kvitt_ingest', 'kvitt_settle',
    'kvitt_finance', 'kvitt_audit', 'kvitt_redeem'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = v_role) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
    END IF;
  END LOOP;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kvitt_nightly') THEN
    CREATE ROLE kvitt_nightly LOGIN NOINHERIT;
  END IF;
  -- Calls of tills and other services: they may hold and capture, and nothing else.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kvitt_service') THEN
    CREATE ROLE kvitt_service LOGIN NOINHERIT;
  END IF;
END $$;
GRANT kvitt_read TO kvitt_ingest, kvitt_settle, kvitt_finance;
GRANT kvitt_ingest, kvitt_settle, kvitt_read TO kvitt_nightly;
GRANT kvitt_redeem TO kvitt_service;
-- Roles of an older kvitt: a service reads what a hold needs, and no more.
REVOKE kvitt_read FROM kvitt_redeem, kvitt_service;
GRANT pg_signal_backend, pg_read_all_stats TO kvitt_owner;
