-- Terms of our own accounts at banks; control totals that corrections complete; cheaper checks of a
-- leaf; numbers of batches found in any plan.

ALTER TABLE kvitt.terms DROP CONSTRAINT terms_kind_check;
ALTER TABLE kvitt.terms ADD CONSTRAINT terms_kind_known
  CHECK (kind IN ('agreement', 'partner', 'calendar', 'feed', 'account'));

-- What a corrected row brings of the amount that a file's control totals missed without it: debit
-- less credit, as billed; null where the totals had its amount already.
ALTER TABLE kvitt.quarantine_result ADD COLUMN currency text CHECK (currency ~ '^[A-Z]{3}$');
ALTER TABLE kvitt.quarantine_result ADD COLUMN minor bigint;
ALTER TABLE kvitt.quarantine_result ADD CONSTRAINT quarantine_result_amount
  CHECK ((currency IS NULL) = (minor IS NULL));

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
            count(*) FILTER (WHERE r.uncapped <> 0) AS counting
       FROM kvitt.reward_%s r
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
  INSERT INTO kvitt.leaf_month
  SELECT DISTINCT earn_month, p_batch FROM pg_temp.leaf_sum WHERE counting > 0;
  DROP TABLE pg_temp.leaf_sum;
END $$;

-- As before, but what is no name of a merged leaf is never cast: with a few hundred leaves the
-- planner came to look at the names of all relations, and no file could be taken any more.
CREATE OR REPLACE FUNCTION kvitt.reserve_batch(p_key text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_id bigint;
BEGIN
  SELECT id INTO v_id FROM kvitt.batch_number WHERE key = p_key;
  IF FOUND AND (EXISTS (SELECT FROM kvitt.batch WHERE id = v_id) OR NOT EXISTS (
    SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent IN ('kvitt.purchase'::regclass, 'kvitt.reward'::regclass)
       AND CASE WHEN c.relname ~ '^(purchase|reward)_[0-9]+_[0-9]+$'
                THEN v_id BETWEEN split_part(c.relname, '_', 2)::bigint
                     AND split_part(c.relname, '_', 3)::bigint
                ELSE false END)) THEN
    RETURN v_id;
  END IF;
  -- A file that was refused kept its number; leaves around it were merged since, so the number
  -- lies inside a merged range and can no longer carry a leaf of its own.
  DELETE FROM kvitt.batch_number WHERE key = p_key AND id = v_id;
  LOCK TABLE kvitt.batch_number IN SHARE ROW EXCLUSIVE MODE;
  INSERT INTO kvitt.batch_number (key, id)
  SELECT p_key, coalesce(max(id), 0) + 1 FROM kvitt.batch_number
  ON CONFLICT (key) DO NOTHING;
  SELECT id INTO STRICT v_id FROM kvitt.batch_number WHERE key = p_key;
  RETURN v_id;
END $$;
