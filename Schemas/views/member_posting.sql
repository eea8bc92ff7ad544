-- Every member-level posting, derived from its row's flow: nothing is stored twice.
CREATE OR REPLACE VIEW kvitt.member_posting AS
SELECT r.batch_id << 32 | r.seq AS row_id, r.batch_id, r.member_id, t.code AS flow, g.account,
       g.commodity, r.partner, r.programme, r.booking_date, r.settlement_date, g.amount
  FROM kvitt.reward r
  JOIN kvitt.flow t ON t.id = r.flow
  JOIN kvitt.currency c ON c.id = r.currency
  JOIN kvitt.unit u ON u.id = r.unit
 CROSS JOIN LATERAL (
    SELECT l.account, c.code AS commodity,
           l.sign * CASE l.measure WHEN 'cost' THEN r.cost_minor ELSE r.share_minor END AS amount
      FROM kvitt.flow_leg l WHERE l.flow = r.flow
    UNION ALL
    SELECT t.unit_from, u.code, -r.quantity WHERE t.unit_from IS NOT NULL
    UNION ALL
    SELECT t.unit_to, u.code, r.quantity WHERE t.unit_to IS NOT NULL
  ) AS g
 WHERE g.amount <> 0;
