-- Own points (O1 to O7): a liability at their expected cost, settled with whoever supplies the goods.
ALTER TABLE kvitt.unit DROP CONSTRAINT unit_kind_check;
ALTER TABLE kvitt.unit ADD CONSTRAINT unit_kind_check
  CHECK (kind IN ('cashback', 'credit', 'miles', 'points'));
INSERT INTO kvitt.account (code, title, kind) VALUES
  ('2150', 'Own-points liability', 'liability'),
  ('5130', 'Own-points cost', 'expense');
INSERT INTO kvitt.template (id, code, unit_from, unit_to, settled_measure, settled_direction,
  balance_sign, lot_sign, debt_sign, flow, makes_lot) VALUES
  (37, 'O1', 'unit.issued', 'unit.open', NULL, NULL, 1, 0, 0, 'earned', true),
  (38, 'O6', 'unit.open', 'unit.issued', NULL, NULL, -1, -1, 0, 'reversed', false),
  (39, 'O7', 'unit.debt', 'unit.issued', NULL, NULL, -1, 0, 1, 'other', false),
  (40, 'O4', 'unit.open', 'unit.redeemed', NULL, NULL, -1, -1, 0, 'settled', false),
  (41, 'O4c', NULL, NULL, NULL, NULL, 0, 0, 0, 'settled', false),
  (43, 'P7', 'unit.open', 'unit.expired', NULL, NULL, -1, -1, 0, 'expired', false),
  (44, 'P7r', 'unit.expired', 'unit.issued', NULL, NULL, 0, 0, 0, 'other', false),
  (45, 'O10', 'unit.open', 'unit.debt', NULL, NULL, 0, -1, -1, 'reversed', false);
INSERT INTO kvitt.template_leg (template, leg, account, sign, measure) VALUES
  (37, 1, '5130', 1, 'cost'), (37, 2, '2150', -1, 'cost'),
  (38, 1, '2150', 1, 'cost'), (38, 2, '5130', -1, 'cost'),
  (39, 1, '1300', 1, 'cost'), (39, 2, '5130', -1, 'cost'),
  (40, 1, '2150', 1, 'cost'), (40, 2, '5130', -1, 'cost'),
  (41, 1, '5130', 1, 'cost'), (41, 2, '2400', -1, 'cost'),
  (43, 1, '2150', 1, 'cost'), (43, 2, '5130', -1, 'cost'),
  (45, 1, '2150', 1, 'cost'), (45, 2, '1300', -1, 'cost');

