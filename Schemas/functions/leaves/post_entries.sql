-- Posts further entries of a batch from their legs: [[entry, code, date, text, account, commodity,
-- partner, programme, amount]…], entries numbered from 1. Only what the kind of batch may carry is
-- posted; what does not balance per commodity is refused.
CREATE OR REPLACE FUNCTION kvitt.post_entries(
  p_batch bigint, p_kind text, p_first integer, p_legs jsonb
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_wrong text;
BEGIN
  WITH leg AS (
    SELECT l->>0 AS entry, l->>1 AS code, l->>4 AS account, l->>5 AS commodity,
           (l->>8)::numeric AS amount
      FROM jsonb_array_elements(p_legs) AS l
  )
  SELECT coalesce(
    (SELECT format('a batch of kind %s moves no account %s by %s', p_kind, account, code)
       FROM leg WHERE (p_kind, code, account) NOT IN (TABLE kvitt.batch_entry) LIMIT 1),
    (SELECT format('account %s is not counted in %s', account, commodity) FROM leg
       JOIN kvitt.account a ON a.code = leg.account
      WHERE CASE a.kind WHEN 'unit' THEN commodity NOT IN (SELECT u.code FROM kvitt.unit u)
                        ELSE commodity NOT IN (SELECT c.code FROM kvitt.currency c) END LIMIT 1),
    (SELECT format('entry %s does not balance', code) FROM leg
      GROUP BY entry, code, commodity HAVING sum(amount) <> 0 LIMIT 1),
    (SELECT format('entry %s has one leg', min(code)) FROM leg
      GROUP BY entry HAVING count(*) < 2 LIMIT 1)
  ) INTO v_wrong;
  IF v_wrong IS NOT NULL THEN
    RAISE EXCEPTION 'batch %: %', p_batch, v_wrong USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.entry (id, batch_id, code, booking_date, text)
  SELECT DISTINCT (p_batch << 20) + p_first + (l->>0)::integer, p_batch, l->>1, (l->>2)::date, l->>3
    FROM jsonb_array_elements(p_legs) AS l;
  INSERT INTO kvitt.posting
    (entry_id, leg, account, commodity, partner, programme, settlement_date, amount)
  SELECT (p_batch << 20) + p_first + (l->>0)::integer,
         row_number() OVER (PARTITION BY l->>0 ORDER BY n), l->>4, l->>5, (l->>6)::smallint,
         (l->>7)::smallint, (l->>2)::date, (l->>8)::bigint
    FROM jsonb_array_elements(p_legs) WITH ORDINALITY AS x (l, n);
END $$;
