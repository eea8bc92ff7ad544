-- Notes the next pay-out file, in the open batch that takes its lots; its lines follow. The seal of the batch
-- vouches for the bytes, and is refused where the lines are not what its rows took.
CREATE OR REPLACE FUNCTION kvitt.issue_payout_file(
  p_batch bigint, p_sequence bigint, p_number text, p_body bytea
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM kvitt.payout_file)
    OR p_number <> 'CB-' || lpad(p_sequence::text, greatest(4, length(p_sequence::text)), '0') THEN
    RAISE EXCEPTION 'pay-out file % is not the next one', p_number USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.payout_file (sequence, number, batch_id, pay_date, digest, body)
  SELECT p_sequence, p_number, b.id, b.business_date, sha256(p_body), p_body
    FROM kvitt.batch b WHERE b.id = p_batch AND b.kind = 'payout'
     AND NOT EXISTS (SELECT FROM kvitt.seal s WHERE s.batch_id = b.id);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'batch % is no open pay-out', p_batch USING ERRCODE = 'KV020';
  END IF;
END $$;
