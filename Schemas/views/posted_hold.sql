-- Holds that a batch has posted, with what they bought.
CREATE OR REPLACE VIEW kvitt.posted_hold AS
SELECT h.id, h.key, h.member_id, h.unit, h.quantity, h.day, h.captured, h.end_key, h.batch_id,
       h.first_seq, h.last_seq, c.unit AS into_unit, o.item, o.count
  FROM kvitt.hold h
  LEFT JOIN kvitt.conversion c ON c.hold_id = h.id
  LEFT JOIN kvitt.item_order o ON o.hold_id = h.id
 WHERE h.batch_id IS NOT NULL;
