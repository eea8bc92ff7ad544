-- Goods that points buy at prices of their own (O4): the supplier's charge is owed at once, and what
-- comes back fills the same lots and takes the charge back.
INSERT INTO kvitt.template (id, code, unit_from, unit_to, settled_measure, settled_direction,
  balance_sign, lot_sign, debt_sign, flow, makes_lot) VALUES
  (72, 'O4i', NULL, NULL, 'cost', 'to_partner', 0, 0, 0, 'settled', false),
  (73, 'O4ir', NULL, NULL, 'cost', 'to_issuer', 0, 0, 0, 'settled', false),
  (74, 'O4r', 'unit.redeemed', 'unit.open', NULL, NULL, 1, 1, 0, 'settled', false);
INSERT INTO kvitt.template_leg (template, leg, account, sign, measure) VALUES
  (72, 1, '5130', 1, 'cost'), (72, 2, '2410', -1, 'cost'),
  (73, 1, '2410', 1, 'cost'), (73, 2, '5130', -1, 'cost'),
  (74, 1, '5130', 1, 'cost'), (74, 2, '2150', -1, 'cost');

-- Which goods a use of points bought.
CREATE TABLE kvitt.item_order (
  hold_id bigint PRIMARY KEY,
  item text NOT NULL CHECK (item ~ '^[A-Za-z0-9._-]{1,40}$'),
  count integer NOT NULL CHECK (count > 0)
);
-- Orders whose goods came back, as the bank's staff says.
CREATE TABLE kvitt.item_return (
  hold_id bigint PRIMARY KEY REFERENCES kvitt.item_order,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
  returned_by name NOT NULL DEFAULT session_user
);
CREATE TABLE kvitt.item_return_posted (
  hold_id bigint PRIMARY KEY REFERENCES kvitt.item_return,
  batch_id bigint NOT NULL
);
GRANT SELECT ON kvitt.item_order, kvitt.item_return, kvitt.item_return_posted
  TO kvitt_read, kvitt_audit;
GRANT INSERT (hold_id, reason) ON kvitt.item_return TO kvitt_finance;
GRANT INSERT ON kvitt.item_return_posted TO kvitt_settle;

-- Uses points at once for goods; the same key does nothing twice. The answer is that of kvitt.hold.
CREATE FUNCTION kvitt.order_item(
  p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamptz,
  p_item text, p_count integer, OUT outcome text, OUT hold_id bigint, OUT rest bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  SELECT h.outcome, h.hold_id, h.rest INTO outcome, hold_id, rest
    FROM kvitt.hold(p_key, p_member, p_unit, p_quantity, p_day, p_at, NULL) AS h;
  IF outcome = 'held' THEN
    INSERT INTO kvitt.item_order VALUES (hold_id, p_item, p_count);
  ELSIF outcome = 'repeated' AND NOT EXISTS (
    SELECT FROM kvitt.item_order o
     WHERE o.hold_id = order_item.hold_id AND o.item = p_item AND o.count = p_count)
  THEN
    outcome := 'conflict';
  END IF;
END $$;
REVOKE ALL ON FUNCTION kvitt.order_item(text, bigint, smallint, bigint, date, timestamptz, text,
  integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kvitt.order_item(text, bigint, smallint, bigint, date, timestamptz, text,
  integer) TO kvitt_redeem;
