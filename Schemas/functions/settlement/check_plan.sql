-- Refuses a plan that could not be settled any more, or not yet.
CREATE OR REPLACE FUNCTION kvitt.check_plan() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM kvitt.check_turn(NEW.business_date, NEW.cut_seal);
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER plan_turn BEFORE INSERT ON kvitt.plan
  FOR EACH ROW EXECUTE FUNCTION kvitt.check_plan();
