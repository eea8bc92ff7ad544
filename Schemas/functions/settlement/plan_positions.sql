-- The positions of partners in a plan, as its body says.
CREATE OR REPLACE FUNCTION kvitt.plan_positions(p_plan text) RETURNS TABLE (
  partner smallint, code text, currency text, sequence integer, opening bigint, to_partner bigint,
  to_issuer bigint, paid bigint, action text, ordered bigint, pay_on date, account text,
  slices jsonb
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT x.partner, x.code, x.currency, x.sequence, x.opening, x.to_partner, x.to_issuer, x.paid,
         x.action, x.ordered, x.pay_on, x.account, x.slices
    FROM kvitt.plan p
   CROSS JOIN LATERAL jsonb_to_recordset(p.body::jsonb->'partners') AS x (
     partner smallint, code text, currency text, sequence integer, opening bigint,
     to_partner bigint, to_issuer bigint, paid bigint, action text, ordered bigint, pay_on date,
     account text, slices jsonb)
   WHERE p.id = p_plan
$$;
