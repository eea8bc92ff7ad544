-- Opens a batch and, for kinds with member rows, its two leaves aside; the caller's transaction
-- fills and seals them. A guarded leaf carries its identity index from the start, for files that
-- are known to repeat records.
CREATE OR REPLACE FUNCTION kvitt.open_leaf(
  p_batch bigint, p_kind text, p_business_date date, p_recorded_at timestamptz,
  p_guarded boolean
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_kind kvitt.batch_kind;
  v_part text;
BEGIN
  PERFORM kvitt.check_batch_role(p_kind);
  PERFORM kvitt.check_business_date(p_business_date);
  SELECT * INTO STRICT v_kind FROM kvitt.batch_kind WHERE kind = p_kind;
  IF NOT EXISTS (SELECT FROM kvitt.batch_number
                  WHERE id = p_batch AND split_part(key, '/', 1) = p_kind) THEN
    RAISE EXCEPTION 'batch % was never reserved for kind %', p_batch, p_kind
      USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.batch (id, kind, business_date, recorded_at)
  VALUES (p_batch, p_kind, p_business_date,
    -- What standing approvals let out in a month is counted by it: no caller's clock decides.
    CASE p_kind WHEN 'settlement' THEN now() ELSE p_recorded_at END);
  FOREACH v_part IN ARRAY ARRAY['purchase', 'reward'] LOOP
    CONTINUE WHEN v_part = 'purchase' AND NOT v_kind.has_purchases;
    CONTINUE WHEN v_part = 'reward' AND NOT v_kind.has_rewards;
    EXECUTE format(
      'CREATE TABLE kvitt.%1$s_%2$s (LIKE kvitt.%1$s INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
         CONSTRAINT %1$s_%2$s_leaf CHECK (batch_id >= %2$s AND batch_id < %3$s))
         WITH (autovacuum_enabled = false)',
      v_part, p_batch, p_batch + 1);
    EXECUTE format('GRANT SELECT ON kvitt.%s_%s TO kvitt_read', v_part, p_batch);
    EXECUTE format('GRANT INSERT ON kvitt.%s_%s TO %I', v_part, p_batch, v_kind.role);
  END LOOP;
  -- What moves lots, or concerns a purchase of an earlier batch: few rows, asked for in all leaves whenever
  -- something is taken back. The index is made with the leaf: asking each row on its way in costs 0.06 s a
  -- million, where reading all of them again at the end costs 0.13.
  IF v_kind.has_rewards THEN
    EXECUTE format('CREATE INDEX reward_%1$s_moving ON kvitt.reward_%1$s (member_id) WHERE %2$s',
      p_batch, kvitt.movement());
  END IF;
  IF p_guarded AND v_kind.has_purchases THEN
    EXECUTE format('CREATE UNIQUE INDEX ON kvitt.purchase_%s (identity)', p_batch);
  END IF;
END $$;
