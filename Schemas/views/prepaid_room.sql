-- Room of every lot: what is left on its days, and of what came back after its last day, for which no
-- day is the last.
CREATE OR REPLACE VIEW kvitt.prepaid_room AS
SELECT p.key, p.quantity - coalesce(sum(m.quantity), 0) AS whole,
       -coalesce(sum(m.quantity) FILTER (WHERE m.day > p.usable_through), 0) AS returned
  FROM kvitt.prepurchase p JOIN kvitt.prepaid_lot USING (key)
  LEFT JOIN kvitt.prepaid_move m USING (key)
 GROUP BY p.key;
