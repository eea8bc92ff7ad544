/// Rows for tables that two nights of a small world leave empty, written as their owners write them, so that
/// every table of the books holds something to tamper with.
enum LivedInRows {
  /// Statements of SQL, in an order that foreign keys allow.
  static let sql: [String] = members + feeds + redemption + decisions + settlement

  private static let batch = "(SELECT max(batch_id) FROM kvitt.seal)"
  private static let unit = "(SELECT min(id) FROM kvitt.unit)"
  private static let statement = "(SELECT min(id) FROM kvitt.statement)"
  private static let euro = "(SELECT id FROM kvitt.currency WHERE code = 'EUR')"
  private static let pair = """
    (SELECT min(id), max(id) FROM (SELECT id, programme FROM kvitt.member ORDER BY 2, 1 LIMIT 2) m)
    """

  private static let members = [
    """
    INSERT INTO kvitt.member_lookup (digest, member_id, kind)
    VALUES ('h1_' || repeat('a', 32), 1, 'email'), ('h1_' || repeat('b', 32), 2, 'phone')
    """,
    """
    INSERT INTO kvitt.member_search (kind, member_id, reason, asked_by)
    VALUES ('email', 1, 'case 4713', 'anna'), ('phone', 2, 'case 4714', 'bo')
    """,
    """
    INSERT INTO kvitt.member_fact (member_id, kind, value, valid_from, source)
    VALUES (1, 'choice', 'miles', '2026-09-01', 'file'), (2, 'tier', 'gold', '2026-09-02', 'run')
    """,
    """
    INSERT INTO kvitt.member_merge
      (key, member_id, into_id, undo, reason, evidence, proposed_by)
    SELECT k, p.a, p.b, u, 'one customer', 'case 1', 'anna'
      FROM \(pair) AS p (a, b), (VALUES ('M-1', false), ('M-2', true)) AS x (k, u)
    """,
    "INSERT INTO kvitt.member_merge_decision (key, proposed_by, decided_by) VALUES ('M-1', 'anna', 'bo')",
    "INSERT INTO kvitt.member_merge_decision (key, proposed_by, decided_by) VALUES ('M-2', 'anna', 'bo')",
    "INSERT INTO kvitt.member_merge_undone VALUES ('M-2', \(batch))",
    """
    INSERT INTO kvitt.card_event
    VALUES (\(batch), 1, 'CARDSYS', 'V-1', 'closed', 'ca_1', NULL, '2026-09-01', ''),
           (\(batch), 2, 'CARDSYS', 'V-2', 'replaced', 'ca_2', 'ca_3', '2026-09-01', 'lost')
    """,
    """
    INSERT INTO kvitt.reference_set (id, kind, name, digest, dated, rows)
    VALUES (901, 'fx', 'rates', sha256('r'), '2026-09-01', 2)
    """,
    "INSERT INTO kvitt.fx_rate VALUES (901, '2026-09-01', 'SEK', 11.2), (901, '2026-09-01', 'USD', 1.1)",
    "INSERT INTO kvitt.currency_fact VALUES (901, 'EUR', 978, 2), (901, 'SEK', 752, 2)",
    "INSERT INTO kvitt.mcc_title VALUES (901, 5411, 'food'), (901, 5812, 'meals')",
    """
    INSERT INTO kvitt.merchant_entry
    VALUES (901, 'M-1', '2026-09-01', 5411, 'LUM'), (901, 'M-2', '2026-09-01', 5812, '')
    """,
    "INSERT INTO kvitt.period_closed VALUES ('2020-01-01', 'anna'), ('2020-02-01', 'bo')",
  ]

