-- Every member-level posting, derived from its row's template: nothing is stored twice.
CREATE VIEW kvitt.member_posting AS
SELECT r.batch_id << 32 | r.seq AS row_id, r.batch_id, r.member_id, t.code AS template, g.account,
       g.commodity, r.partner, r.programme, r.booking_date, r.settlement_date, g.amount
  FROM kvitt.reward r
  JOIN kvitt.template t ON t.id = r.template
  JOIN kvitt.currency c ON c.id = r.currency
  JOIN kvitt.unit u ON u.id = r.unit
 CROSS JOIN LATERAL (
    SELECT l.account, c.code AS commodity,
           l.sign * CASE l.measure WHEN 'cost' THEN r.cost_minor ELSE r.share_minor END AS amount
      FROM kvitt.template_leg l WHERE l.template = r.template
    UNION ALL
    SELECT t.unit_from, u.code, -r.quantity WHERE t.unit_from IS NOT NULL
    UNION ALL
    SELECT t.unit_to, u.code, r.quantity WHERE t.unit_to IS NOT NULL
  ) AS g
 WHERE g.amount <> 0;

-- What each member holds per reward, net of debts.
CREATE VIEW kvitt.member_balance AS
SELECT r.member_id, r.unit, sum(t.balance_sign * r.quantity)::bigint AS quantity
  FROM kvitt.reward r JOIN kvitt.template t ON t.id = r.template
 GROUP BY r.member_id, r.unit;

-- Balance of every account by partner, debit positive, over sealed batches.
CREATE VIEW kvitt.account_balance AS
SELECT p.account, p.commodity, p.partner, sum(p.amount)::bigint AS amount
  FROM kvitt.posting p GROUP BY p.account, p.commodity, p.partner;

-- The newest state of every break.
CREATE VIEW kvitt.break_state AS
SELECT b.*, e.state, e.business_date AS state_since
  FROM kvitt.break_item b
 CROSS JOIN LATERAL (SELECT state, business_date FROM kvitt.break_event
                      WHERE break_id = b.id ORDER BY seq DESC LIMIT 1) AS e;

-- Standing approvals that two people gave.
CREATE VIEW kvitt.standing_in_force AS
SELECT s.* FROM kvitt.standing s JOIN kvitt.standing_approval a ON a.standing_id = s.id;

-- The number under which each member is known to the partner now.
CREATE VIEW kvitt.member_number AS
SELECT DISTINCT ON (member_id) member_id, ref FROM kvitt.member_ref ORDER BY member_id, seq DESC;
