-- Refuses an opening balance of a partner that has statements of this system.
CREATE OR REPLACE FUNCTION kvitt.check_partner_opening() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM kvitt.statement WHERE partner = NEW.partner) THEN
    RAISE EXCEPTION 'partner % has statements of this system', NEW.partner;
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER partner_opening_first BEFORE INSERT ON kvitt.partner_opening
  FOR EACH ROW EXECUTE FUNCTION kvitt.check_partner_opening();
