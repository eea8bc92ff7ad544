-- What is given without a purchase: vouchers for full stamp cards, benefits, bonuses (O8 to O16).
ALTER TABLE kvitt.unit DROP CONSTRAINT unit_kind_check;
ALTER TABLE kvitt.unit ADD CONSTRAINT unit_kind_check CHECK (kind IN
  ('cashback', 'credit', 'miles', 'points', 'status', 'stamps', 'voucher', 'benefit'));
INSERT INTO kvitt.account (code, title, kind) VALUES
  ('2160', 'Stamp and voucher liability', 'liability'),
  ('5140', 'Stamp, voucher and benefit cost', 'expense'),
  ('5150', 'Bonus and referral cost', 'expense');
-- O10 is the use of a voucher.
UPDATE kvitt.template SET code = 'O7o' WHERE id = 45;
INSERT INTO kvitt.template (id, code, unit_from, unit_to, settled_measure, settled_direction,
  balance_sign, lot_sign, debt_sign, flow, makes_lot) VALUES
  (46, 'O8', 'unit.issued', 'unit.open', NULL, NULL, 1, 0, 0, 'earned', true),
  (47, 'O8r', 'unit.open', 'unit.issued', NULL, NULL, -1, -1, 0, 'reversed', false),
  (48, 'O8d', 'unit.debt', 'unit.issued', NULL, NULL, -1, 0, 1, 'other', false),
  (49, 'O9', 'unit.open', 'unit.converted', NULL, NULL, -1, -1, 0, 'other', false),
  (50, 'O9v', 'unit.issued', 'unit.open', NULL, NULL, 1, 0, 0, 'other', true),
  (51, 'O10', 'unit.open', 'unit.redeemed', NULL, NULL, -1, -1, 0, 'settled', false),
  (52, 'O11', 'unit.open', 'unit.expired', NULL, NULL, -1, -1, 0, 'expired', false),
  (53, 'O11r', 'unit.expired', 'unit.issued', NULL, NULL, 0, 0, 0, 'other', false),
  (54, 'O8o', 'unit.open', 'unit.debt', NULL, NULL, 0, -1, -1, 'reversed', false),
  (55, 'O12', 'unit.issued', 'unit.open', NULL, NULL, 1, 0, 0, 'other', true),
  (56, 'O13', 'unit.open', 'unit.redeemed', NULL, NULL, -1, -1, 0, 'other', false),
  (57, 'O13c', NULL, NULL, NULL, NULL, 0, 0, 0, 'settled', false),
  (58, 'O14', 'unit.open', 'unit.expired', NULL, NULL, -1, -1, 0, 'other', false),
  (59, 'O15', 'unit.issued', 'unit.open', NULL, NULL, 1, 0, 0, 'earned', true),
  (60, 'O16', 'unit.open', 'unit.issued', NULL, NULL, -1, -1, 0, 'reversed', false),
  (61, 'O16d', 'unit.debt', 'unit.issued', NULL, NULL, -1, 0, 1, 'other', false);
INSERT INTO kvitt.template_leg (template, leg, account, sign, measure) VALUES
  (46, 1, '5140', 1, 'cost'), (46, 2, '2160', -1, 'cost'),
  (47, 1, '2160', 1, 'cost'), (47, 2, '5140', -1, 'cost'),
  (48, 1, '1300', 1, 'cost'), (48, 2, '5140', -1, 'cost'),
  (51, 1, '2160', 1, 'cost'), (51, 2, '2400', -1, 'cost'),
  (52, 1, '2160', 1, 'cost'), (52, 2, '5140', -1, 'cost'),
  (54, 1, '2160', 1, 'cost'), (54, 2, '1300', -1, 'cost'),
  (57, 1, '5140', 1, 'cost'), (57, 2, '2400', -1, 'cost'),
  (59, 1, '5150', 1, 'cost'), (59, 2, '2100', -1, 'cost'),
  (60, 1, '2100', 1, 'cost'), (60, 2, '5150', -1, 'cost'),
  (61, 1, '1300', 1, 'cost'), (61, 2, '5150', -1, 'cost');