-- Points earned are as many as cashback earned: the small index of movements leaves them out too. The
-- functions are those of 0014 but for that.
CREATE OR REPLACE FUNCTION kvitt.seal_leaf(
  p_batch bigint, p_purchases bigint, p_rewards bigint, p_root bytea, p_blocks jsonb,
  p_totals jsonb, p_entries jsonb, p_attachments jsonb, p_base_seal bigint
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_kind text;
  v_part text;
  v_count bigint;
  v_numbered boolean;
  v_first integer := 0;
  v_previous bytea;
  v_number bigint;
  v_seal bytea;
BEGIN
  SELECT kind INTO STRICT v_kind FROM kvitt.batch WHERE id = p_batch;
  IF EXISTS (SELECT FROM kvitt.seal WHERE batch_id = p_batch) THEN
    RAISE EXCEPTION 'batch % is sealed', p_batch USING ERRCODE = 'KV023';
  END IF;
  INSERT INTO kvitt.block (batch_id, part, block, rows, digest)
  SELECT p_batch, b->>0, (b->>1)::integer, (b->>2)::integer, decode(b->>3, 'hex')
    FROM jsonb_array_elements(p_blocks) AS b;
  IF v_kind = 'feed' THEN
    EXECUTE format(
      'WITH days AS (SELECT event_date, count(*) AS n, min(seq) AS low, max(seq) AS high,
                            sum(seq) AS total FROM kvitt.purchase_%1$s GROUP BY 1),
       noted AS (INSERT INTO kvitt.leaf_day SELECT event_date, %1$s FROM days)
       SELECT coalesce(sum(n), 0), coalesce(min(low), 1) = 1 AND coalesce(max(high), 0) =
              coalesce(sum(n), 0) AND coalesce(sum(total), 0) = coalesce(sum(n) * (sum(n) + 1) / 2, 0)
         FROM days', p_batch) INTO v_count, v_numbered;
    IF NOT v_numbered THEN
      RAISE EXCEPTION 'the rows of batch % are not numbered from 1', p_batch
        USING ERRCODE = 'KV020';
    END IF;
    IF v_count <> p_purchases THEN
      RAISE EXCEPTION 'batch % holds % purchases, % were announced', p_batch, v_count, p_purchases
        USING ERRCODE = 'KV020';
    END IF;
    IF EXISTS (SELECT FROM kvitt.find_repeats(p_batch, 1)) THEN
      RAISE EXCEPTION 'batch % repeats a record', p_batch USING ERRCODE = 'KV023';
    END IF;
    -- Purchases are asked for one at a time, and stand in the order of seq.
    EXECUTE format('CREATE INDEX purchase_%1$s_seq ON kvitt.purchase_%1$s USING brin (seq)
      WITH (pages_per_range = 8)', p_batch);
  END IF;
  IF v_kind NOT IN ('settlement', 'bank', 'events') THEN
    PERFORM kvitt.check_leaf(p_batch, p_rewards, p_totals);
    v_first := kvitt.post_leaf_entries(p_batch);
    INSERT INTO kvitt.slice (partner, batch_id, settlement_date)
    SELECT DISTINCT partner, batch_id, settlement_date FROM kvitt.leaf_total
     WHERE batch_id = p_batch AND partner <> 0;
    EXECUTE format('CREATE UNIQUE INDEX reward_%1$s_seq ON kvitt.reward_%1$s (seq)
      WITH (fillfactor = 100)', p_batch);
    EXECUTE format('CREATE INDEX reward_%1$s_member ON kvitt.reward_%1$s (member_id)
      WITH (fillfactor = 100)', p_batch);
    -- What moves lots, or concerns a purchase of an earlier batch: few rows, asked for in all
    -- leaves whenever something is taken back.
    EXECUTE format('CREATE INDEX reward_%1$s_moving ON kvitt.reward_%1$s (member_id)
      WHERE template NOT IN (1, 4, 10, 37) OR purchase_id >> 32 <> batch_id', p_batch);
  END IF;
  FOREACH v_part IN ARRAY ARRAY['purchase', 'reward'] LOOP
    CONTINUE WHEN to_regclass(format('kvitt.%s_%s', v_part, p_batch)) IS NULL;
    EXECUTE format('REVOKE INSERT ON kvitt.%s_%s FROM kvitt_ingest, kvitt_settle',
      v_part, p_batch);
    EXECUTE format('ALTER TABLE kvitt.%1$s ATTACH PARTITION kvitt.%1$s_%2$s
      FOR VALUES FROM (%2$s) TO (%3$s)', v_part, p_batch, p_batch + 1);
  END LOOP;
  PERFORM kvitt.post_entries(p_batch, v_first, p_entries);
  INSERT INTO kvitt.attachment (batch_id, kind, name, digest)
  SELECT p_batch, a->>0, a->>1, decode(a->>2, 'hex') FROM jsonb_array_elements(p_attachments) a;
  SELECT seal_no + 1, seal INTO STRICT v_number, v_previous
    FROM kvitt.book WHERE id = 1 FOR UPDATE;
  -- Sums that a batch decided on must still be those of the books: a feed sealed meanwhile that
  -- counts toward the same month sends this one back to decide again.
  IF EXISTS (
    SELECT FROM kvitt.leaf_month own
      JOIN kvitt.leaf_month other ON other.month = own.month AND other.batch_id <> own.batch_id
      JOIN kvitt.seal s ON s.batch_id = other.batch_id
     WHERE own.batch_id = p_batch AND s.seal_no > p_base_seal
  ) THEN
    RAISE EXCEPTION 'batch % was decided before another feed was sealed', p_batch
      USING ERRCODE = 'KV040';
  END IF;
  v_seal := sha256(convert_to(kvitt.seal_text(p_batch, v_previous, p_root), 'UTF8'));
  INSERT INTO kvitt.seal (batch_id, seal_no, purchases, rewards, root, previous, seal)
  VALUES (p_batch, v_number, p_purchases, p_rewards, p_root, v_previous, v_seal);
  UPDATE kvitt.book SET seal_no = v_number, seal = v_seal WHERE id = 1;
  RETURN v_number || ' ' || encode(v_seal, 'hex');
END $$;

CREATE OR REPLACE FUNCTION kvitt.merge_leaves(p_part text, p_first bigint, p_last bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_leaf regclass;
  v_new text := format('%s_%s_%s', p_part, p_first, p_last);
  v_old regclass[];
  v_before bigint;
  v_after bigint;
BEGIN
  IF p_part NOT IN ('purchase', 'reward') THEN
    RAISE EXCEPTION 'no such part: %', p_part USING ERRCODE = 'KV020';
  END IF;
  SELECT array_agg(i.inhrelid::regclass) INTO v_old
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
   WHERE i.inhparent = format('kvitt.%s', p_part)::regclass
     AND c.relname ~ format('^%s_[0-9]+$', p_part)
     AND substring(c.relname FROM '[0-9]+$')::bigint BETWEEN p_first AND p_last;
  IF coalesce(array_length(v_old, 1), 0) < 2 THEN
    RETURN 0;
  END IF;
  IF EXISTS (SELECT FROM kvitt.batch b WHERE b.id BETWEEN p_first AND p_last
              AND NOT EXISTS (SELECT FROM kvitt.seal s WHERE s.batch_id = b.id)) THEN
    RAISE EXCEPTION 'batches % to % are not all sealed', p_first, p_last USING ERRCODE = 'KV020';
  END IF;
  EXECUTE format('SELECT count(*) FROM kvitt.%s WHERE batch_id BETWEEN %s AND %s',
    p_part, p_first, p_last) INTO v_before;
  EXECUTE format(
    'CREATE TABLE kvitt.%1$s (LIKE kvitt.%2$s INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
       CONSTRAINT %1$s_leaf CHECK (batch_id >= %3$s AND batch_id < %4$s))
       WITH (autovacuum_enabled = false)', v_new, p_part, p_first, p_last + 1);
  EXECUTE format('INSERT INTO kvitt.%1$s SELECT * FROM kvitt.%2$s
    WHERE batch_id BETWEEN %3$s AND %4$s ORDER BY batch_id, seq', v_new, p_part, p_first, p_last);
  GET DIAGNOSTICS v_after = ROW_COUNT;
  IF v_before <> v_after THEN
    RAISE EXCEPTION 'merging % rows gave %', v_before, v_after USING ERRCODE = 'KV020';
  END IF;
  IF p_part = 'reward' THEN
    EXECUTE format('CREATE UNIQUE INDEX ON kvitt.%s (seq, batch_id) WITH (fillfactor = 100)', v_new);
  END IF;
  IF p_part = 'purchase' THEN
    EXECUTE format('CREATE UNIQUE INDEX ON kvitt.%s (identity)', v_new);
  ELSE
    EXECUTE format('CREATE INDEX ON kvitt.%s (member_id)', v_new);
  END IF;
  -- Rows stand in the order of their batches: the guard reads only the pages of the days it asks.
  EXECUTE format('CREATE INDEX ON kvitt.%s USING brin (batch_id) WITH (pages_per_range = 16)',
    v_new);
  IF p_part = 'reward' THEN
    EXECUTE format('CREATE INDEX ON kvitt.%s (member_id)
      WHERE template NOT IN (1, 4, 10, 37) OR purchase_id >> 32 <> batch_id', v_new);
  END IF;
  EXECUTE format('GRANT SELECT ON kvitt.%s TO kvitt_read', v_new);
  EXECUTE format('ANALYZE kvitt.%s', v_new);
  FOREACH v_leaf IN ARRAY v_old LOOP
    EXECUTE format('ALTER TABLE kvitt.%s DETACH PARTITION %s', p_part, v_leaf);
    EXECUTE format('DROP TABLE %s', v_leaf);
  END LOOP;
  EXECUTE format('ALTER TABLE kvitt.%s ATTACH PARTITION kvitt.%s FOR VALUES FROM (%s) TO (%s)',
    p_part, v_new, p_first, p_last + 1);
  RETURN v_after;
END $$;
