-- Lets reference data of a file land as the next set. Categories and currencies decide nothing and need one
-- person; the merchant directory decides which partner pays and needs two. Rates need two where one is a
-- currency's first, changes a day that stands, or moves by more than 5 % against the books; what is
-- compared is the newest rate of the books, so that no row of the file makes room for the next.
--
-- Says 'stands' where exactly this file is a set, 'done' where one person sufficed, else what the caller's
-- word did (ask_import); with the digest of the rows and the number of the set.
CREATE OR REPLACE FUNCTION kvitt.import_reference(
  p_kind text, p_name text, p_dated date, p_file bytea, p_first text[], p_second text[],
  p_third text[], p_fourth text[], OUT outcome text, OUT content bytea, OUT set_no integer
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' AS $$
BEGIN
  LOCK TABLE kvitt.reference_set IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM kvitt.reference_set WHERE kind = p_kind AND digest = p_file) THEN
    outcome := 'stands';
    RETURN;
  END IF;
  content := sha256(convert_to(
    ROW(p_kind, p_dated, p_file, p_first, p_second, p_third, p_fourth)::text, 'UTF8'));
  outcome := 'done';
  IF p_kind = 'fx' AND EXISTS (SELECT FROM unnest(p_first) AS x (d)
                                WHERE d::date > current_date OR extract(isodow FROM d::date) > 5) THEN
    RAISE EXCEPTION 'a rate of a day on which none is published' USING ERRCODE = 'KV023';
  END IF;
  IF p_kind = 'merchants' OR p_kind = 'fx' AND EXISTS (
       SELECT FROM kvitt.rate_moves(p_first, p_second, p_third) AS m
         JOIN unnest(p_first) WITH ORDINALITY AS g (day, n) ON g.n = m.row_no
        WHERE m.move_bp IS NULL OR m.move_bp > 500 OR m.known_day = g.day::date AND m.move_bp > 0) THEN
    outcome := kvitt.ask_import(p_kind, content, p_name, cardinality(p_first));
  END IF;
  IF outcome NOT IN ('done', 'decided') THEN
    RETURN;
  END IF;
  SELECT coalesce(max(id), 0) + 1 INTO set_no FROM kvitt.reference_set;
  INSERT INTO kvitt.reference_set (id, kind, name, digest, dated, rows)
  VALUES (set_no, p_kind, p_name, p_file, p_dated, cardinality(p_first));
  CASE p_kind
    WHEN 'fx' THEN
      INSERT INTO kvitt.fx_rate (set_id, day, currency, rate)
      SELECT set_no, a::date, b, c::numeric FROM unnest(p_first, p_second, p_third) AS x (a, b, c);
    WHEN 'currencies' THEN
      INSERT INTO kvitt.currency_fact (set_id, code, number, exponent)
      SELECT set_no, a, b::smallint, nullif(c, '')::smallint
        FROM unnest(p_first, p_second, p_third) AS x (a, b, c);
    WHEN 'mcc' THEN
      INSERT INTO kvitt.mcc_title (set_id, code, title)
      SELECT set_no, a::smallint, b FROM unnest(p_first, p_second) AS x (a, b);
    WHEN 'merchants' THEN
      INSERT INTO kvitt.merchant_entry (set_id, merchant, valid_from, mcc, partner)
      SELECT set_no, a, b::date, c::smallint, d
        FROM unnest(p_first, p_second, p_third, p_fourth) AS x (a, b, c, d);
  END CASE;
END $$;