ALTER TABLE kvitt.batch DROP CONSTRAINT batch_kind_check;
ALTER TABLE kvitt.batch ADD CONSTRAINT batch_kind_check CHECK (kind IN ('feed', 'till', 'answer',
  'deadline', 'settlement', 'bank', 'events', 'expiry', 'redemption', 'payout', 'adjustment',
  'opening', 'review', 'award'));

-- Events that no feed of cards carries: a survey that was answered, and the like.
ALTER TABLE kvitt.member_fact DROP CONSTRAINT member_fact_kind_check;
ALTER TABLE kvitt.member_fact ADD CONSTRAINT member_fact_kind_check CHECK (kind IN
  ('joined', 'terms', 'referrer', 'tier', 'choice', 'audience', 'event'));

-- Bonuses that were given: one for a member, a rule and what it was given for.
CREATE TABLE kvitt.bonus (
  member_id bigint NOT NULL,
  rule text NOT NULL,
  -- The event, or the number of the friend who was referred.
  event text NOT NULL,
  programme smallint NOT NULL,
  given_on date NOT NULL,
  lot_id bigint NOT NULL UNIQUE,
  PRIMARY KEY (member_id, programme, rule, event)
);
CREATE INDEX bonus_event ON kvitt.bonus (event);
-- Bonuses that were taken back (O16).
CREATE TABLE kvitt.bonus_undone (
  lot_id bigint PRIMARY KEY REFERENCES kvitt.bonus (lot_id),
  batch_id bigint NOT NULL
);
GRANT SELECT ON kvitt.bonus, kvitt.bonus_undone TO kvitt_read, kvitt_audit;
GRANT INSERT ON kvitt.bonus, kvitt.bonus_undone TO kvitt_settle;

-- Lots of no purchase, and points given back, stood in no list of days until now.
INSERT INTO kvitt.leaf_day
SELECT DISTINCT event_date, batch_id FROM kvitt.reward
 WHERE template IN (SELECT id FROM kvitt.template WHERE makes_lot) AND purchase_id >> 32 <> batch_id
ON CONFLICT DO NOTHING;

-- Checks the reward rows of a leaf as sets and stores their totals; a difference from the totals
-- that the caller brings refuses the batch.
CREATE OR REPLACE FUNCTION kvitt.check_leaf(p_batch bigint, p_rewards bigint, p_totals jsonb)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_rows numeric;
  v_low bigint;
  v_high bigint;
  v_unknown bigint := 0;
