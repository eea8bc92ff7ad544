import Ledger
import Postgres

extension Books {
  /// Control postings of every leaf against the legs that its totals give.
  func checkControl(_ report: inout LedgerCheckReport) throws {
    let rows = try connection.run(
      """
      WITH subledger AS (
        SELECT s.batch_id, g.account, g.commodity, s.partner, sum(g.amount) AS amount
          FROM leaf_total s
          JOIN flow t ON t.id = s.flow
          JOIN currency c ON c.id = s.currency
          JOIN unit u ON u.id = s.unit
         CROSS JOIN LATERAL (
            SELECT l.account, c.code AS commodity,
                   l.sign * CASE l.measure WHEN 'cost' THEN s.cost_minor ELSE s.share_minor END
                     AS amount
              FROM flow_leg l WHERE l.flow = s.flow
            UNION ALL
            SELECT t.unit_from, u.code, -s.quantity WHERE t.unit_from IS NOT NULL
            UNION ALL
            SELECT t.unit_to, u.code, s.quantity WHERE t.unit_to IS NOT NULL
          ) AS g
         GROUP BY s.batch_id, g.account, g.commodity, s.partner
         UNION ALL
        SELECT batch_id, leg.account, currency, partner, leg.sign * closing_minor
          FROM partner_opening, (VALUES ('3900', 1), ('2490', -1)) AS leg (account, sign)
      ), control AS (
        SELECT e.batch_id, p.account, p.commodity, p.partner, sum(p.amount) AS amount
          FROM posting p JOIN entry e ON e.id = p.entry_id JOIN batch b ON b.id = e.batch_id
         WHERE b.kind NOT IN ('settlement', 'bank', 'estimate', 'currency')
         GROUP BY e.batch_id, p.account, p.commodity, p.partner
      )
      SELECT batch_id, account, commodity, coalesce(s.amount, 0), coalesce(c.amount, 0)
        FROM subledger s FULL JOIN control c USING (batch_id, account, commodity, partner)
       WHERE coalesce(s.amount, 0) <> coalesce(c.amount, 0)
       ORDER BY batch_id, account LIMIT 100
      """
    )
    for row in rows {
      try report.tell(
        "subledger = control",
        "leaf \(row.int(0)) account \(row.string(1))",
        "\(row.string(2)): rows \(row.string(3)), account \(row.string(4))"
      )
    }
  }

  /// A condition on `batch_id` that leaves out what was sealed up to a seal.
  private func sealed(since: Int64) throws -> String {
    guard since > 0 else { return "true" }
    let batches = try connection.run(
      "SELECT batch_id FROM seal WHERE seal_no > \(since)::bigint ORDER BY 1"
    ).map { try String($0.int(0)) }
    return "batch_id IN (\((batches + ["0"]).joined(separator: ",")))"
  }

  /// Totals, months and slices of leaves against the reward rows that give them: one reading of the rows.
  func checkTotals(since: Int64, _ report: inout LedgerCheckReport) throws {
    let some = try sealed(since: since)
    let key =
      "batch_id, flow, partner, programme, unit, currency, booking_date, settlement_date"
    let sql = """
      WITH fine AS MATERIALIZED (
        SELECT \(key), earn_month, uncapped <> 0 AS counts, count(*) AS rows,
               sum(quantity) AS quantity, sum(cost_minor) AS cost_minor,
               sum(share_minor) AS share_minor
          FROM kvitt.reward WHERE \(some) GROUP BY \(key), earn_month, uncapped <> 0
      ), total AS (
        SELECT \(key), sum(rows) AS rows, sum(quantity) AS quantity, sum(cost_minor) AS cost_minor,
               sum(share_minor) AS share_minor
          FROM fine GROUP BY \(key)
      ), month AS (SELECT DISTINCT batch_id, earn_month AS month FROM fine WHERE counts)
      SELECT batch_id, 'leaf totals', 'its totals are not the sums of its rows'
        FROM total t FULL JOIN (SELECT * FROM kvitt.leaf_total WHERE \(some)) AS k USING (\(key))
       WHERE (t.rows, t.quantity, t.cost_minor, t.share_minor)
             IS DISTINCT FROM (k.rows, k.quantity, k.cost_minor, k.share_minor)
      UNION
      SELECT batch_id, 'leaf months', 'the months that it counts toward are not those of its rows'
        FROM (SELECT *, true AS stands FROM month) AS m
        FULL JOIN (SELECT *, true AS stands FROM kvitt.leaf_month WHERE \(some)) AS k
          USING (batch_id, month)
       WHERE m.stands IS NULL OR k.stands IS NULL
      UNION
      SELECT batch_id, 'slices', 'what a window can claim of it is not what its rows give'
        FROM (SELECT DISTINCT partner, batch_id, settlement_date, true AS stands FROM total
               WHERE partner <> 0) AS t
        FULL JOIN (SELECT *, true AS stands FROM kvitt.slice WHERE \(some)) AS k
          USING (partner, batch_id, settlement_date)
       WHERE t.stands IS NULL OR k.stands IS NULL
       ORDER BY 1, 2 LIMIT 100
      """
    for row in try connection.run(Query(trusted: sql)) {
      try report.tell(row.string(1), "leaf \(row.int(0))", row.string(2))
    }
  }

