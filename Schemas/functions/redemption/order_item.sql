-- Uses points at once for goods; the same key does nothing twice. The answer is that of kvitt.hold.
CREATE OR REPLACE FUNCTION kvitt.order_item(
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