BEGIN
  EXECUTE format(
    'CREATE TEMP TABLE leaf_sum ON COMMIT DROP AS
     SELECT r.template, r.partner, r.programme, r.unit, r.currency, r.booking_date,
            r.settlement_date, r.earn_month, count(*) AS rows, min(r.member_id) AS low,
            max(r.member_id) AS high, sum(r.quantity) AS quantity, sum(r.cost_minor) AS cost_minor,
            sum(r.share_minor) AS share_minor,
            count(*) FILTER (WHERE r.uncapped <> 0) AS counting,
            count(*) FILTER (WHERE r.purchase_id >> 32 <> %1$s) AS elsewhere
       FROM kvitt.reward_%1$s r
      GROUP BY 1, 2, 3, 4, 5, 6, 7, 8', p_batch);
  INSERT INTO kvitt.leaf_total
  SELECT p_batch, template, partner, programme, unit, currency, booking_date, settlement_date,
         sum(rows), sum(quantity), sum(cost_minor), sum(share_minor)
    FROM pg_temp.leaf_sum GROUP BY 2, 3, 4, 5, 6, 7, 8;
  SELECT coalesce(sum(rows), 0), min(low), max(high) INTO v_rows, v_low, v_high
    FROM pg_temp.leaf_sum;
  IF v_rows <> p_rewards THEN
    RAISE EXCEPTION 'batch % holds % reward rows, % were announced', p_batch, v_rows, p_rewards
      USING ERRCODE = 'KV020';
  END IF;
  -- Where no number is missing between the lowest member and the highest, all are known and no row
  -- needs to be looked up; members are numbered without gaps, so that is the usual case.
  IF v_rows > 0 AND (SELECT count(*) FROM kvitt.member WHERE id BETWEEN v_low AND v_high)
    < v_high - v_low + 1 THEN
    EXECUTE format('SELECT count(*) FROM kvitt.reward_%s r
      WHERE NOT EXISTS (SELECT FROM kvitt.member m WHERE m.id = r.member_id)', p_batch)
      INTO v_unknown;
  END IF;
  IF v_unknown > 0 THEN
    RAISE EXCEPTION 'batch % has % rows of unknown members', p_batch, v_unknown
      USING ERRCODE = 'KV020';
  END IF;
  IF EXISTS (
    WITH ours AS (
      SELECT template, partner, programme, unit, currency, booking_date, settlement_date,
             rows, quantity, cost_minor, share_minor
        FROM kvitt.leaf_total WHERE batch_id = p_batch
    ), brought AS (
      SELECT (t->>0)::smallint, (t->>1)::smallint, (t->>2)::smallint, (t->>3)::smallint,
             (t->>4)::smallint, (t->>5)::date, (t->>6)::date, (t->>7)::bigint, (t->>8)::bigint,
             (t->>9)::bigint, (t->>10)::bigint
        FROM jsonb_array_elements(p_totals) AS t
    )
    (TABLE ours EXCEPT TABLE brought) UNION ALL (TABLE brought EXCEPT TABLE ours)
  ) THEN
    RAISE EXCEPTION 'control totals of batch % differ from its rows', p_batch
      USING ERRCODE = 'KV020';
  END IF;
  IF EXISTS (SELECT FROM pg_temp.leaf_sum WHERE template IN (12, 17)) THEN
    EXECUTE format('INSERT INTO kvitt.waiting_line
      SELECT batch_id << 32 | seq, template, partner, member_id, lot_id, batch_id
        FROM kvitt.reward_%s WHERE template IN (12, 17)', p_batch);
  END IF;
  IF EXISTS (SELECT FROM pg_temp.leaf_sum s JOIN kvitt.template t ON t.id = s.template
              WHERE t.debt_sign <> 0) THEN
    EXECUTE format('INSERT INTO kvitt.member_debt AS d (member_id, unit, quantity, cost_minor)
      SELECT r.member_id, r.unit, sum(t.debt_sign * r.quantity), sum(t.debt_sign * r.cost_minor)
        FROM kvitt.reward_%s r JOIN kvitt.template t ON t.id = r.template
       WHERE t.debt_sign <> 0 GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (member_id, unit) DO UPDATE SET quantity = d.quantity + excluded.quantity,
        cost_minor = d.cost_minor + excluded.cost_minor', p_batch);
    -- Another batch offset the same debt meanwhile: this one decides again.
    IF EXISTS (SELECT FROM kvitt.member_debt WHERE quantity < 0) THEN
      RAISE EXCEPTION 'batch % offsets a debt that another batch has offset', p_batch
        USING ERRCODE = 'KV040';
    END IF;
    DELETE FROM kvitt.member_debt WHERE quantity = 0 AND cost_minor = 0;
  END IF;
  -- Lots given back carry the newest day that concerns their purchase, and lots of no purchase a day of
  -- their own, which may stand in no record of this leaf: who asks for leaves by day, such as expiry,
  -- must find them.
  IF EXISTS (SELECT FROM pg_temp.leaf_sum s JOIN kvitt.template t ON t.id = s.template
              WHERE t.makes_lot AND s.elsewhere > 0) THEN
    EXECUTE format('INSERT INTO kvitt.leaf_day
      SELECT DISTINCT event_date, batch_id FROM kvitt.reward_%s
       WHERE template IN (SELECT id FROM kvitt.template WHERE makes_lot)
         AND purchase_id >> 32 <> batch_id
      ON CONFLICT DO NOTHING', p_batch);
  END IF;
  INSERT INTO kvitt.leaf_month
  SELECT DISTINCT earn_month, p_batch FROM pg_temp.leaf_sum WHERE counting > 0;
  DROP TABLE pg_temp.leaf_sum;
END $$;
