import Postgres
import TestSupport

/// What kvitt booked, read by its published flows: every posting of every row, by purchase and rule.
struct WorldBooks {
  /// Rows of one card, purchase, lot and rule, added up by account.
  struct Line {
    let card: String
    /// The purchase that the rows are booked for; empty where they are for none.
    let purchase: String
    /// The purchase of the lot that they move; empty where they move none.
    let lot: String
    let agreement: String
    let version: Int
    let rule: Int
    let unit: String
    let account: String
    let partner: String
    let amount: Int
  }

  let output: String
  let lines: [Line]
  let statements: WorldStatements

  init(_ sandbox: Sandbox, _ output: String) throws {
    self.output = output
    statements = try WorldStatements(sandbox)
    lines = try sandbox.administrator().run(
      """
      WITH posted AS (
        SELECT r.purchase_id, r.lot_id, r.member_id, r.agreement, r.rule, r.unit, g.account,
               g.partner, g.amount
          FROM kvitt.member_posting g JOIN kvitt.reward r
            ON r.batch_id = g.batch_id AND r.batch_id << 32 | r.seq = g.row_id
        UNION ALL
        -- Miles that a reversal line will take back.
        SELECT r.purchase_id, r.lot_id, r.member_id, r.agreement, r.rule, r.unit, 'waiting',
               r.partner, CASE f.code WHEN 'M8' THEN r.quantity ELSE -r.quantity END
          FROM kvitt.reward r JOIN kvitt.flow f ON f.id = r.flow AND f.code IN ('M8', 'M8a'))
      SELECT c.token, coalesce(p.reference, ''), coalesce(q.reference, ''), t.code, t.version,
             g.rule, u.code, g.account, coalesce(k.code, ''), sum(g.amount)::bigint
        FROM posted g
        JOIN kvitt.card c ON c.member_id = g.member_id
        JOIN kvitt.terms t ON t.id = g.agreement
        JOIN kvitt.unit u ON u.id = g.unit
        LEFT JOIN kvitt.partner k ON k.id = g.partner
        LEFT JOIN kvitt.purchase p
          ON p.batch_id = g.purchase_id >> 32 AND p.seq = g.purchase_id & 4294967295
        LEFT JOIN kvitt.reward l ON l.batch_id << 32 | l.seq = g.lot_id
        LEFT JOIN kvitt.purchase q
          ON q.batch_id = l.purchase_id >> 32 AND q.seq = l.purchase_id & 4294967295
       GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
      """
    ).map { row in
      Line(
        card: try row.string(0),
        purchase: try row.string(1),
        lot: try row.string(2),
        agreement: try row.string(3),
        version: Int(try row.int(4)),
        rule: Int(try row.int(5)),
        unit: try row.string(6),
        account: try row.string(7),
        partner: try row.string(8),
        amount: Int(try row.int(9))
      )
    }
  }
}
