-- What each member holds per reward, net of debts.
CREATE OR REPLACE VIEW kvitt.member_balance AS
SELECT r.member_id, r.unit, sum(t.balance_sign * r.quantity)::bigint AS quantity
  FROM kvitt.reward r JOIN kvitt.flow t ON t.id = r.flow
 GROUP BY r.member_id, r.unit;
