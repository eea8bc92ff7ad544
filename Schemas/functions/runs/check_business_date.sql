-- Refuses a business date that has not come.
CREATE OR REPLACE FUNCTION kvitt.check_business_date(p_date date) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF (p_date <= kvitt.last_business_date() AND isfinite(p_date)) IS NOT TRUE THEN
    RAISE EXCEPTION 'business date % has not come: the books take dates through %', p_date,
      kvitt.last_business_date() USING ERRCODE = 'KV027';
  END IF;
END $$;
