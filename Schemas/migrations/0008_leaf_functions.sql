-- The only doors to the leaves. All are SECURITY DEFINER, owned by a role without login, with a
-- fixed search path. Refusals carry SQLSTATE KV020 (invariant) or KV023 (conflict).

-- The number of the batch that takes in what the key names; numbers have no gap.
CREATE FUNCTION kvitt.reserve_batch(p_key text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_id bigint;
BEGIN
  SELECT id INTO v_id FROM kvitt.batch_number WHERE key = p_key;
  IF FOUND AND (EXISTS (SELECT FROM kvitt.batch WHERE id = v_id) OR NOT EXISTS (
    SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent IN ('kvitt.purchase'::regclass, 'kvitt.reward'::regclass)
       AND v_id BETWEEN split_part(c.relname, '_', 2)::bigint
           AND nullif(split_part(c.relname, '_', 3), '')::bigint)) THEN
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

-- Opens a batch and, for kinds with member rows, its two leaves aside; the caller's transaction
-- fills and seals them. A guarded leaf carries its identity index from the start, for files that
-- are known to repeat records.
CREATE FUNCTION kvitt.open_leaf(
  p_batch bigint, p_kind text, p_business_date date, p_recorded_at timestamptz,
  p_guarded boolean
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_role text := CASE WHEN p_kind IN ('feed', 'till') THEN 'kvitt_ingest' ELSE 'kvitt_settle' END;
  v_part text;
BEGIN
  IF NOT EXISTS (SELECT FROM kvitt.batch_number WHERE id = p_batch) THEN
    RAISE EXCEPTION 'batch % was never reserved', p_batch USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.batch (id, kind, business_date, recorded_at)
  VALUES (p_batch, p_kind, p_business_date, p_recorded_at);
  FOREACH v_part IN ARRAY ARRAY['purchase', 'reward'] LOOP
    CONTINUE WHEN v_part = 'purchase' AND p_kind <> 'feed';
    CONTINUE WHEN p_kind IN ('settlement', 'bank');
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
-- same day. At most p_limit of them.
CREATE FUNCTION kvitt.find_repeats(p_batch bigint, p_limit integer)
RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_leaf text := format('kvitt.purchase_%s', p_batch);
  v_others bigint[];
BEGIN
  EXECUTE format(
    'SELECT array_agg(DISTINCT d.batch_id) FROM kvitt.leaf_day d
      WHERE d.day IN (SELECT event_date FROM %s GROUP BY event_date)', v_leaf)
    INTO v_others;
  IF v_others IS NOT NULL THEN
    RETURN QUERY EXECUTE format(
      'SELECT n.identity FROM %s n JOIN kvitt.purchase o USING (identity)
        WHERE o.batch_id = ANY (ARRAY[%s]::bigint[]) LIMIT %s',
      v_leaf, array_to_string(v_others, ','), p_limit);
  END IF;
  BEGIN
    EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS purchase_%1$s_identity
      ON kvitt.purchase_%1$s (identity)', p_batch);
  EXCEPTION WHEN unique_violation THEN
    RETURN QUERY EXECUTE format(
      'SELECT identity FROM %s GROUP BY identity HAVING count(*) > 1 LIMIT %s', v_leaf, p_limit);
  END;
END $$;

-- Writes the control entries of a leaf from its rows, one entry per booking date and template.
CREATE FUNCTION kvitt.post_leaf_entries(p_batch bigint) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_count integer;
BEGIN
  CREATE TEMP TABLE leaf_entry ON COMMIT DROP AS
  SELECT dense_rank() OVER (ORDER BY booking_date, template)::integer AS n, *
    FROM (SELECT DISTINCT booking_date, template FROM kvitt.leaf_total
           WHERE batch_id = p_batch) AS kinds;
  INSERT INTO kvitt.entry (id, batch_id, code, booking_date, text)
  SELECT (p_batch << 20) + e.n, p_batch, t.code, e.booking_date,
         'control totals of the rows with template ' || t.code
    FROM leaf_entry e JOIN kvitt.template t ON t.id = e.template;
  INSERT INTO kvitt.posting
    (entry_id, leg, account, commodity, partner, programme, settlement_date, amount)
  SELECT (p_batch << 20) + n,
         row_number() OVER (PARTITION BY n ORDER BY account, commodity, partner, programme,
           settlement_date),
         account, commodity, partner, programme, settlement_date, amount
    FROM (
      SELECT e.n, g.account, g.commodity, s.partner, s.programme, s.settlement_date,
             sum(g.amount)::bigint AS amount
        FROM kvitt.leaf_total s
        JOIN leaf_entry e USING (booking_date, template)
        JOIN kvitt.currency c ON c.id = s.currency
        JOIN kvitt.unit u ON u.id = s.unit
        JOIN kvitt.template t ON t.id = s.template
        CROSS JOIN LATERAL (
          SELECT l.account, c.code AS commodity,
                 l.sign * CASE l.measure WHEN 'cost' THEN s.cost_minor ELSE s.share_minor END
                   AS amount
            FROM kvitt.template_leg l WHERE l.template = s.template
          UNION ALL
          SELECT t.unit_from, u.code, -s.quantity WHERE t.unit_from IS NOT NULL
          UNION ALL
          SELECT t.unit_to, u.code, s.quantity WHERE t.unit_to IS NOT NULL
        ) AS g
       WHERE s.batch_id = p_batch
       GROUP BY e.n, g.account, g.commodity, s.partner, s.programme, s.settlement_date
      HAVING sum(g.amount) <> 0
    ) AS legs;
  SELECT count(*) INTO v_count FROM leaf_entry;
  DROP TABLE leaf_entry;
  RETURN v_count;
END $$;

-- Checks the reward rows of a leaf as sets and stores their totals; a difference from the totals
-- that the caller brings refuses the batch.
CREATE FUNCTION kvitt.check_leaf(p_batch bigint, p_rewards bigint, p_totals jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_orphans bigint;
  v_rows numeric;
BEGIN
  EXECUTE format(
    'INSERT INTO kvitt.leaf_total SELECT batch_id, template, partner, programme, unit, currency,
       booking_date, settlement_date, count(*), sum(quantity), sum(cost_minor), sum(share_minor)
     FROM kvitt.reward_%s GROUP BY 1, 2, 3, 4, 5, 6, 7, 8', p_batch);
  SELECT coalesce(sum(rows), 0) INTO v_rows FROM kvitt.leaf_total WHERE batch_id = p_batch;
  IF v_rows <> p_rewards THEN
    RAISE EXCEPTION 'batch % holds % reward rows, % were announced', p_batch, v_rows, p_rewards
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
  EXECUTE format(
    'SELECT count(*) FROM kvitt.reward_%s r
      WHERE NOT EXISTS (SELECT FROM kvitt.member m WHERE m.id = r.member_id)', p_batch)
    INTO v_orphans;
  IF v_orphans > 0 THEN
    RAISE EXCEPTION 'batch % names % unknown members', p_batch, v_orphans
      USING ERRCODE = 'KV020';
  END IF;
  EXECUTE format('INSERT INTO kvitt.waiting_line
    SELECT batch_id << 32 | seq, template, partner, member_id, lot_id, batch_id
      FROM kvitt.reward_%s WHERE template IN (12, 17)', p_batch);
  EXECUTE format('INSERT INTO kvitt.leaf_month
    SELECT DISTINCT earn_month, %s FROM kvitt.reward_%1$s WHERE uncapped <> 0', p_batch);
END $$;

-- Posts further entries of a batch: [{code, date, text, legs: [[account, commodity, partner,
-- programme, settlement date, amount]…]}…]. What does not balance per commodity is refused.
CREATE FUNCTION kvitt.post_entries(p_batch bigint, p_first integer, p_entries jsonb)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_entry jsonb;
  v_id bigint := (p_batch << 20) + p_first;
BEGIN
  FOR v_entry IN SELECT * FROM jsonb_array_elements(p_entries) LOOP
    v_id := v_id + 1;
    IF EXISTS (
      SELECT FROM jsonb_array_elements(v_entry->'legs') AS l
       GROUP BY l->>1 HAVING sum((l->>5)::numeric) <> 0
    ) OR jsonb_array_length(v_entry->'legs') < 2 THEN
      RAISE EXCEPTION 'entry % of batch % does not balance', v_entry->>'code', p_batch
        USING ERRCODE = 'KV020';
    END IF;
    INSERT INTO kvitt.entry (id, batch_id, code, booking_date, text)
    VALUES (v_id, p_batch, v_entry->>'code', (v_entry->>'date')::date, v_entry->>'text');
    INSERT INTO kvitt.posting
      (entry_id, leg, account, commodity, partner, programme, settlement_date, amount)
    SELECT v_id, n, l->>0, l->>1, (l->>2)::smallint, (l->>3)::smallint, (l->>4)::date,
           (l->>5)::bigint
      FROM jsonb_array_elements(v_entry->'legs') WITH ORDINALITY AS x (l, n);
  END LOOP;
END $$;

-- The text under a seal; ledger check builds the same from the rows.
CREATE FUNCTION kvitt.seal_text(p_batch bigint, p_previous bytea, p_root bytea) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'kvitt-seal-1' || E'\n' || p_batch || E'\n' || encode(p_previous, 'hex') || E'\n'
    || encode(p_root, 'hex') || E'\n'
    || encode(sha256(convert_to(coalesce((
         SELECT string_agg(concat_ws('|', p.entry_id, e.code, e.booking_date, p.leg, p.account,
                  p.commodity, p.partner, p.programme, p.settlement_date, p.amount), E'\n'
                  ORDER BY p.entry_id, p.leg)
           FROM kvitt.entry e JOIN kvitt.posting p ON p.entry_id = e.id
          WHERE e.batch_id = p_batch), ''), 'UTF8')), 'hex') || E'\n'
    || encode(sha256(convert_to(coalesce((
         SELECT string_agg(concat_ws('|', a.kind, a.name, encode(a.digest, 'hex')), E'\n'
                  ORDER BY a.kind COLLATE "C", a.name COLLATE "C")
           FROM kvitt.attachment a WHERE a.batch_id = p_batch), ''), 'UTF8')), 'hex') || E'\n'
$$;

-- Seals a batch: rows checked, control entries posted, leaves closed and attached, and the seal
-- taken last from the book's row, so numbers have no gap and follow the order of commits.
CREATE FUNCTION kvitt.seal_leaf(
  p_batch bigint, p_purchases bigint, p_rewards bigint, p_root bytea, p_blocks jsonb,
  p_totals jsonb, p_entries jsonb, p_attachments jsonb
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_kind text;
  v_part text;
  v_count bigint;
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
    EXECUTE format('SELECT count(*) FROM kvitt.purchase_%s', p_batch) INTO v_count;
    IF v_count <> p_purchases THEN
      RAISE EXCEPTION 'batch % holds % purchases, % were announced', p_batch, v_count, p_purchases
        USING ERRCODE = 'KV020';
    END IF;
    IF EXISTS (SELECT FROM kvitt.find_repeats(p_batch, 1)) THEN
      RAISE EXCEPTION 'batch % repeats a record', p_batch USING ERRCODE = 'KV023';
    END IF;
    EXECUTE format('INSERT INTO kvitt.leaf_day
      SELECT DISTINCT event_date, %s FROM kvitt.purchase_%1$s', p_batch);
    EXECUTE format('CREATE UNIQUE INDEX purchase_%1$s_seq ON kvitt.purchase_%1$s (seq)', p_batch);
  END IF;
  IF v_kind NOT IN ('settlement', 'bank') THEN
    PERFORM kvitt.check_leaf(p_batch, p_rewards, p_totals);
    v_first := kvitt.post_leaf_entries(p_batch);
    INSERT INTO kvitt.slice (partner, batch_id, settlement_date)
    SELECT DISTINCT partner, batch_id, settlement_date FROM kvitt.leaf_total
     WHERE batch_id = p_batch AND partner <> 0;
    EXECUTE format('CREATE UNIQUE INDEX reward_%1$s_seq ON kvitt.reward_%1$s (seq)', p_batch);
    EXECUTE format('CREATE INDEX reward_%1$s_member ON kvitt.reward_%1$s (member_id)', p_batch);
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
  v_seal := sha256(convert_to(kvitt.seal_text(p_batch, v_previous, p_root), 'UTF8'));
  INSERT INTO kvitt.seal (batch_id, seal_no, purchases, rewards, root, previous, seal)
  VALUES (p_batch, v_number, p_purchases, p_rewards, p_root, v_previous, v_seal);
  UPDATE kvitt.book SET seal_no = v_number, seal = v_seal WHERE id = 1;
  RETURN v_number || ' ' || encode(v_seal, 'hex');
END $$;

-- Merges the sealed leaves of a range of batches into one: the rows, their order and therefore
-- their digests stay; only the number of tables falls (D8).
CREATE FUNCTION kvitt.merge_leaves(p_part text, p_first bigint, p_last bigint) RETURNS bigint
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
  EXECUTE format('CREATE UNIQUE INDEX ON kvitt.%s (seq, batch_id)', v_new);
  IF p_part = 'purchase' THEN
    EXECUTE format('CREATE UNIQUE INDEX ON kvitt.%s (identity)', v_new);
  ELSE
    EXECUTE format('CREATE INDEX ON kvitt.%s (member_id)', v_new);
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

-- Locks members in ascending order: whatever consumes lots holds its members first.
CREATE FUNCTION kvitt.lock_members(p_members bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM kvitt.member WHERE id = ANY (p_members) ORDER BY id FOR NO KEY UPDATE;
END $$;

-- Keeps planning and the taking back of lots apart: a plan holds its partners' gates alone, a
-- batch that takes miles back shares them.
CREATE FUNCTION kvitt.pass_gate(p_alone boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_alone THEN
    PERFORM FROM kvitt.partner ORDER BY id FOR UPDATE;
  ELSE
    PERFORM FROM kvitt.partner ORDER BY id FOR SHARE;
  END IF;
END $$;
