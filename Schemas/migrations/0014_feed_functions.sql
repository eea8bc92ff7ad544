-- The doors to the leaves again, with fewer passes over the rows: days, sums, unknown members and
-- months come from one scan of each leaf.
DROP FUNCTION kvitt.seal_leaf(bigint, bigint, bigint, bytea, jsonb, jsonb, jsonb, jsonb);

CREATE OR REPLACE FUNCTION kvitt.open_leaf(
  p_batch bigint, p_kind text, p_business_date date, p_recorded_at timestamptz,
  p_guarded boolean
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_role text := CASE WHEN p_kind IN ('feed', 'till', 'events') THEN 'kvitt_ingest' ELSE 'kvitt_settle' END;
  v_part text;
BEGIN
  IF NOT EXISTS (SELECT FROM kvitt.batch_number WHERE id = p_batch) THEN
    RAISE EXCEPTION 'batch % was never reserved', p_batch USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.batch (id, kind, business_date, recorded_at)
  VALUES (p_batch, p_kind, p_business_date, p_recorded_at);
  FOREACH v_part IN ARRAY ARRAY['purchase', 'reward'] LOOP
    CONTINUE WHEN v_part = 'purchase' AND p_kind <> 'feed';
    CONTINUE WHEN p_kind IN ('settlement', 'bank', 'events');
    EXECUTE format(
      'CREATE TABLE kvitt.%1$s_%2$s (LIKE kvitt.%1$s INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
         CONSTRAINT %1$s_%2$s_leaf CHECK (batch_id >= %2$s AND batch_id < %3$s))
         WITH (autovacuum_enabled = false)',
      v_part, p_batch, p_batch + 1);
    EXECUTE format('GRANT SELECT ON kvitt.%s_%s TO kvitt_read', v_part, p_batch);
    EXECUTE format('GRANT INSERT ON kvitt.%s_%s TO %I', v_part, p_batch, v_role);
  END LOOP;
  IF p_guarded AND p_kind = 'feed' THEN
    EXECUTE format('CREATE UNIQUE INDEX ON kvitt.purchase_%s (identity)', p_batch);
  END IF;
END $$;

-- Identities of the open leaf that stand twice: in itself or in a sealed leaf that can hold the
-- same day, which leaf_day tells once the leaf's own days are noted. At most p_limit of them.
CREATE OR REPLACE FUNCTION kvitt.find_repeats(p_batch bigint, p_limit integer)
RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_leaf text := format('kvitt.purchase_%s', p_batch);
  v_others bigint[];
BEGIN
  SELECT array_agg(DISTINCT d.batch_id) INTO v_others
    FROM kvitt.leaf_day d JOIN kvitt.leaf_day own ON own.day = d.day
   WHERE own.batch_id = p_batch AND d.batch_id <> p_batch;
  IF v_others IS NOT NULL THEN
    RETURN QUERY EXECUTE format(
      'SELECT n.identity FROM %s n JOIN kvitt.purchase o USING (identity)
        WHERE o.batch_id = ANY (ARRAY[%s]::bigint[]) LIMIT %s',
      v_leaf, array_to_string(v_others, ','), p_limit);
  END IF;
  BEGIN
    EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS purchase_%1$s_identity
      ON kvitt.purchase_%1$s (identity) WITH (fillfactor = 100)', p_batch);
  EXCEPTION WHEN unique_violation THEN
    RETURN QUERY EXECUTE format(
      'SELECT identity FROM %s GROUP BY identity HAVING count(*) > 1 LIMIT %s', v_leaf, p_limit);
  END;
END $$;

-- Checks the reward rows of a leaf as sets and stores their totals; a difference from the totals
-- that the caller brings refuses the batch.
CREATE OR REPLACE FUNCTION kvitt.check_leaf(p_batch bigint, p_rewards bigint, p_totals jsonb)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_rows numeric;
  v_known numeric;