  private static let feeds = [
    "INSERT INTO kvitt.gap_release VALUES ('cards', 998, 'not coming', 'anna'), ('cards', 999, 'lost', 'bo')",
    """
    INSERT INTO kvitt.quarantine
    VALUES (\(batch), 1, 3, 'KV-ING-014', '1,x', 1, '{"amount": "1"}', 'no amount'),
           (\(batch), 2, 4, 'KV-ING-013', 'ca_x', 1, '{"card": "ca_x"}', 'no card')
    """,
    """
    INSERT INTO kvitt.quarantine_proposal
    VALUES (\(batch), 1, 1, 1, 'retry', '{"amount": "2"}', 'typing error', 'anna'),
           (\(batch), 2, 1, 1, 'discard', '{}', 'no card of ours', 'bo')
    """,
    """
    INSERT INTO kvitt.quarantine_decision
    VALUES (\(batch), 1, 1, 1, 'anna', 'bo'), (\(batch), 2, 1, 1, 'bo', 'anna')
    """,
    """
    INSERT INTO kvitt.quarantine_result
    VALUES (\(batch), 1, 1, 1, \(batch), '', 'EUR', 2), (\(batch), 2, 1, 1, \(batch), 'x', NULL, NULL)
    """,
    """
    INSERT INTO kvitt.record_link
    SELECT md5(x)::uuid, md5('of ' || x)::uuid, \(batch), 100, 2, 0, '2026-09-01', \(euro), 100,
           'reference'
      FROM (VALUES ('a'), ('b')) AS v (x)
    """,
    "INSERT INTO kvitt.waiting_record SELECT identity, original, batch_id FROM kvitt.record_link ORDER BY 1 LIMIT 2 ON CONFLICT DO NOTHING",
    "INSERT INTO kvitt.waiting_done SELECT identity, batch_id FROM kvitt.waiting_record ORDER BY 1 LIMIT 2 ON CONFLICT DO NOTHING",
    """
    INSERT INTO kvitt.unlinked_record
    VALUES (md5('u')::uuid, 1, 1, 'none'), (md5('v')::uuid, 2, 2, 'likeness')
    """,
    """
    INSERT INTO kvitt.unlinked_proposal
    VALUES (md5('u')::uuid, 1, NULL, 'none of ours', 'anna'),
           (md5('v')::uuid, 1, md5('p')::uuid, 'the same receipt', 'bo')
    """,
    """
    INSERT INTO kvitt.unlinked_decision
    VALUES (md5('u')::uuid, 1, 'anna', 'bo'), (md5('v')::uuid, 1, 'bo', 'anna')
    """,
    """
    INSERT INTO kvitt.dispute_event
    VALUES (md5('d')::uuid, md5('p')::uuid, 1, 1, \(batch)),
           (md5('e')::uuid, md5('p')::uuid, 1, -1, \(batch))
    """,
    "INSERT INTO kvitt.standing_review SELECT batch_id FROM kvitt.seal ORDER BY seal_no LIMIT 2",
    """
    INSERT INTO kvitt.basket
    VALUES (\(batch), 1, 1, 'B-1', 1, 'M-1', '2026-09-01', 100, \(euro)),
           (\(batch), 2, 1, 'B-2', 2, 'M-1', '2026-09-02', 200, \(euro))
    """,
    """
    INSERT INTO kvitt.basket_line
    VALUES (\(batch), 1, 1, 'MILK', 'FOOD', 60), (\(batch), 2, 1, 'SOAP', 'HOME', 40)
    """,
    "INSERT INTO kvitt.basket_purchase VALUES (1, \(batch), 1), (2, \(batch), 2)",
    "INSERT INTO kvitt.month_sum VALUES (\(batch), 0, 1, 99, 0, '') ON CONFLICT DO NOTHING",
  ]

