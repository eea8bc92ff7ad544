-- Refuses a settlement that goes back: its business date is later than every settled one, and its cut takes in
-- what earlier settlements took in and nothing that is not sealed. Otherwise money that a statement counted is
-- counted again, and nights that were not settled never are.
CREATE OR REPLACE FUNCTION kvitt.check_turn(p_date date, p_cut bigint) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_last record;
BEGIN
  PERFORM kvitt.check_business_date(p_date);
  SELECT max(r.business_date) AS date, coalesce(max(p.cut_seal), 0) AS cut,
         (SELECT seal_no FROM kvitt.book WHERE id = 1) AS newest INTO v_last
    FROM kvitt.settlement_run r JOIN kvitt.plan p ON p.id = r.plan_id;
  IF p_date <= v_last.date THEN
    RAISE EXCEPTION 'business date % is not after the last settled one, %', p_date, v_last.date
      USING ERRCODE = 'KV027';
  END IF;
  IF p_cut BETWEEN v_last.cut AND v_last.newest IS NOT TRUE THEN
    RAISE EXCEPTION 'the cut of a settlement lies between % and %, not at %', v_last.cut,
      v_last.newest, p_cut USING ERRCODE = 'KV020';
  END IF;
END $$;
