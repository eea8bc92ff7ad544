-- Terms of our own accounts at banks; control totals that corrections complete;
-- numbers of batches found in any plan.

ALTER TABLE kvitt.terms DROP CONSTRAINT terms_kind_check;
ALTER TABLE kvitt.terms ADD CONSTRAINT terms_kind_known
  CHECK (kind IN ('agreement', 'partner', 'calendar', 'feed', 'account'));

-- What a corrected row brings of the amount that a file's control totals missed without it: debit
-- less credit, as billed; null where the totals had its amount already.
ALTER TABLE kvitt.quarantine_result ADD COLUMN currency text CHECK (currency ~ '^[A-Z]{3}$');
ALTER TABLE kvitt.quarantine_result ADD COLUMN minor bigint;
ALTER TABLE kvitt.quarantine_result ADD CONSTRAINT quarantine_result_amount
  CHECK ((currency IS NULL) = (minor IS NULL));

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
