-- Who is joined to whom now.
CREATE OR REPLACE VIEW kvitt.merged AS
  SELECT member_id, into_id FROM (
    SELECT DISTINCT ON (m.member_id) m.member_id, m.into_id, m.undo
      FROM kvitt.member_merge m JOIN kvitt.member_merge_decision d USING (key)
     ORDER BY m.member_id, d.id DESC) AS newest
   WHERE NOT undo;
