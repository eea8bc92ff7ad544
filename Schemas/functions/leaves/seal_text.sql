-- The text under a seal; ledger check builds the same from the rows.
CREATE OR REPLACE FUNCTION kvitt.seal_text(p_batch bigint, p_previous bytea, p_root bytea) RETURNS text
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
