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
  v_foreign text;
  v_of_bank smallint[] := ARRAY(SELECT id FROM kvitt.flow WHERE is_of_bank);
BEGIN
  EXECUTE format(
    'CREATE TEMP TABLE leaf_sum ON COMMIT DROP AS
     SELECT r.flow, r.partner, r.programme, r.unit, r.currency, r.booking_date,
            r.settlement_date, r.earn_month, count(*) AS rows, min(r.member_id) AS low,
            max(r.member_id) AS high, sum(r.quantity) AS quantity, sum(r.cost_minor) AS cost_minor,
            sum(r.share_minor) AS share_minor,
            count(*) FILTER (WHERE r.uncapped <> 0) AS counting,
            count(*) FILTER (WHERE r.purchase_id >> 32 <> %1$s) AS elsewhere
       FROM kvitt.reward_%1$s r
      GROUP BY 1, 2, 3, 4, 5, 6, 7, 8', p_batch);
  INSERT INTO kvitt.leaf_total
  SELECT p_batch, flow, partner, programme, unit, currency, booking_date, settlement_date,
         sum(rows), sum(quantity), sum(cost_minor), sum(share_minor)
    FROM pg_temp.leaf_sum GROUP BY 2, 3, 4, 5, 6, 7, 8;
  SELECT string_agg(f.code, ', ') INTO v_foreign FROM kvitt.flow f
   WHERE f.id IN (SELECT flow FROM pg_temp.leaf_sum)
     AND f.id NOT IN (SELECT a.flow FROM kvitt.batch_flow a JOIN kvitt.batch b USING (kind)
                       WHERE b.id = p_batch);
  IF v_foreign IS NOT NULL THEN
    RAISE EXCEPTION 'batch % carries rows that are not of its kind: %', p_batch, v_foreign
      USING ERRCODE = 'KV020';
  END IF;
  -- What the bank buys for itself is no member's.
  SELECT coalesce(sum(rows), 0), min(low) FILTER (WHERE flow <> ALL (v_of_bank)),
         max(high) FILTER (WHERE flow <> ALL (v_of_bank))
    INTO v_rows, v_low, v_high FROM pg_temp.leaf_sum;
  IF v_rows <> p_rewards THEN
    RAISE EXCEPTION 'batch % holds % reward rows, % were announced', p_batch, v_rows, p_rewards
      USING ERRCODE = 'KV020';
  END IF;
  -- Where no number is missing between the lowest member and the highest, all are known and no row
  -- needs to be looked up; members are numbered without gaps, so that is the usual case.
  IF v_rows > 0 AND (SELECT count(*) FROM kvitt.member WHERE id BETWEEN v_low AND v_high)
    < v_high - v_low + 1 THEN
    EXECUTE format('SELECT count(*) FROM kvitt.reward_%s r
      WHERE r.flow <> ALL ($1)
        AND NOT EXISTS (SELECT FROM kvitt.member m WHERE m.id = r.member_id)', p_batch)
      INTO v_unknown USING v_of_bank;
  END IF;
  IF v_unknown > 0 THEN
    RAISE EXCEPTION 'batch % has % rows of unknown members', p_batch, v_unknown
      USING ERRCODE = 'KV020';
  END IF;
  IF EXISTS (
    WITH ours AS (
      SELECT flow, partner, programme, unit, currency, booking_date, settlement_date,
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
  IF EXISTS (SELECT FROM pg_temp.leaf_sum s JOIN kvitt.flow t ON t.id = s.flow WHERE t.waits) THEN
    EXECUTE format('INSERT INTO kvitt.waiting_line
      SELECT batch_id << 32 | seq, flow, partner, member_id, lot_id, batch_id
        FROM kvitt.reward_%s WHERE flow IN (SELECT id FROM kvitt.flow WHERE waits)', p_batch);
  END IF;
  IF EXISTS (SELECT FROM pg_temp.leaf_sum s JOIN kvitt.flow t ON t.id = s.flow
              WHERE t.debt_sign <> 0) THEN
    EXECUTE format('INSERT INTO kvitt.member_debt AS d (member_id, unit, quantity, cost_minor)
      SELECT r.member_id, r.unit, sum(t.debt_sign * r.quantity), sum(t.debt_sign * r.cost_minor)
        FROM kvitt.reward_%s r JOIN kvitt.flow t ON t.id = r.flow
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
  IF EXISTS (SELECT FROM pg_temp.leaf_sum s JOIN kvitt.flow t ON t.id = s.flow
              WHERE t.makes_lot AND s.elsewhere > 0) THEN
    EXECUTE format('INSERT INTO kvitt.leaf_day
      SELECT DISTINCT event_date, batch_id FROM kvitt.reward_%s
       WHERE flow IN (SELECT id FROM kvitt.flow WHERE makes_lot)
         AND purchase_id >> 32 <> batch_id
      ON CONFLICT DO NOTHING', p_batch);
  END IF;
  INSERT INTO kvitt.leaf_month
  SELECT DISTINCT earn_month, p_batch FROM pg_temp.leaf_sum WHERE counting > 0;
  DROP TABLE pg_temp.leaf_sum;
END $$;
