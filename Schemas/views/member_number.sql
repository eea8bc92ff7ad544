-- The number under which each member is known to the partner now.
CREATE OR REPLACE VIEW kvitt.member_number AS
SELECT DISTINCT ON (member_id) member_id, ref FROM kvitt.member_ref ORDER BY member_id, seq DESC;
