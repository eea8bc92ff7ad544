-- Refuses a proof of a business date that has not come, or of one that a later settlement left behind: what the
-- books hold today is not what they held then.
CREATE OR REPLACE FUNCTION kvitt.check_proof_date() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM kvitt.check_business_date(NEW.business_date);
  IF EXISTS (SELECT FROM kvitt.settlement_run WHERE business_date > NEW.business_date) THEN
    RAISE EXCEPTION 'business date % is past: a later one is settled', NEW.business_date
      USING ERRCODE = 'KV027';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER proof_date BEFORE INSERT ON kvitt.proof
  FOR EACH ROW EXECUTE FUNCTION kvitt.check_proof_date();