  /// Days of leaves against the rows that have them: by these the guard against a second reward finds a
  /// record that stands already.
  func checkDays(since: Int64, _ report: inout LedgerCheckReport) throws {
    let some = try sealed(since: since)
    let sql = """
      SELECT batch_id, min(coalesce(r.day, k.day))::text
        FROM (SELECT batch_id, event_date AS day, true AS stands FROM kvitt.purchase WHERE \(some)
               GROUP BY 1, 2
              UNION
              SELECT batch_id, event_date, true FROM kvitt.reward
               WHERE \(some) AND purchase_id >> 32 <> batch_id
                 AND flow IN (SELECT id FROM kvitt.flow WHERE makes_lot) GROUP BY 1, 2) AS r
        FULL JOIN (SELECT *, true AS stands FROM kvitt.leaf_day WHERE \(some)) AS k
          USING (batch_id, day)
       WHERE r.stands IS NULL OR k.stands IS NULL
       GROUP BY batch_id ORDER BY 1 LIMIT 100
      """
    for row in try connection.run(Query(trusted: sql)) {
      try report.tell(
        "leaf days",
        "leaf \(row.int(0))",
        "the days noted of it are not those of its rows, such as \(row.string(1))"
      )
    }
  }

  /// Lines that wait for a later statement against the rows that ask for them.
  func checkWaiting(_ report: inout LedgerCheckReport) throws {
    let rows = try connection.run(
      """
      SELECT coalesce(w.row_id, r.row_id)
        FROM (SELECT batch_id << 32 | seq AS row_id, flow, partner, member_id, lot_id, batch_id
                FROM reward WHERE flow IN (SELECT id FROM flow WHERE waits)) AS r
        FULL JOIN waiting_line w ON w.row_id = r.row_id
       WHERE (w.flow, w.partner, w.member_id, w.lot_id, w.batch_id)
             IS DISTINCT FROM (r.flow, r.partner, r.member_id, r.lot_id, r.batch_id)
       ORDER BY 1 LIMIT 100
      """
    )
    for row in rows {
      try report.tell(
        "waiting lines",
        "row R-\(row.int(0) >> 32)-\(row.int(0) & 0xFFFF_FFFF)",
        "what waits for a statement is not what the row asks for"
      )
    }
  }

  /// Rows that statement lines stand for: they are not in the partner's file, which proves the rest.
  func checkLineRows(_ report: inout LedgerCheckReport) throws {
    let rows = try connection.run(
      """
      SELECT s.number, l.line
        FROM statement_line l JOIN statement s ON s.id = l.statement_id
        LEFT JOIN reward r ON r.batch_id = l.source_id >> 32 AND r.seq = (l.source_id & 4294967295)
        LEFT JOIN flow k ON k.id = r.flow
       WHERE r.seq IS NULL OR l.member_id <> r.member_id OR s.partner <> r.partner
          OR l.row_id NOT IN (l.source_id, r.lot_id)
          OR l.section = 'settled' AND k.line_id = 'row' AND (l.row_id <> l.source_id
             OR substr(l.event_id, 2) <> '-' || (l.row_id >> 32) || '-' || (l.row_id & 4294967295))
          OR l.section = 'filed'
             AND l.event_id <> 'L-' || (l.row_id >> 32) || '-' || (l.row_id & 4294967295)
       ORDER BY 1, 2 LIMIT 100
      """
    )
    for row in rows {
      try report.tell(
        "rows of statement lines",
        "statement \(row.string(0)) line \(row.int(1))",
        "the row that it names is not the one that it tells of"
      )
    }
    let gaps = try connection.run(
      """
      SELECT s.number FROM statement_line l JOIN statement s ON s.id = l.statement_id
       GROUP BY s.number HAVING min(l.line) <> 1 OR max(l.line) <> count(*) ORDER BY 1 LIMIT 100
      """
    )
    for row in gaps {
      try report.tell(
        "rows of statement lines",
        "statement \(row.string(0))",
        "its lines are not numbered from 1 without a gap"
      )
    }
  }

  /// Bytes that are kept beside a digest under a seal.
  func checkBodies(_ report: inout LedgerCheckReport) throws {
    let rows = try connection.run(
      """
      SELECT 'answer ' || number FROM answer WHERE digest <> sha256(body)
      UNION ALL
      SELECT 'certificate of partner ' || partner FROM signer WHERE fingerprint <> sha256(certificate)
      UNION ALL
      SELECT 'terms ' || kind || ' ' || code || ' ' || version FROM terms WHERE digest <> sha256(body)
      UNION ALL
      SELECT 'plan ' || id FROM plan WHERE digest <> sha256(convert_to(body, 'UTF8'))
      UNION ALL
      SELECT 'pay-out file ' || number FROM payout_file WHERE digest <> sha256(body)
      UNION ALL
      SELECT 'pay-out answer ' || number FROM payout_answer WHERE digest <> sha256(body)
      UNION ALL
      SELECT 'opening ' || name FROM opening WHERE digest <> sha256(body)
       ORDER BY 1 LIMIT 100
      """
    )
    for row in rows {
      try report.tell("kept bytes", row.string(0), "the bytes do not give the digest beside them")
    }
  }
}
