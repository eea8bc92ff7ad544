-- Purchases of members about which a dispute is open: more were opened than ended, whatever the order in
-- which the records came.
CREATE OR REPLACE FUNCTION kvitt.disputed_purchases(p_members bigint[])
RETURNS TABLE (member_id bigint, purchase_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off AS $$
  SELECT p.member_id, p.batch_id << 32 | p.seq
    FROM (SELECT d.purchase FROM kvitt.dispute_event d WHERE d.member_id = ANY (p_members)
           GROUP BY d.purchase HAVING sum(d.step) > 0) AS open
    JOIN kvitt.purchase p ON p.identity = open.purchase
$$;