  private static let redemption = [
    """
    INSERT INTO kvitt.bonus
    SELECT x, 'welcome', 'joined', programme, '2026-09-01', 7000 + x
      FROM kvitt.member, (VALUES (1), (2)) AS v (x) WHERE id = x
    """,
    "INSERT INTO kvitt.bonus_undone VALUES (7001, \(batch)), (7002, \(batch))",
    "INSERT INTO kvitt.budget VALUES ('X', 'one', 1, 1000, 0, 0), ('X', 'two', 1, 2000, 0, 0)",
    "INSERT INTO kvitt.budget_rule VALUES (30001, 1, 'X', 'one'), (30001, 2, 'X', 'two')",
    """
    INSERT INTO kvitt.hold (key, member_id, unit, quantity, day, held_at, until, captured, end_key,
      ended_at, batch_id, first_seq, last_seq)
    SELECT 'K-' || x, x, \(unit), 100 * x, '2026-09-01', now(), now(), 100 * x, 'E-' || x, now(),
           \(batch), x, x
      FROM (VALUES (1), (2)) AS v (x)
    """,
    "INSERT INTO kvitt.conversion SELECT id, \(unit) FROM kvitt.hold WHERE key IN ('K-1', 'K-2')",
    "INSERT INTO kvitt.item_order SELECT id, 'MUG-1', 1 FROM kvitt.hold WHERE key IN ('K-1', 'K-2')",
    "SELECT kvitt.note_holds(array_agg(id)) FROM kvitt.hold WHERE key IN ('K-1', 'K-2')",
    "INSERT INTO kvitt.spendable VALUES (1, \(unit), 1, '2026-09-01', 5), (2, \(unit), 1, '2026-09-01', 6)",
    """
    INSERT INTO kvitt.till_use
    VALUES (1, 'X-1', \(batch), 'redeem', 1, 100, NULL, '', \(batch), 1, 1),
           (1, 'X-2', \(batch), 'return', 1, 100, NULL, 'X-1', \(batch), 2, 2)
    """,
    "INSERT INTO kvitt.item_return SELECT hold_id, 'broken', 'anna' FROM kvitt.item_order",
    "INSERT INTO kvitt.item_return_posted SELECT hold_id, \(batch) FROM kvitt.item_return",
    """
    INSERT INTO kvitt.payout_file
    SELECT 900 + n, 'CB-90' || n, batch_id, '2026-09-01', sha256('x'), 'x'
      FROM (SELECT batch_id, row_number() OVER (ORDER BY seal_no) AS n FROM kvitt.seal LIMIT 2) AS s
    """,
    """
    INSERT INTO kvitt.payout
    VALUES ('CB-901-1', 901, NULL, 1, 100, 'EUR', 1, 1, 'c1'),
           ('CB-902-1', 902, NULL, 2, 200, 'EUR', 2, 3, 'c2')
    """,
    """
    INSERT INTO kvitt.signature (file, digest, signer, body)
    SELECT 'card-system/CB-901.csv', sha256('x'), min(signer), 's' FROM kvitt.signature
    """,
    """
    INSERT INTO kvitt.payout_answer
    SELECT sequence, 'CBA-' || sequence, sequence, batch_id, sha256(number::bytea), number::bytea
      FROM kvitt.payout_file
    """,
    """
    INSERT INTO kvitt.payout_outcome
    VALUES ('CB-901-1', 901, 'A', '', 'CS-1'), ('CB-902-1', 902, 'X', 'CLOSED', '')
    """,
  ]

  private static let decisions = [
    """
    INSERT INTO kvitt.import (kind, digest, round, name, rows, proposed_by)
    VALUES ('members', sha256('m'), 1, 'm.csv', 2, 'anna'), ('merchants', sha256('n'), 1, 'n.csv', 3, 'bo')
    """,
    """
    INSERT INTO kvitt.import_decision
    SELECT digest, round, proposed_by, 'finance' FROM kvitt.import WHERE name IN ('m.csv', 'n.csv')
    """,
    """
    INSERT INTO kvitt.adjustment
      (key, kind, member_id, unit, quantity, reason, evidence, proposed_by)
    SELECT 'A-' || x, 'goodwill', x, \(unit), 100 * x, 'late card', 'case 2', 'anna'
      FROM (VALUES (1), (2)) AS v (x)
    """,
    "INSERT INTO kvitt.adjustment_decision SELECT key, proposed_by, 'bo' FROM kvitt.adjustment",
    "INSERT INTO kvitt.adjustment_posted SELECT key, \(batch) FROM kvitt.adjustment",
    """
    INSERT INTO kvitt.opening
    VALUES (sha256('o'), 'o.csv', 'o', 'EUR 1', 'anna'), (sha256('p'), 'p.csv', 'p', 'EUR 2', 'bo')
    """,
    """
    INSERT INTO kvitt.opening_decision
    SELECT digest, totals, proposed_by, 'finance' FROM kvitt.opening
    """,
    "INSERT INTO kvitt.opening_posted SELECT digest, \(batch) FROM kvitt.opening",
    "INSERT INTO kvitt.partner VALUES (98, 'YYY', 'Why', 'WHY'), (99, 'ZZZ', 'Zed', 'ZED')",
    """
    INSERT INTO kvitt.partner_opening
    VALUES (98, 'EUR', 3, 0, '2026-08-01', \(batch)), (99, 'EUR', 4, 0, '2026-08-01', \(batch))
    """,
    """
    INSERT INTO kvitt.estimate (key, unit, used_bp, data_cut, reason, evidence, proposed_by)
    VALUES ('E-1', \(unit), 9000, '2026-09-01', 'quarter', 'note 1', 'anna'),
           ('E-2', \(unit), 8000, '2026-09-02', 'quarter', 'note 2', 'anna')
    """,
    "INSERT INTO kvitt.estimate_decision SELECT key, proposed_by, 'bo' FROM kvitt.estimate",
    "INSERT INTO kvitt.estimate_posted SELECT key, unit, \(batch), 10, 1, 0 FROM kvitt.estimate",
    """
    INSERT INTO kvitt.terms_proposal
    VALUES ('agreement', 'X', 1, sha256('x'), 'anna'), ('agreement', 'X', 1, sha256('x'), 'bo')
    """,
  ]

