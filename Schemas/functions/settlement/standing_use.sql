-- What runs that no person approved moved and ordered for a partner in the 30 days before a date, or were really
-- run in 30 days up to now: with that date's own run, 31 days. Business dates alone are no measure: nights that
-- were missed, or invented, are run within minutes.
CREATE OR REPLACE FUNCTION kvitt.standing_use(
  p_partner smallint, p_date date, OUT to_partner bigint, OUT to_issuer bigint, OUT ordered bigint
) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(sum(x.to_partner), 0)::bigint, coalesce(sum(x.to_issuer), 0)::bigint,
         coalesce(sum(x.ordered), 0)::bigint
    FROM kvitt.settlement_run r JOIN kvitt.batch b ON b.id = r.batch_id
   CROSS JOIN LATERAL kvitt.plan_positions(r.plan_id) AS x
   WHERE (r.business_date BETWEEN p_date - 30 AND p_date - 1
          OR r.business_date < p_date AND b.recorded_at > now() - interval '30 days')
     AND x.partner = p_partner
     AND NOT EXISTS (SELECT FROM kvitt.plan_approval a WHERE a.plan_id = r.plan_id)
$$;
