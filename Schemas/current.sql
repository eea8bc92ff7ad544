-- The finished schema, as pg_dump of PostgreSQL 15 writes it.
CREATE SCHEMA kvitt;

ALTER SCHEMA kvitt OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.acting_role() RETURNS name
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT coalesce(nullif(current_setting('role'), 'none'), session_user)::name
$$;

ALTER FUNCTION kvitt.acting_role() OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.apply_terms(p_kind text, p_code text, p_version integer, p_body bytea) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_digest bytea := sha256(p_body);
  v_stands bytea;
  v_other name;
BEGIN
  LOCK TABLE kvitt.terms IN SHARE ROW EXCLUSIVE MODE;
  SELECT digest INTO v_stands FROM kvitt.terms
   WHERE kind = p_kind AND code = p_code AND version = p_version;
  IF FOUND THEN
    IF v_stands <> v_digest THEN
      RAISE EXCEPTION '% % version % stands with other content', p_kind, p_code, p_version
        USING ERRCODE = 'KV023';
    END IF;
    RETURN 'stands';
  END IF;
  SELECT proposed_by INTO v_other FROM kvitt.terms_proposal
   WHERE kind = p_kind AND code = p_code AND version = p_version AND digest = v_digest
     AND proposed_by <> session_user
   ORDER BY proposed_by LIMIT 1;
  IF NOT FOUND THEN
    INSERT INTO kvitt.terms_proposal (kind, code, version, digest)
    VALUES (p_kind, p_code, p_version, v_digest) ON CONFLICT DO NOTHING;
    RETURN 'proposed';
  END IF;
  INSERT INTO kvitt.terms (id, kind, code, version, digest, body, proposed_by)
  SELECT coalesce(max(id), 0) + 1, p_kind, p_code, p_version, v_digest, p_body, v_other
    FROM kvitt.terms;
  RETURN 'applied';
END $$;