  private static let settlement = [
    """
    INSERT INTO kvitt.standing_withdrawal (standing_id, reason, withdrawn_by)
    SELECT id, 'reason ' || id, 'anna' FROM kvitt.standing ORDER BY id LIMIT 2
    """,
    """
    INSERT INTO kvitt.signer_withdrawal (partner, fingerprint, reason, withdrawn_by)
    SELECT partner, fingerprint, 'lost ' || partner, 'bo' FROM kvitt.signer ORDER BY partner LIMIT 2
    """,
    """
    INSERT INTO kvitt.plan_approval SELECT id, digest, prepared_by, 'bo' FROM kvitt.plan
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO kvitt.outcome
    VALUES ('L-1-1', 9, 1, \(batch), 'X', 2, 0, 0, 'R1', 'P1'),
           ('L-1-2', 9, 2, \(batch), 'A', 2, 2, 1, '', 'P2')
    """,
    """
    INSERT INTO kvitt.rejection_closed
    VALUES ('L-1-1', 9, \(batch), 'dropped'), ('L-1-2', 9, \(batch), 'lapsed')
    """,
    "INSERT INTO kvitt.filing VALUES (7001, 1, 7001), (7002, 1, 7002)",
    """
    INSERT INTO kvitt.answer
    SELECT 1, 900 + n, 'A-90' || n, \(statement), batch_id, sha256('z'), 'f', 0, 0, 0, 0, 'z', 's'
      FROM (SELECT batch_id, row_number() OVER (ORDER BY seal_no) AS n FROM kvitt.seal LIMIT 2) AS s
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO kvitt.prepurchase (key, partner, unit, currency, quantity, price, cost_minor,
      usable_from, reason, evidence, proposed_by)
    VALUES ('P-1', 1, \(unit), \(euro), 100, 0.01, 100, '2026-09-01', 'cheap', 'offer', 'anna'),
           ('P-2', 1, \(unit), \(euro), 200, 0.01, 200, '2026-09-01', 'cheap', 'offer', 'anna')
    """,
    "INSERT INTO kvitt.prepurchase_decision SELECT key, proposed_by, 'bo' FROM kvitt.prepurchase",
    "INSERT INTO kvitt.prepaid_lot VALUES ('P-1', 7001), ('P-2', 7002)",
    """
    INSERT INTO kvitt.prepaid_move (key, lot_id, batch_id, day, quantity)
    VALUES ('P-1', 7001, \(batch), '2026-09-01', 1), ('P-2', 7002, \(batch), '2026-09-01', 2)
    """,
    """
    INSERT INTO kvitt.match_claim (side, item, generation, match_id, rule)
    VALUES ('ours', 'X-1', 1, 'M-X1', 'exact'), ('theirs', 'X-2', 1, 'M-X2', 'exact')
    """,
    """
    INSERT INTO kvitt.match_release
    VALUES ('ours', 'X-1', 1, 'wrong', 'anna'), ('theirs', 'X-2', 1, 'wrong', 'bo')
    """,
    """
    INSERT INTO kvitt.break_item
    SELECT 'B-X' || x, 'print ' || x, 'amount', 'NVA', 'EUR', '2026-09-01', x, 0, x, 'EUR', 'p', 'a'
      FROM (VALUES (1), (2)) AS v (x)
    """,
    """
    INSERT INTO kvitt.break_event
    VALUES ('B-X1', 1, 'open', '2026-09-01', 'new'), ('B-X2', 1, 'open', '2026-09-01', 'new')
    """,
  ]
}
