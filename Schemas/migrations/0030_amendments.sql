-- Terms that reach back: prices of miles (P13) and reimbursement of open store credit (S9) by difference
-- rows; own points turned into miles (M12).
INSERT INTO kvitt.template (id, code, unit_from, unit_to, settled_measure, settled_direction,
  balance_sign, lot_sign, debt_sign, flow, makes_lot) VALUES
  (66, 'M12', 'unit.open', 'unit.converted', NULL, NULL, -1, -1, 0, 'settled', false),
  (67, 'M12c', NULL, NULL, NULL, NULL, 0, 0, 0, 'other', false),
  (68, 'P13', NULL, NULL, 'cost', 'to_issuer', 0, 0, 0, 'other', false),
  (69, 'P13u', NULL, NULL, 'cost', 'to_partner', 0, 0, 0, 'other', false),
  (70, 'S9', NULL, NULL, NULL, NULL, 0, -1, 0, 'reversed', false),
  (71, 'S9u', NULL, NULL, NULL, NULL, 0, 1, 0, 'earned', false);
INSERT INTO kvitt.template_leg (template, leg, account, sign, measure) VALUES
  (66, 1, '2150', 1, 'cost'), (66, 2, '5130', -1, 'cost'),
  (67, 1, '5130', 1, 'cost'), (67, 2, '5120', -1, 'cost'),
  (68, 1, '2410', 1, 'cost'), (68, 2, '5120', -1, 'cost'),
  (69, 1, '5120', 1, 'cost'), (69, 2, '2410', -1, 'cost'),
  (70, 1, '2200', 1, 'cost'), (70, 2, '5110', -1, 'cost'),
  (71, 1, '5110', 1, 'cost'), (71, 2, '2200', -1, 'cost');
ALTER TABLE kvitt.batch DROP CONSTRAINT batch_kind_check;
ALTER TABLE kvitt.batch ADD CONSTRAINT batch_kind_check CHECK (kind IN ('feed', 'till', 'answer',
  'deadline', 'settlement', 'bank', 'events', 'expiry', 'redemption', 'payout', 'adjustment',
  'opening', 'review', 'award', 'funding', 'amendment'));

-- Uses of points that become miles; the batch that posts the hold posts the miles too.
CREATE TABLE kvitt.conversion (
  hold_id bigint PRIMARY KEY,
  unit smallint NOT NULL
);
GRANT SELECT ON kvitt.conversion TO kvitt_read, kvitt_audit;

-- Uses points at once so that they become units of another kind; the same key does nothing twice.
-- The answer is that of kvitt.hold.
CREATE FUNCTION kvitt.convert_points(
  p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamptz,
  p_into smallint, OUT outcome text, OUT hold_id bigint, OUT rest bigint
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_into smallint;
BEGIN
  SELECT h.outcome, h.hold_id, h.rest INTO outcome, hold_id, rest
    FROM kvitt.hold(p_key, p_member, p_unit, p_quantity, p_day, p_at, NULL) AS h;
  IF outcome = 'held' THEN
    INSERT INTO kvitt.conversion VALUES (hold_id, p_into);
  ELSIF outcome = 'repeated' THEN
    SELECT c.unit INTO v_into FROM kvitt.conversion c WHERE c.hold_id = convert_points.hold_id;
    IF v_into IS DISTINCT FROM p_into THEN
      outcome := 'conflict';
    END IF;
  END IF;
END $$;
REVOKE ALL ON FUNCTION kvitt.convert_points(text, bigint, smallint, bigint, date, timestamptz,
  smallint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kvitt.convert_points(text, bigint, smallint, bigint, date, timestamptz,
  smallint) TO kvitt_redeem;