ALTER FUNCTION kvitt.apply_terms(p_kind text, p_code text, p_version integer, p_body bytea) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.ask_import(p_kind text, p_digest bytea, p_name text, p_rows integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_open kvitt.import;
BEGIN
  LOCK TABLE kvitt.import IN SHARE ROW EXCLUSIVE MODE;
  SELECT * INTO v_open FROM kvitt.import i
   WHERE i.digest = p_digest
     AND NOT EXISTS (SELECT FROM kvitt.import_decision d
                      WHERE (d.digest, d.round) = (i.digest, i.round));
  IF NOT FOUND THEN
    INSERT INTO kvitt.import (kind, digest, round, name, rows)
    SELECT p_kind, p_digest, count(*) + 1, p_name, p_rows
      FROM kvitt.import i WHERE i.digest = p_digest;
    RETURN 'proposed';
  END IF;
  IF v_open.proposed_by = session_user THEN
    RETURN 'own';
  END IF;
  INSERT INTO kvitt.import_decision (digest, round, proposed_by)
  VALUES (v_open.digest, v_open.round, v_open.proposed_by);
  RETURN 'decided';
END $$;

ALTER FUNCTION kvitt.ask_import(p_kind text, p_digest bytea, p_name text, p_rows integer) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.attach_facts(p_batch bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  WITH taken AS (
    UPDATE kvitt.fact_note SET batch_id = p_batch WHERE batch_id IS NULL RETURNING relation, digest
  )
  INSERT INTO kvitt.attachment (batch_id, kind, name, digest)
  SELECT p_batch, 'facts', relation, sha256(string_agg(digest, ''::bytea ORDER BY digest))
    FROM taken GROUP BY relation
$$;

ALTER FUNCTION kvitt.attach_facts(p_batch bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.begin_run(p_job text, p_date date, p_holder text, p_at timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_run kvitt.run;
  v_start timestamptz;
BEGIN
  PERFORM kvitt.check_business_date(p_date);
  SELECT backend_start INTO v_start FROM pg_stat_activity WHERE pid = pg_backend_pid();
  INSERT INTO kvitt.run VALUES (p_job, p_date, 1, pg_backend_pid(), v_start, p_holder, p_at)
  ON CONFLICT DO NOTHING;
  IF FOUND THEN
    RETURN 1;
  END IF;
  SELECT * INTO STRICT v_run FROM kvitt.run
   WHERE job = p_job AND business_date = p_date FOR UPDATE;
  IF v_run.backend <> pg_backend_pid() AND EXISTS (
    SELECT FROM pg_stat_activity
     WHERE pid = v_run.backend AND backend_start = v_run.backend_start
  ) THEN
    RAISE EXCEPTION 'run % of % is held by % since %', p_job, p_date, v_run.holder,
      v_run.started_at USING ERRCODE = 'KV075';
  END IF;
  UPDATE kvitt.run
     SET fence = fence + 1, backend = pg_backend_pid(), backend_start = v_start,
         holder = p_holder, started_at = p_at
   WHERE job = p_job AND business_date = p_date;
  RETURN v_run.fence + 1;
END $$;

ALTER FUNCTION kvitt.begin_run(p_job text, p_date date, p_holder text, p_at timestamp with time zone) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.begin_settlement(p_plan text, p_batch bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_plan kvitt.plan;
  v_wrong text;
BEGIN
  SELECT * INTO STRICT v_plan FROM kvitt.plan WHERE id = p_plan;
  IF NOT EXISTS (SELECT FROM kvitt.batch b
                  WHERE b.id = p_batch AND b.kind = 'settlement'
                    AND b.business_date = v_plan.business_date
                    AND NOT EXISTS (SELECT FROM kvitt.seal s WHERE s.batch_id = b.id)) THEN
    RAISE EXCEPTION 'batch % is no open settlement of %', p_batch, v_plan.business_date
      USING ERRCODE = 'KV020';
  END IF;
  -- One after the other: each sees what the one before it settled.
  LOCK TABLE kvitt.settlement_run IN SHARE ROW EXCLUSIVE MODE;
  PERFORM kvitt.check_turn(v_plan.business_date, v_plan.cut_seal);
  SELECT string_agg(t.code, ', ' ORDER BY t.code) INTO v_wrong FROM kvitt.partner t
   WHERE (SELECT count(*) FROM kvitt.plan_positions(p_plan) AS p WHERE p.partner = t.id) > 1;
  IF v_wrong IS NOT NULL THEN
    RAISE EXCEPTION 'plan % speaks twice of %', p_plan, v_wrong USING ERRCODE = 'KV020';
  END IF;
  SELECT string_agg(t.code, ', ' ORDER BY t.code) INTO v_wrong
    FROM (SELECT o.id, o.code FROM kvitt.partner o
           WHERE o.id NOT IN (SELECT p.partner FROM kvitt.plan_positions(p_plan) AS p
                               WHERE p.partner IS NOT NULL) OFFSET 0) AS t
   CROSS JOIN LATERAL kvitt.books_position(t.id, NULL, v_plan.business_date, v_plan.cut_seal) AS b
   WHERE b.opening <> 0 OR b.paid <> 0 OR b.slices <> '[]';
  IF v_wrong IS NOT NULL THEN
    RAISE EXCEPTION 'plan % leaves out %, with whom there is something to settle', p_plan, v_wrong
      USING ERRCODE = 'KV020';
  END IF;
  SELECT string_agg(DISTINCT p.code, ', ') INTO v_wrong
    FROM kvitt.plan_positions(p_plan) AS p
   CROSS JOIN LATERAL kvitt.books_position(
     p.partner, p.currency, v_plan.business_date, v_plan.cut_seal) AS b
   WHERE (p.sequence, p.opening, p.to_partner, p.to_issuer, p.paid, p.slices)
         IS DISTINCT FROM (b.sequence, b.opening, b.to_partner, b.to_issuer, b.paid, b.slices)
      OR p.code IS DISTINCT FROM (SELECT t.code FROM kvitt.partner t WHERE t.id = p.partner)
      OR p.ordered IS DISTINCT FROM CASE p.action
           WHEN 'pay' THEN b.opening + b.to_partner - b.to_issuer - b.paid ELSE 0 END
      OR p.ordered < 0 OR p.currency IS NULL
      OR p.currency <> kvitt.partner_currency(p.partner)
      OR EXISTS (
        SELECT FROM jsonb_to_recordset(b.slices) AS x (batch bigint, date date)
          JOIN kvitt.leaf_total t ON t.batch_id = x.batch AND t.settlement_date = x.date
          JOIN kvitt.flow f ON f.id = t.flow
          JOIN kvitt.currency c ON c.id = t.currency
         WHERE t.partner = p.partner AND f.line_measure IS NOT NULL AND c.code <> p.currency
         GROUP BY t.programme, t.flow, t.currency
        HAVING sum(CASE f.line_measure WHEN 'cost' THEN t.cost_minor ELSE t.share_minor END) <> 0);
  IF v_wrong IS NOT NULL THEN
    RAISE EXCEPTION 'plan % does not say what the books say of %', p_plan, v_wrong
      USING ERRCODE = 'KV020';
  END IF;
  IF NOT EXISTS (SELECT FROM kvitt.plan_approval a
                  WHERE a.plan_id = p_plan AND a.digest = v_plan.digest) THEN
    SELECT string_agg(p.code, ', ') INTO v_wrong FROM kvitt.plan_positions(p_plan) AS p
     WHERE p.ordered > 0
       AND NOT EXISTS (
         SELECT FROM kvitt.standing_in_force s
          CROSS JOIN LATERAL kvitt.standing_use(s.partner, v_plan.business_date) AS u
          WHERE s.partner = p.partner AND s.currency = p.currency AND s.account = p.account
            AND s.expires_on >= v_plan.business_date
            AND s.to_partner_minor >= greatest(p.to_partner, p.ordered)
            AND s.to_issuer_minor >= p.to_issuer
            AND s.month_to_partner_minor
                >= greatest(u.to_partner + p.to_partner, u.ordered + p.ordered)
            AND s.month_to_issuer_minor >= u.to_issuer + p.to_issuer);
    IF v_wrong IS NOT NULL THEN
      RAISE EXCEPTION 'plan % lacks approval for %', p_plan, v_wrong USING ERRCODE = 'KV024';
    END IF;
  END IF;
  INSERT INTO kvitt.settlement_run (plan_id, batch_id, business_date)
  VALUES (p_plan, p_batch, v_plan.business_date);
  INSERT INTO kvitt.window_claim (partner, batch_id, settlement_date, run_batch)
  SELECT p.partner, x.batch, x.date, p_batch
    FROM kvitt.plan_positions(p_plan) AS p
   CROSS JOIN LATERAL jsonb_to_recordset(p.slices) AS x (batch bigint, date date);
END $$;

ALTER FUNCTION kvitt.begin_settlement(p_plan text, p_batch bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.books_position(p_partner smallint, p_currency text, p_date date, p_cut bigint, OUT sequence integer, OUT opening bigint, OUT to_partner bigint, OUT to_issuer bigint, OUT paid bigint, OUT slices jsonb) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_cut bigint;
BEGIN
  SELECT s.sequence, s.cut_seal, s.closing INTO sequence, v_cut, opening FROM (
    SELECT t.sequence, t.cut_seal,
           t.opening_minor + t.settled_minor - t.paid_minor - t.ordered_minor AS closing
      FROM kvitt.statement t WHERE t.partner = p_partner
     UNION ALL
    SELECT o.sequence, e.seal_no, o.closing_minor
      FROM kvitt.partner_opening o JOIN kvitt.seal e USING (batch_id) WHERE o.partner = p_partner
  ) AS s ORDER BY s.sequence DESC LIMIT 1;
  sequence := coalesce(sequence, 0) + 1;
  opening := coalesce(opening, 0);
  SELECT coalesce(jsonb_agg(jsonb_build_object('batch', l.batch_id, 'date', l.settlement_date)
           ORDER BY l.batch_id, l.settlement_date), '[]') INTO slices
    FROM kvitt.slice l JOIN kvitt.seal e USING (batch_id)
   WHERE l.partner = p_partner AND l.settlement_date <= p_date AND e.seal_no <= p_cut
     AND NOT EXISTS (SELECT FROM kvitt.window_claim c
                      WHERE (c.partner, c.batch_id, c.settlement_date)
                          = (l.partner, l.batch_id, l.settlement_date));
  SELECT coalesce(sum(m.minor) FILTER (WHERE m.direction = 'to_partner'), 0),
         coalesce(sum(m.minor) FILTER (WHERE m.direction = 'to_issuer'), 0)
    INTO to_partner, to_issuer FROM (
      SELECT f.line_direction AS direction,
             CASE f.line_measure WHEN 'cost' THEN t.cost_minor ELSE t.share_minor END AS minor
        FROM jsonb_to_recordset(slices) AS x (batch bigint, date date)
        JOIN kvitt.leaf_total t ON t.batch_id = x.batch AND t.settlement_date = x.date
        JOIN kvitt.flow f ON f.id = t.flow
       WHERE t.partner = p_partner AND f.line_measure IS NOT NULL
    ) AS m;
  SELECT coalesce(sum(p.amount), 0) INTO paid
    FROM kvitt.posting p JOIN kvitt.entry e ON e.id = p.entry_id
    JOIN kvitt.batch b ON b.id = e.batch_id JOIN kvitt.seal s ON s.batch_id = b.id
   WHERE b.kind = 'bank' AND p.account = '2490' AND p.partner = p_partner
     AND (p.commodity = p_currency OR p_currency IS NULL)
     AND s.seal_no > coalesce(v_cut, 0) AND s.seal_no <= p_cut;
END $$;

ALTER FUNCTION kvitt.books_position(p_partner smallint, p_currency text, p_date date, p_cut bigint, OUT sequence integer, OUT opening bigint, OUT to_partner bigint, OUT to_issuer bigint, OUT paid bigint, OUT slices jsonb) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.change_member_refs(p_members bigint[], p_refs text[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  INSERT INTO kvitt.member_ref (member_id, seq, ref)
  SELECT g.member_id, last.seq + 1, g.ref
    FROM (SELECT DISTINCT ON (member_id) member_id, ref
            FROM unnest(p_members, p_refs) AS x (member_id, ref)
           ORDER BY member_id, ref) AS g
    CROSS JOIN LATERAL (SELECT seq, ref FROM kvitt.member_ref r WHERE r.member_id = g.member_id
                         ORDER BY seq DESC LIMIT 1) AS last
   WHERE last.ref <> g.ref
$$;

ALTER FUNCTION kvitt.change_member_refs(p_members bigint[], p_refs text[]) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.check_batch_role(p_kind text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM kvitt.batch_kind
                  WHERE kind = p_kind AND pg_has_role(kvitt.acting_role(), role, 'USAGE')) THEN
    RAISE EXCEPTION '% brings no batches of kind %', kvitt.acting_role(), p_kind
      USING ERRCODE = 'KV026';
  END IF;
END $$;

ALTER FUNCTION kvitt.check_batch_role(p_kind text) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.check_business_date(p_date date) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF (p_date <= kvitt.last_business_date() AND isfinite(p_date)) IS NOT TRUE THEN
    RAISE EXCEPTION 'business date % has not come: the books take dates through %', p_date,
      kvitt.last_business_date() USING ERRCODE = 'KV027';
  END IF;
END $$;

ALTER FUNCTION kvitt.check_business_date(p_date date) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.check_leaf(p_batch bigint, p_rewards bigint, p_totals jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  v_rows numeric;
  v_low bigint;
  v_high bigint;
  v_unknown bigint := 0;
  v_foreign text;
  v_of_bank smallint[] := ARRAY(SELECT id FROM kvitt.flow WHERE is_of_bank);
BEGIN
  EXECUTE format(
    'CREATE TEMP TABLE leaf_sum ON COMMIT DROP AS
     SELECT r.flow, r.partner, r.programme, r.unit, r.currency, r.booking_date,
            r.settlement_date, r.earn_month, count(*) AS rows, min(r.member_id) AS low,
            max(r.member_id) AS high, sum(r.quantity) AS quantity, sum(r.cost_minor) AS cost_minor,
            sum(r.share_minor) AS share_minor,
            count(*) FILTER (WHERE r.uncapped <> 0) AS counting,
            count(*) FILTER (WHERE r.purchase_id >> 32 <> %1$s) AS elsewhere
       FROM kvitt.reward_%1$s r
      GROUP BY 1, 2, 3, 4, 5, 6, 7, 8', p_batch);
  INSERT INTO kvitt.leaf_total
  SELECT p_batch, flow, partner, programme, unit, currency, booking_date, settlement_date,
         sum(rows), sum(quantity), sum(cost_minor), sum(share_minor)
    FROM pg_temp.leaf_sum GROUP BY 2, 3, 4, 5, 6, 7, 8;
  SELECT string_agg(f.code, ', ') INTO v_foreign FROM kvitt.flow f
   WHERE f.id IN (SELECT flow FROM pg_temp.leaf_sum)
     AND f.id NOT IN (SELECT a.flow FROM kvitt.batch_flow a JOIN kvitt.batch b USING (kind)
                       WHERE b.id = p_batch);
  IF v_foreign IS NOT NULL THEN
    RAISE EXCEPTION 'batch % carries rows that are not of its kind: %', p_batch, v_foreign
      USING ERRCODE = 'KV020';
  END IF;
  -- What the bank buys for itself is no member's.
  SELECT coalesce(sum(rows), 0), min(low) FILTER (WHERE flow <> ALL (v_of_bank)),
         max(high) FILTER (WHERE flow <> ALL (v_of_bank))
    INTO v_rows, v_low, v_high FROM pg_temp.leaf_sum;
  IF v_rows <> p_rewards THEN
    RAISE EXCEPTION 'batch % holds % reward rows, % were announced', p_batch, v_rows, p_rewards
      USING ERRCODE = 'KV020';
  END IF;
  -- Where no number is missing between the lowest member and the highest, all are known and no row
  -- needs to be looked up; members are numbered without gaps, so that is the usual case.
  IF v_rows > 0 AND (SELECT count(*) FROM kvitt.member WHERE id BETWEEN v_low AND v_high)
    < v_high - v_low + 1 THEN
    EXECUTE format('SELECT count(*) FROM kvitt.reward_%s r
      WHERE r.flow <> ALL ($1)
        AND NOT EXISTS (SELECT FROM kvitt.member m WHERE m.id = r.member_id)', p_batch)
      INTO v_unknown USING v_of_bank;
  END IF;
  IF v_unknown > 0 THEN
    RAISE EXCEPTION 'batch % has % rows of unknown members', p_batch, v_unknown
      USING ERRCODE = 'KV020';
  END IF;
  IF EXISTS (
    WITH ours AS (
      SELECT flow, partner, programme, unit, currency, booking_date, settlement_date,
             rows, quantity, cost_minor, share_minor
        FROM kvitt.leaf_total WHERE batch_id = p_batch
    ), brought AS (
      SELECT (t->>0)::smallint, (t->>1)::smallint, (t->>2)::smallint, (t->>3)::smallint,
             (t->>4)::smallint, (t->>5)::date, (t->>6)::date, (t->>7)::bigint, (t->>8)::bigint,
             (t->>9)::bigint, (t->>10)::bigint
        FROM jsonb_array_elements(p_totals) AS t
    )
    (TABLE ours EXCEPT TABLE brought) UNION ALL (TABLE brought EXCEPT TABLE ours)
  ) THEN
    RAISE EXCEPTION 'control totals of batch % differ from its rows', p_batch
      USING ERRCODE = 'KV020';
  END IF;
  IF EXISTS (SELECT FROM pg_temp.leaf_sum s JOIN kvitt.flow t ON t.id = s.flow WHERE t.waits) THEN
    EXECUTE format('INSERT INTO kvitt.waiting_line
      SELECT batch_id << 32 | seq, flow, partner, member_id, lot_id, batch_id
        FROM kvitt.reward_%s WHERE flow IN (SELECT id FROM kvitt.flow WHERE waits)', p_batch);
  END IF;
  IF EXISTS (SELECT FROM pg_temp.leaf_sum s JOIN kvitt.flow t ON t.id = s.flow
              WHERE t.debt_sign <> 0) THEN
    EXECUTE format('INSERT INTO kvitt.member_debt AS d (member_id, unit, quantity, cost_minor)
      SELECT r.member_id, r.unit, sum(t.debt_sign * r.quantity), sum(t.debt_sign * r.cost_minor)
        FROM kvitt.reward_%s r JOIN kvitt.flow t ON t.id = r.flow
       WHERE t.debt_sign <> 0 GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (member_id, unit) DO UPDATE SET quantity = d.quantity + excluded.quantity,
        cost_minor = d.cost_minor + excluded.cost_minor', p_batch);
    -- Another batch offset the same debt meanwhile: this one decides again.
    IF EXISTS (SELECT FROM kvitt.member_debt WHERE quantity < 0) THEN
      RAISE EXCEPTION 'batch % offsets a debt that another batch has offset', p_batch
        USING ERRCODE = 'KV040';
    END IF;
    DELETE FROM kvitt.member_debt WHERE quantity = 0 AND cost_minor = 0;
  END IF;
  -- Lots given back carry the newest day that concerns their purchase, and lots of no purchase a day of
  -- their own, which may stand in no record of this leaf: who asks for leaves by day, such as expiry,
  -- must find them.
  IF EXISTS (SELECT FROM pg_temp.leaf_sum s JOIN kvitt.flow t ON t.id = s.flow
              WHERE t.makes_lot AND s.elsewhere > 0) THEN
    EXECUTE format('INSERT INTO kvitt.leaf_day
      SELECT DISTINCT event_date, batch_id FROM kvitt.reward_%s
       WHERE flow IN (SELECT id FROM kvitt.flow WHERE makes_lot)
         AND purchase_id >> 32 <> batch_id
      ON CONFLICT DO NOTHING', p_batch);
  END IF;
  INSERT INTO kvitt.leaf_month
  SELECT DISTINCT earn_month, p_batch FROM pg_temp.leaf_sum WHERE counting > 0;
  DROP TABLE pg_temp.leaf_sum;
END $_$;

ALTER FUNCTION kvitt.check_leaf(p_batch bigint, p_rewards bigint, p_totals jsonb) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.check_merge() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION kvitt.check_merge() OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.check_partner_opening() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF EXISTS (SELECT FROM kvitt.statement WHERE partner = NEW.partner) THEN
    RAISE EXCEPTION 'partner % has statements of this system', NEW.partner;
  END IF;
  RETURN NEW;
END $$;

ALTER FUNCTION kvitt.check_partner_opening() OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.check_plan() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  PERFORM kvitt.check_turn(NEW.business_date, NEW.cut_seal);
  RETURN NEW;
END $$;

ALTER FUNCTION kvitt.check_plan() OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.check_prepaid_moves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_key text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('kvitt.prepaid_move'));
  SELECT m.key INTO v_key FROM moved m JOIN kvitt.prepurchase p USING (key)
   WHERE m.quantity > 0 AND m.day < p.usable_from LIMIT 1;
  IF v_key IS NULL THEN
    SELECT r.key INTO v_key FROM kvitt.prepaid_room r
     WHERE r.key IN (SELECT key FROM moved) AND (r.whole < 0 OR r.returned < 0) LIMIT 1;
  END IF;
  IF v_key IS NULL THEN
    SELECT m.key INTO v_key FROM kvitt.prepaid_move m JOIN kvitt.prepurchase p USING (key)
     WHERE m.key IN (SELECT key FROM moved) AND (m.day <= p.usable_through) IS NOT FALSE
     GROUP BY m.key, p.month_max, date_trunc('month', m.day)
    HAVING sum(m.quantity) > p.month_max LIMIT 1;
  END IF;
  IF v_key IS NULL THEN
    SELECT m.key INTO v_key FROM kvitt.prepaid_move m
     WHERE m.lot_id IN (SELECT lot_id FROM moved)
     GROUP BY m.lot_id, m.key HAVING sum(m.quantity) < 0 LIMIT 1;
  END IF;
  IF v_key IS NULL THEN
    SELECT max(m.key) INTO v_key FROM kvitt.prepaid_move m
     WHERE m.lot_id IN (SELECT lot_id FROM moved)
     GROUP BY m.lot_id HAVING count(DISTINCT m.key) > 1 LIMIT 1;
  END IF;
  IF v_key IS NOT NULL THEN
    RAISE EXCEPTION 'lines take more of % than it has', v_key USING ERRCODE = 'KV020';
  END IF;
  RETURN NULL;
END $$;

ALTER FUNCTION kvitt.check_prepaid_moves() OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.check_proof_date() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  PERFORM kvitt.check_business_date(NEW.business_date);
  IF EXISTS (SELECT FROM kvitt.settlement_run WHERE business_date > NEW.business_date) THEN
    RAISE EXCEPTION 'business date % is past: a later one is settled', NEW.business_date
      USING ERRCODE = 'KV027';
  END IF;
  RETURN NEW;
END $$;

ALTER FUNCTION kvitt.check_proof_date() OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.check_turn(p_date date, p_cut bigint) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_last record;
BEGIN
  PERFORM kvitt.check_business_date(p_date);
  SELECT max(r.business_date) AS date, coalesce(max(p.cut_seal), 0) AS cut,
         (SELECT seal_no FROM kvitt.book WHERE id = 1) AS newest INTO v_last
    FROM kvitt.settlement_run r JOIN kvitt.plan p ON p.id = r.plan_id;
  IF p_date <= v_last.date THEN
    RAISE EXCEPTION 'business date % is not after the last settled one, %', p_date, v_last.date
      USING ERRCODE = 'KV027';
  END IF;
  IF p_cut BETWEEN v_last.cut AND v_last.newest IS NOT TRUE THEN
    RAISE EXCEPTION 'the cut of a settlement lies between % and %, not at %', v_last.cut,
      v_last.newest, p_cut USING ERRCODE = 'KV020';
  END IF;
END $$;

ALTER FUNCTION kvitt.check_turn(p_date date, p_cut bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.convert_points(p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamp with time zone, p_into smallint, OUT outcome text, OUT hold_id bigint, OUT rest bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_into smallint;
BEGIN
  SELECT h.outcome, h.hold_id, h.rest INTO outcome, hold_id, rest
    FROM kvitt.hold(p_key, p_member, p_unit, p_quantity, p_day, p_at, NULL) AS h;
  IF outcome = 'held' THEN
    INSERT INTO kvitt.conversion VALUES (hold_id, p_into);
  ELSIF outcome = 'repeated' THEN
    SELECT c.unit INTO v_into FROM kvitt.conversion c WHERE c.hold_id = convert_points.hold_id;
    IF v_into IS DISTINCT FROM p_into THEN
      outcome := 'conflict';
    END IF;
  END IF;
END $$;

ALTER FUNCTION kvitt.convert_points(p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamp with time zone, p_into smallint, OUT outcome text, OUT hold_id bigint, OUT rest bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.disputed_purchases(p_members bigint[]) RETURNS TABLE(member_id bigint, purchase_id bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
  SELECT p.member_id, p.batch_id << 32 | p.seq
    FROM (SELECT d.purchase FROM kvitt.dispute_event d WHERE d.member_id = ANY (p_members)
           GROUP BY d.purchase HAVING sum(d.step) > 0) AS open
    JOIN kvitt.purchase p ON p.identity = open.purchase
$$;

ALTER FUNCTION kvitt.disputed_purchases(p_members bigint[]) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.end_all_overdue(p_at timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_own record;
  v_count bigint := 0;
BEGIN
  FOR v_own IN
    SELECT member_id, unit, count(*) AS holds FROM kvitt.hold
     WHERE batch_id IS NULL AND captured IS DISTINCT FROM 0 AND captured IS NULL AND until < p_at
     GROUP BY member_id, unit ORDER BY member_id, unit
  LOOP
    PERFORM FROM kvitt.spendable
     WHERE member_id = v_own.member_id AND unit = v_own.unit FOR NO KEY UPDATE;
    PERFORM kvitt.end_overdue(v_own.member_id, v_own.unit, p_at);
    v_count := v_count + v_own.holds;
  END LOOP;
  RETURN v_count;
END $$;

ALTER FUNCTION kvitt.end_all_overdue(p_at timestamp with time zone) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.end_hold(p_key text, p_hold bigint, p_captured bigint, p_at timestamp with time zone, OUT outcome text, OUT captured_quantity bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_hold kvitt.hold;
BEGIN
  SELECT * INTO v_hold FROM kvitt.hold WHERE id = p_hold;
  IF NOT FOUND THEN
    outcome := 'unknown';
    RETURN;
  END IF;
  PERFORM FROM kvitt.spendable
   WHERE member_id = v_hold.member_id AND unit = v_hold.unit FOR NO KEY UPDATE;
  SELECT * INTO v_hold FROM kvitt.hold WHERE id = p_hold;
  captured_quantity := coalesce(p_captured, v_hold.quantity);
  IF v_hold.captured IS NOT NULL THEN
    outcome := CASE
      WHEN v_hold.end_key = p_key AND v_hold.captured = captured_quantity THEN 'repeated'
      WHEN v_hold.end_key = p_key THEN 'conflict'
      WHEN v_hold.captured = 0 THEN 'released' ELSE 'captured' END;
    captured_quantity := v_hold.captured;
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM kvitt.hold WHERE end_key = p_key) THEN
    outcome := 'conflict';
    RETURN;
  END IF;
  IF captured_quantity > v_hold.quantity THEN
    outcome := 'over';
    RETURN;
  END IF;
  UPDATE kvitt.hold SET captured = captured_quantity, end_key = p_key, ended_at = p_at
   WHERE id = p_hold;
  IF captured_quantity < v_hold.quantity THEN
    UPDATE kvitt.spendable SET quantity = quantity + v_hold.quantity - captured_quantity
     WHERE member_id = v_hold.member_id AND unit = v_hold.unit;
  END IF;
  outcome := 'ended';
END $$;

ALTER FUNCTION kvitt.end_hold(p_key text, p_hold bigint, p_captured bigint, p_at timestamp with time zone, OUT outcome text, OUT captured_quantity bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.end_holder(p_job text, p_date date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_run kvitt.run;
BEGIN
  SELECT * INTO v_run FROM kvitt.run WHERE job = p_job AND business_date = p_date FOR UPDATE;
  -- First look, then end: beside other conditions the function could be called for other rows.
  IF NOT FOUND OR NOT EXISTS (
    SELECT FROM pg_stat_activity
     WHERE pid = v_run.backend AND backend_start = v_run.backend_start
  ) THEN
    RETURN false;
  END IF;
  RETURN pg_terminate_backend(v_run.backend, 5000);
END $$;

ALTER FUNCTION kvitt.end_holder(p_job text, p_date date) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.end_overdue(p_member bigint, p_unit smallint, p_at timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_free bigint;
BEGIN
  -- The words of the partial index stand here too: the planner does not conclude them from NULL.
  WITH ended AS (
    UPDATE kvitt.hold SET captured = 0, ended_at = p_at, end_key = 'timeout/' || id
     WHERE member_id = p_member AND unit = p_unit AND batch_id IS NULL
       AND captured IS DISTINCT FROM 0 AND captured IS NULL AND until < p_at
    RETURNING quantity
  ) SELECT coalesce(sum(quantity), 0) INTO v_free FROM ended;
  UPDATE kvitt.spendable SET quantity = quantity + v_free
   WHERE member_id = p_member AND unit = p_unit AND v_free > 0;
  RETURN v_free;
END $$;

ALTER FUNCTION kvitt.end_overdue(p_member bigint, p_unit smallint, p_at timestamp with time zone) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.enrol_members(p_programme text, p_name text, p_day date, p_tokens text[], p_refs text[], p_joined text[], p_channels text[], p_terms text[], p_products text[], p_staff text[], p_referrers text[], OUT outcome text, OUT content bytea, OUT enrolled bigint, OUT changed bigint, OUT told bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    AS $$
DECLARE
  v_programme smallint;
  v_base bigint;
  v_tells boolean := array_to_string(
    p_joined || p_channels || p_terms || p_products || p_staff || p_referrers, '') <> '';
BEGIN
  SELECT id INTO STRICT v_programme FROM kvitt.programme WHERE code = p_programme;
  LOCK TABLE kvitt.member IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM kvitt.taken_numbers(p_programme, p_tokens, p_refs)) THEN
    RAISE EXCEPTION 'a partner number belongs to another member' USING ERRCODE = 'KV023';
  END IF;
  SELECT coalesce(max(id), 0) INTO v_base FROM kvitt.member;
  CREATE TEMP TABLE enrolment ON COMMIT DROP AS
  SELECT g.n, g.token, g.ref, nullif(g.joined, '')::date AS joined, nullif(g.channel, '') AS channel,
         nullif(g.terms, '') AS terms, nullif(g.product, '') AS product,
         nullif(g.staff, '') AS staff, nullif(g.referrer, '') AS referrer,
         c.member_id IS NULL AS is_new,
         coalesce(c.member_id, v_base + row_number()
           OVER (PARTITION BY c.member_id IS NULL ORDER BY g.token)) AS member_id,
         m.programme, number.seq, number.ref IS DISTINCT FROM g.ref AS is_fresh
    FROM unnest(p_tokens, p_refs, p_joined, p_channels, p_terms, p_products, p_staff, p_referrers)
      WITH ORDINALITY AS g (token, ref, joined, channel, terms, product, staff, referrer, n)
    LEFT JOIN kvitt.card c USING (token)
    LEFT JOIN kvitt.member m ON m.id = c.member_id
    LEFT JOIN LATERAL (SELECT r.seq, r.ref FROM kvitt.member_ref r WHERE r.member_id = c.member_id
                        ORDER BY r.seq DESC LIMIT 1) AS number ON true;
  IF EXISTS (SELECT FROM enrolment WHERE programme <> v_programme) THEN
    RAISE EXCEPTION 'a card belongs to another programme' USING ERRCODE = 'KV023';
  END IF;
  IF EXISTS (SELECT FROM enrolment GROUP BY token HAVING count(*) > 1) THEN
    RAISE EXCEPTION 'a card stands twice' USING ERRCODE = 'KV023';
  END IF;
  CREATE TEMP TABLE news ON COMMIT DROP AS
  SELECT e.n, f.place, e.member_id, f.kind, f.value, f.valid_from
    FROM enrolment e
    LEFT JOIN LATERAL (SELECT m.value, m.valid_from FROM kvitt.member_fact m
                        WHERE m.member_id = e.member_id AND m.kind = 'joined'
                        ORDER BY m.id DESC LIMIT 1) AS known ON true
    LEFT JOIN LATERAL (
      SELECT coalesce((SELECT r.member_id FROM enrolment r WHERE r.token = e.referrer AND r.is_new),
                      (SELECT c.member_id FROM kvitt.card c WHERE c.token = e.referrer)) AS member_id
       WHERE e.referrer IS NOT NULL) AS brought ON true
   CROSS JOIN LATERAL (SELECT coalesce(e.joined, known.valid_from, p_day)) AS since (day)
   CROSS JOIN LATERAL (VALUES
      -- What an old card bought was decided under its old product, and stays.
      (1, 'product', e.product, CASE WHEN e.is_new THEN coalesce(e.joined, p_day) ELSE p_day END),
      (2, 'joined', CASE WHEN e.joined IS NOT NULL OR e.channel IS NOT NULL
                         THEN coalesce(e.channel, known.value, 'bank') END, since.day),
      (3, 'terms', e.terms, since.day),
      (4, 'staff', e.staff, since.day),
      (5, 'referrer', CASE WHEN e.referrer IS NOT NULL THEN coalesce(brought.member_id::text, '?') END,
       since.day)) AS f (place, kind, value, valid_from)
    LEFT JOIN LATERAL (SELECT m.value, m.valid_from, m.valid_to, m.control FROM kvitt.member_fact m
                        WHERE m.member_id = e.member_id AND m.kind = f.kind
                          AND (f.kind <> 'product' OR m.valid_from <= p_day)
                        ORDER BY m.id DESC LIMIT 1) AS stands ON true
   WHERE f.value IS NOT NULL AND CASE
     WHEN f.kind = 'product'
       THEN stands.value IS DISTINCT FROM f.value OR stands.valid_to < p_day
     -- Without a day of its own a row repeats what stands, whenever that began.
     WHEN e.joined IS NULL THEN stands.value IS DISTINCT FROM f.value
     ELSE (stands.value, stands.valid_from, stands.valid_to, stands.control)
            IS DISTINCT FROM (f.value, f.valid_from, NULL::date, false) END;
  IF EXISTS (SELECT FROM news WHERE kind = 'referrer' AND value IN ('?', member_id::text)) THEN
    RAISE EXCEPTION 'a referrer is no other member' USING ERRCODE = 'KV023';
  END IF;
  SELECT count(*) FILTER (WHERE is_new), count(DISTINCT member_id) FILTER (WHERE is_fresh AND NOT is_new)
    INTO enrolled, changed FROM enrolment;
  SELECT count(*) INTO told FROM news;
  content := sha256(convert_to(ROW('members', p_programme, CASE WHEN v_tells THEN p_day END, p_tokens,
    p_refs, p_joined, p_channels, p_terms, p_products, p_staff, p_referrers)::text, 'UTF8'));
  outcome := 'stands';
  IF enrolled + changed + told > 0 THEN
    outcome := kvitt.ask_import('members', content, p_name, cardinality(p_tokens));
  END IF;
  IF outcome = 'decided' THEN
    INSERT INTO kvitt.member (id, programme) SELECT member_id, v_programme FROM enrolment WHERE is_new;
    INSERT INTO kvitt.card (token, member_id) SELECT token, member_id FROM enrolment WHERE is_new;
    INSERT INTO kvitt.member_ref (member_id, seq, ref)
    SELECT DISTINCT member_id, coalesce(seq, 0) + 1, ref FROM enrolment WHERE is_fresh;
    INSERT INTO kvitt.member_fact (member_id, kind, value, valid_from, source)
    SELECT member_id, kind, value, valid_from, 'enrolment' FROM news ORDER BY n, place;
  END IF;
  DROP TABLE enrolment, news;
END $$;

ALTER FUNCTION kvitt.enrol_members(p_programme text, p_name text, p_day date, p_tokens text[], p_refs text[], p_joined text[], p_channels text[], p_terms text[], p_products text[], p_staff text[], p_referrers text[], OUT outcome text, OUT content bytea, OUT enrolled bigint, OUT changed bigint, OUT told bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.fact_sources() RETURNS TABLE(relation text, key text, columns text)
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  VALUES
    ('partner', 'id', 'id, code, name, entity'),
    ('unit', 'id', 'id, code, kind, currency'),
    ('programme', 'id', 'id, code'),
    ('terms', 'id', 'id, kind, code, version, digest, applied_by, proposed_by'),
    ('terms_proposal', 'kind, code, version, digest, proposed_by',
      'kind, code, version, digest, proposed_by'),
    ('reference_set', 'id', 'id, kind, name, digest, dated, rows, imported_by'),
    ('fx_rate', 'currency, day, set_id', 'set_id, day, currency, rate'),
    ('currency_fact', 'code, set_id', 'set_id, code, number, exponent'),
    ('mcc_title', 'code, set_id', 'set_id, code, title'),
    ('merchant_entry', 'merchant, valid_from, set_id', 'set_id, merchant, valid_from, mcc, partner'),
    ('member', 'id', 'id, programme'),
    ('member_ref', 'member_id, seq', 'member_id, seq, ref'),
    ('member_lookup', 'digest', 'digest, member_id, kind'),
    ('member_search', 'id', 'kind, member_id, reason, asked_by'),
    ('member_fact', 'id',
      'member_id, kind, value, valid_from, valid_to, control, source, recorded_by'),
    ('member_merge', 'key, id', 'key, member_id, into_id, undo, reason, evidence, proposed_by'),
    ('member_merge_decision', 'key, id', 'key, proposed_by, decided_by'),
    ('member_merge_undone', 'key', 'key, batch_id'),
    ('card', 'token', 'token, member_id'),
    ('card_event', 'batch_id, line',
      'batch_id, line, sender, event_ref, event, token, new_token, effective_date, detail'),
    -- The number of a batch goes with what it takes in.
    ('batch', 'id', 'id, kind, business_date, opened_by, encoding,
      (SELECT n.key FROM kvitt.batch_number n WHERE n.id = fresh.id)'),
    ('entry', 'id', 'id, batch_id, code, booking_date, text'),
    ('period_closed', 'month', 'month, closed_by'),
    ('file', 'batch_id', 'batch_id, source, digest, sequence, name, records, repeats, quarantined, late,
      stated_minor, key, skipped, has_totals'),
    ('gap_release', 'source, sequence', 'source, sequence, reason, released_by'),
    ('quarantine', 'batch_id, line, item', 'batch_id, line, col, code, excerpt, item, fields, message'),
    ('quarantine_proposal', 'batch_id, line, item, seq',
      'batch_id, line, item, seq, action, correction, reason, proposed_by'),
    ('quarantine_decision', 'batch_id, line, item, seq',
      'batch_id, line, item, seq, proposed_by, decided_by'),
    ('quarantine_result', 'batch_id, line, item, seq',
      'batch_id, line, item, seq, retry_batch, code, currency, minor'),
    ('record_link', 'identity', 'identity, original, batch_id, amount_minor, type, reversal, event_date,
      currency, billing_minor, evidence'),
    ('waiting_record', 'identity', 'identity, original, batch_id'),
    ('waiting_done', 'identity', 'identity, batch_id'),
    ('unlinked_record', 'identity', 'identity, row_id, member_id, evidence'),
    ('unlinked_proposal', 'identity, seq', 'identity, seq, original, reason, proposed_by'),
    ('unlinked_decision', 'identity', 'identity, seq, proposed_by, decided_by'),
    ('dispute_event', 'identity', 'identity, purchase, member_id, step, batch_id'),
    ('standing_review', 'batch_id', 'batch_id'),
    ('basket', 'batch_id, line', 'batch_id, line, partner, basket_ref, member_id, merchant, day,
      amount_minor, currency'),
    ('basket_line', 'batch_id, basket, line',
      'batch_id, line, basket, item, category, amount_minor'),
    ('basket_purchase', 'purchase_id', 'purchase_id, batch_id, basket'),
    ('bonus', 'member_id, programme, rule, event',
      'member_id, rule, event, programme, given_on, lot_id'),
    ('bonus_undone', 'lot_id', 'lot_id, batch_id'),
    -- What is used of it is compared with the rows.
    ('budget', 'agreement, rule, partner', 'agreement, rule, partner'),
    ('budget_rule', 'agreement_id, ordinal', 'agreement_id, ordinal, agreement, rule'),
    -- Noted when a batch posts them.
    ('posted_hold', 'id', 'key, member_id, unit, quantity, day, captured, end_key, batch_id, first_seq,
      last_seq, into_unit, item, count'),
    ('till_use', 'partner, till_ref, hold_id', 'partner, till_ref, batch_id, action, member_id,
      face_minor, original_ref, use_batch, first_seq, last_seq'),
    ('item_return', 'hold_id', 'reason, returned_by'),
    ('item_return_posted', 'hold_id', 'batch_id'),
    ('payout_file', 'sequence', 'sequence, number, batch_id, pay_date, digest'),
    ('payout', 'id, hold_id', 'id, sequence, member_id, amount_minor, currency, first_seq, last_seq,
      token'),
    ('payout_answer', 'sequence', 'sequence, number, answered, batch_id, digest'),
    ('payout_outcome', 'payout_id', 'payout_id, answer, status, reason, card_ref'),
    ('import', 'kind, digest, round', 'kind, digest, round, name, rows, proposed_by'),
    ('import_decision', 'digest, round', 'digest, round, proposed_by, decided_by'),
    ('adjustment', 'key, id', 'key, kind, member_id, unit, quantity, reason, evidence, proposed_by'),
    ('adjustment_decision', 'key', 'key, proposed_by, decided_by'),
    ('adjustment_posted', 'key', 'key, batch_id'),
    ('opening', 'digest', 'digest, name, totals, proposed_by'),
    ('opening_decision', 'digest', 'digest, totals, proposed_by, decided_by'),
    ('opening_posted', 'digest', 'digest, batch_id'),
    ('partner_opening', 'partner', 'partner, currency, sequence, closing_minor, closed_on, batch_id'),
    ('estimate', 'key, id', 'key, unit, used_bp, data_cut, reason, evidence, proposed_by'),
    ('estimate_decision', 'key', 'key, proposed_by, decided_by'),
    ('estimate_posted', 'key', 'key, unit, batch_id, gross_minor, allowance_minor, change_minor'),
    ('plan', 'id', 'id, business_date, cut_seal, digest, prepared_by'),
    ('plan_approval', 'plan_id, approved_by', 'plan_id, digest, prepared_by, approved_by'),
    ('standing', 'id', 'id, partner, currency, account, to_partner_minor, to_issuer_minor,
      month_to_partner_minor, month_to_issuer_minor, expires_on, terms_digest, signers_digest,
      prepared_by'),
    ('standing_withdrawal', 'standing_id', 'standing_id, reason, withdrawn_by'),
    ('standing_approval', 'standing_id', 'standing_id, prepared_by, approved_by'),
    ('settlement_run', 'plan_id', 'plan_id, batch_id, business_date'),
    ('window_claim', 'partner, batch_id, settlement_date',
      'partner, batch_id, settlement_date, run_batch'),
    ('statement', 'id', 'id, number, partner, sequence, run_batch, business_date, cut_seal, created,
      currency, opening_minor, settled_minor, paid_minor, ordered_minor, due, reference, filed_lines,
      filed_quantity, settled_lines, line_digest, json_digest'),
    ('signature', 'file', 'file, digest'),
    ('payment_order', 'id', 'id, statement_id, partner, currency, amount_minor, pay_on, account,
      reference'),
    ('document', 'number', 'number, statement_id, partner, series, serial, net_minor'),
    ('signer', 'partner, fingerprint',
      'partner, fingerprint, sha256(certificate), valid_from, valid_to, proposed_by'),
    ('signer_decision', 'partner, fingerprint', 'partner, fingerprint, proposed_by, decided_by'),
    ('signer_withdrawal', 'partner, fingerprint', 'partner, fingerprint, reason, withdrawn_by'),
    ('answer', 'partner, sequence', 'partner, sequence, number, statement_id, batch_id, digest,
      accepted_quantity, accepted_minor, theirs_quantity, theirs_minor'),
    ('outcome', 'event_id, attempt', 'event_id, attempt, row_id, batch_id, status, filed_quantity,
      accepted_quantity, accepted_minor, reason, partner_ref'),
    ('rejection_closed', 'event_id, attempt', 'event_id, attempt, batch_id, how'),
    ('filing', 'lot_id, attempt', 'lot_id, attempt, row_id'),
    ('prepurchase', 'key, id', 'key, partner, unit, currency, quantity, price, cost_minor, usable_from,
      usable_through, month_max, reason, evidence, proposed_by'),
    ('prepurchase_decision', 'key', 'key, proposed_by, decided_by'),
    ('prepaid_lot', 'key', 'key, row_id'),
    ('prepaid_move', 'id', 'key, lot_id, batch_id, day, quantity'),
    ('bank_statement', 'batch_id', 'batch_id, account, currency, sequence, date, opening_minor,
      closing_minor, digest'),
    ('bank_line', 'id', 'id, batch_id, line, date, kind, amount_minor, currency, reference, text'),
    ('match_claim', 'side, item, generation', 'side, item, generation, match_id, rule'),
    ('match_release', 'side, item, generation', 'side, item, generation, reason, released_by'),
    ('break_item', 'id', 'id, fingerprint, kind, pair, commodity, opened_on, ours, theirs, value_minor,
      currency, pointer, advice'),
    ('break_event', 'break_id, seq', 'break_id, seq, state, business_date, note'),
    ('proof', 'pair, commodity, business_date, generation', 'pair, commodity, business_date, generation,
      ours, theirs, breaks, rounding, opened_before, new_today, cleared_today, exact_count, exact_digest,
      last_break, open_breaks'),
    ('run_event', 'job, business_date, seq', 'job, business_date, step, state, note')
$$;

ALTER FUNCTION kvitt.fact_sources() OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.find_member(p_digests text[], p_kind text, p_reason text) RETURNS TABLE(token text)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  INSERT INTO kvitt.member_search (kind, member_id, reason)
  SELECT p_kind, (SELECT l.member_id FROM kvitt.member_lookup l WHERE l.digest = ANY (p_digests)), p_reason;
  SELECT c.token FROM kvitt.member_lookup l JOIN kvitt.card c USING (member_id)
   WHERE l.digest = ANY (p_digests) ORDER BY c.token
$$;

ALTER FUNCTION kvitt.find_member(p_digests text[], p_kind text, p_reason text) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.find_repeats(p_batch bigint, p_limit integer) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  v_leaf text := format('kvitt.purchase_%s', p_batch);
  v_others bigint[];
BEGIN
  SELECT array_agg(DISTINCT d.batch_id) INTO v_others
    FROM kvitt.leaf_day d JOIN kvitt.leaf_day own ON d.day BETWEEN own.day - 1 AND own.day + 1
   WHERE own.batch_id = p_batch AND d.batch_id <> p_batch;
  IF v_others IS NOT NULL THEN
    RETURN QUERY EXECUTE format(
      'SELECT n.identity FROM %s n JOIN kvitt.purchase o USING (identity)
        WHERE o.batch_id = ANY (ARRAY[%s]::bigint[]) LIMIT %s',
      v_leaf, array_to_string(v_others, ','), p_limit);
  END IF;
  BEGIN
    EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS purchase_%1$s_identity
      ON kvitt.purchase_%1$s (identity) WITH (fillfactor = 100)', p_batch);
  EXCEPTION WHEN unique_violation THEN
    RETURN QUERY EXECUTE format(
      'SELECT identity FROM %s GROUP BY identity HAVING count(*) > 1 LIMIT %s', v_leaf, p_limit);
  END;
END $_$;

ALTER FUNCTION kvitt.find_repeats(p_batch bigint, p_limit integer) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.hold(p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamp with time zone, p_until timestamp with time zone, OUT outcome text, OUT hold_id bigint, OUT rest bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_hold kvitt.hold;
  v_own kvitt.spendable;
  v_seal bigint;
BEGIN
  -- First the lock, then everything that is read under it: a batch that used lots has sealed by then.
  PERFORM FROM kvitt.spendable WHERE member_id = p_member AND unit = p_unit FOR NO KEY UPDATE;
  SELECT * INTO v_hold FROM kvitt.hold WHERE key = p_key;
  IF FOUND THEN
    hold_id := v_hold.id;
    -- What was used at once ended when it began; a hold lasts.
    outcome := CASE WHEN (v_hold.member_id, v_hold.unit, v_hold.quantity)
      = (p_member, p_unit, p_quantity) AND (v_hold.until = v_hold.held_at) = (p_until IS NULL)
      THEN 'repeated' ELSE 'conflict' END;
    RETURN;
  END IF;
  SELECT seal_no INTO v_seal FROM kvitt.book WHERE id = 1;
  UPDATE kvitt.spendable SET quantity = quantity - p_quantity
   WHERE member_id = p_member AND unit = p_unit AND day = p_day AND seal_no = v_seal
     AND quantity >= p_quantity RETURNING quantity INTO rest;
  IF NOT FOUND THEN
    -- The row may have come since the lock was asked for, which then holds nothing: what is read here is
    -- written back below, so no other call may come between.
    SELECT * INTO v_own FROM kvitt.spendable WHERE member_id = p_member AND unit = p_unit
      FOR NO KEY UPDATE;
    IF NOT FOUND OR v_own.day <> p_day OR v_own.seal_no <> v_seal THEN
      outcome := 'stale';
      RETURN;
    END IF;
    rest := v_own.quantity + kvitt.end_overdue(p_member, p_unit, p_at) - p_quantity;
    IF rest < 0 THEN
      rest := rest + p_quantity;
      outcome := 'short';
      RETURN;
    END IF;
    UPDATE kvitt.spendable SET quantity = rest WHERE member_id = p_member AND unit = p_unit;
  END IF;
  INSERT INTO kvitt.hold (key, member_id, unit, quantity, day, held_at, until, captured, ended_at)
  VALUES (p_key, p_member, p_unit, p_quantity, p_day, p_at, coalesce(p_until, p_at),
    CASE WHEN p_until IS NULL THEN p_quantity END, CASE WHEN p_until IS NULL THEN p_at END)
  RETURNING id INTO hold_id;
  outcome := 'held';
END $$;

ALTER FUNCTION kvitt.hold(p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamp with time zone, p_until timestamp with time zone, OUT outcome text, OUT hold_id bigint, OUT rest bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.hold_fence(p_job text, p_date date, p_fence integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_fence integer;
BEGIN
  SELECT fence INTO v_fence FROM kvitt.run
   WHERE job = p_job AND business_date = p_date FOR SHARE;
  IF v_fence IS DISTINCT FROM p_fence THEN
    RAISE EXCEPTION 'run % of % was taken over', p_job, p_date USING ERRCODE = 'KV075';
  END IF;
END $$;

ALTER FUNCTION kvitt.hold_fence(p_job text, p_date date, p_fence integer) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.import_reference(p_kind text, p_name text, p_dated date, p_file bytea, p_first text[], p_second text[], p_third text[], p_fourth text[], OUT outcome text, OUT content bytea, OUT set_no integer) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    AS $$
BEGIN
  LOCK TABLE kvitt.reference_set IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM kvitt.reference_set WHERE kind = p_kind AND digest = p_file) THEN
    outcome := 'stands';
    RETURN;
  END IF;
  content := sha256(convert_to(
    ROW(p_kind, p_dated, p_file, p_first, p_second, p_third, p_fourth)::text, 'UTF8'));
  outcome := 'done';
  IF p_kind = 'fx' AND EXISTS (SELECT FROM unnest(p_first) AS x (d)
                                WHERE d::date > current_date OR extract(isodow FROM d::date) > 5) THEN
    RAISE EXCEPTION 'a rate of a day on which none is published' USING ERRCODE = 'KV023';
  END IF;
  IF p_kind = 'merchants' OR p_kind = 'fx' AND EXISTS (
       SELECT FROM kvitt.rate_moves(p_first, p_second, p_third) AS m
         JOIN unnest(p_first) WITH ORDINALITY AS g (day, n) ON g.n = m.row_no
        WHERE m.move_bp IS NULL OR m.move_bp > 500 OR m.known_day = g.day::date AND m.move_bp > 0) THEN
    outcome := kvitt.ask_import(p_kind, content, p_name, cardinality(p_first));
  END IF;
  IF outcome NOT IN ('done', 'decided') THEN
    RETURN;
  END IF;
  SELECT coalesce(max(id), 0) + 1 INTO set_no FROM kvitt.reference_set;
  INSERT INTO kvitt.reference_set (id, kind, name, digest, dated, rows)
  VALUES (set_no, p_kind, p_name, p_file, p_dated, cardinality(p_first));
  CASE p_kind
    WHEN 'fx' THEN
      INSERT INTO kvitt.fx_rate (set_id, day, currency, rate)
      SELECT set_no, a::date, b, c::numeric FROM unnest(p_first, p_second, p_third) AS x (a, b, c);
    WHEN 'currencies' THEN
      INSERT INTO kvitt.currency_fact (set_id, code, number, exponent)
      SELECT set_no, a, b::smallint, nullif(c, '')::smallint
        FROM unnest(p_first, p_second, p_third) AS x (a, b, c);
    WHEN 'mcc' THEN
      INSERT INTO kvitt.mcc_title (set_id, code, title)
      SELECT set_no, a::smallint, b FROM unnest(p_first, p_second) AS x (a, b);
    WHEN 'merchants' THEN
      INSERT INTO kvitt.merchant_entry (set_id, merchant, valid_from, mcc, partner)
      SELECT set_no, a, b::date, c::smallint, d
        FROM unnest(p_first, p_second, p_third, p_fourth) AS x (a, b, c, d);
  END CASE;
END $$;

ALTER FUNCTION kvitt.import_reference(p_kind text, p_name text, p_dated date, p_file bytea, p_first text[], p_second text[], p_third text[], p_fourth text[], OUT outcome text, OUT content bytea, OUT set_no integer) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.index_identities(p_batch bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET maintenance_work_mem TO '4MB'
    AS $_$
BEGIN
  IF EXISTS (SELECT FROM kvitt.seal WHERE batch_id = p_batch) THEN
    RAISE EXCEPTION 'batch % is sealed', p_batch USING ERRCODE = 'KV023';
  END IF;
  EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS purchase_%1$s_identity
    ON kvitt.purchase_%1$s (identity) WITH (fillfactor = 100)', p_batch);
END $_$;

ALTER FUNCTION kvitt.index_identities(p_batch bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.issue_payout_file(p_batch bigint, p_sequence bigint, p_number text, p_body bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION kvitt.issue_payout_file(p_batch bigint, p_sequence bigint, p_number text, p_body bytea) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.issue_payouts(p_sequence bigint, p_lines jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_batch bigint;
  v_count bigint;
BEGIN
  SELECT f.batch_id INTO v_batch FROM kvitt.payout_file f
   WHERE f.sequence = p_sequence
     AND NOT EXISTS (SELECT FROM kvitt.seal s WHERE s.batch_id = f.batch_id);
  IF v_batch IS NULL THEN
    RAISE EXCEPTION 'pay-out file % is not open', p_sequence USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.payout (id, sequence, hold_id, member_id, amount_minor, currency, first_seq,
    last_seq, token)
  SELECT format('Y-%s-%s', v_batch, l->>0), p_sequence, nullif(l->>2, '')::bigint, c.member_id,
         (l->>4)::bigint, l->>5, (l->>0)::integer, (l->>1)::integer, c.token
    FROM jsonb_array_elements(p_lines) AS l
    JOIN kvitt.card c ON c.token = l->>6 AND c.member_id = (l->>3)::bigint;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  IF v_count < jsonb_array_length(p_lines) THEN
    RAISE EXCEPTION 'pay-out file % pays to a card that is not the member''s', p_sequence
      USING ERRCODE = 'KV020';
  END IF;
END $$;

ALTER FUNCTION kvitt.issue_payouts(p_sequence bigint, p_lines jsonb) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.issue_statement(p_plan text, p_partner smallint, p_id bigint, p_number text, p_created timestamp with time zone, p_reference text, p_filed_quantity bigint, p_line_digest bytea, p_json_digest bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_run record;
  v_own record;
  v_lines record;
BEGIN
  SELECT r.batch_id, r.business_date, p.cut_seal INTO v_run
    FROM kvitt.settlement_run r JOIN kvitt.plan p ON p.id = r.plan_id
   WHERE r.plan_id = p_plan
     AND NOT EXISTS (SELECT FROM kvitt.seal s WHERE s.batch_id = r.batch_id);
  SELECT * INTO v_own FROM kvitt.plan_positions(p_plan) AS x WHERE x.partner = p_partner;
  IF v_run.batch_id IS NULL OR v_own.partner IS NULL OR p_id >> 16 <> v_run.batch_id THEN
    RAISE EXCEPTION 'no run of plan % issues statement %', p_plan, p_number
      USING ERRCODE = 'KV020';
  END IF;
  SELECT count(*) FILTER (WHERE section = 'filed') AS filed,
         count(*) FILTER (WHERE section = 'settled') AS settled,
         coalesce(sum(value_minor) FILTER (
           WHERE section = 'settled' AND direction = 'to_partner'), 0) AS to_partner,
         coalesce(sum(value_minor) FILTER (
           WHERE section = 'settled' AND direction = 'to_issuer'), 0) AS to_issuer
    INTO v_lines FROM kvitt.statement_line WHERE statement_id = p_id;
  IF v_lines.to_partner - v_lines.to_issuer <> v_own.to_partner - v_own.to_issuer THEN
    RAISE EXCEPTION 'the lines of % give %, the plan %', p_number,
      v_lines.to_partner - v_lines.to_issuer, v_own.to_partner - v_own.to_issuer
      USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.statement (id, number, partner, sequence, run_batch, business_date, cut_seal,
    created, currency, opening_minor, settled_minor, paid_minor, ordered_minor, due, reference,
    filed_lines, filed_quantity, settled_lines, line_digest, json_digest)
  VALUES (p_id, p_number, p_partner, v_own.sequence, v_run.batch_id, v_run.business_date,
    v_run.cut_seal, p_created, v_own.currency, v_own.opening, v_own.to_partner - v_own.to_issuer,
    v_own.paid, v_own.ordered, v_own.pay_on, p_reference, v_lines.filed, p_filed_quantity,
    v_lines.settled, p_line_digest, p_json_digest);
  IF v_own.ordered > 0 THEN
    INSERT INTO kvitt.payment_order (id, statement_id, partner, currency, amount_minor, pay_on,
      account, reference)
    VALUES (format('PO-%s-%s', to_char(v_run.business_date, 'YYYYMMDD'),
        lpad((p_id & 65535)::text, greatest(2, length((p_id & 65535)::text)), '0')),
      p_id, p_partner, v_own.currency, v_own.ordered, v_own.pay_on, v_own.account, p_reference);
  END IF;
END $$;

ALTER FUNCTION kvitt.issue_statement(p_plan text, p_partner smallint, p_id bigint, p_number text, p_created timestamp with time zone, p_reference text, p_filed_quantity bigint, p_line_digest bytea, p_json_digest bytea) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.last_business_date() RETURNS date
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT greatest((now() AT TIME ZONE 'UTC')::date + 1, (
    SELECT max(split_part(x.setting, '=', 2)::date)
      FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS x (setting)
     WHERE s.setrole = 0
       AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
       AND x.setting LIKE 'kvitt.rehearsal\_through=%'))
$$;

ALTER FUNCTION kvitt.last_business_date() OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.lock_members(p_members bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  PERFORM FROM kvitt.member WHERE id = ANY (p_members) ORDER BY id FOR NO KEY UPDATE;
  PERFORM FROM kvitt.spendable WHERE member_id = ANY (p_members)
   ORDER BY member_id, unit FOR NO KEY UPDATE;
END $$;

ALTER FUNCTION kvitt.lock_members(p_members bigint[]) OWNER TO kvitt_owner;

CREATE TABLE kvitt.reward (
    batch_id bigint NOT NULL,
    member_id bigint NOT NULL,
    purchase_id bigint NOT NULL,
    lot_id bigint NOT NULL,
    quantity bigint NOT NULL,
    cost_minor bigint NOT NULL,
    share_minor bigint NOT NULL,
    uncapped bigint NOT NULL,
    seq integer NOT NULL,
    agreement integer NOT NULL,
    event_date date NOT NULL,
    booking_date date NOT NULL,
    settlement_date date NOT NULL,
    available_on date NOT NULL,
    flow smallint NOT NULL,
    rule smallint NOT NULL,
    partner smallint NOT NULL,
    programme smallint NOT NULL,
    unit smallint NOT NULL,
    currency smallint NOT NULL,
    earn_month smallint NOT NULL,
    CONSTRAINT reward_check CHECK (((share_minor >= 0) AND (share_minor <= cost_minor))),
    CONSTRAINT reward_cost_minor_check CHECK ((cost_minor >= 0)),
    CONSTRAINT reward_quantity_check CHECK ((quantity >= 0))
)
PARTITION BY RANGE (batch_id);

ALTER TABLE kvitt.reward OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.member_rewards(p_members bigint[]) RETURNS SETOF kvitt.reward
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT * FROM kvitt.reward WHERE member_id = ANY (p_members) ORDER BY batch_id, seq
$$;

ALTER FUNCTION kvitt.member_rewards(p_members bigint[]) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.merge_leaves(p_part text, p_first bigint, p_last bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET maintenance_work_mem TO '4MB'
    AS $_$
DECLARE
  v_leaf regclass;
  v_new text;
  v_old regclass[];
  v_from bigint;
  v_to bigint;
  v_before bigint;
  v_after bigint;
BEGIN
  IF p_part NOT IN ('purchase', 'reward') THEN
    RAISE EXCEPTION 'no such part: %', p_part USING ERRCODE = 'KV020';
  END IF;
  IF p_first >= p_last OR (SELECT count(*) FROM kvitt.seal WHERE batch_id IN (p_first, p_last)) < 2
    OR EXISTS (SELECT FROM kvitt.batch b WHERE b.id BETWEEN p_first AND p_last
                AND NOT EXISTS (SELECT FROM kvitt.seal s WHERE s.batch_id = b.id)) THEN
    RAISE EXCEPTION 'batches % to % are not all sealed', p_first, p_last USING ERRCODE = 'KV020';
  END IF;
  -- Names of leaves alone are read as numbers, so these are gathered first.
  WITH named AS MATERIALIZED (
    SELECT i.inhrelid::regclass AS leaf, string_to_array(c.relname, '_') AS words
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = format('kvitt.%s', p_part)::regclass
  )
  SELECT array_agg(l.leaf), least(min(l.bounds[1]), p_first), greatest(max(l.bounds[2]), p_last)
    INTO v_old, v_from, v_to
    FROM (SELECT n.leaf,
                 ARRAY[n.words[2]::bigint, coalesce(n.words[3], n.words[2])::bigint] AS bounds
            FROM named n) AS l
   WHERE l.bounds[1] <= p_last AND l.bounds[2] >= p_first;
  IF coalesce(array_length(v_old, 1), 0) < 2 THEN
    RETURN 0;
  END IF;
  v_new := format('%s_%s_%s', p_part, v_from, v_to);
  EXECUTE format('SELECT count(*) FROM kvitt.%s WHERE batch_id BETWEEN %s AND %s',
    p_part, v_from, v_to) INTO v_before;
  EXECUTE format(
    'CREATE TABLE kvitt.%1$s (LIKE kvitt.%2$s INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
       CONSTRAINT %1$s_leaf CHECK (batch_id >= %3$s AND batch_id < %4$s))
       WITH (autovacuum_enabled = false)', v_new, p_part, v_from, v_to + 1);
  EXECUTE format('INSERT INTO kvitt.%1$s SELECT * FROM kvitt.%2$s
    WHERE batch_id BETWEEN %3$s AND %4$s ORDER BY batch_id, seq', v_new, p_part, v_from, v_to);
  GET DIAGNOSTICS v_after = ROW_COUNT;
  IF v_before <> v_after THEN
    RAISE EXCEPTION 'merging % rows gave %', v_before, v_after USING ERRCODE = 'KV020';
  END IF;
  IF p_part = 'reward' THEN
    EXECUTE format('CREATE UNIQUE INDEX ON kvitt.%s (seq, batch_id) WITH (fillfactor = 100)', v_new);
  END IF;
  IF p_part = 'purchase' THEN
    EXECUTE format('CREATE UNIQUE INDEX ON kvitt.%s (identity)', v_new);
  ELSE
    EXECUTE format('CREATE INDEX ON kvitt.%s (member_id)', v_new);
  END IF;
  -- Rows stand in the order of their batches: the guard reads only the pages of the days it asks.
  EXECUTE format('CREATE INDEX ON kvitt.%s USING brin (batch_id) WITH (pages_per_range = 16)',
    v_new);
  IF p_part = 'reward' THEN
    EXECUTE format('CREATE INDEX ON kvitt.%s (member_id) WHERE %s', v_new, kvitt.movement());
  END IF;
  EXECUTE format('GRANT SELECT ON kvitt.%s TO kvitt_read', v_new);
  EXECUTE format('ANALYZE kvitt.%s', v_new);
  FOREACH v_leaf IN ARRAY v_old LOOP
    EXECUTE format('ALTER TABLE kvitt.%s DETACH PARTITION %s', p_part, v_leaf);
    EXECUTE format('DROP TABLE %s', v_leaf);
  END LOOP;
  EXECUTE format('ALTER TABLE kvitt.%s ATTACH PARTITION kvitt.%s FOR VALUES FROM (%s) TO (%s)',
    p_part, v_new, v_from, v_to + 1);
  RETURN v_after;
END $_$;

ALTER FUNCTION kvitt.merge_leaves(p_part text, p_first bigint, p_last bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.movement() RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT format('flow NOT IN (%s) OR purchase_id >> 32 <> batch_id',
           string_agg(id::text, ', ' ORDER BY id))
    FROM kvitt.flow WHERE is_bulk
$$;

ALTER FUNCTION kvitt.movement() OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.note_facts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "TimeZone" TO 'UTC'
    SET bytea_output TO 'hex'
    AS $_$
DECLARE
  v_source record;
BEGIN
  SELECT s.key, s.columns INTO STRICT v_source
    FROM kvitt.fact_sources() AS s WHERE s.relation = TG_TABLE_NAME;
  EXECUTE format(
    'INSERT INTO kvitt.fact_note (relation, keys, digest)
     SELECT %1$L, array_agg(key ORDER BY key COLLATE "C"),
            sha256(convert_to(string_agg(text, E''\n'' ORDER BY key COLLATE "C"), ''UTF8''))
       FROM (SELECT key, text, (row_number() OVER (ORDER BY key COLLATE "C") - 1) / 256 AS part
               FROM (SELECT ROW(%2$s)::text AS key, ROW(%3$s)::text AS text FROM fresh) AS written
            ) AS parted
      GROUP BY part', TG_TABLE_NAME, v_source.key, v_source.columns);
  RETURN NULL;
END $_$;

ALTER FUNCTION kvitt.note_facts() OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.note_holds(p_holds bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "TimeZone" TO 'UTC'
    SET bytea_output TO 'hex'
    AS $_$
DECLARE
  v_source record;
BEGIN
  SELECT s.key, s.columns INTO STRICT v_source
    FROM kvitt.fact_sources() AS s WHERE s.relation = 'posted_hold';
  EXECUTE format(
    'INSERT INTO kvitt.fact_note (relation, keys, digest)
     SELECT ''posted_hold'', array_agg(key ORDER BY key COLLATE "C"),
            sha256(convert_to(string_agg(text, E''\n'' ORDER BY key COLLATE "C"), ''UTF8''))
       FROM (SELECT key, text, (row_number() OVER (ORDER BY key COLLATE "C") - 1) / 256 AS part
               FROM (SELECT ROW(%1$s)::text AS key, ROW(%2$s)::text AS text
                       FROM kvitt.posted_hold AS fresh WHERE id = ANY ($1)) AS posted
            ) AS parted
      GROUP BY part', v_source.key, v_source.columns) USING p_holds;
END $_$;

ALTER FUNCTION kvitt.note_holds(p_holds bigint[]) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.note_lookup(p_digests text[], p_kind text, p_member bigint, OUT outcome text, OUT content bytea) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_known bigint;
BEGIN
  SELECT member_id INTO v_known FROM kvitt.member_lookup WHERE digest = ANY (p_digests);
  IF FOUND THEN
    INSERT INTO kvitt.member_search (kind, member_id, reason)
    VALUES (p_kind, v_known, 'to be noted for member ' || p_member);
    outcome := CASE WHEN v_known = p_member THEN 'stands' ELSE 'taken' END;
    RETURN;
  END IF;
  content := sha256(convert_to(ROW('lookups', p_digests[1], p_kind, p_member)::text, 'UTF8'));
  outcome := kvitt.ask_import('lookups', content, p_kind || ' of member ' || p_member, 1);
  IF outcome = 'decided' THEN
    INSERT INTO kvitt.member_lookup (digest, member_id, kind) VALUES (p_digests[1], p_member, p_kind);
  END IF;
END $$;

ALTER FUNCTION kvitt.note_lookup(p_digests text[], p_kind text, p_member bigint, OUT outcome text, OUT content bytea) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.note_step(p_job text, p_date date, p_fence integer, p_step text, p_state text, p_note text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  PERFORM kvitt.check_business_date(p_date);
  PERFORM kvitt.hold_fence(p_job, p_date, p_fence);
  IF p_state = 'finished' AND NOT (pg_has_role(kvitt.acting_role(), 'kvitt_settle', 'USAGE')
    AND EXISTS (SELECT FROM kvitt.settlement_run r JOIN kvitt.seal s USING (batch_id)
                 WHERE r.business_date = p_date)) THEN
    RAISE EXCEPTION 'run % of % is not finished: nothing of that date is settled', p_job, p_date
      USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.run_event (job, business_date, seq, step, state, note)
  SELECT p_job, p_date, coalesce(max(seq), 0) + 1, p_step, p_state, p_note
    FROM kvitt.run_event WHERE job = p_job AND business_date = p_date;
END $$;

ALTER FUNCTION kvitt.note_step(p_job text, p_date date, p_fence integer, p_step text, p_state text, p_note text) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.open_leaf(p_batch bigint, p_kind text, p_business_date date, p_recorded_at timestamp with time zone, p_guarded boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  v_kind kvitt.batch_kind;
  v_part text;
BEGIN
  PERFORM kvitt.check_batch_role(p_kind);
  PERFORM kvitt.check_business_date(p_business_date);
  SELECT * INTO STRICT v_kind FROM kvitt.batch_kind WHERE kind = p_kind;
  IF NOT EXISTS (SELECT FROM kvitt.batch_number
                  WHERE id = p_batch AND split_part(key, '/', 1) = p_kind) THEN
    RAISE EXCEPTION 'batch % was never reserved for kind %', p_batch, p_kind
      USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.batch (id, kind, business_date, recorded_at)
  VALUES (p_batch, p_kind, p_business_date,
    -- What standing approvals let out in a month is counted by it: no caller's clock decides.
    CASE p_kind WHEN 'settlement' THEN now() ELSE p_recorded_at END);
  FOREACH v_part IN ARRAY ARRAY['purchase', 'reward'] LOOP
    CONTINUE WHEN v_part = 'purchase' AND NOT v_kind.has_purchases;
    CONTINUE WHEN v_part = 'reward' AND NOT v_kind.has_rewards;
    EXECUTE format(
      'CREATE TABLE kvitt.%1$s_%2$s (LIKE kvitt.%1$s INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
         CONSTRAINT %1$s_%2$s_leaf CHECK (batch_id >= %2$s AND batch_id < %3$s))
         WITH (autovacuum_enabled = false)',
      v_part, p_batch, p_batch + 1);
    EXECUTE format('GRANT SELECT ON kvitt.%s_%s TO kvitt_read', v_part, p_batch);
    EXECUTE format('GRANT INSERT ON kvitt.%s_%s TO %I', v_part, p_batch, v_kind.role);
  END LOOP;
  -- What moves lots, or concerns a purchase of an earlier batch: few rows, asked for in all leaves whenever
  -- something is taken back. The index is made with the leaf: asking each row on its way in costs 0.06 s a
  -- million, where reading all of them again at the end costs 0.13.
  IF v_kind.has_rewards THEN
    EXECUTE format('CREATE INDEX reward_%1$s_moving ON kvitt.reward_%1$s (member_id) WHERE %2$s',
      p_batch, kvitt.movement());
  END IF;
  IF p_guarded AND v_kind.has_purchases THEN
    EXECUTE format('CREATE UNIQUE INDEX ON kvitt.purchase_%s (identity)', p_batch);
  END IF;
END $_$;

ALTER FUNCTION kvitt.open_leaf(p_batch bigint, p_kind text, p_business_date date, p_recorded_at timestamp with time zone, p_guarded boolean) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.order_item(p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamp with time zone, p_item text, p_count integer, OUT outcome text, OUT hold_id bigint, OUT rest bigint) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  SELECT h.outcome, h.hold_id, h.rest INTO outcome, hold_id, rest
    FROM kvitt.hold(p_key, p_member, p_unit, p_quantity, p_day, p_at, NULL) AS h;
  IF outcome = 'held' THEN
    INSERT INTO kvitt.item_order VALUES (hold_id, p_item, p_count);
  ELSIF outcome = 'repeated' AND NOT EXISTS (
    SELECT FROM kvitt.item_order o
     WHERE o.hold_id = order_item.hold_id AND o.item = p_item AND o.count = p_count)
  THEN
    outcome := 'conflict';
  END IF;
END $$;

ALTER FUNCTION kvitt.order_item(p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamp with time zone, p_item text, p_count integer, OUT outcome text, OUT hold_id bigint, OUT rest bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.partner_currency(p_partner smallint) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT s.currency FROM (
    SELECT t.sequence, t.currency FROM kvitt.statement t
     WHERE t.partner = p_partner
       AND (t.opening_minor, t.settled_minor, t.paid_minor) IS DISTINCT FROM (0, 0, 0)
     UNION ALL
    SELECT o.sequence, o.currency FROM kvitt.partner_opening o WHERE o.partner = p_partner
  ) AS s ORDER BY s.sequence DESC LIMIT 1
$$;

ALTER FUNCTION kvitt.partner_currency(p_partner smallint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.partner_footing(p_partner smallint, OUT terms bytea, OUT signers bytea) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT (SELECT t.digest FROM kvitt.terms t JOIN kvitt.partner p ON p.code = t.code
           WHERE t.kind = 'partner' AND p.id = p_partner ORDER BY t.version DESC LIMIT 1),
         (SELECT sha256(coalesce(string_agg(s.fingerprint, NULL ORDER BY s.fingerprint), ''))
            FROM kvitt.signer_in_force s WHERE s.partner = p_partner)
$$;

ALTER FUNCTION kvitt.partner_footing(p_partner smallint, OUT terms bytea, OUT signers bytea) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.pass_gate(p_alone boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF p_alone THEN
    PERFORM FROM kvitt.partner ORDER BY id FOR UPDATE;
  ELSE
    PERFORM FROM kvitt.partner ORDER BY id FOR SHARE;
  END IF;
END $$;

ALTER FUNCTION kvitt.pass_gate(p_alone boolean) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.plan_positions(p_plan text) RETURNS TABLE(partner smallint, code text, currency text, sequence integer, opening bigint, to_partner bigint, to_issuer bigint, paid bigint, action text, ordered bigint, pay_on date, account text, slices jsonb)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT x.partner, x.code, x.currency, x.sequence, x.opening, x.to_partner, x.to_issuer, x.paid,
         x.action, x.ordered, x.pay_on, x.account, x.slices
    FROM kvitt.plan p
   CROSS JOIN LATERAL jsonb_to_recordset(p.body::jsonb->'partners') AS x (
     partner smallint, code text, currency text, sequence integer, opening bigint,
     to_partner bigint, to_issuer bigint, paid bigint, action text, ordered bigint, pay_on date,
     account text, slices jsonb)
   WHERE p.id = p_plan
$$;

ALTER FUNCTION kvitt.plan_positions(p_plan text) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.post_entries(p_batch bigint, p_kind text, p_first integer, p_legs jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION kvitt.post_entries(p_batch bigint, p_kind text, p_first integer, p_legs jsonb) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.post_holds(p_batch bigint, p_holds bigint[], p_first integer[], p_last integer[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_count bigint;
BEGIN
  IF EXISTS (SELECT FROM kvitt.seal WHERE batch_id = p_batch) THEN
    RAISE EXCEPTION 'batch % is sealed', p_batch USING ERRCODE = 'KV023';
  END IF;
  UPDATE kvitt.hold h SET batch_id = p_batch, first_seq = x.f, last_seq = x.l
    FROM unnest(p_holds, p_first, p_last) AS x (id, f, l)
   WHERE h.id = x.id AND h.batch_id IS NULL AND h.captured > 0;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  IF v_count <> cardinality(p_holds) THEN
    RAISE EXCEPTION 'batch % posts holds that are open, released or posted', p_batch
      USING ERRCODE = 'KV023';
  END IF;
  PERFORM kvitt.note_holds(p_holds);
END $$;

ALTER FUNCTION kvitt.post_holds(p_batch bigint, p_holds bigint[], p_first integer[], p_last integer[]) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.post_leaf_entries(p_batch bigint) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_count integer;
BEGIN
  CREATE TEMP TABLE leaf_entry ON COMMIT DROP AS
  SELECT dense_rank() OVER (ORDER BY booking_date, flow)::integer AS n, *
    FROM (SELECT DISTINCT booking_date, flow FROM kvitt.leaf_total
           WHERE batch_id = p_batch) AS kinds;
  INSERT INTO kvitt.entry (id, batch_id, code, booking_date, text)
  SELECT (p_batch << 20) + e.n, p_batch, t.code, e.booking_date,
         'control totals of the rows with flow ' || t.code
    FROM leaf_entry e JOIN kvitt.flow t ON t.id = e.flow;
  INSERT INTO kvitt.posting
    (entry_id, leg, account, commodity, partner, programme, settlement_date, amount)
  SELECT (p_batch << 20) + n,
         row_number() OVER (PARTITION BY n ORDER BY account, commodity, partner, programme,
           settlement_date),
         account, commodity, partner, programme, settlement_date, amount
    FROM (
      SELECT e.n, g.account, g.commodity, s.partner, s.programme, s.settlement_date,
             sum(g.amount)::bigint AS amount
        FROM kvitt.leaf_total s
        JOIN leaf_entry e USING (booking_date, flow)
        JOIN kvitt.currency c ON c.id = s.currency
        JOIN kvitt.unit u ON u.id = s.unit
        JOIN kvitt.flow t ON t.id = s.flow
        CROSS JOIN LATERAL (
          SELECT l.account, c.code AS commodity,
                 l.sign * CASE l.measure WHEN 'cost' THEN s.cost_minor ELSE s.share_minor END
                   AS amount
            FROM kvitt.flow_leg l WHERE l.flow = s.flow
          UNION ALL
          SELECT t.unit_from, u.code, -s.quantity WHERE t.unit_from IS NOT NULL
          UNION ALL
          SELECT t.unit_to, u.code, s.quantity WHERE t.unit_to IS NOT NULL
        ) AS g
       WHERE s.batch_id = p_batch
       GROUP BY e.n, g.account, g.commodity, s.partner, s.programme, s.settlement_date
      HAVING sum(g.amount) <> 0
    ) AS legs;
  SELECT count(*) INTO v_count FROM leaf_entry;
  DROP TABLE leaf_entry;
  RETURN v_count;
END $$;

ALTER FUNCTION kvitt.post_leaf_entries(p_batch bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.prepare_standing(p_partner smallint, p_currency text, p_account text, p_to_partner bigint, p_to_issuer bigint, p_month_to_partner bigint, p_month_to_issuer bigint, p_expires_on date) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_id bigint;
BEGIN
  LOCK TABLE kvitt.standing IN SHARE ROW EXCLUSIVE MODE;
  INSERT INTO kvitt.standing (id, partner, currency, account, to_partner_minor, to_issuer_minor,
    month_to_partner_minor, month_to_issuer_minor, expires_on, terms_digest, signers_digest)
  SELECT (SELECT coalesce(max(id), 0) + 1 FROM kvitt.standing), p_partner, p_currency, p_account,
         p_to_partner, p_to_issuer, p_month_to_partner, p_month_to_issuer, p_expires_on, f.terms,
         f.signers
    FROM kvitt.partner_footing(p_partner) AS f
  RETURNING id INTO v_id;
  RETURN v_id;
END $$;

ALTER FUNCTION kvitt.prepare_standing(p_partner smallint, p_currency text, p_account text, p_to_partner bigint, p_to_issuer bigint, p_month_to_partner bigint, p_month_to_issuer bigint, p_expires_on date) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.rate_moves(p_days text[], p_currencies text[], p_rates text[]) RETURNS TABLE(row_no bigint, known_day date, known_rate numeric, move_bp numeric)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    AS $$
  SELECT g.n, known.day, known.rate, 10000 * abs(g.rate - known.rate) / known.rate
    FROM (SELECT d::date AS day, c AS currency, r::numeric AS rate, n
            FROM unnest(p_days, p_currencies, p_rates) WITH ORDINALITY AS x (d, c, r, n)) AS g
    LEFT JOIN LATERAL (SELECT f.day, f.rate FROM kvitt.fx_rate f
                        WHERE f.currency = g.currency AND f.day <= g.day
                        ORDER BY f.day DESC, f.set_id DESC LIMIT 1) AS known ON true
   ORDER BY g.n
$$;

ALTER FUNCTION kvitt.rate_moves(p_days text[], p_currencies text[], p_rates text[]) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.register_partner(p_code text, p_name text, p_entity text) RETURNS smallint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_id smallint;
BEGIN
  LOCK TABLE kvitt.partner IN SHARE ROW EXCLUSIVE MODE;
  SELECT id INTO v_id FROM kvitt.partner WHERE code = p_code;
  IF NOT FOUND THEN
    SELECT coalesce(max(id), 0) + 1 INTO v_id FROM kvitt.partner;
    INSERT INTO kvitt.partner (id, code, name, entity) VALUES (v_id, p_code, p_name, p_entity);
  END IF;
  RETURN v_id;
END $$;

ALTER FUNCTION kvitt.register_partner(p_code text, p_name text, p_entity text) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.register_programme(p_code text) RETURNS smallint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_id smallint;
BEGIN
  LOCK TABLE kvitt.programme IN SHARE ROW EXCLUSIVE MODE;
  SELECT id INTO v_id FROM kvitt.programme WHERE code = p_code;
  IF NOT FOUND THEN
    SELECT coalesce(max(id), 0) + 1 INTO v_id FROM kvitt.programme;
    INSERT INTO kvitt.programme (id, code) VALUES (v_id, p_code);
  END IF;
  RETURN v_id;
END $$;

ALTER FUNCTION kvitt.register_programme(p_code text) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.register_unit(p_code text, p_kind text, p_currency smallint) RETURNS smallint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_id smallint;
BEGIN
  LOCK TABLE kvitt.unit IN SHARE ROW EXCLUSIVE MODE;
  SELECT id INTO v_id FROM kvitt.unit
   WHERE code = p_code AND kind = p_kind AND currency = p_currency;
  IF NOT FOUND THEN
    SELECT coalesce(max(id), 0) + 1 INTO v_id FROM kvitt.unit;
    INSERT INTO kvitt.unit (id, code, kind, currency) VALUES (v_id, p_code, p_kind, p_currency);
  END IF;
  RETURN v_id;
END $$;

ALTER FUNCTION kvitt.register_unit(p_code text, p_kind text, p_currency smallint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.replace_card(p_token text, p_new text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_member bigint;
  v_other bigint;
BEGIN
  SELECT member_id INTO v_member FROM kvitt.card WHERE token = p_token;
  IF NOT FOUND THEN
    RETURN 'unknown';
  END IF;
  SELECT member_id INTO v_other FROM kvitt.card WHERE token = p_new;
  IF FOUND THEN
    RETURN CASE WHEN v_other = v_member THEN 'known' ELSE 'other' END;
  END IF;
  INSERT INTO kvitt.card (token, member_id) VALUES (p_new, v_member);
  RETURN 'new';
END $$;

ALTER FUNCTION kvitt.replace_card(p_token text, p_new text) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.reserve_batch(p_kind text, p_key text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  v_key text := p_kind || '/' || p_key;
  v_id bigint;
BEGIN
  PERFORM kvitt.check_batch_role(p_kind);
  SELECT id INTO v_id FROM kvitt.batch_number WHERE key = v_key;
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
  DELETE FROM kvitt.batch_number WHERE key = v_key AND id = v_id;
  INSERT INTO kvitt.batch_number (key, id)
  SELECT v_key, coalesce(max(id), 0) + 1 FROM kvitt.batch_number
  ON CONFLICT (key) DO NOTHING;
  SELECT id INTO STRICT v_id FROM kvitt.batch_number WHERE key = v_key;
  RETURN v_id;
END $_$;

ALTER FUNCTION kvitt.reserve_batch(p_kind text, p_key text) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.reserved(p_member bigint, p_unit smallint) RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT coalesce(sum(coalesce(captured, quantity)), 0)::bigint FROM kvitt.hold
   WHERE member_id = p_member AND unit = p_unit AND batch_id IS NULL AND captured IS DISTINCT FROM 0
$$;

ALTER FUNCTION kvitt.reserved(p_member bigint, p_unit smallint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.seal_leaf(p_batch bigint, p_purchases bigint, p_rewards bigint, p_root bytea, p_blocks jsonb, p_totals jsonb, p_legs jsonb, p_attachments jsonb, p_base_seal bigint) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET maintenance_work_mem TO '4MB'
    AS $_$
DECLARE
  v_kind kvitt.batch_kind;
  v_part text;
  v_count bigint;
  v_numbered boolean;
  v_first integer := 0;
  v_previous bytea;
  v_number bigint;
  v_wrong text;
  v_seal bytea;
BEGIN
  SELECT k.* INTO STRICT v_kind FROM kvitt.batch b JOIN kvitt.batch_kind k USING (kind)
   WHERE b.id = p_batch;
  PERFORM kvitt.check_batch_role(v_kind.kind);
  IF EXISTS (SELECT FROM kvitt.seal WHERE batch_id = p_batch) THEN
    RAISE EXCEPTION 'batch % is sealed', p_batch USING ERRCODE = 'KV023';
  END IF;
  IF EXISTS (SELECT FROM kvitt.settlement_run r
              CROSS JOIN LATERAL kvitt.plan_positions(r.plan_id) AS p
              WHERE r.batch_id = p_batch
                AND NOT EXISTS (SELECT FROM kvitt.statement s
                                 WHERE s.run_batch = p_batch AND s.partner = p.partner)) THEN
    RAISE EXCEPTION 'settlement % leaves a statement of its plan out', p_batch
      USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.block (batch_id, part, block, rows, digest)
  SELECT p_batch, b->>0, (b->>1)::integer, (b->>2)::integer, decode(b->>3, 'hex')
    FROM jsonb_array_elements(p_blocks) AS b;
  IF v_kind.has_purchases THEN
    EXECUTE format(
      'WITH days AS (SELECT event_date, count(*) AS n, min(seq) AS low, max(seq) AS high,
                            sum(seq) AS total FROM kvitt.purchase_%1$s GROUP BY 1),
       noted AS (INSERT INTO kvitt.leaf_day SELECT event_date, %1$s FROM days)
       SELECT coalesce(sum(n), 0), coalesce(min(low), 1) = 1 AND coalesce(max(high), 0) =
              coalesce(sum(n), 0) AND coalesce(sum(total), 0) = coalesce(sum(n) * (sum(n) + 1) / 2, 0)
         FROM days', p_batch) INTO v_count, v_numbered;
    IF NOT v_numbered THEN
      RAISE EXCEPTION 'the rows of batch % are not numbered from 1', p_batch
        USING ERRCODE = 'KV020';
    END IF;
    IF v_count <> p_purchases THEN
      RAISE EXCEPTION 'batch % holds % purchases, % were announced', p_batch, v_count, p_purchases
        USING ERRCODE = 'KV020';
    END IF;
    IF EXISTS (SELECT FROM kvitt.find_repeats(p_batch, 1)) THEN
      RAISE EXCEPTION 'batch % repeats a record', p_batch USING ERRCODE = 'KV023';
    END IF;
    -- Purchases are asked for one at a time, and stand in the order of seq.
    EXECUTE format('CREATE INDEX purchase_%1$s_seq ON kvitt.purchase_%1$s USING brin (seq)
      WITH (pages_per_range = 8)', p_batch);
  END IF;
  IF v_kind.has_rewards THEN
    PERFORM kvitt.check_leaf(p_batch, p_rewards, p_totals);
    v_first := kvitt.post_leaf_entries(p_batch);
    INSERT INTO kvitt.slice (partner, batch_id, settlement_date)
    SELECT DISTINCT partner, batch_id, settlement_date FROM kvitt.leaf_total
     WHERE batch_id = p_batch AND partner <> 0;
    EXECUTE format('CREATE UNIQUE INDEX reward_%1$s_seq ON kvitt.reward_%1$s (seq)
      WITH (fillfactor = 100)', p_batch);
    EXECUTE format('CREATE INDEX reward_%1$s_member ON kvitt.reward_%1$s (member_id)
      WITH (fillfactor = 100)', p_batch);
  END IF;
  FOREACH v_part IN ARRAY ARRAY['purchase', 'reward'] LOOP
    CONTINUE WHEN to_regclass(format('kvitt.%s_%s', v_part, p_batch)) IS NULL;
    EXECUTE format('REVOKE INSERT ON kvitt.%s_%s FROM kvitt_ingest, kvitt_settle',
      v_part, p_batch);
    EXECUTE format('ALTER TABLE kvitt.%1$s ATTACH PARTITION kvitt.%1$s_%2$s
      FOR VALUES FROM (%2$s) TO (%3$s)', v_part, p_batch, p_batch + 1);
  END LOOP;
  IF v_kind.kind IN ('adjustment', 'prepaid', 'payout') THEN
    SELECT u.what INTO v_wrong FROM kvitt.undecided_rows(p_batch) AS u LIMIT 1;
    IF v_wrong IS NOT NULL THEN
      RAISE EXCEPTION 'batch % posts what nobody decided: %', p_batch, v_wrong
        USING ERRCODE = 'KV024';
    END IF;
  END IF;
  PERFORM kvitt.post_entries(p_batch, v_kind.kind, v_first, p_legs);
  IF EXISTS (SELECT FROM jsonb_array_elements(p_attachments) a
              WHERE (v_kind.kind, a->>0) NOT IN (TABLE kvitt.batch_attachment)) THEN
    RAISE EXCEPTION 'the seal of batch % vouches for what its kind does not carry', p_batch
      USING ERRCODE = 'KV020';
  END IF;
  INSERT INTO kvitt.attachment (batch_id, kind, name, digest)
  SELECT p_batch, a->>0, a->>1, decode(a->>2, 'hex') FROM jsonb_array_elements(p_attachments) a;
  SELECT seal_no + 1, seal INTO STRICT v_number, v_previous
    FROM kvitt.book WHERE id = 1 FOR UPDATE;
  PERFORM kvitt.attach_facts(p_batch);
  -- Sums that a batch decided on must still be those of the books: a feed sealed meanwhile that
  -- counts toward the same month sends this one back to decide again.
  IF EXISTS (
    SELECT FROM kvitt.leaf_month own
      JOIN kvitt.leaf_month other ON other.month = own.month AND other.batch_id <> own.batch_id
      JOIN kvitt.seal s ON s.batch_id = other.batch_id
     WHERE own.batch_id = p_batch AND s.seal_no > p_base_seal
  ) THEN
    RAISE EXCEPTION 'batch % was decided before another feed was sealed', p_batch
      USING ERRCODE = 'KV040';
  END IF;
  v_seal := sha256(convert_to(kvitt.seal_text(p_batch, v_previous, p_root), 'UTF8'));
  INSERT INTO kvitt.seal (batch_id, seal_no, purchases, rewards, root, previous, seal)
  VALUES (p_batch, v_number, p_purchases, p_rewards, p_root, v_previous, v_seal);
  UPDATE kvitt.book SET seal_no = v_number, seal = v_seal WHERE id = 1;
  RETURN v_number || ' ' || encode(v_seal, 'hex');
END $_$;

ALTER FUNCTION kvitt.seal_leaf(p_batch bigint, p_purchases bigint, p_rewards bigint, p_root bytea, p_blocks jsonb, p_totals jsonb, p_legs jsonb, p_attachments jsonb, p_base_seal bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.seal_text(p_batch bigint, p_previous bytea, p_root bytea) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION kvitt.seal_text(p_batch bigint, p_previous bytea, p_root bytea) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.set_spendable(p_member bigint, p_unit smallint, p_seal bigint, p_day date, p_lots bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  v_most bigint;
BEGIN
  SELECT coalesce(sum(t.balance_sign * r.quantity), 0) INTO v_most
    FROM kvitt.reward r JOIN kvitt.flow t ON t.id = r.flow
   WHERE r.member_id = p_member AND r.unit = p_unit;
  IF p_lots > greatest(v_most, 0)
    OR p_lots > 0 AND EXISTS (SELECT FROM kvitt.unit u
                               WHERE u.id = p_unit AND u.kind IN ('miles', 'status', 'stamps'))
    OR p_seal > (SELECT seal_no FROM kvitt.book WHERE id = 1) THEN
    RAISE EXCEPTION 'member % has % of unit %, not %', p_member, v_most, p_unit, p_lots
      USING ERRCODE = 'KV020';
  END IF;
  PERFORM kvitt.check_business_date(p_day);
  INSERT INTO kvitt.spendable (member_id, unit, seal_no, day, quantity)
  VALUES (p_member, p_unit, p_seal, p_day, p_lots - kvitt.reserved(p_member, p_unit))
  ON CONFLICT (member_id, unit) DO UPDATE
    SET seal_no = excluded.seal_no, day = excluded.day, quantity = excluded.quantity;
END $$;

ALTER FUNCTION kvitt.set_spendable(p_member bigint, p_unit smallint, p_seal bigint, p_day date, p_lots bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.spend_budget(p_agreement_id integer, p_ordinal smallint, p_agreement text, p_rule text, p_partner smallint, p_limit bigint, p_spent bigint, p_returned bigint, p_kept bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

ALTER FUNCTION kvitt.spend_budget(p_agreement_id integer, p_ordinal smallint, p_agreement text, p_rule text, p_partner smallint, p_limit bigint, p_spent bigint, p_returned bigint, p_kept bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.standing_use(p_partner smallint, p_date date, OUT to_partner bigint, OUT to_issuer bigint, OUT ordered bigint) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT coalesce(sum(x.to_partner), 0)::bigint, coalesce(sum(x.to_issuer), 0)::bigint,
         coalesce(sum(x.ordered), 0)::bigint
    FROM kvitt.settlement_run r JOIN kvitt.batch b ON b.id = r.batch_id
   CROSS JOIN LATERAL kvitt.plan_positions(r.plan_id) AS x
   WHERE (r.business_date BETWEEN p_date - 30 AND p_date - 1
          OR r.business_date < p_date AND b.recorded_at > now() - interval '30 days')
     AND x.partner = p_partner
     AND NOT EXISTS (SELECT FROM kvitt.plan_approval a WHERE a.plan_id = r.plan_id)
$$;

ALTER FUNCTION kvitt.standing_use(p_partner smallint, p_date date, OUT to_partner bigint, OUT to_issuer bigint, OUT ordered bigint) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.taken_numbers(p_programme text, p_tokens text[], p_refs text[]) RETURNS TABLE(row_no bigint, other text, same_member boolean)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  WITH given AS (
    SELECT g.n, g.token, g.ref, c.member_id, coalesce(c.member_id::text, 'new ' || g.token) AS who,
           now.ref IS DISTINCT FROM g.ref AS fresh
      FROM unnest(p_tokens, p_refs) WITH ORDINALITY AS g (token, ref, n)
      LEFT JOIN kvitt.card c USING (token)
      LEFT JOIN kvitt.member_number now ON now.member_id = c.member_id
  ), beside AS (
    SELECT n, who, fresh, ref,
           first_value(who) OVER number AS first_who, first_value(token) OVER number AS first_token,
           bool_or(fresh) OVER (PARTITION BY ref) AS number_fresh,
           first_value(ref) OVER person AS own_ref, first_value(token) OVER person AS own_token
      FROM given
    WINDOW number AS (PARTITION BY ref ORDER BY n), person AS (PARTITION BY who ORDER BY n)
  )
  SELECT n, first_token, false FROM beside WHERE who <> first_who AND number_fresh
   UNION ALL
  SELECT n, own_token, true FROM beside WHERE ref <> own_ref
   UNION ALL
  SELECT g.n, (SELECT min(c.token) FROM kvitt.card c WHERE c.member_id = v.member_id), false
    FROM given g
    JOIN kvitt.member_number v USING (ref)
    JOIN kvitt.member m ON m.id = v.member_id
    JOIN kvitt.programme p ON p.id = m.programme AND p.code = p_programme
   WHERE g.fresh AND v.member_id IS DISTINCT FROM g.member_id
     -- Two members may change numbers with each other.
     AND NOT EXISTS (SELECT FROM given o WHERE o.member_id = v.member_id AND o.ref <> v.ref)
   ORDER BY 1
   LIMIT 20
$$;

ALTER FUNCTION kvitt.taken_numbers(p_programme text, p_tokens text[], p_refs text[]) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.tell_member_facts(p_source text, p_name text, p_members bigint[], p_kinds text[], p_values text[], p_from text[], p_through text[], p_control smallint[], OUT outcome text, OUT content bytea) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    AS $$
DECLARE
  v_own text[] := CASE WHEN pg_has_role(kvitt.acting_role(), 'kvitt_settle', 'USAGE')
                       THEN ARRAY['tier', 'closed'] ELSE '{}' END
    || CASE WHEN pg_has_role(kvitt.acting_role(), 'kvitt_finance', 'USAGE')
            THEN ARRAY['choice', 'audience', 'event'] ELSE '{}' END;
  v_day date := (SELECT max(business_date) FROM kvitt.batch);
BEGIN
  IF NOT p_kinds <@ v_own THEN
    RAISE EXCEPTION '% tells no such facts of members', kvitt.acting_role() USING ERRCODE = 'KV026';
  END IF;
  content := sha256(convert_to(ROW('facts', p_source, p_members, p_kinds, p_values, p_from, p_through,
    p_control)::text, 'UTF8'));
  outcome := 'done';
  IF EXISTS (SELECT FROM unnest(p_kinds, p_from) AS x (kind, day)
              WHERE kind NOT IN ('tier', 'closed') AND day::date < v_day) THEN
    outcome := kvitt.ask_import('facts', content, p_name, cardinality(p_members));
  END IF;
  IF outcome IN ('done', 'decided') THEN
    INSERT INTO kvitt.member_fact (member_id, kind, value, valid_from, valid_to, control, source)
    SELECT m, k, v, f::date, nullif(t, '')::date, c = 1, p_source
      FROM unnest(p_members, p_kinds, p_values, p_from, p_through, p_control)
        WITH ORDINALITY AS x (m, k, v, f, t, c, n)
     ORDER BY n;
  END IF;
END $$;

ALTER FUNCTION kvitt.tell_member_facts(p_source text, p_name text, p_members bigint[], p_kinds text[], p_values text[], p_from text[], p_through text[], p_control smallint[], OUT outcome text, OUT content bytea) OWNER TO kvitt_owner;

CREATE FUNCTION kvitt.undecided_rows(p_batch bigint) RETURNS TABLE(batch_id bigint, what text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  WITH own AS (
    SELECT b.id, b.kind FROM kvitt.batch b
     WHERE b.kind IN ('adjustment', 'prepaid', 'payout') AND (p_batch IS NULL OR b.id = p_batch)
  ), given AS (
    SELECT r.batch_id, r.member_id, r.unit,
           CASE WHEN f.makes_lot THEN 'goodwill' ELSE 'write-off' END AS kind,
           sum(r.quantity) AS quantity
      FROM kvitt.reward r JOIN kvitt.flow f ON f.id = r.flow
     WHERE r.batch_id IN (SELECT id FROM own WHERE own.kind = 'adjustment') GROUP BY 1, 2, 3, 4
  ), decided AS (
    SELECT p.batch_id, a.member_id, a.unit, a.kind, sum(a.quantity) AS quantity,
           bool_or(a.quantity = 0) AS is_whole
      FROM kvitt.adjustment_posted p JOIN kvitt.adjustment a USING (key)
      JOIN kvitt.adjustment_decision d USING (key) JOIN own ON own.id = p.batch_id
     GROUP BY 1, 2, 3, 4
  ), paid AS NOT MATERIALIZED (
    SELECT f.batch_id, o.id, o.member_id, o.amount_minor, o.first_seq, o.last_seq
      FROM kvitt.payout o JOIN kvitt.payout_file f USING (sequence)
      JOIN own ON own.id = f.batch_id AND own.kind = 'payout'
  ), taken AS NOT MATERIALIZED (
    SELECT r.batch_id, r.seq, r.member_id, r.quantity FROM kvitt.reward r
     WHERE r.flow IN (SELECT l.flow FROM kvitt.flow_leg l WHERE l.account = '1020' AND l.sign < 0)
  )
  SELECT coalesce(g.batch_id, d.batch_id),
         format('%s of member %s: rows give %s, decided %s', coalesce(g.kind, d.kind),
           coalesce(g.member_id, d.member_id), coalesce(g.quantity, 0), coalesce(d.quantity, 0))
    FROM given g FULL JOIN decided d USING (batch_id, member_id, unit, kind)
   WHERE CASE coalesce(g.kind, d.kind)
           WHEN 'goodwill' THEN coalesce(g.quantity, 0) <> coalesce(d.quantity, 0)
           ELSE g.quantity IS NOT NULL
            AND (d.quantity IS NULL OR NOT d.is_whole AND g.quantity > d.quantity) END
   UNION ALL
  SELECT r.batch_id, format('%s miles bought for %s', r.quantity, r.cost_minor)
    FROM kvitt.reward r JOIN kvitt.flow f ON f.id = r.flow
   WHERE f.is_of_bank AND r.batch_id IN (SELECT id FROM own WHERE own.kind = 'prepaid')
     AND NOT EXISTS (
       SELECT FROM kvitt.prepaid_lot l JOIN kvitt.prepurchase p USING (key)
         JOIN kvitt.prepurchase_decision d USING (key)
        WHERE l.row_id = r.batch_id << 32 | r.seq AND p.partner = r.partner AND p.unit = r.unit
          AND p.quantity = r.quantity AND p.cost_minor = r.cost_minor)
   UNION ALL
  SELECT p.batch_id, format('pay-out %s: rows take %s, it pays %s', p.id, t.quantity, p.amount_minor)
    FROM paid p
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(r.quantity), 0) AS quantity FROM taken r
      WHERE r.batch_id = p.batch_id AND r.seq BETWEEN p.first_seq AND p.last_seq
        AND r.member_id = p.member_id) AS t
   WHERE t.quantity <> p.amount_minor
   UNION ALL
  SELECT o.id, format('rows take %s for pay-outs of %s', t.quantity, p.minor)
    FROM own o
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(r.quantity), 0) AS quantity FROM taken r WHERE r.batch_id = o.id) AS t
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(a.amount_minor), 0) AS minor FROM paid a WHERE a.batch_id = o.id) AS p
   WHERE o.kind = 'payout' AND t.quantity <> p.minor
$$;

ALTER FUNCTION kvitt.undecided_rows(p_batch bigint) OWNER TO kvitt_owner;

CREATE TABLE kvitt.account (
    code text NOT NULL,
    title text NOT NULL,
    kind text NOT NULL,
    CONSTRAINT account_kind_check CHECK ((kind = ANY (ARRAY['asset'::text, 'liability'::text, 'income'::text, 'expense'::text, 'unit'::text])))
);

ALTER TABLE kvitt.account OWNER TO kvitt_owner;

CREATE TABLE kvitt.posting (
    entry_id bigint NOT NULL,
    leg integer NOT NULL,
    account text NOT NULL,
    commodity text NOT NULL,
    partner smallint NOT NULL,
    programme smallint NOT NULL,
    settlement_date date NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT posting_amount_check CHECK ((amount <> 0))
);

ALTER TABLE kvitt.posting OWNER TO kvitt_owner;

CREATE VIEW kvitt.account_balance AS
 SELECT p.account,
    p.commodity,
    p.partner,
    (sum(p.amount))::bigint AS amount
   FROM kvitt.posting p
  GROUP BY p.account, p.commodity, p.partner;

ALTER TABLE kvitt.account_balance OWNER TO kvitt_owner;

CREATE TABLE kvitt.adjustment (
    id bigint NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    member_id bigint NOT NULL,
    unit smallint NOT NULL,
    quantity bigint NOT NULL,
    reason text NOT NULL,
    evidence text NOT NULL,
    proposed_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT adjustment_check CHECK (((quantity > 0) OR ((quantity = 0) AND (kind = 'write-off'::text)))),
    CONSTRAINT adjustment_evidence_check CHECK (((length(evidence) >= 3) AND (length(evidence) <= 400))),
    CONSTRAINT adjustment_key_check CHECK ((key ~ '^[A-Za-z0-9._-]{1,40}$'::text)),
    CONSTRAINT adjustment_kind_check CHECK ((kind = ANY (ARRAY['goodwill'::text, 'write-off'::text]))),
    CONSTRAINT adjustment_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 400)))
);

ALTER TABLE kvitt.adjustment OWNER TO kvitt_owner;

CREATE TABLE kvitt.adjustment_decision (
    key text NOT NULL,
    proposed_by name NOT NULL,
    decided_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT adjustment_decision_check CHECK ((decided_by <> proposed_by))
);

ALTER TABLE kvitt.adjustment_decision OWNER TO kvitt_owner;

ALTER TABLE kvitt.adjustment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kvitt.adjustment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kvitt.adjustment_posted (
    key text NOT NULL,
    batch_id bigint NOT NULL
);

ALTER TABLE kvitt.adjustment_posted OWNER TO kvitt_owner;

CREATE TABLE kvitt.answer (
    partner smallint NOT NULL,
    sequence integer NOT NULL,
    number text NOT NULL,
    statement_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    digest bytea NOT NULL,
    signer bytea NOT NULL,
    accepted_quantity bigint NOT NULL,
    accepted_minor bigint NOT NULL,
    theirs_quantity bigint NOT NULL,
    theirs_minor bigint NOT NULL,
    body bytea NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT answer_sequence_check CHECK ((sequence > 0))
);

ALTER TABLE kvitt.answer OWNER TO kvitt_owner;

CREATE TABLE kvitt.attachment (
    batch_id bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT attachment_digest_check CHECK ((octet_length(digest) = 32))
);

ALTER TABLE kvitt.attachment OWNER TO kvitt_owner;

CREATE TABLE kvitt.bank_line (
    id text NOT NULL,
    batch_id bigint NOT NULL,
    line integer NOT NULL,
    date date NOT NULL,
    kind text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    reference text NOT NULL,
    text text NOT NULL,
    CONSTRAINT bank_line_amount_minor_check CHECK ((amount_minor <> 0)),
    CONSTRAINT bank_line_kind_check CHECK ((kind = ANY (ARRAY['payment'::text, 'receipt'::text, 'return'::text, 'fee'::text])))
);

ALTER TABLE kvitt.bank_line OWNER TO kvitt_owner;

CREATE TABLE kvitt.bank_statement (
    batch_id bigint NOT NULL,
    account text NOT NULL,
    currency text NOT NULL,
    sequence integer NOT NULL,
    date date NOT NULL,
    opening_minor bigint NOT NULL,
    closing_minor bigint NOT NULL,
    digest bytea NOT NULL
);

ALTER TABLE kvitt.bank_statement OWNER TO kvitt_owner;

CREATE TABLE kvitt.basket (
    batch_id bigint NOT NULL,
    line integer NOT NULL,
    partner smallint NOT NULL,
    basket_ref text NOT NULL,
    member_id bigint NOT NULL,
    merchant text NOT NULL,
    day date NOT NULL,
    amount_minor bigint NOT NULL,
    currency smallint NOT NULL,
    CONSTRAINT basket_amount_minor_check CHECK ((amount_minor > 0)),
    CONSTRAINT basket_basket_ref_check CHECK ((basket_ref ~ '^[A-Za-z0-9._-]{1,40}$'::text))
);

ALTER TABLE kvitt.basket OWNER TO kvitt_owner;

CREATE TABLE kvitt.basket_line (
    batch_id bigint NOT NULL,
    line integer NOT NULL,
    basket integer NOT NULL,
    item text NOT NULL,
    category text NOT NULL,
    amount_minor bigint NOT NULL,
    CONSTRAINT basket_line_amount_minor_check CHECK ((amount_minor >= 0)),
    CONSTRAINT basket_line_category_check CHECK ((category ~ '^[A-Za-z0-9._-]{1,40}$'::text)),
    CONSTRAINT basket_line_item_check CHECK ((item ~ '^[A-Za-z0-9._-]{1,40}$'::text))
);

ALTER TABLE kvitt.basket_line OWNER TO kvitt_owner;

CREATE TABLE kvitt.basket_purchase (
    purchase_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    basket integer NOT NULL
);

ALTER TABLE kvitt.basket_purchase OWNER TO kvitt_owner;

CREATE TABLE kvitt.batch (
    id bigint NOT NULL,
    kind text NOT NULL,
    business_date date NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    opened_by name DEFAULT SESSION_USER NOT NULL,
    encoding smallint DEFAULT 3 NOT NULL,
    CONSTRAINT batch_encoding_check CHECK ((encoding = 3)),
    CONSTRAINT batch_id_check CHECK ((id > 0))
);

ALTER TABLE kvitt.batch OWNER TO kvitt_owner;

CREATE TABLE kvitt.batch_attachment (
    kind text NOT NULL,
    attachment text NOT NULL
);

ALTER TABLE kvitt.batch_attachment OWNER TO kvitt_owner;

CREATE TABLE kvitt.batch_entry (
    kind text NOT NULL,
    code text NOT NULL,
    account text NOT NULL
);

ALTER TABLE kvitt.batch_entry OWNER TO kvitt_owner;

CREATE TABLE kvitt.batch_flow (
    kind text NOT NULL,
    flow smallint NOT NULL
);

ALTER TABLE kvitt.batch_flow OWNER TO kvitt_owner;

CREATE TABLE kvitt.batch_kind (
    kind text NOT NULL,
    role text NOT NULL,
    has_purchases boolean NOT NULL,
    has_rewards boolean NOT NULL
);

ALTER TABLE kvitt.batch_kind OWNER TO kvitt_owner;

CREATE TABLE kvitt.batch_number (
    key text NOT NULL,
    id bigint NOT NULL
);

ALTER TABLE kvitt.batch_number OWNER TO kvitt_owner;

CREATE TABLE kvitt.block (
    batch_id bigint NOT NULL,
    part text NOT NULL,
    block integer NOT NULL,
    rows integer NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT block_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT block_part_check CHECK ((part = ANY (ARRAY['purchase'::text, 'reward'::text]))),
    CONSTRAINT block_rows_check CHECK (((rows >= 1) AND (rows <= 1024)))
);

ALTER TABLE kvitt.block OWNER TO kvitt_owner;

CREATE TABLE kvitt.bonus (
    member_id bigint NOT NULL,
    rule text NOT NULL,
    event text NOT NULL,
    programme smallint NOT NULL,
    given_on date NOT NULL,
    lot_id bigint NOT NULL
);

ALTER TABLE kvitt.bonus OWNER TO kvitt_owner;

CREATE TABLE kvitt.bonus_undone (
    lot_id bigint NOT NULL,
    batch_id bigint NOT NULL
);

ALTER TABLE kvitt.bonus_undone OWNER TO kvitt_owner;

CREATE TABLE kvitt.book (
    id smallint NOT NULL,
    entity text NOT NULL,
    seal_no bigint NOT NULL,
    seal bytea NOT NULL,
    CONSTRAINT book_id_check CHECK ((id = 1))
);

ALTER TABLE kvitt.book OWNER TO kvitt_owner;

CREATE TABLE kvitt.break_event (
    break_id text NOT NULL,
    seq integer NOT NULL,
    state text NOT NULL,
    business_date date NOT NULL,
    note text NOT NULL,
    CONSTRAINT break_event_seq_check CHECK ((seq > 0)),
    CONSTRAINT break_event_state_check CHECK ((state = ANY (ARRAY['open'::text, 'cleared'::text])))
);

ALTER TABLE kvitt.break_event OWNER TO kvitt_owner;

CREATE TABLE kvitt.break_item (
    id text NOT NULL,
    fingerprint text NOT NULL,
    kind text NOT NULL,
    pair text NOT NULL,
    commodity text NOT NULL,
    opened_on date NOT NULL,
    ours bigint NOT NULL,
    theirs bigint NOT NULL,
    value_minor bigint NOT NULL,
    currency text NOT NULL,
    pointer text NOT NULL,
    advice text NOT NULL,
    CONSTRAINT break_item_check CHECK ((ours <> theirs)),
    CONSTRAINT break_item_kind_check CHECK ((kind = ANY (ARRAY['ours-only'::text, 'theirs-only'::text, 'quantity'::text, 'price'::text, 'amount'::text, 'vat'::text, 'sign'::text, 'currency'::text, 'duplicate'::text, 'late'::text, 'timing'::text, 'reversed-pair'::text, 'fee'::text, 'unknown-receipt'::text, 'unknown-member'::text, 'control-total'::text, 'format'::text])))
);

ALTER TABLE kvitt.break_item OWNER TO kvitt_owner;

CREATE VIEW kvitt.break_state AS
 SELECT b.id,
    b.fingerprint,
    b.kind,
    b.pair,
    b.commodity,
    b.opened_on,
    b.ours,
    b.theirs,
    b.value_minor,
    b.currency,
    b.pointer,
    b.advice,
    e.state,
    e.business_date AS state_since
   FROM (kvitt.break_item b
     CROSS JOIN LATERAL ( SELECT break_event.state,
            break_event.business_date
           FROM kvitt.break_event
          WHERE (break_event.break_id = b.id)
          ORDER BY break_event.seq DESC
         LIMIT 1) e);

ALTER TABLE kvitt.break_state OWNER TO kvitt_owner;

CREATE TABLE kvitt.budget (
    agreement text NOT NULL,
    rule text NOT NULL,
    partner smallint NOT NULL,
    limit_minor bigint NOT NULL,
    used_minor bigint NOT NULL,
    kept_minor bigint NOT NULL,
    CONSTRAINT budget_kept_minor_check CHECK ((kept_minor >= 0)),
    CONSTRAINT budget_limit_minor_check CHECK ((limit_minor > 0)),
    CONSTRAINT budget_used_minor_check CHECK ((used_minor >= 0))
);

ALTER TABLE kvitt.budget OWNER TO kvitt_owner;

CREATE TABLE kvitt.budget_rule (
    agreement_id integer NOT NULL,
    ordinal smallint NOT NULL,
    agreement text NOT NULL,
    rule text NOT NULL
);

ALTER TABLE kvitt.budget_rule OWNER TO kvitt_owner;

CREATE TABLE kvitt.card (
    token text NOT NULL,
    member_id bigint NOT NULL,
    CONSTRAINT card_token_check CHECK ((token ~ '^[A-Za-z0-9._-]{1,40}$'::text))
);

ALTER TABLE kvitt.card OWNER TO kvitt_owner;

CREATE TABLE kvitt.card_event (
    batch_id bigint NOT NULL,
    line integer NOT NULL,
    sender text NOT NULL,
    event_ref text NOT NULL,
    event text NOT NULL,
    token text NOT NULL,
    new_token text,
    effective_date date NOT NULL,
    detail text NOT NULL,
    CONSTRAINT card_event_check CHECK (((event = 'replaced'::text) = (new_token IS NOT NULL))),
    CONSTRAINT card_event_event_check CHECK ((event = ANY (ARRAY['opened'::text, 'closed'::text, 'replaced'::text, 'good_standing'::text])))
);

ALTER TABLE kvitt.card_event OWNER TO kvitt_owner;

CREATE TABLE kvitt.conversion (
    hold_id bigint NOT NULL,
    unit smallint NOT NULL
);

ALTER TABLE kvitt.conversion OWNER TO kvitt_owner;

CREATE TABLE kvitt.currency (
    id smallint NOT NULL,
    code text NOT NULL,
    exponent smallint NOT NULL,
    CONSTRAINT currency_code_check CHECK ((code ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT currency_exponent_check CHECK (((exponent >= 0) AND (exponent <= 4)))
);

ALTER TABLE kvitt.currency OWNER TO kvitt_owner;

CREATE TABLE kvitt.currency_fact (
    set_id integer NOT NULL,
    code text NOT NULL,
    number smallint NOT NULL,
    exponent smallint,
    CONSTRAINT currency_fact_code_check CHECK ((code ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT currency_fact_exponent_check CHECK (((exponent >= 0) AND (exponent <= 4))),
    CONSTRAINT currency_fact_number_check CHECK (((number >= 0) AND (number <= 999)))
);

ALTER TABLE kvitt.currency_fact OWNER TO kvitt_owner;

CREATE TABLE kvitt.dispute_event (
    identity uuid NOT NULL,
    purchase uuid NOT NULL,
    member_id bigint NOT NULL,
    step smallint NOT NULL,
    batch_id bigint NOT NULL,
    CONSTRAINT dispute_event_step_check CHECK ((step = ANY (ARRAY['-1'::integer, 1])))
);

ALTER TABLE kvitt.dispute_event OWNER TO kvitt_owner;

CREATE TABLE kvitt.document (
    number text NOT NULL,
    statement_id bigint NOT NULL,
    partner smallint NOT NULL,
    series text NOT NULL,
    serial integer NOT NULL,
    net_minor bigint NOT NULL,
    CONSTRAINT document_net_minor_check CHECK ((net_minor >= 0)),
    CONSTRAINT document_serial_check CHECK ((serial > 0)),
    CONSTRAINT document_series_check CHECK ((series = ANY (ARRAY['SB'::text, 'IN'::text, 'CP'::text, 'CI'::text])))
);

ALTER TABLE kvitt.document OWNER TO kvitt_owner;

CREATE TABLE kvitt.entry (
    id bigint NOT NULL,
    batch_id bigint NOT NULL,
    code text NOT NULL,
    booking_date date NOT NULL,
    text text NOT NULL
);

ALTER TABLE kvitt.entry OWNER TO kvitt_owner;

CREATE TABLE kvitt.estimate (
    id bigint NOT NULL,
    key text NOT NULL,
    unit smallint NOT NULL,
    used_bp integer NOT NULL,
    data_cut date NOT NULL,
    reason text NOT NULL,
    evidence text NOT NULL,
    proposed_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT estimate_evidence_check CHECK (((length(evidence) >= 3) AND (length(evidence) <= 400))),
    CONSTRAINT estimate_key_check CHECK ((key ~ '^[A-Za-z0-9._-]{1,40}$'::text)),
    CONSTRAINT estimate_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 400))),
    CONSTRAINT estimate_used_bp_check CHECK (((used_bp >= 0) AND (used_bp <= 10000)))
);

ALTER TABLE kvitt.estimate OWNER TO kvitt_owner;

CREATE TABLE kvitt.estimate_decision (
    key text NOT NULL,
    proposed_by name NOT NULL,
    decided_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT estimate_decision_check CHECK ((decided_by <> proposed_by))
);

ALTER TABLE kvitt.estimate_decision OWNER TO kvitt_owner;

ALTER TABLE kvitt.estimate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kvitt.estimate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kvitt.estimate_posted (
    key text NOT NULL,
    unit smallint NOT NULL,
    batch_id bigint NOT NULL,
    gross_minor bigint NOT NULL,
    allowance_minor bigint NOT NULL,
    change_minor bigint NOT NULL,
    CONSTRAINT estimate_posted_allowance_minor_check CHECK ((allowance_minor >= 0))
);

ALTER TABLE kvitt.estimate_posted OWNER TO kvitt_owner;

CREATE TABLE kvitt.fact_note (
    id bigint NOT NULL,
    relation text NOT NULL,
    keys text[] NOT NULL,
    digest bytea NOT NULL,
    batch_id bigint,
    CONSTRAINT fact_note_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT fact_note_keys_check CHECK ((cardinality(keys) > 0))
);

ALTER TABLE kvitt.fact_note OWNER TO kvitt_owner;

ALTER TABLE kvitt.fact_note ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kvitt.fact_note_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kvitt.file (
    batch_id bigint NOT NULL,
    source text NOT NULL,
    digest bytea NOT NULL,
    sequence bigint,
    name text NOT NULL,
    records bigint NOT NULL,
    repeats bigint NOT NULL,
    quarantined bigint NOT NULL,
    late bigint NOT NULL,
    stated_minor bigint NOT NULL,
    key text,
    skipped bigint DEFAULT 0 NOT NULL,
    has_totals boolean DEFAULT true NOT NULL,
    CONSTRAINT file_digest_check CHECK ((octet_length(digest) = 32))
);

ALTER TABLE kvitt.file OWNER TO kvitt_owner;

CREATE TABLE kvitt.filing (
    lot_id bigint NOT NULL,
    attempt integer NOT NULL,
    row_id bigint NOT NULL,
    CONSTRAINT filing_attempt_check CHECK ((attempt > 0))
);

ALTER TABLE kvitt.filing OWNER TO kvitt_owner;

CREATE TABLE kvitt.flow (
    id smallint NOT NULL,
    code text NOT NULL,
    unit_from text,
    unit_to text,
    line_kind text,
    line_measure text,
    line_direction text,
    line_id text,
    line_quantity boolean,
    line_original text,
    balance_sign smallint NOT NULL,
    lot_sign smallint NOT NULL,
    debt_sign smallint NOT NULL,
    makes_lot boolean NOT NULL,
    is_bulk boolean NOT NULL,
    waits boolean NOT NULL,
    is_of_bank boolean NOT NULL,
    roll_forward text NOT NULL,
    CONSTRAINT flow_balance_sign_check CHECK ((balance_sign = ANY (ARRAY['-1'::integer, 0, 1]))),
    CONSTRAINT flow_check CHECK (((unit_from IS NULL) = (unit_to IS NULL))),
    CONSTRAINT flow_check1 CHECK ((num_nulls(line_kind, line_measure, line_direction, line_id, line_quantity, line_original) = ANY (ARRAY[0, 6]))),
    CONSTRAINT flow_debt_sign_check CHECK ((debt_sign = ANY (ARRAY['-1'::integer, 0, 1]))),
    CONSTRAINT flow_line_direction_check CHECK ((line_direction = ANY (ARRAY['to_partner'::text, 'to_issuer'::text]))),
    CONSTRAINT flow_line_id_check CHECK ((line_id = ANY (ARRAY['row'::text, 'lot'::text, 'answer'::text]))),
    CONSTRAINT flow_line_measure_check CHECK ((line_measure = ANY (ARRAY['cost'::text, 'share'::text]))),
    CONSTRAINT flow_line_original_check CHECK ((line_original = ANY (ARRAY['nothing'::text, 'lot'::text, 'row'::text]))),
    CONSTRAINT flow_lot_sign_check CHECK ((lot_sign = ANY (ARRAY['-1'::integer, 0, 1]))),
    CONSTRAINT flow_roll_forward_check CHECK ((roll_forward = ANY (ARRAY['earned'::text, 'reversed'::text, 'settled'::text, 'expired'::text, 'other'::text])))
);

ALTER TABLE kvitt.flow OWNER TO kvitt_owner;

CREATE TABLE kvitt.flow_leg (
    flow smallint NOT NULL,
    leg smallint NOT NULL,
    account text NOT NULL,
    sign smallint NOT NULL,
    measure text NOT NULL,
    CONSTRAINT flow_leg_measure_check CHECK ((measure = ANY (ARRAY['cost'::text, 'share'::text]))),
    CONSTRAINT flow_leg_sign_check CHECK ((sign = ANY (ARRAY['-1'::integer, 1])))
);

ALTER TABLE kvitt.flow_leg OWNER TO kvitt_owner;

CREATE TABLE kvitt.fx_rate (
    set_id integer NOT NULL,
    day date NOT NULL,
    currency text NOT NULL,
    rate numeric NOT NULL,
    CONSTRAINT fx_rate_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT fx_rate_rate_check CHECK (((rate > (0)::numeric) AND (rate < 'Infinity'::numeric)))
);

ALTER TABLE kvitt.fx_rate OWNER TO kvitt_owner;

CREATE TABLE kvitt.gap_release (
    source text NOT NULL,
    sequence bigint NOT NULL,
    reason text NOT NULL,
    released_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT gap_release_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 400)))
);

ALTER TABLE kvitt.gap_release OWNER TO kvitt_owner;

CREATE TABLE kvitt.hold (
    id bigint NOT NULL,
    key text NOT NULL,
    member_id bigint NOT NULL,
    unit smallint NOT NULL,
    quantity bigint NOT NULL,
    day date NOT NULL,
    held_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    captured bigint,
    end_key text,
    ended_at timestamp with time zone,
    batch_id bigint,
    first_seq integer,
    last_seq integer,
    CONSTRAINT hold_check CHECK ((until >= held_at)),
    CONSTRAINT hold_check1 CHECK (((captured >= 0) AND (captured <= quantity))),
    CONSTRAINT hold_check2 CHECK ((((captured IS NULL) = (ended_at IS NULL)) AND ((captured IS NOT NULL) OR (end_key IS NULL)))),
    CONSTRAINT hold_check3 CHECK (((batch_id IS NULL) OR (captured > 0))),
    CONSTRAINT hold_check4 CHECK ((((batch_id IS NULL) = (first_seq IS NULL)) AND (first_seq <= last_seq))),
    CONSTRAINT hold_end_key_check CHECK (((length(end_key) >= 1) AND (length(end_key) <= 80))),
    CONSTRAINT hold_key_check CHECK (((length(key) >= 1) AND (length(key) <= 80))),
    CONSTRAINT hold_quantity_check CHECK ((quantity > 0))
)
WITH (fillfactor='80');

ALTER TABLE kvitt.hold OWNER TO kvitt_owner;

ALTER TABLE kvitt.hold ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kvitt.hold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kvitt.import (
    kind text NOT NULL,
    digest bytea NOT NULL,
    round integer NOT NULL,
    name text NOT NULL,
    rows integer NOT NULL,
    proposed_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT import_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT import_kind_check CHECK ((kind = ANY (ARRAY['members'::text, 'facts'::text, 'lookups'::text, 'merchants'::text, 'fx'::text]))),
    CONSTRAINT import_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT import_round_check CHECK ((round > 0)),
    CONSTRAINT import_rows_check CHECK ((rows > 0))
);

ALTER TABLE kvitt.import OWNER TO kvitt_owner;

CREATE TABLE kvitt.import_decision (
    digest bytea NOT NULL,
    round integer NOT NULL,
    proposed_by name NOT NULL,
    decided_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT import_decision_two_people CHECK ((decided_by <> proposed_by))
);

ALTER TABLE kvitt.import_decision OWNER TO kvitt_owner;

CREATE TABLE kvitt.item_order (
    hold_id bigint NOT NULL,
    item text NOT NULL,
    count integer NOT NULL,
    CONSTRAINT item_order_count_check CHECK ((count > 0)),
    CONSTRAINT item_order_item_check CHECK ((item ~ '^[A-Za-z0-9._-]{1,40}$'::text))
);

ALTER TABLE kvitt.item_order OWNER TO kvitt_owner;

CREATE TABLE kvitt.item_return (
    hold_id bigint NOT NULL,
    reason text NOT NULL,
    returned_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT item_return_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 200)))
);

ALTER TABLE kvitt.item_return OWNER TO kvitt_owner;

CREATE TABLE kvitt.item_return_posted (
    hold_id bigint NOT NULL,
    batch_id bigint NOT NULL
);

ALTER TABLE kvitt.item_return_posted OWNER TO kvitt_owner;

CREATE TABLE kvitt.leaf_day (
    day date NOT NULL,
    batch_id bigint NOT NULL
);

ALTER TABLE kvitt.leaf_day OWNER TO kvitt_owner;

CREATE TABLE kvitt.leaf_month (
    month smallint NOT NULL,
    batch_id bigint NOT NULL
);

ALTER TABLE kvitt.leaf_month OWNER TO kvitt_owner;

CREATE TABLE kvitt.leaf_total (
    batch_id bigint NOT NULL,
    flow smallint NOT NULL,
    partner smallint NOT NULL,
    programme smallint NOT NULL,
    unit smallint NOT NULL,
    currency smallint NOT NULL,
    booking_date date NOT NULL,
    settlement_date date NOT NULL,
    rows bigint NOT NULL,
    quantity bigint NOT NULL,
    cost_minor bigint NOT NULL,
    share_minor bigint NOT NULL
);

ALTER TABLE kvitt.leaf_total OWNER TO kvitt_owner;

CREATE TABLE kvitt.match_claim (
    side text NOT NULL,
    item text NOT NULL,
    generation integer NOT NULL,
    prev integer GENERATED ALWAYS AS (NULLIF((generation - 1), 0)) STORED,
    match_id text NOT NULL,
    rule text NOT NULL,
    CONSTRAINT match_claim_generation_check CHECK ((generation > 0))
);

ALTER TABLE kvitt.match_claim OWNER TO kvitt_owner;

CREATE TABLE kvitt.match_release (
    side text NOT NULL,
    item text NOT NULL,
    generation integer NOT NULL,
    reason text NOT NULL,
    released_by name DEFAULT SESSION_USER NOT NULL
);

ALTER TABLE kvitt.match_release OWNER TO kvitt_owner;

CREATE TABLE kvitt.mcc_title (
    set_id integer NOT NULL,
    code smallint NOT NULL,
    title text NOT NULL,
    CONSTRAINT mcc_title_code_check CHECK (((code >= 0) AND (code <= 9999)))
);

ALTER TABLE kvitt.mcc_title OWNER TO kvitt_owner;

CREATE TABLE kvitt.member (
    id bigint NOT NULL,
    programme smallint NOT NULL,
    CONSTRAINT member_id_check CHECK ((id > 0))
);

ALTER TABLE kvitt.member OWNER TO kvitt_owner;

CREATE VIEW kvitt.member_balance AS
 SELECT r.member_id,
    r.unit,
    (sum((t.balance_sign * r.quantity)))::bigint AS quantity
   FROM (kvitt.reward r
     JOIN kvitt.flow t ON ((t.id = r.flow)))
  GROUP BY r.member_id, r.unit;

ALTER TABLE kvitt.member_balance OWNER TO kvitt_owner;

CREATE TABLE kvitt.member_debt (
    member_id bigint NOT NULL,
    unit smallint NOT NULL,
    quantity bigint NOT NULL,
    cost_minor bigint NOT NULL
);

ALTER TABLE kvitt.member_debt OWNER TO kvitt_owner;

CREATE TABLE kvitt.member_fact (
    id bigint NOT NULL,
    member_id bigint NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    control boolean DEFAULT false NOT NULL,
    source text NOT NULL,
    recorded_by name DEFAULT SESSION_USER NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT member_fact_check CHECK ((valid_to >= valid_from)),
    CONSTRAINT member_fact_check1 CHECK (((kind = 'audience'::text) OR (NOT control))),
    CONSTRAINT member_fact_kind_check CHECK ((kind = ANY (ARRAY['joined'::text, 'terms'::text, 'referrer'::text, 'tier'::text, 'choice'::text, 'audience'::text, 'event'::text, 'closed'::text, 'product'::text, 'staff'::text]))),
    CONSTRAINT member_fact_source_check CHECK (((length(source) >= 1) AND (length(source) <= 80))),
    CONSTRAINT member_fact_value_check CHECK ((value ~ '^[A-Za-z0-9._/-]{1,40}$'::text))
);

ALTER TABLE kvitt.member_fact OWNER TO kvitt_owner;

ALTER TABLE kvitt.member_fact ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kvitt.member_fact_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kvitt.member_lookup (
    digest text NOT NULL,
    member_id bigint NOT NULL,
    kind text NOT NULL,
    noted_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT member_lookup_digest_check CHECK ((digest ~ '^h[0-9]+_[0-9a-f]{32}$'::text)),
    CONSTRAINT member_lookup_kind_check CHECK ((kind = ANY (ARRAY['email'::text, 'phone'::text])))
);

ALTER TABLE kvitt.member_lookup OWNER TO kvitt_owner;

CREATE TABLE kvitt.member_merge (
    id bigint NOT NULL,
    key text NOT NULL,
    member_id bigint NOT NULL,
    into_id bigint NOT NULL,
    undo boolean NOT NULL,
    reason text NOT NULL,
    evidence text NOT NULL,
    proposed_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT member_merge_check CHECK ((member_id <> into_id)),
    CONSTRAINT member_merge_evidence_check CHECK (((length(evidence) >= 3) AND (length(evidence) <= 400))),
    CONSTRAINT member_merge_key_check CHECK ((key ~ '^[A-Za-z0-9._-]{1,40}$'::text)),
    CONSTRAINT member_merge_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 400)))
);

ALTER TABLE kvitt.member_merge OWNER TO kvitt_owner;

CREATE TABLE kvitt.member_merge_decision (
    key text NOT NULL,
    id bigint NOT NULL,
    proposed_by name NOT NULL,
    decided_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT member_merge_decision_check CHECK ((decided_by <> proposed_by))
);

ALTER TABLE kvitt.member_merge_decision OWNER TO kvitt_owner;

ALTER TABLE kvitt.member_merge_decision ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kvitt.member_merge_decision_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE kvitt.member_merge ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kvitt.member_merge_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kvitt.member_merge_undone (
    key text NOT NULL,
    batch_id bigint
);

ALTER TABLE kvitt.member_merge_undone OWNER TO kvitt_owner;

CREATE TABLE kvitt.member_ref (
    member_id bigint NOT NULL,
    seq integer NOT NULL,
    ref text NOT NULL,
    CONSTRAINT member_ref_ref_check CHECK ((ref ~ '^[A-Za-z0-9._-]{1,40}$'::text)),
    CONSTRAINT member_ref_seq_check CHECK ((seq > 0))
);

ALTER TABLE kvitt.member_ref OWNER TO kvitt_owner;

CREATE VIEW kvitt.member_number AS
 SELECT DISTINCT ON (member_ref.member_id) member_ref.member_id,
    member_ref.ref
   FROM kvitt.member_ref
  ORDER BY member_ref.member_id, member_ref.seq DESC;

ALTER TABLE kvitt.member_number OWNER TO kvitt_owner;

CREATE TABLE kvitt.unit (
    id smallint NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    currency smallint NOT NULL,
    CONSTRAINT unit_code_check CHECK ((code ~ '^[A-Za-z0-9._-]{1,40}$'::text)),
    CONSTRAINT unit_id_check CHECK ((id > 0)),
    CONSTRAINT unit_kind_check CHECK ((kind = ANY (ARRAY['cashback'::text, 'credit'::text, 'miles'::text, 'points'::text, 'status'::text, 'stamps'::text, 'voucher'::text, 'benefit'::text])))
);

ALTER TABLE kvitt.unit OWNER TO kvitt_owner;

CREATE VIEW kvitt.member_posting AS
 SELECT ((r.batch_id << 32) | (r.seq)::bigint) AS row_id,
    r.batch_id,
    r.member_id,
    t.code AS flow,
    g.account,
    g.commodity,
    r.partner,
    r.programme,
    r.booking_date,
    r.settlement_date,
    g.amount
   FROM ((((kvitt.reward r
     JOIN kvitt.flow t ON ((t.id = r.flow)))
     JOIN kvitt.currency c ON ((c.id = r.currency)))
     JOIN kvitt.unit u ON ((u.id = r.unit)))
     CROSS JOIN LATERAL ( SELECT l.account,
            c.code AS commodity,
            (l.sign *
                CASE l.measure
                    WHEN 'cost'::text THEN r.cost_minor
                    ELSE r.share_minor
                END) AS amount
           FROM kvitt.flow_leg l
          WHERE (l.flow = r.flow)
        UNION ALL
         SELECT t.unit_from,
            u.code,
            (- r.quantity)
          WHERE (t.unit_from IS NOT NULL)
        UNION ALL
         SELECT t.unit_to,
            u.code,
            r.quantity
          WHERE (t.unit_to IS NOT NULL)) g)
  WHERE (g.amount <> 0);

ALTER TABLE kvitt.member_posting OWNER TO kvitt_owner;

CREATE TABLE kvitt.member_search (
    id bigint NOT NULL,
    kind text NOT NULL,
    member_id bigint,
    reason text NOT NULL,
    asked_by name DEFAULT SESSION_USER NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT member_search_kind_check CHECK ((kind = ANY (ARRAY['email'::text, 'phone'::text]))),
    CONSTRAINT member_search_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 400)))
);

ALTER TABLE kvitt.member_search OWNER TO kvitt_owner;

ALTER TABLE kvitt.member_search ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kvitt.member_search_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kvitt.merchant_entry (
    set_id integer NOT NULL,
    merchant text NOT NULL,
    valid_from date NOT NULL,
    mcc smallint NOT NULL,
    partner text NOT NULL,
    CONSTRAINT merchant_entry_mcc_check CHECK (((mcc >= 0) AND (mcc <= 9999))),
    CONSTRAINT merchant_entry_merchant_check CHECK ((merchant ~ '^[A-Za-z0-9._-]{1,40}$'::text))
);

ALTER TABLE kvitt.merchant_entry OWNER TO kvitt_owner;

CREATE VIEW kvitt.merged AS
 SELECT newest.member_id,
    newest.into_id
   FROM ( SELECT DISTINCT ON (m.member_id) m.member_id,
            m.into_id,
            m.undo
           FROM (kvitt.member_merge m
             JOIN kvitt.member_merge_decision d USING (key))
          ORDER BY m.member_id, d.id DESC) newest
  WHERE (NOT newest.undo);

ALTER TABLE kvitt.merged OWNER TO kvitt_owner;

CREATE TABLE kvitt.month_sum (
    batch_id bigint NOT NULL,
    month smallint NOT NULL,
    agreement integer NOT NULL,
    rule smallint NOT NULL,
    base_seal bigint NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE ONLY kvitt.month_sum ALTER COLUMN body SET STORAGE EXTERNAL;

ALTER TABLE kvitt.month_sum OWNER TO kvitt_owner;

CREATE TABLE kvitt.opening (
    digest bytea NOT NULL,
    name text NOT NULL,
    body bytea NOT NULL,
    totals text NOT NULL,
    proposed_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT opening_check CHECK ((digest = sha256(body)))
);

ALTER TABLE kvitt.opening OWNER TO kvitt_owner;

CREATE TABLE kvitt.opening_decision (
    digest bytea NOT NULL,
    totals text NOT NULL,
    proposed_by name NOT NULL,
    decided_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT opening_decision_check CHECK ((decided_by <> proposed_by))
);

ALTER TABLE kvitt.opening_decision OWNER TO kvitt_owner;

CREATE TABLE kvitt.opening_posted (
    digest bytea NOT NULL,
    batch_id bigint NOT NULL
);

ALTER TABLE kvitt.opening_posted OWNER TO kvitt_owner;

CREATE TABLE kvitt.outcome (
    event_id text NOT NULL,
    attempt integer NOT NULL,
    row_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    status text NOT NULL,
    filed_quantity bigint NOT NULL,
    accepted_quantity bigint NOT NULL,
    accepted_minor bigint NOT NULL,
    reason text NOT NULL,
    partner_ref text NOT NULL,
    CONSTRAINT outcome_check CHECK (((accepted_quantity >= 0) AND (accepted_quantity <= filed_quantity))),
    CONSTRAINT outcome_status_check CHECK ((status = ANY (ARRAY['A'::text, 'P'::text, 'W'::text, 'M'::text, 'X'::text, 'D'::text])))
);

ALTER TABLE kvitt.outcome OWNER TO kvitt_owner;

CREATE TABLE kvitt.partner (
    id smallint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    entity text NOT NULL,
    CONSTRAINT partner_code_check CHECK ((code ~ '^[A-Z0-9]{2,12}$'::text)),
    CONSTRAINT partner_id_check CHECK ((id > 0))
);

ALTER TABLE kvitt.partner OWNER TO kvitt_owner;

CREATE TABLE kvitt.partner_opening (
    partner smallint NOT NULL,
    currency text NOT NULL,
    sequence integer NOT NULL,
    closing_minor bigint NOT NULL,
    closed_on date NOT NULL,
    batch_id bigint NOT NULL,
    CONSTRAINT partner_opening_sequence_check CHECK ((sequence > 0))
);

ALTER TABLE kvitt.partner_opening OWNER TO kvitt_owner;

CREATE TABLE kvitt.payment_order (
    id text NOT NULL,
    statement_id bigint NOT NULL,
    partner smallint NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL,
    pay_on date NOT NULL,
    account text NOT NULL,
    reference text NOT NULL,
    CONSTRAINT payment_order_amount_minor_check CHECK ((amount_minor > 0))
);

ALTER TABLE kvitt.payment_order OWNER TO kvitt_owner;

CREATE TABLE kvitt.payout (
    id text NOT NULL,
    sequence bigint NOT NULL,
    hold_id bigint,
    member_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    first_seq integer NOT NULL,
    last_seq integer NOT NULL,
    token text NOT NULL,
    CONSTRAINT payout_amount_minor_check CHECK ((amount_minor > 0)),
    CONSTRAINT payout_check CHECK ((last_seq >= first_seq))
);

ALTER TABLE kvitt.payout OWNER TO kvitt_owner;

CREATE TABLE kvitt.payout_answer (
    sequence bigint NOT NULL,
    number text NOT NULL,
    answered bigint NOT NULL,
    batch_id bigint NOT NULL,
    digest bytea NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT payout_answer_check CHECK ((digest = sha256(body))),
    CONSTRAINT payout_answer_sequence_check CHECK ((sequence > 0))
);

ALTER TABLE kvitt.payout_answer OWNER TO kvitt_owner;

CREATE TABLE kvitt.payout_file (
    sequence bigint NOT NULL,
    number text NOT NULL,
    batch_id bigint NOT NULL,
    pay_date date NOT NULL,
    digest bytea NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT payout_file_check CHECK ((digest = sha256(body))),
    CONSTRAINT payout_file_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT payout_file_sequence_check CHECK ((sequence > 0))
);

ALTER TABLE kvitt.payout_file OWNER TO kvitt_owner;

CREATE TABLE kvitt.payout_outcome (
    payout_id text NOT NULL,
    answer bigint NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    card_ref text NOT NULL,
    CONSTRAINT payout_outcome_check CHECK (((status = 'X'::text) = (reason <> ''::text))),
    CONSTRAINT payout_outcome_status_check CHECK ((status = ANY (ARRAY['A'::text, 'X'::text])))
);

ALTER TABLE kvitt.payout_outcome OWNER TO kvitt_owner;

CREATE TABLE kvitt.period_closed (
    month date NOT NULL,
    closed_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT period_closed_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric))
);

ALTER TABLE kvitt.period_closed OWNER TO kvitt_owner;

CREATE TABLE kvitt.plan (
    id text NOT NULL,
    business_date date NOT NULL,
    cut_seal bigint NOT NULL,
    digest bytea NOT NULL,
    body text NOT NULL,
    prepared_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT plan_check CHECK ((digest = sha256(convert_to(body, 'UTF8'::name)))),
    CONSTRAINT plan_digest_check CHECK ((octet_length(digest) = 32))
);

ALTER TABLE kvitt.plan OWNER TO kvitt_owner;

CREATE TABLE kvitt.plan_approval (
    plan_id text NOT NULL,
    digest bytea NOT NULL,
    prepared_by name NOT NULL,
    approved_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT plan_approval_two_people CHECK ((approved_by <> prepared_by))
);

ALTER TABLE kvitt.plan_approval OWNER TO kvitt_owner;

CREATE VIEW kvitt.posted_hold AS
 SELECT h.id,
    h.key,
    h.member_id,
    h.unit,
    h.quantity,
    h.day,
    h.captured,
    h.end_key,
    h.batch_id,
    h.first_seq,
    h.last_seq,
    c.unit AS into_unit,
    o.item,
    o.count
   FROM ((kvitt.hold h
     LEFT JOIN kvitt.conversion c ON ((c.hold_id = h.id)))
     LEFT JOIN kvitt.item_order o ON ((o.hold_id = h.id)))
  WHERE (h.batch_id IS NOT NULL);

ALTER TABLE kvitt.posted_hold OWNER TO kvitt_owner;

CREATE TABLE kvitt.prepaid_lot (
    key text NOT NULL,
    row_id bigint NOT NULL
);

ALTER TABLE kvitt.prepaid_lot OWNER TO kvitt_owner;

CREATE TABLE kvitt.prepaid_move (
    id bigint NOT NULL,
    key text NOT NULL,
    lot_id bigint NOT NULL,
    batch_id bigint NOT NULL,
    day date NOT NULL,
    quantity bigint NOT NULL,
    CONSTRAINT prepaid_move_quantity_check CHECK ((quantity <> 0))
);

ALTER TABLE kvitt.prepaid_move OWNER TO kvitt_owner;

ALTER TABLE kvitt.prepaid_move ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kvitt.prepaid_move_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW kvitt.prepaid_room AS
SELECT
    NULL::text AS key,
    NULL::numeric AS whole,
    NULL::numeric AS returned;

ALTER TABLE kvitt.prepaid_room OWNER TO kvitt_owner;

CREATE TABLE kvitt.prepurchase (
    id bigint NOT NULL,
    key text NOT NULL,
    partner smallint NOT NULL,
    unit smallint NOT NULL,
    currency smallint NOT NULL,
    quantity bigint NOT NULL,
    price numeric NOT NULL,
    cost_minor bigint NOT NULL,
    usable_from date NOT NULL,
    usable_through date,
    month_max bigint,
    reason text NOT NULL,
    evidence text NOT NULL,
    proposed_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT prepurchase_check CHECK ((usable_through >= usable_from)),
    CONSTRAINT prepurchase_cost_minor_check CHECK ((cost_minor > 0)),
    CONSTRAINT prepurchase_evidence_check CHECK (((length(evidence) >= 3) AND (length(evidence) <= 400))),
    CONSTRAINT prepurchase_key_check CHECK ((key ~ '^[A-Za-z0-9._-]{1,40}$'::text)),
    CONSTRAINT prepurchase_month_max_check CHECK ((month_max > 0)),
    CONSTRAINT prepurchase_price_check CHECK (((price > (0)::numeric) AND (price < 'Infinity'::numeric))),
    CONSTRAINT prepurchase_quantity_check CHECK ((quantity > 0)),
    CONSTRAINT prepurchase_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 400)))
);

ALTER TABLE kvitt.prepurchase OWNER TO kvitt_owner;

CREATE TABLE kvitt.prepurchase_decision (
    key text NOT NULL,
    proposed_by name NOT NULL,
    decided_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT prepurchase_decision_check CHECK ((decided_by <> proposed_by))
);

ALTER TABLE kvitt.prepurchase_decision OWNER TO kvitt_owner;

ALTER TABLE kvitt.prepurchase ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kvitt.prepurchase_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE kvitt.programme (
    id smallint NOT NULL,
    code text NOT NULL,
    CONSTRAINT programme_code_check CHECK ((code ~ '^[a-z0-9-]{2,40}$'::text)),
    CONSTRAINT programme_id_check CHECK ((id > 0))
);

ALTER TABLE kvitt.programme OWNER TO kvitt_owner;

CREATE TABLE kvitt.proof (
    pair text NOT NULL,
    commodity text NOT NULL,
    business_date date NOT NULL,
    generation integer NOT NULL,
    ours bigint NOT NULL,
    theirs bigint NOT NULL,
    breaks bigint NOT NULL,
    rounding bigint NOT NULL,
    opened_before bigint NOT NULL,
    new_today bigint NOT NULL,
    cleared_today bigint NOT NULL,
    exact_count bigint NOT NULL,
    exact_digest bytea NOT NULL,
    last_break integer NOT NULL,
    open_breaks text[] NOT NULL,
    CONSTRAINT proof_continues CHECK ((breaks = ((opened_before + new_today) - cleared_today))),
    CONSTRAINT proof_explained CHECK (((ours - theirs) = (breaks + rounding))),
    CONSTRAINT proof_generation_check CHECK ((generation > 0))
);

ALTER TABLE kvitt.proof OWNER TO kvitt_owner;

CREATE TABLE kvitt.purchase (
    batch_id bigint NOT NULL,
    identity uuid NOT NULL,
    original uuid,
    content bigint NOT NULL,
    member_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    billing_minor bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    seq integer NOT NULL,
    line integer NOT NULL,
    event_date date NOT NULL,
    booking_date date NOT NULL,
    currency smallint NOT NULL,
    billing_currency smallint NOT NULL,
    type smallint NOT NULL,
    reversal smallint NOT NULL,
    mcc smallint NOT NULL,
    merchant text NOT NULL,
    reference text NOT NULL,
    lifecycle bigint,
    markup_minor bigint,
    country smallint,
    channel smallint,
    network_ref text,
    approval_code text,
    rate text,
    posted_date date,
    CONSTRAINT purchase_amount_minor_check CHECK ((amount_minor >= 0)),
    CONSTRAINT purchase_billing_minor_check CHECK ((billing_minor >= 0)),
    CONSTRAINT purchase_rate_check CHECK ((rate ~ '^[0-9]+([.][0-9]+)?$'::text)),
    CONSTRAINT purchase_reversal_check CHECK ((reversal = ANY (ARRAY[0, 1]))),
    CONSTRAINT purchase_type_known CHECK (((type >= 1) AND (type <= 11)))
)
PARTITION BY RANGE (batch_id);

ALTER TABLE kvitt.purchase OWNER TO kvitt_owner;

CREATE TABLE kvitt.quarantine (
    batch_id bigint NOT NULL,
    line integer NOT NULL,
    col integer NOT NULL,
    code text NOT NULL,
    excerpt text NOT NULL,
    item integer DEFAULT 1 NOT NULL,
    fields jsonb,
    message text DEFAULT ''::text NOT NULL
);

ALTER TABLE kvitt.quarantine OWNER TO kvitt_owner;

CREATE TABLE kvitt.quarantine_decision (
    batch_id bigint NOT NULL,
    line integer NOT NULL,
    item integer NOT NULL,
    seq integer NOT NULL,
    proposed_by name NOT NULL,
    decided_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT quarantine_decision_check CHECK ((decided_by <> proposed_by))
);

ALTER TABLE kvitt.quarantine_decision OWNER TO kvitt_owner;

CREATE TABLE kvitt.quarantine_proposal (
    batch_id bigint NOT NULL,
    line integer NOT NULL,
    item integer NOT NULL,
    seq integer NOT NULL,
    action text NOT NULL,
    correction jsonb NOT NULL,
    reason text NOT NULL,
    proposed_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT quarantine_proposal_action_check CHECK ((action = ANY (ARRAY['retry'::text, 'discard'::text]))),
    CONSTRAINT quarantine_proposal_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 400))),
    CONSTRAINT quarantine_proposal_seq_check CHECK ((seq > 0))
);

ALTER TABLE kvitt.quarantine_proposal OWNER TO kvitt_owner;

CREATE TABLE kvitt.quarantine_result (
    batch_id bigint NOT NULL,
    line integer NOT NULL,
    item integer NOT NULL,
    seq integer NOT NULL,
    retry_batch bigint NOT NULL,
    code text NOT NULL,
    currency text,
    minor bigint,
    CONSTRAINT quarantine_result_amount CHECK (((currency IS NULL) = (minor IS NULL))),
    CONSTRAINT quarantine_result_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
);

ALTER TABLE kvitt.quarantine_result OWNER TO kvitt_owner;

CREATE TABLE kvitt.record_link (
    identity uuid NOT NULL,
    original uuid NOT NULL,
    batch_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    type smallint NOT NULL,
    reversal smallint NOT NULL,
    event_date date NOT NULL,
    currency smallint,
    billing_minor bigint,
    evidence text DEFAULT 'reference'::text NOT NULL
);

ALTER TABLE kvitt.record_link OWNER TO kvitt_owner;

CREATE TABLE kvitt.reference_set (
    id integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL,
    dated date NOT NULL,
    rows integer NOT NULL,
    imported_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT reference_set_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT reference_set_id_check CHECK ((id > 0)),
    CONSTRAINT reference_set_kind_check CHECK ((kind = ANY (ARRAY['fx'::text, 'currencies'::text, 'mcc'::text, 'merchants'::text]))),
    CONSTRAINT reference_set_rows_check CHECK ((rows > 0))
);

ALTER TABLE kvitt.reference_set OWNER TO kvitt_owner;

CREATE TABLE kvitt.rejection_closed (
    event_id text NOT NULL,
    attempt integer NOT NULL,
    batch_id bigint NOT NULL,
    how text NOT NULL,
    CONSTRAINT rejection_closed_how_check CHECK ((how = ANY (ARRAY['refiled'::text, 'lapsed'::text, 'dropped'::text])))
);

ALTER TABLE kvitt.rejection_closed OWNER TO kvitt_owner;

CREATE TABLE kvitt.run (
    job text NOT NULL,
    business_date date NOT NULL,
    fence integer NOT NULL,
    backend integer NOT NULL,
    backend_start timestamp with time zone NOT NULL,
    holder text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    CONSTRAINT run_fence_check CHECK ((fence > 0))
);

ALTER TABLE kvitt.run OWNER TO kvitt_owner;

CREATE TABLE kvitt.run_event (
    job text NOT NULL,
    business_date date NOT NULL,
    seq integer NOT NULL,
    step text NOT NULL,
    state text NOT NULL,
    note text NOT NULL,
    CONSTRAINT run_event_seq_check CHECK ((seq > 0)),
    CONSTRAINT run_event_state_check CHECK ((state = ANY (ARRAY['done'::text, 'finished'::text])))
);

ALTER TABLE kvitt.run_event OWNER TO kvitt_owner;

CREATE TABLE kvitt.schema_object (
    name text NOT NULL,
    digest text NOT NULL
);

ALTER TABLE kvitt.schema_object OWNER TO kvitt_owner;

CREATE TABLE kvitt.schema_text (
    path text NOT NULL,
    digest bytea NOT NULL,
    version text NOT NULL,
    applied_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT schema_text_digest_check CHECK ((octet_length(digest) = 32))
);

ALTER TABLE kvitt.schema_text OWNER TO kvitt_owner;

CREATE TABLE kvitt.seal (
    batch_id bigint NOT NULL,
    seal_no bigint NOT NULL,
    purchases bigint NOT NULL,
    rewards bigint NOT NULL,
    root bytea NOT NULL,
    previous bytea NOT NULL,
    seal bytea NOT NULL,
    CONSTRAINT seal_previous_check CHECK ((octet_length(previous) = 32)),
    CONSTRAINT seal_root_check CHECK ((octet_length(root) = 32)),
    CONSTRAINT seal_seal_check CHECK ((octet_length(seal) = 32)),
    CONSTRAINT seal_seal_no_check CHECK ((seal_no > 0))
);

ALTER TABLE kvitt.seal OWNER TO kvitt_owner;

CREATE TABLE kvitt.settlement_run (
    plan_id text NOT NULL,
    batch_id bigint NOT NULL,
    business_date date NOT NULL
);

ALTER TABLE kvitt.settlement_run OWNER TO kvitt_owner;

CREATE TABLE kvitt.signature (
    file text NOT NULL,
    digest bytea NOT NULL,
    signer text NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT signature_digest_check CHECK ((octet_length(digest) = 32))
);

ALTER TABLE kvitt.signature OWNER TO kvitt_owner;

CREATE TABLE kvitt.signer (
    partner smallint NOT NULL,
    fingerprint bytea NOT NULL,
    certificate bytea NOT NULL,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    proposed_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT signer_check CHECK ((fingerprint = sha256(certificate)))
);

ALTER TABLE kvitt.signer OWNER TO kvitt_owner;

CREATE TABLE kvitt.signer_decision (
    partner smallint NOT NULL,
    fingerprint bytea NOT NULL,
    proposed_by name NOT NULL,
    decided_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT signer_decision_two_people CHECK ((decided_by <> proposed_by))
);

ALTER TABLE kvitt.signer_decision OWNER TO kvitt_owner;

CREATE TABLE kvitt.signer_withdrawal (
    partner smallint NOT NULL,
    fingerprint bytea NOT NULL,
    reason text NOT NULL,
    withdrawn_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT signer_withdrawal_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 400)))
);

ALTER TABLE kvitt.signer_withdrawal OWNER TO kvitt_owner;

CREATE VIEW kvitt.signer_in_force AS
 SELECT s.partner,
    s.fingerprint,
    s.certificate,
    s.valid_from,
    s.valid_to
   FROM (kvitt.signer s
     JOIN kvitt.signer_decision d USING (partner, fingerprint))
  WHERE (NOT (EXISTS ( SELECT
           FROM kvitt.signer_withdrawal w
          WHERE ((w.partner = s.partner) AND (w.fingerprint = s.fingerprint)))));

ALTER TABLE kvitt.signer_in_force OWNER TO kvitt_owner;

CREATE TABLE kvitt.slice (
    partner smallint NOT NULL,
    batch_id bigint NOT NULL,
    settlement_date date NOT NULL
);

ALTER TABLE kvitt.slice OWNER TO kvitt_owner;

CREATE TABLE kvitt.spendable (
    member_id bigint NOT NULL,
    unit smallint NOT NULL,
    seal_no bigint NOT NULL,
    day date NOT NULL,
    quantity bigint NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE kvitt.spendable OWNER TO kvitt_owner;

CREATE TABLE kvitt.standing (
    id bigint NOT NULL,
    partner smallint NOT NULL,
    currency text NOT NULL,
    account text NOT NULL,
    to_partner_minor bigint NOT NULL,
    to_issuer_minor bigint NOT NULL,
    month_to_partner_minor bigint NOT NULL,
    month_to_issuer_minor bigint NOT NULL,
    expires_on date NOT NULL,
    terms_digest bytea NOT NULL,
    signers_digest bytea NOT NULL,
    prepared_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT standing_check CHECK ((month_to_partner_minor >= to_partner_minor)),
    CONSTRAINT standing_check1 CHECK ((month_to_issuer_minor >= to_issuer_minor)),
    CONSTRAINT standing_signers_digest_check CHECK ((octet_length(signers_digest) = 32)),
    CONSTRAINT standing_terms_digest_check CHECK ((octet_length(terms_digest) = 32)),
    CONSTRAINT standing_to_issuer_minor_check CHECK ((to_issuer_minor >= 0)),
    CONSTRAINT standing_to_partner_minor_check CHECK ((to_partner_minor >= 0))
);

ALTER TABLE kvitt.standing OWNER TO kvitt_owner;

CREATE TABLE kvitt.standing_approval (
    standing_id bigint NOT NULL,
    prepared_by name NOT NULL,
    approved_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT standing_approval_two_people CHECK ((approved_by <> prepared_by))
);

ALTER TABLE kvitt.standing_approval OWNER TO kvitt_owner;

CREATE TABLE kvitt.standing_withdrawal (
    standing_id bigint NOT NULL,
    reason text NOT NULL,
    withdrawn_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT standing_withdrawal_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 400)))
);

ALTER TABLE kvitt.standing_withdrawal OWNER TO kvitt_owner;

CREATE VIEW kvitt.standing_in_force AS
 SELECT s.id,
    s.partner,
    s.currency,
    s.account,
    s.to_partner_minor,
    s.to_issuer_minor,
    s.month_to_partner_minor,
    s.month_to_issuer_minor,
    s.expires_on,
    s.prepared_by
   FROM ((kvitt.standing s
     JOIN kvitt.standing_approval a ON ((a.standing_id = s.id)))
     CROSS JOIN LATERAL kvitt.partner_footing(s.partner) f(terms, signers))
  WHERE ((f.terms = s.terms_digest) AND (f.signers = s.signers_digest) AND (NOT (EXISTS ( SELECT
           FROM kvitt.standing_withdrawal w
          WHERE (w.standing_id = s.id)))));

ALTER TABLE kvitt.standing_in_force OWNER TO kvitt_owner;

CREATE TABLE kvitt.standing_review (
    batch_id bigint NOT NULL
);

ALTER TABLE kvitt.standing_review OWNER TO kvitt_owner;

CREATE TABLE kvitt.statement (
    id bigint NOT NULL,
    number text NOT NULL,
    partner smallint NOT NULL,
    sequence integer NOT NULL,
    run_batch bigint NOT NULL,
    business_date date NOT NULL,
    cut_seal bigint NOT NULL,
    created timestamp with time zone NOT NULL,
    currency text NOT NULL,
    opening_minor bigint NOT NULL,
    settled_minor bigint NOT NULL,
    paid_minor bigint NOT NULL,
    ordered_minor bigint NOT NULL,
    due date NOT NULL,
    reference text NOT NULL,
    filed_lines integer NOT NULL,
    filed_quantity bigint NOT NULL,
    settled_lines integer NOT NULL,
    line_digest bytea NOT NULL,
    json_digest bytea NOT NULL,
    CONSTRAINT statement_json_digest_check CHECK ((octet_length(json_digest) = 32)),
    CONSTRAINT statement_line_digest_check CHECK ((octet_length(line_digest) = 32)),
    CONSTRAINT statement_ordered_minor_check CHECK ((ordered_minor >= 0)),
    CONSTRAINT statement_sequence_check CHECK ((sequence > 0))
);

ALTER TABLE kvitt.statement OWNER TO kvitt_owner;

CREATE TABLE kvitt.statement_line (
    statement_id bigint NOT NULL,
    line integer NOT NULL,
    section text NOT NULL,
    event_id text NOT NULL,
    attempt integer NOT NULL,
    kind text NOT NULL,
    row_id bigint NOT NULL,
    source_id bigint NOT NULL,
    member_id bigint NOT NULL,
    member_ref text NOT NULL,
    event_date date NOT NULL,
    booking_date date NOT NULL,
    quantity bigint,
    unit text NOT NULL,
    unit_price text NOT NULL,
    value_minor bigint NOT NULL,
    direction text NOT NULL,
    contract text NOT NULL,
    original_event_id text NOT NULL,
    CONSTRAINT statement_line_attempt_check CHECK ((attempt > 0)),
    CONSTRAINT statement_line_direction_check CHECK ((direction = ANY (ARRAY['to_partner'::text, 'to_issuer'::text]))),
    CONSTRAINT statement_line_section_check CHECK ((section = ANY (ARRAY['filed'::text, 'settled'::text]))),
    CONSTRAINT statement_line_value_minor_check CHECK ((value_minor >= 0))
);

ALTER TABLE kvitt.statement_line OWNER TO kvitt_owner;

CREATE TABLE kvitt.terms (
    id integer NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    version integer NOT NULL,
    digest bytea NOT NULL,
    body bytea NOT NULL,
    applied_by name DEFAULT SESSION_USER NOT NULL,
    proposed_by name,
    CONSTRAINT terms_check CHECK ((digest = sha256(body))),
    CONSTRAINT terms_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT terms_id_check CHECK ((id > 0)),
    CONSTRAINT terms_kind_known CHECK ((kind = ANY (ARRAY['agreement'::text, 'partner'::text, 'calendar'::text, 'feed'::text, 'account'::text]))),
    CONSTRAINT terms_two_people CHECK ((proposed_by <> applied_by)),
    CONSTRAINT terms_version_check CHECK ((version > 0))
);

ALTER TABLE kvitt.terms OWNER TO kvitt_owner;

CREATE TABLE kvitt.terms_proposal (
    kind text NOT NULL,
    code text NOT NULL,
    version integer NOT NULL,
    digest bytea NOT NULL,
    proposed_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT terms_proposal_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT terms_proposal_version_check CHECK ((version > 0))
);

ALTER TABLE kvitt.terms_proposal OWNER TO kvitt_owner;

CREATE TABLE kvitt.till_use (
    partner smallint NOT NULL,
    till_ref text NOT NULL,
    batch_id bigint NOT NULL,
    action text NOT NULL,
    member_id bigint NOT NULL,
    face_minor bigint NOT NULL,
    hold_id bigint,
    original_ref text DEFAULT ''::text NOT NULL,
    use_batch bigint NOT NULL,
    first_seq integer NOT NULL,
    last_seq integer NOT NULL,
    CONSTRAINT till_use_action_check CHECK ((action = ANY (ARRAY['redeem'::text, 'offline'::text, 'void'::text, 'return'::text]))),
    CONSTRAINT till_use_check CHECK ((last_seq >= first_seq)),
    CONSTRAINT till_use_face_minor_check CHECK ((face_minor > 0))
);

ALTER TABLE kvitt.till_use OWNER TO kvitt_owner;

CREATE TABLE kvitt.unlinked_decision (
    identity uuid NOT NULL,
    seq integer NOT NULL,
    proposed_by name NOT NULL,
    decided_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT unlinked_decision_check CHECK ((decided_by <> proposed_by))
);

ALTER TABLE kvitt.unlinked_decision OWNER TO kvitt_owner;

CREATE TABLE kvitt.unlinked_proposal (
    identity uuid NOT NULL,
    seq integer NOT NULL,
    original uuid,
    reason text NOT NULL,
    proposed_by name DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT unlinked_proposal_reason_check CHECK (((length(reason) >= 3) AND (length(reason) <= 400))),
    CONSTRAINT unlinked_proposal_seq_check CHECK ((seq > 0))
);

ALTER TABLE kvitt.unlinked_proposal OWNER TO kvitt_owner;

CREATE TABLE kvitt.unlinked_record (
    identity uuid NOT NULL,
    row_id bigint NOT NULL,
    member_id bigint NOT NULL,
    evidence text NOT NULL
);

ALTER TABLE kvitt.unlinked_record OWNER TO kvitt_owner;

CREATE TABLE kvitt.waiting_done (
    identity uuid NOT NULL,
    batch_id bigint NOT NULL
);

ALTER TABLE kvitt.waiting_done OWNER TO kvitt_owner;

CREATE TABLE kvitt.waiting_line (
    row_id bigint NOT NULL,
    flow smallint NOT NULL,
    partner smallint NOT NULL,
    member_id bigint NOT NULL,
    lot_id bigint NOT NULL,
    batch_id bigint NOT NULL
);

ALTER TABLE kvitt.waiting_line OWNER TO kvitt_owner;

CREATE TABLE kvitt.waiting_record (
    identity uuid NOT NULL,
    original uuid NOT NULL,
    batch_id bigint NOT NULL
);

ALTER TABLE kvitt.waiting_record OWNER TO kvitt_owner;

CREATE TABLE kvitt.window_claim (
    partner smallint NOT NULL,
    batch_id bigint NOT NULL,
    settlement_date date NOT NULL,
    run_batch bigint NOT NULL
);

ALTER TABLE kvitt.window_claim OWNER TO kvitt_owner;

ALTER TABLE ONLY kvitt.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (code);

ALTER TABLE ONLY kvitt.adjustment_decision
    ADD CONSTRAINT adjustment_decision_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kvitt.adjustment
    ADD CONSTRAINT adjustment_id_key UNIQUE (id);

ALTER TABLE ONLY kvitt.adjustment
    ADD CONSTRAINT adjustment_key_proposed_by_key UNIQUE (key, proposed_by);

ALTER TABLE ONLY kvitt.adjustment
    ADD CONSTRAINT adjustment_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kvitt.adjustment_posted
    ADD CONSTRAINT adjustment_posted_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kvitt.answer
    ADD CONSTRAINT answer_batch_id_key UNIQUE (batch_id);

ALTER TABLE ONLY kvitt.answer
    ADD CONSTRAINT answer_pkey PRIMARY KEY (partner, sequence);

ALTER TABLE ONLY kvitt.attachment
    ADD CONSTRAINT attachment_pkey PRIMARY KEY (batch_id, kind, name);

ALTER TABLE ONLY kvitt.bank_line
    ADD CONSTRAINT bank_line_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.bank_statement
    ADD CONSTRAINT bank_statement_account_sequence_key UNIQUE (account, sequence);

ALTER TABLE ONLY kvitt.bank_statement
    ADD CONSTRAINT bank_statement_pkey PRIMARY KEY (batch_id);

ALTER TABLE ONLY kvitt.basket_line
    ADD CONSTRAINT basket_line_pkey PRIMARY KEY (batch_id, basket, line);

ALTER TABLE ONLY kvitt.basket
    ADD CONSTRAINT basket_partner_basket_ref_key UNIQUE (partner, basket_ref);

ALTER TABLE ONLY kvitt.basket
    ADD CONSTRAINT basket_pkey PRIMARY KEY (batch_id, line);

ALTER TABLE ONLY kvitt.basket_purchase
    ADD CONSTRAINT basket_purchase_batch_id_basket_key UNIQUE (batch_id, basket);

ALTER TABLE ONLY kvitt.basket_purchase
    ADD CONSTRAINT basket_purchase_pkey PRIMARY KEY (purchase_id);

ALTER TABLE ONLY kvitt.batch_attachment
    ADD CONSTRAINT batch_attachment_pkey PRIMARY KEY (kind, attachment);

ALTER TABLE ONLY kvitt.batch_entry
    ADD CONSTRAINT batch_entry_pkey PRIMARY KEY (kind, code, account);

ALTER TABLE ONLY kvitt.batch_flow
    ADD CONSTRAINT batch_flow_pkey PRIMARY KEY (kind, flow);

ALTER TABLE ONLY kvitt.batch_kind
    ADD CONSTRAINT batch_kind_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY kvitt.batch_number
    ADD CONSTRAINT batch_number_id_key UNIQUE (id);

ALTER TABLE ONLY kvitt.batch_number
    ADD CONSTRAINT batch_number_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kvitt.batch
    ADD CONSTRAINT batch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.block
    ADD CONSTRAINT block_pkey PRIMARY KEY (batch_id, part, block);

ALTER TABLE ONLY kvitt.bonus
    ADD CONSTRAINT bonus_lot_id_key UNIQUE (lot_id);

ALTER TABLE ONLY kvitt.bonus
    ADD CONSTRAINT bonus_pkey PRIMARY KEY (member_id, programme, rule, event);

ALTER TABLE ONLY kvitt.bonus_undone
    ADD CONSTRAINT bonus_undone_pkey PRIMARY KEY (lot_id);

ALTER TABLE ONLY kvitt.book
    ADD CONSTRAINT book_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.break_event
    ADD CONSTRAINT break_event_pkey PRIMARY KEY (break_id, seq);

ALTER TABLE ONLY kvitt.break_item
    ADD CONSTRAINT break_item_fingerprint_key UNIQUE (fingerprint);

ALTER TABLE ONLY kvitt.break_item
    ADD CONSTRAINT break_item_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.budget
    ADD CONSTRAINT budget_pkey PRIMARY KEY (agreement, rule, partner);

ALTER TABLE ONLY kvitt.budget_rule
    ADD CONSTRAINT budget_rule_pkey PRIMARY KEY (agreement_id, ordinal);

ALTER TABLE ONLY kvitt.card_event
    ADD CONSTRAINT card_event_pkey PRIMARY KEY (batch_id, line);

ALTER TABLE ONLY kvitt.card_event
    ADD CONSTRAINT card_event_sender_event_ref_key UNIQUE (sender, event_ref);

ALTER TABLE ONLY kvitt.card
    ADD CONSTRAINT card_pkey PRIMARY KEY (token);

ALTER TABLE ONLY kvitt.conversion
    ADD CONSTRAINT conversion_pkey PRIMARY KEY (hold_id);

ALTER TABLE ONLY kvitt.currency
    ADD CONSTRAINT currency_code_key UNIQUE (code);

ALTER TABLE ONLY kvitt.currency_fact
    ADD CONSTRAINT currency_fact_pkey PRIMARY KEY (code, set_id);

ALTER TABLE ONLY kvitt.currency
    ADD CONSTRAINT currency_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.dispute_event
    ADD CONSTRAINT dispute_event_pkey PRIMARY KEY (identity);

ALTER TABLE ONLY kvitt.document
    ADD CONSTRAINT document_partner_series_serial_key UNIQUE (partner, series, serial);

ALTER TABLE ONLY kvitt.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (number);

ALTER TABLE ONLY kvitt.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.estimate_decision
    ADD CONSTRAINT estimate_decision_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kvitt.estimate
    ADD CONSTRAINT estimate_id_key UNIQUE (id);

ALTER TABLE ONLY kvitt.estimate
    ADD CONSTRAINT estimate_key_proposed_by_key UNIQUE (key, proposed_by);

ALTER TABLE ONLY kvitt.estimate
    ADD CONSTRAINT estimate_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kvitt.estimate_posted
    ADD CONSTRAINT estimate_posted_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kvitt.fact_note
    ADD CONSTRAINT fact_note_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.file
    ADD CONSTRAINT file_pkey PRIMARY KEY (batch_id);

ALTER TABLE ONLY kvitt.file
    ADD CONSTRAINT file_source_digest_key UNIQUE (source, digest);

ALTER TABLE ONLY kvitt.file
    ADD CONSTRAINT file_source_key UNIQUE (source, key);

ALTER TABLE ONLY kvitt.file
    ADD CONSTRAINT file_source_sequence_key UNIQUE (source, sequence);

ALTER TABLE ONLY kvitt.filing
    ADD CONSTRAINT filing_pkey PRIMARY KEY (lot_id, attempt);

ALTER TABLE ONLY kvitt.filing
    ADD CONSTRAINT filing_row_id_key UNIQUE (row_id);

ALTER TABLE ONLY kvitt.flow
    ADD CONSTRAINT flow_code_key UNIQUE (code);

ALTER TABLE ONLY kvitt.flow_leg
    ADD CONSTRAINT flow_leg_pkey PRIMARY KEY (flow, leg);

ALTER TABLE ONLY kvitt.flow
    ADD CONSTRAINT flow_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.fx_rate
    ADD CONSTRAINT fx_rate_pkey PRIMARY KEY (currency, day, set_id);

ALTER TABLE ONLY kvitt.gap_release
    ADD CONSTRAINT gap_release_pkey PRIMARY KEY (source, sequence);

ALTER TABLE ONLY kvitt.hold
    ADD CONSTRAINT hold_key_key UNIQUE (key);

ALTER TABLE ONLY kvitt.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.import_decision
    ADD CONSTRAINT import_decision_pkey PRIMARY KEY (digest, round);

ALTER TABLE ONLY kvitt.import
    ADD CONSTRAINT import_digest_round_proposed_by_key UNIQUE (digest, round, proposed_by);

ALTER TABLE ONLY kvitt.import
    ADD CONSTRAINT import_pkey PRIMARY KEY (digest, round);

ALTER TABLE ONLY kvitt.item_order
    ADD CONSTRAINT item_order_pkey PRIMARY KEY (hold_id);

ALTER TABLE ONLY kvitt.item_return
    ADD CONSTRAINT item_return_pkey PRIMARY KEY (hold_id);

ALTER TABLE ONLY kvitt.item_return_posted
    ADD CONSTRAINT item_return_posted_pkey PRIMARY KEY (hold_id);

ALTER TABLE ONLY kvitt.leaf_day
    ADD CONSTRAINT leaf_day_pkey PRIMARY KEY (day, batch_id);

ALTER TABLE ONLY kvitt.leaf_month
    ADD CONSTRAINT leaf_month_pkey PRIMARY KEY (month, batch_id);

ALTER TABLE ONLY kvitt.leaf_total
    ADD CONSTRAINT leaf_total_pkey PRIMARY KEY (batch_id, flow, partner, programme, unit, currency, booking_date, settlement_date);

ALTER TABLE ONLY kvitt.match_claim
    ADD CONSTRAINT match_claim_pkey PRIMARY KEY (side, item, generation);

ALTER TABLE ONLY kvitt.match_release
    ADD CONSTRAINT match_release_pkey PRIMARY KEY (side, item, generation);

ALTER TABLE ONLY kvitt.mcc_title
    ADD CONSTRAINT mcc_title_pkey PRIMARY KEY (code, set_id);

ALTER TABLE ONLY kvitt.member_debt
    ADD CONSTRAINT member_debt_pkey PRIMARY KEY (member_id, unit);

ALTER TABLE ONLY kvitt.member_fact
    ADD CONSTRAINT member_fact_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.member_lookup
    ADD CONSTRAINT member_lookup_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY kvitt.member_merge_decision
    ADD CONSTRAINT member_merge_decision_id_key UNIQUE (id);

ALTER TABLE ONLY kvitt.member_merge_decision
    ADD CONSTRAINT member_merge_decision_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kvitt.member_merge
    ADD CONSTRAINT member_merge_id_key UNIQUE (id);

ALTER TABLE ONLY kvitt.member_merge
    ADD CONSTRAINT member_merge_key_proposed_by_key UNIQUE (key, proposed_by);

ALTER TABLE ONLY kvitt.member_merge
    ADD CONSTRAINT member_merge_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kvitt.member_merge_undone
    ADD CONSTRAINT member_merge_undone_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kvitt.member
    ADD CONSTRAINT member_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.member_ref
    ADD CONSTRAINT member_ref_pkey PRIMARY KEY (member_id, seq);

ALTER TABLE ONLY kvitt.member_search
    ADD CONSTRAINT member_search_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.merchant_entry
    ADD CONSTRAINT merchant_entry_pkey PRIMARY KEY (merchant, valid_from, set_id);

ALTER TABLE ONLY kvitt.month_sum
    ADD CONSTRAINT month_sum_pkey PRIMARY KEY (month, agreement, rule, batch_id);

ALTER TABLE ONLY kvitt.opening_decision
    ADD CONSTRAINT opening_decision_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY kvitt.opening
    ADD CONSTRAINT opening_digest_totals_proposed_by_key UNIQUE (digest, totals, proposed_by);

ALTER TABLE ONLY kvitt.opening
    ADD CONSTRAINT opening_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY kvitt.opening_posted
    ADD CONSTRAINT opening_posted_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY kvitt.outcome
    ADD CONSTRAINT outcome_pkey PRIMARY KEY (event_id, attempt);

ALTER TABLE ONLY kvitt.partner
    ADD CONSTRAINT partner_code_key UNIQUE (code);

ALTER TABLE ONLY kvitt.partner_opening
    ADD CONSTRAINT partner_opening_pkey PRIMARY KEY (partner);

ALTER TABLE ONLY kvitt.partner
    ADD CONSTRAINT partner_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.payment_order
    ADD CONSTRAINT payment_order_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.payment_order
    ADD CONSTRAINT payment_order_reference_key UNIQUE (reference);

ALTER TABLE ONLY kvitt.payment_order
    ADD CONSTRAINT payment_order_statement_id_key UNIQUE (statement_id);

ALTER TABLE ONLY kvitt.payout_answer
    ADD CONSTRAINT payout_answer_answered_key UNIQUE (answered);

ALTER TABLE ONLY kvitt.payout_answer
    ADD CONSTRAINT payout_answer_batch_id_key UNIQUE (batch_id);

ALTER TABLE ONLY kvitt.payout_answer
    ADD CONSTRAINT payout_answer_digest_key UNIQUE (digest);

ALTER TABLE ONLY kvitt.payout_answer
    ADD CONSTRAINT payout_answer_number_key UNIQUE (number);

ALTER TABLE ONLY kvitt.payout_answer
    ADD CONSTRAINT payout_answer_pkey PRIMARY KEY (sequence);

ALTER TABLE ONLY kvitt.payout_file
    ADD CONSTRAINT payout_file_batch_id_key UNIQUE (batch_id);

ALTER TABLE ONLY kvitt.payout_file
    ADD CONSTRAINT payout_file_number_key UNIQUE (number);

ALTER TABLE ONLY kvitt.payout_file
    ADD CONSTRAINT payout_file_pkey PRIMARY KEY (sequence);

ALTER TABLE ONLY kvitt.payout
    ADD CONSTRAINT payout_hold_id_key UNIQUE (hold_id);

ALTER TABLE ONLY kvitt.payout_outcome
    ADD CONSTRAINT payout_outcome_pkey PRIMARY KEY (payout_id);

ALTER TABLE ONLY kvitt.payout
    ADD CONSTRAINT payout_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.period_closed
    ADD CONSTRAINT period_closed_pkey PRIMARY KEY (month);

ALTER TABLE ONLY kvitt.plan_approval
    ADD CONSTRAINT plan_approval_pkey PRIMARY KEY (plan_id, approved_by);

ALTER TABLE ONLY kvitt.plan
    ADD CONSTRAINT plan_id_digest_prepared_by_key UNIQUE (id, digest, prepared_by);

ALTER TABLE ONLY kvitt.plan
    ADD CONSTRAINT plan_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.posting
    ADD CONSTRAINT posting_pkey PRIMARY KEY (entry_id, leg);

ALTER TABLE ONLY kvitt.prepaid_lot
    ADD CONSTRAINT prepaid_lot_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kvitt.prepaid_lot
    ADD CONSTRAINT prepaid_lot_row_id_key UNIQUE (row_id);

ALTER TABLE ONLY kvitt.prepaid_move
    ADD CONSTRAINT prepaid_move_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.prepurchase_decision
    ADD CONSTRAINT prepurchase_decision_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kvitt.prepurchase
    ADD CONSTRAINT prepurchase_id_key UNIQUE (id);

ALTER TABLE ONLY kvitt.prepurchase
    ADD CONSTRAINT prepurchase_key_proposed_by_key UNIQUE (key, proposed_by);

ALTER TABLE ONLY kvitt.prepurchase
    ADD CONSTRAINT prepurchase_pkey PRIMARY KEY (key);

ALTER TABLE ONLY kvitt.programme
    ADD CONSTRAINT programme_code_key UNIQUE (code);

ALTER TABLE ONLY kvitt.programme
    ADD CONSTRAINT programme_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.proof
    ADD CONSTRAINT proof_pkey PRIMARY KEY (pair, commodity, business_date, generation);

ALTER TABLE ONLY kvitt.quarantine_decision
    ADD CONSTRAINT quarantine_decision_pkey PRIMARY KEY (batch_id, line, item, seq);

ALTER TABLE ONLY kvitt.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (batch_id, line, item);

ALTER TABLE ONLY kvitt.quarantine_proposal
    ADD CONSTRAINT quarantine_proposal_batch_id_line_item_seq_proposed_by_key UNIQUE (batch_id, line, item, seq, proposed_by);

ALTER TABLE ONLY kvitt.quarantine_proposal
    ADD CONSTRAINT quarantine_proposal_pkey PRIMARY KEY (batch_id, line, item, seq);

ALTER TABLE ONLY kvitt.quarantine_result
    ADD CONSTRAINT quarantine_result_pkey PRIMARY KEY (batch_id, line, item, seq);

ALTER TABLE ONLY kvitt.record_link
    ADD CONSTRAINT record_link_pkey PRIMARY KEY (identity);

ALTER TABLE ONLY kvitt.reference_set
    ADD CONSTRAINT reference_set_kind_digest_key UNIQUE (kind, digest);

ALTER TABLE ONLY kvitt.reference_set
    ADD CONSTRAINT reference_set_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.rejection_closed
    ADD CONSTRAINT rejection_closed_pkey PRIMARY KEY (event_id, attempt);

ALTER TABLE ONLY kvitt.run_event
    ADD CONSTRAINT run_event_pkey PRIMARY KEY (job, business_date, seq);

ALTER TABLE ONLY kvitt.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (job, business_date);

ALTER TABLE ONLY kvitt.schema_object
    ADD CONSTRAINT schema_object_pkey PRIMARY KEY (name);

ALTER TABLE ONLY kvitt.schema_text
    ADD CONSTRAINT schema_text_pkey PRIMARY KEY (path);

ALTER TABLE ONLY kvitt.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY (batch_id);

ALTER TABLE ONLY kvitt.seal
    ADD CONSTRAINT seal_seal_key UNIQUE (seal);

ALTER TABLE ONLY kvitt.seal
    ADD CONSTRAINT seal_seal_no_key UNIQUE (seal_no);

ALTER TABLE ONLY kvitt.settlement_run
    ADD CONSTRAINT settlement_run_batch_id_key UNIQUE (batch_id);

ALTER TABLE ONLY kvitt.settlement_run
    ADD CONSTRAINT settlement_run_business_date_key UNIQUE (business_date);

ALTER TABLE ONLY kvitt.settlement_run
    ADD CONSTRAINT settlement_run_pkey PRIMARY KEY (plan_id);

ALTER TABLE ONLY kvitt.signature
    ADD CONSTRAINT signature_pkey PRIMARY KEY (file);

ALTER TABLE ONLY kvitt.signer_decision
    ADD CONSTRAINT signer_decision_pkey PRIMARY KEY (partner, fingerprint);

ALTER TABLE ONLY kvitt.signer
    ADD CONSTRAINT signer_partner_fingerprint_proposed_by_key UNIQUE (partner, fingerprint, proposed_by);

ALTER TABLE ONLY kvitt.signer
    ADD CONSTRAINT signer_pkey PRIMARY KEY (partner, fingerprint);

ALTER TABLE ONLY kvitt.signer_withdrawal
    ADD CONSTRAINT signer_withdrawal_pkey PRIMARY KEY (partner, fingerprint);

ALTER TABLE ONLY kvitt.slice
    ADD CONSTRAINT slice_pkey PRIMARY KEY (partner, batch_id, settlement_date);

ALTER TABLE ONLY kvitt.spendable
    ADD CONSTRAINT spendable_pkey PRIMARY KEY (member_id, unit);

ALTER TABLE ONLY kvitt.standing_approval
    ADD CONSTRAINT standing_approval_pkey PRIMARY KEY (standing_id);

ALTER TABLE ONLY kvitt.standing
    ADD CONSTRAINT standing_id_prepared_by_key UNIQUE (id, prepared_by);

ALTER TABLE ONLY kvitt.standing
    ADD CONSTRAINT standing_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.standing_review
    ADD CONSTRAINT standing_review_pkey PRIMARY KEY (batch_id);

ALTER TABLE ONLY kvitt.standing_withdrawal
    ADD CONSTRAINT standing_withdrawal_pkey PRIMARY KEY (standing_id);

ALTER TABLE ONLY kvitt.statement_line
    ADD CONSTRAINT statement_line_event_id_section_attempt_key UNIQUE (event_id, section, attempt);

ALTER TABLE ONLY kvitt.statement_line
    ADD CONSTRAINT statement_line_pkey PRIMARY KEY (statement_id, line);

ALTER TABLE ONLY kvitt.statement
    ADD CONSTRAINT statement_number_key UNIQUE (number);

ALTER TABLE ONLY kvitt.statement
    ADD CONSTRAINT statement_partner_business_date_key UNIQUE (partner, business_date);

ALTER TABLE ONLY kvitt.statement
    ADD CONSTRAINT statement_partner_sequence_key UNIQUE (partner, sequence);

ALTER TABLE ONLY kvitt.statement
    ADD CONSTRAINT statement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.terms
    ADD CONSTRAINT terms_kind_code_version_key UNIQUE (kind, code, version);

ALTER TABLE ONLY kvitt.terms
    ADD CONSTRAINT terms_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.terms_proposal
    ADD CONSTRAINT terms_proposal_pkey PRIMARY KEY (kind, code, version, digest, proposed_by);

ALTER TABLE ONLY kvitt.till_use
    ADD CONSTRAINT till_use_hold_id_key UNIQUE (hold_id);

ALTER TABLE ONLY kvitt.till_use
    ADD CONSTRAINT till_use_pkey PRIMARY KEY (partner, till_ref);

ALTER TABLE ONLY kvitt.unit
    ADD CONSTRAINT unit_code_key UNIQUE (code);

ALTER TABLE ONLY kvitt.unit
    ADD CONSTRAINT unit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY kvitt.unlinked_decision
    ADD CONSTRAINT unlinked_decision_pkey PRIMARY KEY (identity);

ALTER TABLE ONLY kvitt.unlinked_proposal
    ADD CONSTRAINT unlinked_proposal_identity_seq_proposed_by_key UNIQUE (identity, seq, proposed_by);

ALTER TABLE ONLY kvitt.unlinked_proposal
    ADD CONSTRAINT unlinked_proposal_pkey PRIMARY KEY (identity, seq);

ALTER TABLE ONLY kvitt.unlinked_record
    ADD CONSTRAINT unlinked_record_pkey PRIMARY KEY (identity);

ALTER TABLE ONLY kvitt.waiting_done
    ADD CONSTRAINT waiting_done_pkey PRIMARY KEY (identity);

ALTER TABLE ONLY kvitt.waiting_line
    ADD CONSTRAINT waiting_line_pkey PRIMARY KEY (row_id);

ALTER TABLE ONLY kvitt.waiting_record
    ADD CONSTRAINT waiting_record_pkey PRIMARY KEY (identity);

ALTER TABLE ONLY kvitt.window_claim
    ADD CONSTRAINT window_claim_pkey PRIMARY KEY (partner, batch_id, settlement_date);

CREATE INDEX bonus_event ON kvitt.bonus USING btree (event);

CREATE INDEX card_event_token ON kvitt.card_event USING btree (token);

CREATE INDEX dispute_event_member ON kvitt.dispute_event USING btree (member_id);

CREATE INDEX estimate_posted_unit ON kvitt.estimate_posted USING btree (unit);

CREATE INDEX fact_note_batch ON kvitt.fact_note USING btree (batch_id);

CREATE INDEX fact_note_open ON kvitt.fact_note USING btree (relation) WHERE (batch_id IS NULL);

CREATE UNIQUE INDEX hold_end_key ON kvitt.hold USING btree (end_key) WHERE (end_key IS NOT NULL);

CREATE INDEX hold_reserved ON kvitt.hold USING btree (member_id, unit) WHERE ((batch_id IS NULL) AND (captured IS DISTINCT FROM 0));

CREATE INDEX hold_unused ON kvitt.hold USING btree (ended_at) WHERE (captured IS DISTINCT FROM quantity);

CREATE INDEX member_fact_kind ON kvitt.member_fact USING btree (kind, value);

CREATE INDEX member_fact_member ON kvitt.member_fact USING btree (member_id);

CREATE INDEX member_lookup_member ON kvitt.member_lookup USING btree (member_id);

CREATE INDEX outcome_batch ON kvitt.outcome USING btree (batch_id);

CREATE INDEX outcome_deadline ON kvitt.outcome USING btree (event_id, attempt) WHERE (status = 'D'::text);

CREATE INDEX outcome_rejected ON kvitt.outcome USING btree (event_id, attempt) WHERE (status = ANY (ARRAY['P'::text, 'X'::text]));

CREATE INDEX outcome_row ON kvitt.outcome USING btree (row_id);

CREATE INDEX prepaid_move_key ON kvitt.prepaid_move USING btree (key, day);

CREATE INDEX prepaid_move_lot ON kvitt.prepaid_move USING btree (lot_id);

CREATE INDEX record_link_original ON kvitt.record_link USING btree (original);

CREATE INDEX statement_line_row ON kvitt.statement_line USING btree (row_id);

CREATE INDEX statement_line_source ON kvitt.statement_line USING btree (source_id);

CREATE INDEX till_use_original ON kvitt.till_use USING btree (partner, original_ref) WHERE (original_ref <> ''::text);

CREATE OR REPLACE VIEW kvitt.prepaid_room AS
 SELECT p.key,
    ((p.quantity)::numeric - COALESCE(sum(m.quantity), (0)::numeric)) AS whole,
    (- COALESCE(sum(m.quantity) FILTER (WHERE (m.day > p.usable_through)), (0)::numeric)) AS returned
   FROM ((kvitt.prepurchase p
     JOIN kvitt.prepaid_lot USING (key))
     LEFT JOIN kvitt.prepaid_move m USING (key))
  GROUP BY p.key;

CREATE TRIGGER facts AFTER INSERT ON kvitt.adjustment REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.adjustment_decision REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.adjustment_posted REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.answer REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.bank_line REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.bank_statement REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.basket REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.basket_line REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.basket_purchase REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.batch REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.bonus REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.bonus_undone REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.break_event REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.break_item REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.budget REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.budget_rule REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.card REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.card_event REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.currency_fact REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.dispute_event REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.document REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.entry REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.estimate REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.estimate_decision REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.estimate_posted REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.file REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.filing REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.fx_rate REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.gap_release REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.import REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.import_decision REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.item_return REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.item_return_posted REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.match_claim REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.match_release REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.mcc_title REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.member REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.member_fact REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.member_lookup REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.member_merge REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.member_merge_decision REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.member_merge_undone REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.member_ref REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.member_search REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.merchant_entry REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.opening REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.opening_decision REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.opening_posted REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.outcome REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.partner REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.partner_opening REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.payment_order REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.payout REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.payout_answer REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.payout_file REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.payout_outcome REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.period_closed REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.plan REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.plan_approval REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.prepaid_lot REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.prepaid_move REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.prepurchase REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.prepurchase_decision REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.programme REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.proof REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.quarantine REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.quarantine_decision REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.quarantine_proposal REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.quarantine_result REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.record_link REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.reference_set REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.rejection_closed REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.run_event REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.settlement_run REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.signature REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.signer REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.signer_decision REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.signer_withdrawal REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.standing REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.standing_approval REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.standing_review REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.standing_withdrawal REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.statement REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.terms REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.terms_proposal REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.till_use REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.unit REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.unlinked_decision REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.unlinked_proposal REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.unlinked_record REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.waiting_done REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.waiting_record REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER facts AFTER INSERT ON kvitt.window_claim REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION kvitt.note_facts();

CREATE TRIGGER member_merge_stands BEFORE INSERT ON kvitt.member_merge_decision FOR EACH ROW EXECUTE FUNCTION kvitt.check_merge();

CREATE TRIGGER partner_opening_first BEFORE INSERT ON kvitt.partner_opening FOR EACH ROW EXECUTE FUNCTION kvitt.check_partner_opening();

CREATE TRIGGER plan_turn BEFORE INSERT ON kvitt.plan FOR EACH ROW EXECUTE FUNCTION kvitt.check_plan();

CREATE TRIGGER prepaid_move_fits AFTER INSERT ON kvitt.prepaid_move REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION kvitt.check_prepaid_moves();

CREATE TRIGGER proof_date BEFORE INSERT ON kvitt.proof FOR EACH ROW EXECUTE FUNCTION kvitt.check_proof_date();

ALTER TABLE ONLY kvitt.adjustment_decision
    ADD CONSTRAINT adjustment_decision_key_proposed_by_fkey FOREIGN KEY (key, proposed_by) REFERENCES kvitt.adjustment(key, proposed_by);

ALTER TABLE ONLY kvitt.adjustment_posted
    ADD CONSTRAINT adjustment_posted_key_fkey FOREIGN KEY (key) REFERENCES kvitt.adjustment_decision(key);

ALTER TABLE ONLY kvitt.answer
    ADD CONSTRAINT answer_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch(id);

ALTER TABLE ONLY kvitt.answer
    ADD CONSTRAINT answer_statement FOREIGN KEY (statement_id) REFERENCES kvitt.statement(id);

ALTER TABLE ONLY kvitt.attachment
    ADD CONSTRAINT attachment_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch(id);

ALTER TABLE ONLY kvitt.bank_line
    ADD CONSTRAINT bank_line_statement FOREIGN KEY (batch_id) REFERENCES kvitt.bank_statement(batch_id);

ALTER TABLE ONLY kvitt.basket
    ADD CONSTRAINT basket_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES kvitt.batch(id);

ALTER TABLE ONLY kvitt.basket
    ADD CONSTRAINT basket_currency_fkey FOREIGN KEY (currency) REFERENCES kvitt.currency(id);

ALTER TABLE ONLY kvitt.basket_line
    ADD CONSTRAINT basket_line_batch_id_basket_fkey FOREIGN KEY (batch_id, basket) REFERENCES kvitt.basket(batch_id, line);

ALTER TABLE ONLY kvitt.basket
    ADD CONSTRAINT basket_member_id_fkey FOREIGN KEY (member_id) REFERENCES kvitt.member(id);

ALTER TABLE ONLY kvitt.basket
    ADD CONSTRAINT basket_partner_fkey FOREIGN KEY (partner) REFERENCES kvitt.partner(id);

ALTER TABLE ONLY kvitt.basket_purchase
    ADD CONSTRAINT basket_purchase_batch_id_basket_fkey FOREIGN KEY (batch_id, basket) REFERENCES kvitt.basket(batch_id, line);

ALTER TABLE ONLY kvitt.batch_attachment
    ADD CONSTRAINT batch_attachment_kind FOREIGN KEY (kind) REFERENCES kvitt.batch_kind(kind);

ALTER TABLE ONLY kvitt.batch_entry
    ADD CONSTRAINT batch_entry_account FOREIGN KEY (account) REFERENCES kvitt.account(code);

ALTER TABLE ONLY kvitt.batch_entry
    ADD CONSTRAINT batch_entry_kind FOREIGN KEY (kind) REFERENCES kvitt.batch_kind(kind);

ALTER TABLE ONLY kvitt.batch_flow
    ADD CONSTRAINT batch_flow_flow FOREIGN KEY (flow) REFERENCES kvitt.flow(id);

ALTER TABLE ONLY kvitt.batch_flow
    ADD CONSTRAINT batch_flow_kind FOREIGN KEY (kind) REFERENCES kvitt.batch_kind(kind);

ALTER TABLE ONLY kvitt.batch
    ADD CONSTRAINT batch_kind_known FOREIGN KEY (kind) REFERENCES kvitt.batch_kind(kind);

ALTER TABLE ONLY kvitt.block
    ADD CONSTRAINT block_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch(id);

ALTER TABLE ONLY kvitt.bonus_undone
    ADD CONSTRAINT bonus_undone_lot_id_fkey FOREIGN KEY (lot_id) REFERENCES kvitt.bonus(lot_id);

ALTER TABLE ONLY kvitt.break_event
    ADD CONSTRAINT break_event_break FOREIGN KEY (break_id) REFERENCES kvitt.break_item(id);

ALTER TABLE ONLY kvitt.card
    ADD CONSTRAINT card_member FOREIGN KEY (member_id) REFERENCES kvitt.member(id);

ALTER TABLE ONLY kvitt.document
    ADD CONSTRAINT document_statement FOREIGN KEY (statement_id) REFERENCES kvitt.statement(id);

ALTER TABLE ONLY kvitt.entry
    ADD CONSTRAINT entry_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch(id);

ALTER TABLE ONLY kvitt.estimate_decision
    ADD CONSTRAINT estimate_decision_key_proposed_by_fkey FOREIGN KEY (key, proposed_by) REFERENCES kvitt.estimate(key, proposed_by);

ALTER TABLE ONLY kvitt.estimate_posted
    ADD CONSTRAINT estimate_posted_key_fkey FOREIGN KEY (key) REFERENCES kvitt.estimate_decision(key);

ALTER TABLE ONLY kvitt.file
    ADD CONSTRAINT file_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch(id);

ALTER TABLE ONLY kvitt.flow_leg
    ADD CONSTRAINT flow_leg_account FOREIGN KEY (account) REFERENCES kvitt.account(code);

ALTER TABLE ONLY kvitt.flow_leg
    ADD CONSTRAINT flow_leg_flow FOREIGN KEY (flow) REFERENCES kvitt.flow(id);

ALTER TABLE ONLY kvitt.flow
    ADD CONSTRAINT flow_unit_from FOREIGN KEY (unit_from) REFERENCES kvitt.account(code);

ALTER TABLE ONLY kvitt.flow
    ADD CONSTRAINT flow_unit_to FOREIGN KEY (unit_to) REFERENCES kvitt.account(code);

ALTER TABLE ONLY kvitt.import_decision
    ADD CONSTRAINT import_decision_digest_round_proposed_by_fkey FOREIGN KEY (digest, round, proposed_by) REFERENCES kvitt.import(digest, round, proposed_by);

ALTER TABLE ONLY kvitt.item_return
    ADD CONSTRAINT item_return_hold_id_fkey FOREIGN KEY (hold_id) REFERENCES kvitt.item_order(hold_id);

ALTER TABLE ONLY kvitt.item_return_posted
    ADD CONSTRAINT item_return_posted_hold_id_fkey FOREIGN KEY (hold_id) REFERENCES kvitt.item_return(hold_id);

ALTER TABLE ONLY kvitt.match_claim
    ADD CONSTRAINT match_claim_after_release FOREIGN KEY (side, item, prev) REFERENCES kvitt.match_release(side, item, generation);

ALTER TABLE ONLY kvitt.match_release
    ADD CONSTRAINT match_release_of_claim FOREIGN KEY (side, item, generation) REFERENCES kvitt.match_claim(side, item, generation);

ALTER TABLE ONLY kvitt.member_fact
    ADD CONSTRAINT member_fact_member_id_fkey FOREIGN KEY (member_id) REFERENCES kvitt.member(id);

ALTER TABLE ONLY kvitt.member_lookup
    ADD CONSTRAINT member_lookup_member_id_fkey FOREIGN KEY (member_id) REFERENCES kvitt.member(id);

ALTER TABLE ONLY kvitt.member_merge_decision
    ADD CONSTRAINT member_merge_decision_key_proposed_by_fkey FOREIGN KEY (key, proposed_by) REFERENCES kvitt.member_merge(key, proposed_by);

ALTER TABLE ONLY kvitt.member_merge
    ADD CONSTRAINT member_merge_into_id_fkey FOREIGN KEY (into_id) REFERENCES kvitt.member(id);

ALTER TABLE ONLY kvitt.member_merge
    ADD CONSTRAINT member_merge_member_id_fkey FOREIGN KEY (member_id) REFERENCES kvitt.member(id);

ALTER TABLE ONLY kvitt.member_merge_undone
    ADD CONSTRAINT member_merge_undone_key_fkey FOREIGN KEY (key) REFERENCES kvitt.member_merge_decision(key);

ALTER TABLE ONLY kvitt.member
    ADD CONSTRAINT member_programme FOREIGN KEY (programme) REFERENCES kvitt.programme(id);

ALTER TABLE ONLY kvitt.member_ref
    ADD CONSTRAINT member_ref_member FOREIGN KEY (member_id) REFERENCES kvitt.member(id);

ALTER TABLE ONLY kvitt.member_search
    ADD CONSTRAINT member_search_member_id_fkey FOREIGN KEY (member_id) REFERENCES kvitt.member(id);

ALTER TABLE ONLY kvitt.opening_decision
    ADD CONSTRAINT opening_decision_digest_totals_proposed_by_fkey FOREIGN KEY (digest, totals, proposed_by) REFERENCES kvitt.opening(digest, totals, proposed_by);

ALTER TABLE ONLY kvitt.opening_posted
    ADD CONSTRAINT opening_posted_digest_fkey FOREIGN KEY (digest) REFERENCES kvitt.opening_decision(digest);

ALTER TABLE ONLY kvitt.partner_opening
    ADD CONSTRAINT partner_opening_partner_fkey FOREIGN KEY (partner) REFERENCES kvitt.partner(id);

ALTER TABLE ONLY kvitt.payment_order
    ADD CONSTRAINT payment_order_statement FOREIGN KEY (statement_id) REFERENCES kvitt.statement(id);

ALTER TABLE ONLY kvitt.payout_answer
    ADD CONSTRAINT payout_answer_answered_fkey FOREIGN KEY (answered) REFERENCES kvitt.payout_file(sequence);

ALTER TABLE ONLY kvitt.payout_outcome
    ADD CONSTRAINT payout_outcome_answer_fkey FOREIGN KEY (answer) REFERENCES kvitt.payout_answer(sequence);

ALTER TABLE ONLY kvitt.payout_outcome
    ADD CONSTRAINT payout_outcome_payout_id_fkey FOREIGN KEY (payout_id) REFERENCES kvitt.payout(id);

ALTER TABLE ONLY kvitt.payout
    ADD CONSTRAINT payout_sequence_fkey FOREIGN KEY (sequence) REFERENCES kvitt.payout_file(sequence);

ALTER TABLE ONLY kvitt.plan_approval
    ADD CONSTRAINT plan_approval_plan FOREIGN KEY (plan_id, digest, prepared_by) REFERENCES kvitt.plan(id, digest, prepared_by);

ALTER TABLE ONLY kvitt.posting
    ADD CONSTRAINT posting_account FOREIGN KEY (account) REFERENCES kvitt.account(code);

ALTER TABLE ONLY kvitt.posting
    ADD CONSTRAINT posting_entry FOREIGN KEY (entry_id) REFERENCES kvitt.entry(id);

ALTER TABLE ONLY kvitt.prepaid_lot
    ADD CONSTRAINT prepaid_lot_key_fkey FOREIGN KEY (key) REFERENCES kvitt.prepurchase_decision(key);

ALTER TABLE ONLY kvitt.prepaid_move
    ADD CONSTRAINT prepaid_move_key_fkey FOREIGN KEY (key) REFERENCES kvitt.prepaid_lot(key);

ALTER TABLE ONLY kvitt.prepurchase
    ADD CONSTRAINT prepurchase_currency_fkey FOREIGN KEY (currency) REFERENCES kvitt.currency(id);

ALTER TABLE ONLY kvitt.prepurchase_decision
    ADD CONSTRAINT prepurchase_decision_key_proposed_by_fkey FOREIGN KEY (key, proposed_by) REFERENCES kvitt.prepurchase(key, proposed_by);

ALTER TABLE ONLY kvitt.prepurchase
    ADD CONSTRAINT prepurchase_partner_fkey FOREIGN KEY (partner) REFERENCES kvitt.partner(id);

ALTER TABLE ONLY kvitt.prepurchase
    ADD CONSTRAINT prepurchase_unit_fkey FOREIGN KEY (unit) REFERENCES kvitt.unit(id);

ALTER TABLE ONLY kvitt.quarantine_decision
    ADD CONSTRAINT quarantine_decision_proposal FOREIGN KEY (batch_id, line, item, seq, proposed_by) REFERENCES kvitt.quarantine_proposal(batch_id, line, item, seq, proposed_by);

ALTER TABLE ONLY kvitt.rejection_closed
    ADD CONSTRAINT rejection_closed_outcome FOREIGN KEY (event_id, attempt) REFERENCES kvitt.outcome(event_id, attempt);

ALTER TABLE ONLY kvitt.run_event
    ADD CONSTRAINT run_event_run FOREIGN KEY (job, business_date) REFERENCES kvitt.run(job, business_date);

ALTER TABLE ONLY kvitt.seal
    ADD CONSTRAINT seal_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch(id);

ALTER TABLE ONLY kvitt.settlement_run
    ADD CONSTRAINT settlement_run_batch FOREIGN KEY (batch_id) REFERENCES kvitt.batch(id);

ALTER TABLE ONLY kvitt.settlement_run
    ADD CONSTRAINT settlement_run_plan FOREIGN KEY (plan_id) REFERENCES kvitt.plan(id);

ALTER TABLE ONLY kvitt.signer_decision
    ADD CONSTRAINT signer_decision_signer FOREIGN KEY (partner, fingerprint, proposed_by) REFERENCES kvitt.signer(partner, fingerprint, proposed_by);

ALTER TABLE ONLY kvitt.signer
    ADD CONSTRAINT signer_partner FOREIGN KEY (partner) REFERENCES kvitt.partner(id);

ALTER TABLE ONLY kvitt.signer_withdrawal
    ADD CONSTRAINT signer_withdrawal_signer FOREIGN KEY (partner, fingerprint) REFERENCES kvitt.signer(partner, fingerprint);

ALTER TABLE ONLY kvitt.standing_approval
    ADD CONSTRAINT standing_approval_standing FOREIGN KEY (standing_id, prepared_by) REFERENCES kvitt.standing(id, prepared_by);

ALTER TABLE ONLY kvitt.standing
    ADD CONSTRAINT standing_partner FOREIGN KEY (partner) REFERENCES kvitt.partner(id);

ALTER TABLE ONLY kvitt.standing_review
    ADD CONSTRAINT standing_review_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES kvitt.batch(id);

ALTER TABLE ONLY kvitt.standing_withdrawal
    ADD CONSTRAINT standing_withdrawal_standing FOREIGN KEY (standing_id) REFERENCES kvitt.standing(id);

ALTER TABLE ONLY kvitt.statement
    ADD CONSTRAINT statement_batch FOREIGN KEY (run_batch) REFERENCES kvitt.batch(id);

ALTER TABLE ONLY kvitt.statement
    ADD CONSTRAINT statement_partner FOREIGN KEY (partner) REFERENCES kvitt.partner(id);

ALTER TABLE ONLY kvitt.unit
    ADD CONSTRAINT unit_currency FOREIGN KEY (currency) REFERENCES kvitt.currency(id);

ALTER TABLE ONLY kvitt.unlinked_decision
    ADD CONSTRAINT unlinked_decision_proposal FOREIGN KEY (identity, seq, proposed_by) REFERENCES kvitt.unlinked_proposal(identity, seq, proposed_by);

ALTER TABLE ONLY kvitt.waiting_done
    ADD CONSTRAINT waiting_done_waiting FOREIGN KEY (identity) REFERENCES kvitt.waiting_record(identity);

ALTER TABLE ONLY kvitt.waiting_record
    ADD CONSTRAINT waiting_record_link FOREIGN KEY (identity) REFERENCES kvitt.record_link(identity);

ALTER TABLE ONLY kvitt.window_claim
    ADD CONSTRAINT window_claim_slice FOREIGN KEY (partner, batch_id, settlement_date) REFERENCES kvitt.slice(partner, batch_id, settlement_date);

GRANT USAGE ON SCHEMA kvitt TO kvitt_read;
GRANT USAGE ON SCHEMA kvitt TO kvitt_ingest;
GRANT USAGE ON SCHEMA kvitt TO kvitt_settle;
GRANT USAGE ON SCHEMA kvitt TO kvitt_finance;
GRANT USAGE ON SCHEMA kvitt TO kvitt_audit;
GRANT USAGE ON SCHEMA kvitt TO kvitt_redeem;

REVOKE ALL ON FUNCTION kvitt.acting_role() FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.apply_terms(p_kind text, p_code text, p_version integer, p_body bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.apply_terms(p_kind text, p_code text, p_version integer, p_body bytea) TO kvitt_finance;

REVOKE ALL ON FUNCTION kvitt.ask_import(p_kind text, p_digest bytea, p_name text, p_rows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.attach_facts(p_batch bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.begin_run(p_job text, p_date date, p_holder text, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.begin_run(p_job text, p_date date, p_holder text, p_at timestamp with time zone) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.begin_run(p_job text, p_date date, p_holder text, p_at timestamp with time zone) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.begin_settlement(p_plan text, p_batch bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.begin_settlement(p_plan text, p_batch bigint) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.books_position(p_partner smallint, p_currency text, p_date date, p_cut bigint, OUT sequence integer, OUT opening bigint, OUT to_partner bigint, OUT to_issuer bigint, OUT paid bigint, OUT slices jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.change_member_refs(p_members bigint[], p_refs text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.change_member_refs(p_members bigint[], p_refs text[]) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.check_batch_role(p_kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.check_business_date(p_date date) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.check_business_date(p_date date) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.check_business_date(p_date date) TO kvitt_settle;
GRANT ALL ON FUNCTION kvitt.check_business_date(p_date date) TO kvitt_finance;

REVOKE ALL ON FUNCTION kvitt.check_leaf(p_batch bigint, p_rewards bigint, p_totals jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.check_merge() FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.check_partner_opening() FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.check_plan() FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.check_prepaid_moves() FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.check_proof_date() FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.check_turn(p_date date, p_cut bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.convert_points(p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamp with time zone, p_into smallint, OUT outcome text, OUT hold_id bigint, OUT rest bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.convert_points(p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamp with time zone, p_into smallint, OUT outcome text, OUT hold_id bigint, OUT rest bigint) TO kvitt_redeem;

REVOKE ALL ON FUNCTION kvitt.disputed_purchases(p_members bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.disputed_purchases(p_members bigint[]) TO kvitt_read;
GRANT ALL ON FUNCTION kvitt.disputed_purchases(p_members bigint[]) TO kvitt_redeem;

REVOKE ALL ON FUNCTION kvitt.end_all_overdue(p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.end_all_overdue(p_at timestamp with time zone) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.end_hold(p_key text, p_hold bigint, p_captured bigint, p_at timestamp with time zone, OUT outcome text, OUT captured_quantity bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.end_hold(p_key text, p_hold bigint, p_captured bigint, p_at timestamp with time zone, OUT outcome text, OUT captured_quantity bigint) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.end_hold(p_key text, p_hold bigint, p_captured bigint, p_at timestamp with time zone, OUT outcome text, OUT captured_quantity bigint) TO kvitt_settle;
GRANT ALL ON FUNCTION kvitt.end_hold(p_key text, p_hold bigint, p_captured bigint, p_at timestamp with time zone, OUT outcome text, OUT captured_quantity bigint) TO kvitt_redeem;

REVOKE ALL ON FUNCTION kvitt.end_holder(p_job text, p_date date) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.end_holder(p_job text, p_date date) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.end_holder(p_job text, p_date date) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.end_overdue(p_member bigint, p_unit smallint, p_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.enrol_members(p_programme text, p_name text, p_day date, p_tokens text[], p_refs text[], p_joined text[], p_channels text[], p_terms text[], p_products text[], p_staff text[], p_referrers text[], OUT outcome text, OUT content bytea, OUT enrolled bigint, OUT changed bigint, OUT told bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.enrol_members(p_programme text, p_name text, p_day date, p_tokens text[], p_refs text[], p_joined text[], p_channels text[], p_terms text[], p_products text[], p_staff text[], p_referrers text[], OUT outcome text, OUT content bytea, OUT enrolled bigint, OUT changed bigint, OUT told bigint) TO kvitt_finance;

REVOKE ALL ON FUNCTION kvitt.fact_sources() FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.fact_sources() TO kvitt_read;
GRANT ALL ON FUNCTION kvitt.fact_sources() TO kvitt_audit;

REVOKE ALL ON FUNCTION kvitt.find_member(p_digests text[], p_kind text, p_reason text) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.find_member(p_digests text[], p_kind text, p_reason text) TO kvitt_read;

REVOKE ALL ON FUNCTION kvitt.find_repeats(p_batch bigint, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.find_repeats(p_batch bigint, p_limit integer) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.find_repeats(p_batch bigint, p_limit integer) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.hold(p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamp with time zone, p_until timestamp with time zone, OUT outcome text, OUT hold_id bigint, OUT rest bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.hold(p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamp with time zone, p_until timestamp with time zone, OUT outcome text, OUT hold_id bigint, OUT rest bigint) TO kvitt_redeem;

REVOKE ALL ON FUNCTION kvitt.hold_fence(p_job text, p_date date, p_fence integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.hold_fence(p_job text, p_date date, p_fence integer) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.hold_fence(p_job text, p_date date, p_fence integer) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.import_reference(p_kind text, p_name text, p_dated date, p_file bytea, p_first text[], p_second text[], p_third text[], p_fourth text[], OUT outcome text, OUT content bytea, OUT set_no integer) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.import_reference(p_kind text, p_name text, p_dated date, p_file bytea, p_first text[], p_second text[], p_third text[], p_fourth text[], OUT outcome text, OUT content bytea, OUT set_no integer) TO kvitt_finance;

REVOKE ALL ON FUNCTION kvitt.index_identities(p_batch bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.index_identities(p_batch bigint) TO kvitt_ingest;

REVOKE ALL ON FUNCTION kvitt.issue_payout_file(p_batch bigint, p_sequence bigint, p_number text, p_body bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.issue_payout_file(p_batch bigint, p_sequence bigint, p_number text, p_body bytea) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.issue_payouts(p_sequence bigint, p_lines jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.issue_payouts(p_sequence bigint, p_lines jsonb) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.issue_statement(p_plan text, p_partner smallint, p_id bigint, p_number text, p_created timestamp with time zone, p_reference text, p_filed_quantity bigint, p_line_digest bytea, p_json_digest bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.issue_statement(p_plan text, p_partner smallint, p_id bigint, p_number text, p_created timestamp with time zone, p_reference text, p_filed_quantity bigint, p_line_digest bytea, p_json_digest bytea) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.last_business_date() FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.lock_members(p_members bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.lock_members(p_members bigint[]) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.lock_members(p_members bigint[]) TO kvitt_settle;
GRANT ALL ON FUNCTION kvitt.lock_members(p_members bigint[]) TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.reward TO kvitt_read;
GRANT SELECT ON TABLE kvitt.reward TO kvitt_audit;

REVOKE ALL ON FUNCTION kvitt.member_rewards(p_members bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.member_rewards(p_members bigint[]) TO kvitt_read;
GRANT ALL ON FUNCTION kvitt.member_rewards(p_members bigint[]) TO kvitt_redeem;

REVOKE ALL ON FUNCTION kvitt.merge_leaves(p_part text, p_first bigint, p_last bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.merge_leaves(p_part text, p_first bigint, p_last bigint) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.movement() FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.note_facts() FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.note_holds(p_holds bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.note_lookup(p_digests text[], p_kind text, p_member bigint, OUT outcome text, OUT content bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.note_lookup(p_digests text[], p_kind text, p_member bigint, OUT outcome text, OUT content bytea) TO kvitt_finance;

REVOKE ALL ON FUNCTION kvitt.note_step(p_job text, p_date date, p_fence integer, p_step text, p_state text, p_note text) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.note_step(p_job text, p_date date, p_fence integer, p_step text, p_state text, p_note text) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.note_step(p_job text, p_date date, p_fence integer, p_step text, p_state text, p_note text) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.open_leaf(p_batch bigint, p_kind text, p_business_date date, p_recorded_at timestamp with time zone, p_guarded boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.open_leaf(p_batch bigint, p_kind text, p_business_date date, p_recorded_at timestamp with time zone, p_guarded boolean) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.open_leaf(p_batch bigint, p_kind text, p_business_date date, p_recorded_at timestamp with time zone, p_guarded boolean) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.order_item(p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamp with time zone, p_item text, p_count integer, OUT outcome text, OUT hold_id bigint, OUT rest bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.order_item(p_key text, p_member bigint, p_unit smallint, p_quantity bigint, p_day date, p_at timestamp with time zone, p_item text, p_count integer, OUT outcome text, OUT hold_id bigint, OUT rest bigint) TO kvitt_redeem;

REVOKE ALL ON FUNCTION kvitt.partner_currency(p_partner smallint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.partner_currency(p_partner smallint) TO kvitt_read;
GRANT ALL ON FUNCTION kvitt.partner_currency(p_partner smallint) TO kvitt_audit;

REVOKE ALL ON FUNCTION kvitt.partner_footing(p_partner smallint, OUT terms bytea, OUT signers bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.partner_footing(p_partner smallint, OUT terms bytea, OUT signers bytea) TO kvitt_read;
GRANT ALL ON FUNCTION kvitt.partner_footing(p_partner smallint, OUT terms bytea, OUT signers bytea) TO kvitt_audit;

REVOKE ALL ON FUNCTION kvitt.pass_gate(p_alone boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.pass_gate(p_alone boolean) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.pass_gate(p_alone boolean) TO kvitt_settle;
GRANT ALL ON FUNCTION kvitt.pass_gate(p_alone boolean) TO kvitt_finance;

REVOKE ALL ON FUNCTION kvitt.plan_positions(p_plan text) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.plan_positions(p_plan text) TO kvitt_read;
GRANT ALL ON FUNCTION kvitt.plan_positions(p_plan text) TO kvitt_audit;

REVOKE ALL ON FUNCTION kvitt.post_entries(p_batch bigint, p_kind text, p_first integer, p_legs jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.post_holds(p_batch bigint, p_holds bigint[], p_first integer[], p_last integer[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.post_holds(p_batch bigint, p_holds bigint[], p_first integer[], p_last integer[]) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.post_holds(p_batch bigint, p_holds bigint[], p_first integer[], p_last integer[]) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.post_leaf_entries(p_batch bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.prepare_standing(p_partner smallint, p_currency text, p_account text, p_to_partner bigint, p_to_issuer bigint, p_month_to_partner bigint, p_month_to_issuer bigint, p_expires_on date) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.prepare_standing(p_partner smallint, p_currency text, p_account text, p_to_partner bigint, p_to_issuer bigint, p_month_to_partner bigint, p_month_to_issuer bigint, p_expires_on date) TO kvitt_finance;

REVOKE ALL ON FUNCTION kvitt.rate_moves(p_days text[], p_currencies text[], p_rates text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.rate_moves(p_days text[], p_currencies text[], p_rates text[]) TO kvitt_finance;

REVOKE ALL ON FUNCTION kvitt.register_partner(p_code text, p_name text, p_entity text) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.register_partner(p_code text, p_name text, p_entity text) TO kvitt_finance;

REVOKE ALL ON FUNCTION kvitt.register_programme(p_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.register_programme(p_code text) TO kvitt_finance;

REVOKE ALL ON FUNCTION kvitt.register_unit(p_code text, p_kind text, p_currency smallint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.register_unit(p_code text, p_kind text, p_currency smallint) TO kvitt_finance;

REVOKE ALL ON FUNCTION kvitt.replace_card(p_token text, p_new text) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.replace_card(p_token text, p_new text) TO kvitt_ingest;

REVOKE ALL ON FUNCTION kvitt.reserve_batch(p_kind text, p_key text) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.reserve_batch(p_kind text, p_key text) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.reserve_batch(p_kind text, p_key text) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.reserved(p_member bigint, p_unit smallint) FROM PUBLIC;

REVOKE ALL ON FUNCTION kvitt.seal_leaf(p_batch bigint, p_purchases bigint, p_rewards bigint, p_root bytea, p_blocks jsonb, p_totals jsonb, p_legs jsonb, p_attachments jsonb, p_base_seal bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.seal_leaf(p_batch bigint, p_purchases bigint, p_rewards bigint, p_root bytea, p_blocks jsonb, p_totals jsonb, p_legs jsonb, p_attachments jsonb, p_base_seal bigint) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.seal_leaf(p_batch bigint, p_purchases bigint, p_rewards bigint, p_root bytea, p_blocks jsonb, p_totals jsonb, p_legs jsonb, p_attachments jsonb, p_base_seal bigint) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.seal_text(p_batch bigint, p_previous bytea, p_root bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.seal_text(p_batch bigint, p_previous bytea, p_root bytea) TO kvitt_read;
GRANT ALL ON FUNCTION kvitt.seal_text(p_batch bigint, p_previous bytea, p_root bytea) TO kvitt_audit;

REVOKE ALL ON FUNCTION kvitt.set_spendable(p_member bigint, p_unit smallint, p_seal bigint, p_day date, p_lots bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.set_spendable(p_member bigint, p_unit smallint, p_seal bigint, p_day date, p_lots bigint) TO kvitt_redeem;

REVOKE ALL ON FUNCTION kvitt.spend_budget(p_agreement_id integer, p_ordinal smallint, p_agreement text, p_rule text, p_partner smallint, p_limit bigint, p_spent bigint, p_returned bigint, p_kept bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.spend_budget(p_agreement_id integer, p_ordinal smallint, p_agreement text, p_rule text, p_partner smallint, p_limit bigint, p_spent bigint, p_returned bigint, p_kept bigint) TO kvitt_ingest;
GRANT ALL ON FUNCTION kvitt.spend_budget(p_agreement_id integer, p_ordinal smallint, p_agreement text, p_rule text, p_partner smallint, p_limit bigint, p_spent bigint, p_returned bigint, p_kept bigint) TO kvitt_settle;

REVOKE ALL ON FUNCTION kvitt.standing_use(p_partner smallint, p_date date, OUT to_partner bigint, OUT to_issuer bigint, OUT ordered bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.standing_use(p_partner smallint, p_date date, OUT to_partner bigint, OUT to_issuer bigint, OUT ordered bigint) TO kvitt_read;
GRANT ALL ON FUNCTION kvitt.standing_use(p_partner smallint, p_date date, OUT to_partner bigint, OUT to_issuer bigint, OUT ordered bigint) TO kvitt_audit;

REVOKE ALL ON FUNCTION kvitt.taken_numbers(p_programme text, p_tokens text[], p_refs text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.taken_numbers(p_programme text, p_tokens text[], p_refs text[]) TO kvitt_finance;

REVOKE ALL ON FUNCTION kvitt.tell_member_facts(p_source text, p_name text, p_members bigint[], p_kinds text[], p_values text[], p_from text[], p_through text[], p_control smallint[], OUT outcome text, OUT content bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.tell_member_facts(p_source text, p_name text, p_members bigint[], p_kinds text[], p_values text[], p_from text[], p_through text[], p_control smallint[], OUT outcome text, OUT content bytea) TO kvitt_settle;
GRANT ALL ON FUNCTION kvitt.tell_member_facts(p_source text, p_name text, p_members bigint[], p_kinds text[], p_values text[], p_from text[], p_through text[], p_control smallint[], OUT outcome text, OUT content bytea) TO kvitt_finance;

REVOKE ALL ON FUNCTION kvitt.undecided_rows(p_batch bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION kvitt.undecided_rows(p_batch bigint) TO kvitt_read;
GRANT ALL ON FUNCTION kvitt.undecided_rows(p_batch bigint) TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.account TO kvitt_read;
GRANT SELECT ON TABLE kvitt.account TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.account TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.posting TO kvitt_read;
GRANT SELECT ON TABLE kvitt.posting TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.account_balance TO kvitt_read;
GRANT SELECT ON TABLE kvitt.account_balance TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.adjustment TO kvitt_read;
GRANT SELECT ON TABLE kvitt.adjustment TO kvitt_audit;

GRANT INSERT(key) ON TABLE kvitt.adjustment TO kvitt_finance;

GRANT INSERT(kind) ON TABLE kvitt.adjustment TO kvitt_finance;

GRANT INSERT(member_id) ON TABLE kvitt.adjustment TO kvitt_finance;

GRANT INSERT(unit) ON TABLE kvitt.adjustment TO kvitt_finance;

GRANT INSERT(quantity) ON TABLE kvitt.adjustment TO kvitt_finance;

GRANT INSERT(reason) ON TABLE kvitt.adjustment TO kvitt_finance;

GRANT INSERT(evidence) ON TABLE kvitt.adjustment TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.adjustment_decision TO kvitt_read;
GRANT SELECT ON TABLE kvitt.adjustment_decision TO kvitt_audit;

GRANT INSERT(key) ON TABLE kvitt.adjustment_decision TO kvitt_finance;

GRANT INSERT(proposed_by) ON TABLE kvitt.adjustment_decision TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.adjustment_posted TO kvitt_read;
GRANT SELECT ON TABLE kvitt.adjustment_posted TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.adjustment_posted TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.answer TO kvitt_read;
GRANT SELECT ON TABLE kvitt.answer TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.answer TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.attachment TO kvitt_read;
GRANT SELECT ON TABLE kvitt.attachment TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.bank_line TO kvitt_read;
GRANT SELECT ON TABLE kvitt.bank_line TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.bank_line TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.bank_statement TO kvitt_read;
GRANT SELECT ON TABLE kvitt.bank_statement TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.bank_statement TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.basket TO kvitt_read;
GRANT SELECT ON TABLE kvitt.basket TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.basket TO kvitt_ingest;

GRANT SELECT ON TABLE kvitt.basket_line TO kvitt_read;
GRANT SELECT ON TABLE kvitt.basket_line TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.basket_line TO kvitt_ingest;

GRANT SELECT ON TABLE kvitt.basket_purchase TO kvitt_read;
GRANT SELECT ON TABLE kvitt.basket_purchase TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.basket_purchase TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.batch TO kvitt_read;
GRANT SELECT ON TABLE kvitt.batch TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.batch_attachment TO kvitt_read;
GRANT SELECT ON TABLE kvitt.batch_attachment TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.batch_attachment TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.batch_entry TO kvitt_read;
GRANT SELECT ON TABLE kvitt.batch_entry TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.batch_entry TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.batch_flow TO kvitt_read;
GRANT SELECT ON TABLE kvitt.batch_flow TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.batch_flow TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.batch_kind TO kvitt_read;
GRANT SELECT ON TABLE kvitt.batch_kind TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.batch_kind TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.batch_number TO kvitt_read;
GRANT SELECT ON TABLE kvitt.batch_number TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.block TO kvitt_read;
GRANT SELECT ON TABLE kvitt.block TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.bonus TO kvitt_read;
GRANT SELECT ON TABLE kvitt.bonus TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.bonus TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.bonus_undone TO kvitt_read;
GRANT SELECT ON TABLE kvitt.bonus_undone TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.bonus_undone TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.book TO kvitt_read;
GRANT SELECT ON TABLE kvitt.book TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.book TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.break_event TO kvitt_read;
GRANT SELECT ON TABLE kvitt.break_event TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.break_event TO kvitt_ingest;
GRANT INSERT ON TABLE kvitt.break_event TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.break_item TO kvitt_read;
GRANT SELECT ON TABLE kvitt.break_item TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.break_item TO kvitt_ingest;
GRANT INSERT ON TABLE kvitt.break_item TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.break_state TO kvitt_read;
GRANT SELECT ON TABLE kvitt.break_state TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.budget TO kvitt_read;
GRANT SELECT ON TABLE kvitt.budget TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.budget_rule TO kvitt_read;
GRANT SELECT ON TABLE kvitt.budget_rule TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.card TO kvitt_read;
GRANT SELECT ON TABLE kvitt.card TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.card TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.card_event TO kvitt_read;
GRANT SELECT ON TABLE kvitt.card_event TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.card_event TO kvitt_ingest;

GRANT SELECT ON TABLE kvitt.conversion TO kvitt_read;
GRANT SELECT ON TABLE kvitt.conversion TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.currency TO kvitt_read;
GRANT SELECT ON TABLE kvitt.currency TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.currency TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.currency_fact TO kvitt_read;
GRANT SELECT ON TABLE kvitt.currency_fact TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.dispute_event TO kvitt_read;
GRANT SELECT ON TABLE kvitt.dispute_event TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.dispute_event TO kvitt_ingest;

GRANT SELECT ON TABLE kvitt.document TO kvitt_read;
GRANT SELECT ON TABLE kvitt.document TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.document TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.entry TO kvitt_read;
GRANT SELECT ON TABLE kvitt.entry TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.estimate TO kvitt_read;
GRANT SELECT ON TABLE kvitt.estimate TO kvitt_audit;

GRANT INSERT(key) ON TABLE kvitt.estimate TO kvitt_finance;

GRANT INSERT(unit) ON TABLE kvitt.estimate TO kvitt_finance;

GRANT INSERT(used_bp) ON TABLE kvitt.estimate TO kvitt_finance;

GRANT INSERT(data_cut) ON TABLE kvitt.estimate TO kvitt_finance;

GRANT INSERT(reason) ON TABLE kvitt.estimate TO kvitt_finance;

GRANT INSERT(evidence) ON TABLE kvitt.estimate TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.estimate_decision TO kvitt_read;
GRANT SELECT ON TABLE kvitt.estimate_decision TO kvitt_audit;

GRANT INSERT(key) ON TABLE kvitt.estimate_decision TO kvitt_finance;

GRANT INSERT(proposed_by) ON TABLE kvitt.estimate_decision TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.estimate_posted TO kvitt_read;
GRANT SELECT ON TABLE kvitt.estimate_posted TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.estimate_posted TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.fact_note TO kvitt_read;
GRANT SELECT ON TABLE kvitt.fact_note TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.file TO kvitt_read;
GRANT SELECT ON TABLE kvitt.file TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.file TO kvitt_ingest;
GRANT INSERT ON TABLE kvitt.file TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.filing TO kvitt_read;
GRANT SELECT ON TABLE kvitt.filing TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.filing TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.flow TO kvitt_read;
GRANT SELECT ON TABLE kvitt.flow TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.flow TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.flow_leg TO kvitt_read;
GRANT SELECT ON TABLE kvitt.flow_leg TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.flow_leg TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.fx_rate TO kvitt_read;
GRANT SELECT ON TABLE kvitt.fx_rate TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.gap_release TO kvitt_read;
GRANT SELECT ON TABLE kvitt.gap_release TO kvitt_audit;

GRANT INSERT(source) ON TABLE kvitt.gap_release TO kvitt_finance;

GRANT INSERT(sequence) ON TABLE kvitt.gap_release TO kvitt_finance;

GRANT INSERT(reason) ON TABLE kvitt.gap_release TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.hold TO kvitt_read;
GRANT SELECT ON TABLE kvitt.hold TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.hold TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.import TO kvitt_read;
GRANT SELECT ON TABLE kvitt.import TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.import_decision TO kvitt_read;
GRANT SELECT ON TABLE kvitt.import_decision TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.item_order TO kvitt_read;
GRANT SELECT ON TABLE kvitt.item_order TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.item_return TO kvitt_read;
GRANT SELECT ON TABLE kvitt.item_return TO kvitt_audit;

GRANT INSERT(hold_id) ON TABLE kvitt.item_return TO kvitt_finance;

GRANT INSERT(reason) ON TABLE kvitt.item_return TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.item_return_posted TO kvitt_read;
GRANT SELECT ON TABLE kvitt.item_return_posted TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.item_return_posted TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.leaf_day TO kvitt_read;
GRANT SELECT ON TABLE kvitt.leaf_day TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.leaf_month TO kvitt_read;
GRANT SELECT ON TABLE kvitt.leaf_month TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.leaf_total TO kvitt_read;
GRANT SELECT ON TABLE kvitt.leaf_total TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.match_claim TO kvitt_read;
GRANT SELECT ON TABLE kvitt.match_claim TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.match_claim TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.match_release TO kvitt_read;
GRANT SELECT ON TABLE kvitt.match_release TO kvitt_audit;

GRANT INSERT(side) ON TABLE kvitt.match_release TO kvitt_settle;

GRANT INSERT(item) ON TABLE kvitt.match_release TO kvitt_settle;

GRANT INSERT(generation) ON TABLE kvitt.match_release TO kvitt_settle;

GRANT INSERT(reason) ON TABLE kvitt.match_release TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.mcc_title TO kvitt_read;
GRANT SELECT ON TABLE kvitt.mcc_title TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.member TO kvitt_read;
GRANT SELECT ON TABLE kvitt.member TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.member TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.member_balance TO kvitt_read;
GRANT SELECT ON TABLE kvitt.member_balance TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.member_debt TO kvitt_read;
GRANT SELECT ON TABLE kvitt.member_debt TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.member_fact TO kvitt_read;
GRANT SELECT ON TABLE kvitt.member_fact TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.member_lookup TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.member_merge TO kvitt_read;
GRANT SELECT ON TABLE kvitt.member_merge TO kvitt_audit;

GRANT INSERT(key) ON TABLE kvitt.member_merge TO kvitt_finance;

GRANT INSERT(member_id) ON TABLE kvitt.member_merge TO kvitt_finance;

GRANT INSERT(into_id) ON TABLE kvitt.member_merge TO kvitt_finance;

GRANT INSERT(undo) ON TABLE kvitt.member_merge TO kvitt_finance;

GRANT INSERT(reason) ON TABLE kvitt.member_merge TO kvitt_finance;

GRANT INSERT(evidence) ON TABLE kvitt.member_merge TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.member_merge_decision TO kvitt_read;
GRANT SELECT ON TABLE kvitt.member_merge_decision TO kvitt_audit;

GRANT INSERT(key) ON TABLE kvitt.member_merge_decision TO kvitt_finance;

GRANT INSERT(proposed_by) ON TABLE kvitt.member_merge_decision TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.member_merge_undone TO kvitt_read;
GRANT SELECT ON TABLE kvitt.member_merge_undone TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.member_merge_undone TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.member_ref TO kvitt_read;
GRANT SELECT ON TABLE kvitt.member_ref TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.member_number TO kvitt_read;
GRANT SELECT ON TABLE kvitt.member_number TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.unit TO kvitt_read;
GRANT SELECT ON TABLE kvitt.unit TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.unit TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.member_posting TO kvitt_read;
GRANT SELECT ON TABLE kvitt.member_posting TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.member_search TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.merchant_entry TO kvitt_read;
GRANT SELECT ON TABLE kvitt.merchant_entry TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.merged TO kvitt_read;
GRANT SELECT ON TABLE kvitt.merged TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.merged TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.month_sum TO kvitt_read;
GRANT SELECT ON TABLE kvitt.month_sum TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.month_sum TO kvitt_ingest;

GRANT SELECT ON TABLE kvitt.opening TO kvitt_read;
GRANT SELECT ON TABLE kvitt.opening TO kvitt_audit;

GRANT INSERT(digest) ON TABLE kvitt.opening TO kvitt_finance;

GRANT INSERT(name) ON TABLE kvitt.opening TO kvitt_finance;

GRANT INSERT(body) ON TABLE kvitt.opening TO kvitt_finance;

GRANT INSERT(totals) ON TABLE kvitt.opening TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.opening_decision TO kvitt_read;
GRANT SELECT ON TABLE kvitt.opening_decision TO kvitt_audit;

GRANT INSERT(digest) ON TABLE kvitt.opening_decision TO kvitt_finance;

GRANT INSERT(totals) ON TABLE kvitt.opening_decision TO kvitt_finance;

GRANT INSERT(proposed_by) ON TABLE kvitt.opening_decision TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.opening_posted TO kvitt_read;
GRANT SELECT ON TABLE kvitt.opening_posted TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.opening_posted TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.outcome TO kvitt_read;
GRANT SELECT ON TABLE kvitt.outcome TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.outcome TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.partner TO kvitt_read;
GRANT SELECT ON TABLE kvitt.partner TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.partner TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.partner_opening TO kvitt_read;
GRANT SELECT ON TABLE kvitt.partner_opening TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.partner_opening TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.payment_order TO kvitt_read;
GRANT SELECT ON TABLE kvitt.payment_order TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.payout TO kvitt_read;
GRANT SELECT ON TABLE kvitt.payout TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.payout_answer TO kvitt_read;
GRANT SELECT ON TABLE kvitt.payout_answer TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.payout_answer TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.payout_file TO kvitt_read;
GRANT SELECT ON TABLE kvitt.payout_file TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.payout_outcome TO kvitt_read;
GRANT SELECT ON TABLE kvitt.payout_outcome TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.payout_outcome TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.period_closed TO kvitt_read;
GRANT SELECT ON TABLE kvitt.period_closed TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.plan TO kvitt_read;
GRANT SELECT ON TABLE kvitt.plan TO kvitt_audit;

GRANT INSERT(id) ON TABLE kvitt.plan TO kvitt_settle;
GRANT INSERT(id) ON TABLE kvitt.plan TO kvitt_finance;

GRANT INSERT(business_date) ON TABLE kvitt.plan TO kvitt_settle;
GRANT INSERT(business_date) ON TABLE kvitt.plan TO kvitt_finance;

GRANT INSERT(cut_seal) ON TABLE kvitt.plan TO kvitt_settle;
GRANT INSERT(cut_seal) ON TABLE kvitt.plan TO kvitt_finance;

GRANT INSERT(digest) ON TABLE kvitt.plan TO kvitt_settle;
GRANT INSERT(digest) ON TABLE kvitt.plan TO kvitt_finance;

GRANT INSERT(body) ON TABLE kvitt.plan TO kvitt_settle;
GRANT INSERT(body) ON TABLE kvitt.plan TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.plan_approval TO kvitt_read;
GRANT SELECT ON TABLE kvitt.plan_approval TO kvitt_audit;

GRANT INSERT(plan_id) ON TABLE kvitt.plan_approval TO kvitt_finance;

GRANT INSERT(digest) ON TABLE kvitt.plan_approval TO kvitt_finance;

GRANT INSERT(prepared_by) ON TABLE kvitt.plan_approval TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.posted_hold TO kvitt_read;
GRANT SELECT ON TABLE kvitt.posted_hold TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.prepaid_lot TO kvitt_read;
GRANT SELECT ON TABLE kvitt.prepaid_lot TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.prepaid_lot TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.prepaid_move TO kvitt_read;
GRANT SELECT ON TABLE kvitt.prepaid_move TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.prepaid_move TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.prepaid_room TO kvitt_read;
GRANT SELECT ON TABLE kvitt.prepaid_room TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.prepurchase TO kvitt_read;
GRANT SELECT ON TABLE kvitt.prepurchase TO kvitt_audit;

GRANT INSERT(key) ON TABLE kvitt.prepurchase TO kvitt_finance;

GRANT INSERT(partner) ON TABLE kvitt.prepurchase TO kvitt_finance;

GRANT INSERT(unit) ON TABLE kvitt.prepurchase TO kvitt_finance;

GRANT INSERT(currency) ON TABLE kvitt.prepurchase TO kvitt_finance;

GRANT INSERT(quantity) ON TABLE kvitt.prepurchase TO kvitt_finance;

GRANT INSERT(price) ON TABLE kvitt.prepurchase TO kvitt_finance;

GRANT INSERT(cost_minor) ON TABLE kvitt.prepurchase TO kvitt_finance;

GRANT INSERT(usable_from) ON TABLE kvitt.prepurchase TO kvitt_finance;

GRANT INSERT(usable_through) ON TABLE kvitt.prepurchase TO kvitt_finance;

GRANT INSERT(month_max) ON TABLE kvitt.prepurchase TO kvitt_finance;

GRANT INSERT(reason) ON TABLE kvitt.prepurchase TO kvitt_finance;

GRANT INSERT(evidence) ON TABLE kvitt.prepurchase TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.prepurchase_decision TO kvitt_read;
GRANT SELECT ON TABLE kvitt.prepurchase_decision TO kvitt_audit;

GRANT INSERT(key) ON TABLE kvitt.prepurchase_decision TO kvitt_finance;

GRANT INSERT(proposed_by) ON TABLE kvitt.prepurchase_decision TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.programme TO kvitt_read;
GRANT SELECT ON TABLE kvitt.programme TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.programme TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.proof TO kvitt_read;
GRANT SELECT ON TABLE kvitt.proof TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.proof TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.purchase TO kvitt_read;
GRANT SELECT ON TABLE kvitt.purchase TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.quarantine TO kvitt_read;
GRANT SELECT ON TABLE kvitt.quarantine TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.quarantine TO kvitt_ingest;

GRANT SELECT ON TABLE kvitt.quarantine_decision TO kvitt_read;
GRANT SELECT ON TABLE kvitt.quarantine_decision TO kvitt_audit;

GRANT INSERT(batch_id) ON TABLE kvitt.quarantine_decision TO kvitt_finance;

GRANT INSERT(line) ON TABLE kvitt.quarantine_decision TO kvitt_finance;

GRANT INSERT(item) ON TABLE kvitt.quarantine_decision TO kvitt_finance;

GRANT INSERT(seq) ON TABLE kvitt.quarantine_decision TO kvitt_finance;

GRANT INSERT(proposed_by) ON TABLE kvitt.quarantine_decision TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.quarantine_proposal TO kvitt_read;
GRANT SELECT ON TABLE kvitt.quarantine_proposal TO kvitt_audit;

GRANT INSERT(batch_id) ON TABLE kvitt.quarantine_proposal TO kvitt_finance;

GRANT INSERT(line) ON TABLE kvitt.quarantine_proposal TO kvitt_finance;

GRANT INSERT(item) ON TABLE kvitt.quarantine_proposal TO kvitt_finance;

GRANT INSERT(seq) ON TABLE kvitt.quarantine_proposal TO kvitt_finance;

GRANT INSERT(action) ON TABLE kvitt.quarantine_proposal TO kvitt_finance;

GRANT INSERT(correction) ON TABLE kvitt.quarantine_proposal TO kvitt_finance;

GRANT INSERT(reason) ON TABLE kvitt.quarantine_proposal TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.quarantine_result TO kvitt_read;
GRANT SELECT ON TABLE kvitt.quarantine_result TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.quarantine_result TO kvitt_ingest;

GRANT SELECT ON TABLE kvitt.record_link TO kvitt_read;
GRANT SELECT ON TABLE kvitt.record_link TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.record_link TO kvitt_ingest;

GRANT SELECT ON TABLE kvitt.reference_set TO kvitt_read;
GRANT SELECT ON TABLE kvitt.reference_set TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.rejection_closed TO kvitt_read;
GRANT SELECT ON TABLE kvitt.rejection_closed TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.rejection_closed TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.run TO kvitt_read;
GRANT SELECT ON TABLE kvitt.run TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.run_event TO kvitt_read;
GRANT SELECT ON TABLE kvitt.run_event TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.schema_object TO kvitt_read;
GRANT SELECT ON TABLE kvitt.schema_object TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.schema_object TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.schema_text TO kvitt_read;
GRANT SELECT ON TABLE kvitt.schema_text TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.schema_text TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.seal TO kvitt_read;
GRANT SELECT ON TABLE kvitt.seal TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.settlement_run TO kvitt_read;
GRANT SELECT ON TABLE kvitt.settlement_run TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.signature TO kvitt_read;
GRANT SELECT ON TABLE kvitt.signature TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.signature TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.signer TO kvitt_read;
GRANT SELECT ON TABLE kvitt.signer TO kvitt_audit;

GRANT INSERT(partner) ON TABLE kvitt.signer TO kvitt_finance;

GRANT INSERT(fingerprint) ON TABLE kvitt.signer TO kvitt_finance;

GRANT INSERT(certificate) ON TABLE kvitt.signer TO kvitt_finance;

GRANT INSERT(valid_from) ON TABLE kvitt.signer TO kvitt_finance;

GRANT INSERT(valid_to) ON TABLE kvitt.signer TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.signer_decision TO kvitt_read;
GRANT SELECT ON TABLE kvitt.signer_decision TO kvitt_audit;

GRANT INSERT(partner) ON TABLE kvitt.signer_decision TO kvitt_finance;

GRANT INSERT(fingerprint) ON TABLE kvitt.signer_decision TO kvitt_finance;

GRANT INSERT(proposed_by) ON TABLE kvitt.signer_decision TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.signer_withdrawal TO kvitt_read;
GRANT SELECT ON TABLE kvitt.signer_withdrawal TO kvitt_audit;

GRANT INSERT(partner) ON TABLE kvitt.signer_withdrawal TO kvitt_finance;

GRANT INSERT(fingerprint) ON TABLE kvitt.signer_withdrawal TO kvitt_finance;

GRANT INSERT(reason) ON TABLE kvitt.signer_withdrawal TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.signer_in_force TO kvitt_read;
GRANT SELECT ON TABLE kvitt.signer_in_force TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.slice TO kvitt_read;
GRANT SELECT ON TABLE kvitt.slice TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.spendable TO kvitt_read;
GRANT SELECT ON TABLE kvitt.spendable TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.standing TO kvitt_read;
GRANT SELECT ON TABLE kvitt.standing TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.standing_approval TO kvitt_read;
GRANT SELECT ON TABLE kvitt.standing_approval TO kvitt_audit;

GRANT INSERT(standing_id) ON TABLE kvitt.standing_approval TO kvitt_finance;

GRANT INSERT(prepared_by) ON TABLE kvitt.standing_approval TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.standing_withdrawal TO kvitt_read;
GRANT SELECT ON TABLE kvitt.standing_withdrawal TO kvitt_audit;

GRANT INSERT(standing_id) ON TABLE kvitt.standing_withdrawal TO kvitt_finance;

GRANT INSERT(reason) ON TABLE kvitt.standing_withdrawal TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.standing_in_force TO kvitt_read;
GRANT SELECT ON TABLE kvitt.standing_in_force TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.standing_review TO kvitt_read;
GRANT SELECT ON TABLE kvitt.standing_review TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.standing_review TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.statement TO kvitt_read;
GRANT SELECT ON TABLE kvitt.statement TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.statement_line TO kvitt_read;
GRANT SELECT ON TABLE kvitt.statement_line TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.statement_line TO kvitt_settle;

GRANT SELECT ON TABLE kvitt.terms TO kvitt_read;
GRANT SELECT ON TABLE kvitt.terms TO kvitt_audit;
GRANT SELECT ON TABLE kvitt.terms TO kvitt_redeem;

GRANT SELECT ON TABLE kvitt.terms_proposal TO kvitt_read;
GRANT SELECT ON TABLE kvitt.terms_proposal TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.till_use TO kvitt_read;
GRANT SELECT ON TABLE kvitt.till_use TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.till_use TO kvitt_ingest;

GRANT SELECT ON TABLE kvitt.unlinked_decision TO kvitt_read;
GRANT SELECT ON TABLE kvitt.unlinked_decision TO kvitt_audit;

GRANT INSERT(identity) ON TABLE kvitt.unlinked_decision TO kvitt_finance;

GRANT INSERT(seq) ON TABLE kvitt.unlinked_decision TO kvitt_finance;

GRANT INSERT(proposed_by) ON TABLE kvitt.unlinked_decision TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.unlinked_proposal TO kvitt_read;
GRANT SELECT ON TABLE kvitt.unlinked_proposal TO kvitt_audit;

GRANT INSERT(identity) ON TABLE kvitt.unlinked_proposal TO kvitt_finance;

GRANT INSERT(seq) ON TABLE kvitt.unlinked_proposal TO kvitt_finance;

GRANT INSERT(original) ON TABLE kvitt.unlinked_proposal TO kvitt_finance;

GRANT INSERT(reason) ON TABLE kvitt.unlinked_proposal TO kvitt_finance;

GRANT SELECT ON TABLE kvitt.unlinked_record TO kvitt_read;
GRANT SELECT ON TABLE kvitt.unlinked_record TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.unlinked_record TO kvitt_ingest;

GRANT SELECT ON TABLE kvitt.waiting_done TO kvitt_read;
GRANT SELECT ON TABLE kvitt.waiting_done TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.waiting_done TO kvitt_ingest;

GRANT SELECT ON TABLE kvitt.waiting_line TO kvitt_read;
GRANT SELECT ON TABLE kvitt.waiting_line TO kvitt_audit;

GRANT SELECT ON TABLE kvitt.waiting_record TO kvitt_read;
GRANT SELECT ON TABLE kvitt.waiting_record TO kvitt_audit;
GRANT INSERT ON TABLE kvitt.waiting_record TO kvitt_ingest;

GRANT SELECT ON TABLE kvitt.window_claim TO kvitt_read;
GRANT SELECT ON TABLE kvitt.window_claim TO kvitt_audit;

