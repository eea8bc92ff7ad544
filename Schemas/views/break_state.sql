-- The newest state of every break.
CREATE OR REPLACE VIEW kvitt.break_state AS
SELECT b.id, b.fingerprint, b.kind, b.pair, b.commodity, b.opened_on,
       b.ours, b.theirs, b.value_minor, b.currency, b.pointer, b.advice,
       e.state, e.business_date AS state_since
  FROM kvitt.break_item b
 CROSS JOIN LATERAL (SELECT state, business_date FROM kvitt.break_event
                      WHERE break_id = b.id ORDER BY seq DESC LIMIT 1) AS e;
