-- Go-live (G3): where the old system's last statement to a partner ended. The first statement of ours
-- continues it: its number, and what stood.
CREATE TABLE kvitt.partner_opening (
  partner smallint PRIMARY KEY REFERENCES kvitt.partner,
  currency text NOT NULL,
  sequence integer NOT NULL CHECK (sequence > 0),
  -- Positive where the partner is owed.
  closing_minor bigint NOT NULL,
  closed_on date NOT NULL,
  batch_id bigint NOT NULL
);

CREATE FUNCTION kvitt.check_partner_opening() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM kvitt.statement WHERE partner = NEW.partner) THEN
    RAISE EXCEPTION 'partner % has statements of this system', NEW.partner;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER partner_opening_first BEFORE INSERT ON kvitt.partner_opening
  FOR EACH ROW EXECUTE FUNCTION kvitt.check_partner_opening();

GRANT SELECT ON kvitt.partner_opening TO kvitt_read, kvitt_audit;
GRANT INSERT ON kvitt.partner_opening TO kvitt_settle;
