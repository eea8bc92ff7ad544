-- Posts further entries of a batch: [{code, date, text, legs: [[account, commodity, partner,
-- programme, settlement date, amount]…]}…]. What does not balance per commodity is refused.
CREATE OR REPLACE FUNCTION kvitt.post_entries(p_batch bigint, p_first integer, p_entries jsonb)
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
