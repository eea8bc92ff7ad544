-- Budgets that several batches spend at once (P3, P4), further sponsors of a reward, shares that exist
-- only once a reward can be used (E2b), and a partner's part of breakage (S5, P27).
INSERT INTO kvitt.account (code, title, kind) VALUES ('2600', 'Breakage shares due', 'liability');
INSERT INTO kvitt.template (id, code, unit_from, unit_to, settled_measure, settled_direction,
  balance_sign, lot_sign, debt_sign, flow, makes_lot) VALUES
  (62, 'E4s', NULL, NULL, 'share', 'to_issuer', 0, 0, 0, 'other', false),
  (63, 'E7s', NULL, NULL, 'share', 'to_partner', 0, 0, 0, 'other', false),
  (64, 'P27', NULL, NULL, 'cost', 'to_partner', 0, 0, 0, 'other', false),
  (65, 'P27r', NULL, NULL, 'cost', 'to_issuer', 0, 0, 0, 'other', false);
INSERT INTO kvitt.template_leg (template, leg, account, sign, measure) VALUES
  (62, 1, '1110', 1, 'share'), (62, 2, '5190', -1, 'share'),
  (63, 1, '5190', 1, 'share'), (63, 2, '1110', -1, 'share'),
  (64, 1, '2600', 1, 'cost'), (64, 2, '2410', -1, 'cost'),
  (65, 1, '2410', 1, 'cost'), (65, 2, '2600', -1, 'cost'),
  -- The partner's part of what expires; rows before this migration have none.
  (9, 3, '4200', 1, 'share'), (9, 4, '2600', -1, 'share'),
  (20, 3, '2600', 1, 'share'), (20, 4, '4200', -1, 'share');
ALTER TABLE kvitt.batch DROP CONSTRAINT batch_kind_check;
ALTER TABLE kvitt.batch ADD CONSTRAINT batch_kind_check CHECK (kind IN ('feed', 'till', 'answer',
  'deadline', 'settlement', 'bank', 'events', 'expiry', 'redemption', 'payout', 'adjustment',
  'opening', 'review', 'award', 'funding'));

-- What sponsors' budgets have left, over all versions of an agreement.
CREATE TABLE kvitt.budget (
  agreement text NOT NULL,
  rule text NOT NULL,
  partner smallint NOT NULL,
  limit_minor bigint NOT NULL CHECK (limit_minor > 0),
  used_minor bigint NOT NULL CHECK (used_minor >= 0),
  -- What refunds gave back to the sponsor after the promotion, and not to the budget (P4).
  kept_minor bigint NOT NULL CHECK (kept_minor >= 0),
  PRIMARY KEY (agreement, rule, partner)
);
-- The rules, by version, whose shares a budget pays.
CREATE TABLE kvitt.budget_rule (
  agreement_id integer NOT NULL,
  ordinal smallint NOT NULL,
  agreement text NOT NULL,
  rule text NOT NULL,
  PRIMARY KEY (agreement_id, ordinal)
);
GRANT SELECT ON kvitt.budget, kvitt.budget_rule TO kvitt_read, kvitt_audit;

-- Takes what a batch decided from a budget, in the batch's own transaction; where another batch spent
-- so much meanwhile that it does not suffice, the batch decides again. Budgets are taken in the order
-- of their keys.
CREATE FUNCTION kvitt.spend_budget(
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
REVOKE ALL ON FUNCTION kvitt.spend_budget(integer, smallint, text, text, smallint, bigint, bigint,
  bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kvitt.spend_budget(integer, smallint, text, text, smallint, bigint, bigint,
  bigint, bigint) TO kvitt_ingest, kvitt_settle;

-- As before, but the table is locked before it is written: two callers that had both deleted nothing
-- waited for each other's lock.
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
  LOCK TABLE kvitt.batch_number IN SHARE ROW EXCLUSIVE MODE;
  -- A file that was refused kept its number; leaves around it were merged since, so the number
  -- lies inside a merged range and can no longer carry a leaf of its own.
  DELETE FROM kvitt.batch_number WHERE key = p_key AND id = v_id;
  INSERT INTO kvitt.batch_number (key, id)
  SELECT p_key, coalesce(max(id), 0) + 1 FROM kvitt.batch_number
  ON CONFLICT (key) DO NOTHING;
  SELECT id INTO STRICT v_id FROM kvitt.batch_number WHERE key = p_key;
  RETURN v_id;
END $$;
