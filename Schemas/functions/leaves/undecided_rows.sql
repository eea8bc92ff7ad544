-- Rows that nothing stands behind, of one batch, or of all where none is named: goodwill, write-offs and miles
-- bought ahead that nobody decided, and pay-outs whose rows took another amount from the member's lots.
--
-- A write-off may be smaller than what was decided, since a debt can shrink before it is posted.
CREATE OR REPLACE FUNCTION kvitt.undecided_rows(p_batch bigint)
RETURNS TABLE (batch_id bigint, what text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH own AS (
    SELECT b.id, b.kind FROM kvitt.batch b
     WHERE b.kind IN ('adjustment', 'prepaid', 'payout') AND (p_batch IS NULL OR b.id = p_batch)
  ), given AS (
    SELECT r.batch_id, r.member_id, r.unit,
           CASE WHEN f.makes_lot THEN 'goodwill' ELSE 'write-off' END AS kind,
           sum(r.quantity) AS quantity
      FROM kvitt.reward r JOIN kvitt.flow f ON f.id = r.flow
     WHERE r.batch_id IN (SELECT id FROM own WHERE own.kind = 'adjustment') GROUP BY 1, 2, 3, 4
  ), decided AS (
    SELECT p.batch_id, a.member_id, a.unit, a.kind, sum(a.quantity) AS quantity,
           bool_or(a.quantity = 0) AS is_whole
      FROM kvitt.adjustment_posted p JOIN kvitt.adjustment a USING (key)
      JOIN kvitt.adjustment_decision d USING (key) JOIN own ON own.id = p.batch_id
     GROUP BY 1, 2, 3, 4
  ), paid AS NOT MATERIALIZED (
    SELECT f.batch_id, o.id, o.member_id, o.amount_minor, o.first_seq, o.last_seq
      FROM kvitt.payout o JOIN kvitt.payout_file f USING (sequence)
      JOIN own ON own.id = f.batch_id AND own.kind = 'payout'
  ), taken AS NOT MATERIALIZED (
    SELECT r.batch_id, r.seq, r.member_id, r.quantity FROM kvitt.reward r
     WHERE r.flow IN (SELECT l.flow FROM kvitt.flow_leg l WHERE l.account = '1020' AND l.sign < 0)
  )
  SELECT coalesce(g.batch_id, d.batch_id),
         format('%s of member %s: rows give %s, decided %s', coalesce(g.kind, d.kind),
           coalesce(g.member_id, d.member_id), coalesce(g.quantity, 0), coalesce(d.quantity, 0))
    FROM given g FULL JOIN decided d USING (batch_id, member_id, unit, kind)
   WHERE CASE coalesce(g.kind, d.kind)
           WHEN 'goodwill' THEN coalesce(g.quantity, 0) <> coalesce(d.quantity, 0)
           ELSE g.quantity IS NOT NULL
            AND (d.quantity IS NULL OR NOT d.is_whole AND g.quantity > d.quantity) END
   UNION ALL
  SELECT r.batch_id, format('%s miles bought for %s', r.quantity, r.cost_minor)
    FROM kvitt.reward r JOIN kvitt.flow f ON f.id = r.flow
   WHERE f.is_of_bank AND r.batch_id IN (SELECT id FROM own WHERE own.kind = 'prepaid')
     AND NOT EXISTS (
       SELECT FROM kvitt.prepaid_lot l JOIN kvitt.prepurchase p USING (key)
         JOIN kvitt.prepurchase_decision d USING (key)
        WHERE l.row_id = r.batch_id << 32 | r.seq AND p.partner = r.partner AND p.unit = r.unit
          AND p.quantity = r.quantity AND p.cost_minor = r.cost_minor)
   UNION ALL
  SELECT p.batch_id, format('pay-out %s: rows take %s, it pays %s', p.id, t.quantity, p.amount_minor)
    FROM paid p
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(r.quantity), 0) AS quantity FROM taken r
      WHERE r.batch_id = p.batch_id AND r.seq BETWEEN p.first_seq AND p.last_seq
        AND r.member_id = p.member_id) AS t
   WHERE t.quantity <> p.amount_minor
   UNION ALL
  SELECT o.id, format('rows take %s for pay-outs of %s', t.quantity, p.minor)
    FROM own o
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(r.quantity), 0) AS quantity FROM taken r WHERE r.batch_id = o.id) AS t
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(a.amount_minor), 0) AS minor FROM paid a WHERE a.batch_id = o.id) AS p
   WHERE o.kind = 'payout' AND t.quantity <> p.minor
$$;
