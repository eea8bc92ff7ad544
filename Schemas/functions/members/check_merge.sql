-- Refuses to join members who are joined already or of two programmes, and to part others.
CREATE OR REPLACE FUNCTION kvitt.check_merge() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_merge kvitt.member_merge;
BEGIN
  -- Two decisions at once may not join two members to each other.
  PERFORM pg_advisory_xact_lock(hashtext('kvitt.member_merge'));
  SELECT * INTO v_merge FROM kvitt.member_merge WHERE key = NEW.key;
  IF v_merge.undo THEN
    IF NOT EXISTS (SELECT FROM kvitt.merged g WHERE g.member_id = v_merge.member_id
                      AND g.into_id = v_merge.into_id) THEN
      RAISE EXCEPTION 'these members are not joined' USING ERRCODE = 'KV030';
    END IF;
  ELSIF EXISTS (SELECT FROM kvitt.merged g
                 WHERE v_merge.member_id IN (g.member_id, g.into_id)
                    OR g.member_id = v_merge.into_id) THEN
    RAISE EXCEPTION 'one of these members is joined to another' USING ERRCODE = 'KV030';
  ELSIF (SELECT count(DISTINCT programme) FROM kvitt.member
          WHERE id IN (v_merge.member_id, v_merge.into_id)) <> 1 THEN
    RAISE EXCEPTION 'these members belong to two programmes' USING ERRCODE = 'KV030';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER member_merge_stands BEFORE INSERT ON kvitt.member_merge_decision
  FOR EACH ROW EXECUTE FUNCTION kvitt.check_merge();
