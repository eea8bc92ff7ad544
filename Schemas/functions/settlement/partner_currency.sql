-- In which currency the books owe a partner: that of its last statement with an amount in it, or of the balance that
-- the old system handed over; NULL before the first.
CREATE OR REPLACE FUNCTION kvitt.partner_currency(p_partner smallint) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.currency FROM (
    SELECT t.sequence, t.currency FROM kvitt.statement t
     WHERE t.partner = p_partner
       AND (t.opening_minor, t.settled_minor, t.paid_minor) IS DISTINCT FROM (0, 0, 0)
     UNION ALL
    SELECT o.sequence, o.currency FROM kvitt.partner_opening o WHERE o.partner = p_partner
  ) AS s ORDER BY s.sequence DESC LIMIT 1
$$;