BEGIN
  EXECUTE format(
    'CREATE TEMP TABLE leaf_sum ON COMMIT DROP AS
     SELECT r.template, r.partner, r.programme, r.unit, r.currency, r.booking_date,
            r.settlement_date, r.earn_month, count(*) AS rows, count(m.id) AS known,
            sum(r.quantity) AS quantity, sum(r.cost_minor) AS cost_minor,
            sum(r.share_minor) AS share_minor,
            count(*) FILTER (WHERE r.uncapped <> 0) AS counting
       FROM kvitt.reward_%s r LEFT JOIN kvitt.member m ON m.id = r.member_id
      GROUP BY 1, 2, 3, 4, 5, 6, 7, 8', p_batch);
  INSERT INTO kvitt.leaf_total
  SELECT p_batch, template, partner, programme, unit, currency, booking_date, settlement_date,
         sum(rows), sum(quantity), sum(cost_minor), sum(share_minor)
    FROM pg_temp.leaf_sum GROUP BY 2, 3, 4, 5, 6, 7, 8;
  SELECT coalesce(sum(rows), 0), coalesce(sum(known), 0) INTO v_rows, v_known
    FROM pg_temp.leaf_sum;
  IF v_rows <> p_rewards THEN
    RAISE EXCEPTION 'batch % holds % reward rows, % were announced', p_batch, v_rows, p_rewards
      USING ERRCODE = 'KV020';
  END IF;
  IF v_known <> v_rows THEN
    RAISE EXCEPTION 'batch % has % rows of unknown members', p_batch, v_rows - v_known
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

-- Seals a batch: rows checked, control entries posted, leaves closed and attached, and the seal
-- taken last from the book's row, so numbers have no gap and follow the order of commits.
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
      WHERE template NOT IN (1, 4, 10) OR purchase_id >> 32 <> batch_id', p_batch);
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
      WHERE template NOT IN (1, 4, 10) OR purchase_id >> 32 <> batch_id', v_new);
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

-- A card that replaces another belongs to the same member; lots follow the account. Says what was
-- done: 'new', 'known', or 'unknown' where the old card is nobody's, 'other' where the new one
-- belongs to someone else.
CREATE FUNCTION kvitt.replace_card(p_token text, p_new text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_member bigint;
  v_other bigint;
BEGIN
  SELECT member_id INTO v_member FROM kvitt.card WHERE token = p_token;
  IF NOT FOUND THEN
    RETURN 'unknown';
  END IF;
  SELECT member_id INTO v_other FROM kvitt.card WHERE token = p_new;
  IF FOUND THEN
    RETURN CASE WHEN v_other = v_member THEN 'known' ELSE 'other' END;
  END IF;
  INSERT INTO kvitt.card (token, member_id) VALUES (p_new, v_member);
  RETURN 'new';
END $$;

REVOKE ALL ON FUNCTION
  kvitt.seal_leaf(bigint, bigint, bigint, bytea, jsonb, jsonb, jsonb, jsonb, bigint),
  kvitt.replace_card(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  kvitt.seal_leaf(bigint, bigint, bigint, bytea, jsonb, jsonb, jsonb, jsonb, bigint)
  TO kvitt_ingest, kvitt_settle;
GRANT EXECUTE ON FUNCTION kvitt.replace_card(text, text) TO kvitt_ingest;
GRANT SELECT ON kvitt.gap_release, kvitt.unlinked_record, kvitt.unlinked_proposal,
  kvitt.unlinked_decision, kvitt.quarantine_proposal, kvitt.quarantine_decision,
  kvitt.quarantine_result, kvitt.month_sum, kvitt.card_event
  TO kvitt_read, kvitt_audit;
GRANT INSERT ON kvitt.unlinked_record, kvitt.quarantine_result, kvitt.month_sum, kvitt.card_event
  TO kvitt_ingest;
GRANT INSERT (source, sequence, reason) ON kvitt.gap_release TO kvitt_finance;
GRANT INSERT (identity, seq, original, reason) ON kvitt.unlinked_proposal TO kvitt_finance;
GRANT INSERT (identity, seq, proposed_by) ON kvitt.unlinked_decision TO kvitt_finance;
GRANT INSERT (batch_id, line, item, seq, action, correction, reason) ON kvitt.quarantine_proposal
  TO kvitt_finance;
GRANT INSERT (batch_id, line, item, seq, proposed_by) ON kvitt.quarantine_decision
  TO kvitt_finance;
