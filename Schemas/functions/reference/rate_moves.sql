-- How reference rates stand to those of the books: the newest rate of the currency from before the day, and
-- the move in hundredths of a percent, up or down. A rate of that day that stands already with another
-- value is told with it. Null is the move of a currency's first rate.
CREATE OR REPLACE FUNCTION kvitt.rate_moves(p_days text[], p_currencies text[], p_rates text[])
RETURNS TABLE (row_no bigint, known_day date, known_rate numeric, move_bp numeric)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' AS $$
  SELECT g.n, known.day, known.rate, 10000 * abs(g.rate - known.rate) / known.rate
    FROM (SELECT d::date AS day, c AS currency, r::numeric AS rate, n
            FROM unnest(p_days, p_currencies, p_rates) WITH ORDINALITY AS x (d, c, r, n)) AS g
    LEFT JOIN LATERAL (SELECT f.day, f.rate FROM kvitt.fx_rate f
                        WHERE f.currency = g.currency AND f.day <= g.day
                        ORDER BY f.day DESC, f.set_id DESC LIMIT 1) AS known ON true
   ORDER BY g.n
$$;
