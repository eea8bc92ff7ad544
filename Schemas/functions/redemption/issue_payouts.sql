-- Notes lines of a pay-out file whose batch is open: rows of texts, (first row, last row, hold or nothing,
-- member, amount, currency, card). A card that is not the member's is refused.
CREATE OR REPLACE FUNCTION kvitt.issue_payouts(p_sequence bigint, p_lines jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_batch bigint;
  v_count bigint;
BEGIN
  SELECT f.batch_id INTO v_batch FROM kvitt.payout_file f
   WHERE f.sequence = p_sequence
     AND NOT EXISTS (SELECT FROM kvitt.seal s WHERE s.batch_id = f.batch_id);
  IF v_batch IS NULL THEN
    RAISE EXCEPTION 'pay-out file % is not open', p_sequence USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.payout (id, sequence, hold_id, member_id, amount_minor, currency, first_seq,
    last_seq, token)
  SELECT format('Y-%s-%s', v_batch, l->>0), p_sequence, nullif(l->>2, '')::bigint, c.member_id,
         (l->>4)::bigint, l->>5, (l->>0)::integer, (l->>1)::integer, c.token
    FROM jsonb_array_elements(p_lines) AS l
    JOIN kvitt.card c ON c.token = l->>6 AND c.member_id = (l->>3)::bigint;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  IF v_count < jsonb_array_length(p_lines) THEN
    RAISE EXCEPTION 'pay-out file % pays to a card that is not the member''s', p_sequence
      USING ERRCODE = 'KV020';
  END IF;
END $$;
