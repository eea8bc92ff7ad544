-- Takes what a batch decided from a budget, in the batch's own transaction; where another batch spent
-- so much meanwhile that it does not suffice, the batch decides again. Budgets are taken in the order
-- of their keys.
CREATE OR REPLACE FUNCTION kvitt.spend_budget(
  p_agreement_id integer, p_ordinal smallint, p_agreement text, p_rule text, p_partner smallint,
  p_limit bigint, p_spent bigint, p_returned bigint, p_kept bigint
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_used bigint;
BEGIN
  INSERT INTO kvitt.budget_rule VALUES (p_agreement_id, p_ordinal, p_agreement, p_rule)
  ON CONFLICT DO NOTHING;
  INSERT INTO kvitt.budget AS b VALUES (p_agreement, p_rule, p_partner, p_limit, 0, 0)
  ON CONFLICT (agreement, rule, partner) DO UPDATE SET limit_minor = p_limit
  RETURNING used_minor INTO v_used;
  IF p_spent < 0 OR p_returned < 0 OR p_kept < 0 THEN
    RAISE EXCEPTION 'a budget moves by amounts that are not negative' USING ERRCODE = 'KV020';
  END IF;
  IF p_spent > 0 AND v_used + p_spent - p_returned > p_limit THEN
    RAISE EXCEPTION 'the budget of % % has % left, % are to be spent', p_agreement, p_rule,
      p_limit - v_used, p_spent - p_returned USING ERRCODE = 'KV040';
  END IF;
  UPDATE kvitt.budget SET used_minor = used_minor + p_spent - p_returned,
         kept_minor = kept_minor + p_kept
   WHERE (agreement, rule, partner) = (p_agreement, p_rule, p_partner);
END $$;
