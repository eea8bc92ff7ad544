-- The position of a partner on a date, from the books up to a cut: what its next statement settles;
-- without a currency, money of all.
-- Slices are its unclaimed ones, as [{batch, date}…] in order.
CREATE OR REPLACE FUNCTION kvitt.books_position(
  p_partner smallint, p_currency text, p_date date, p_cut bigint, OUT sequence integer,
  OUT opening bigint, OUT to_partner bigint, OUT to_issuer bigint, OUT paid bigint,
  OUT slices jsonb
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_cut bigint;
BEGIN
  SELECT s.sequence, s.cut_seal, s.closing INTO sequence, v_cut, opening FROM (
    SELECT t.sequence, t.cut_seal,
           t.opening_minor + t.settled_minor - t.paid_minor - t.ordered_minor AS closing
      FROM kvitt.statement t WHERE t.partner = p_partner
     UNION ALL
    SELECT o.sequence, e.seal_no, o.closing_minor
      FROM kvitt.partner_opening o JOIN kvitt.seal e USING (batch_id) WHERE o.partner = p_partner
  ) AS s ORDER BY s.sequence DESC LIMIT 1;
  sequence := coalesce(sequence, 0) + 1;
  opening := coalesce(opening, 0);
  SELECT coalesce(jsonb_agg(jsonb_build_object('batch', l.batch_id, 'date', l.settlement_date)
           ORDER BY l.batch_id, l.settlement_date), '[]') INTO slices
    FROM kvitt.slice l JOIN kvitt.seal e USING (batch_id)
   WHERE l.partner = p_partner AND l.settlement_date <= p_date AND e.seal_no <= p_cut
     AND NOT EXISTS (SELECT FROM kvitt.window_claim c
                      WHERE (c.partner, c.batch_id, c.settlement_date)
                          = (l.partner, l.batch_id, l.settlement_date));
  SELECT coalesce(sum(m.minor) FILTER (WHERE m.direction = 'to_partner'), 0),
         coalesce(sum(m.minor) FILTER (WHERE m.direction = 'to_issuer'), 0)
    INTO to_partner, to_issuer FROM (
      SELECT f.line_direction AS direction,
             CASE f.line_measure WHEN 'cost' THEN t.cost_minor ELSE t.share_minor END AS minor
        FROM jsonb_to_recordset(slices) AS x (batch bigint, date date)
        JOIN kvitt.leaf_total t ON t.batch_id = x.batch AND t.settlement_date = x.date
        JOIN kvitt.flow f ON f.id = t.flow
       WHERE t.partner = p_partner AND f.line_measure IS NOT NULL
    ) AS m;
  SELECT coalesce(sum(p.amount), 0) INTO paid
    FROM kvitt.posting p JOIN kvitt.entry e ON e.id = p.entry_id
    JOIN kvitt.batch b ON b.id = e.batch_id JOIN kvitt.seal s ON s.batch_id = b.id
   WHERE b.kind = 'bank' AND p.account = '2490' AND p.partner = p_partner
     AND (p.commodity = p_currency OR p_currency IS NULL)
     AND s.seal_no > coalesce(v_cut, 0) AND s.seal_no <= p_cut;
END $$;
