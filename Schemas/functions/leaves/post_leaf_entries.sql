-- Writes the control entries of a leaf from its rows, one entry per booking date and flow.
CREATE OR REPLACE FUNCTION kvitt.post_leaf_entries(p_batch bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_count integer;
BEGIN
  CREATE TEMP TABLE leaf_entry ON COMMIT DROP AS
  SELECT dense_rank() OVER (ORDER BY booking_date, flow)::integer AS n, *
    FROM (SELECT DISTINCT booking_date, flow FROM kvitt.leaf_total
           WHERE batch_id = p_batch) AS kinds;
  INSERT INTO kvitt.entry (id, batch_id, code, booking_date, text)
  SELECT (p_batch << 20) + e.n, p_batch, t.code, e.booking_date,
         'control totals of the rows with flow ' || t.code
    FROM leaf_entry e JOIN kvitt.flow t ON t.id = e.flow;
  INSERT INTO kvitt.posting
    (entry_id, leg, account, commodity, partner, programme, settlement_date, amount)
  SELECT (p_batch << 20) + n,
         row_number() OVER (PARTITION BY n ORDER BY account, commodity, partner, programme,
           settlement_date),
         account, commodity, partner, programme, settlement_date, amount
    FROM (
      SELECT e.n, g.account, g.commodity, s.partner, s.programme, s.settlement_date,
             sum(g.amount)::bigint AS amount
        FROM kvitt.leaf_total s
        JOIN leaf_entry e USING (booking_date, flow)
        JOIN kvitt.currency c ON c.id = s.currency
        JOIN kvitt.unit u ON u.id = s.unit
        JOIN kvitt.flow t ON t.id = s.flow
        CROSS JOIN LATERAL (
          SELECT l.account, c.code AS commodity,
                 l.sign * CASE l.measure WHEN 'cost' THEN s.cost_minor ELSE s.share_minor END
                   AS amount
            FROM kvitt.flow_leg l WHERE l.flow = s.flow
          UNION ALL
          SELECT t.unit_from, u.code, -s.quantity WHERE t.unit_from IS NOT NULL
          UNION ALL
          SELECT t.unit_to, u.code, s.quantity WHERE t.unit_to IS NOT NULL
        ) AS g
       WHERE s.batch_id = p_batch
       GROUP BY e.n, g.account, g.commodity, s.partner, s.programme, s.settlement_date
      HAVING sum(g.amount) <> 0
    ) AS legs;
  SELECT count(*) INTO v_count FROM leaf_entry;
  DROP TABLE leaf_entry;
  RETURN v_count;
END $$;
