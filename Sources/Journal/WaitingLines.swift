package import Civil
import Ledger
import Postgres

/// A line of miles that a statement is still to send.
package struct LineToFile: Sendable {
  /// The row that files it: its lot, or the row by which it goes out again.
  package let source: Int64
  package let lot: Int64
  package let attempt: Int
  package let member: Int64
  package let purchase: Int64
  package let agreement: Int32
  package let rule: Int16
  package let eventDate: CivilDate
  package let quantity: Int64
  /// What it costs now.
  package let costMinor: Int64
  /// The prepurchase that its lot draws on or once did.
  package let key: String?
}

/// Which of the lines that wait are asked for.
package enum LinesAsked: Sendable {
  /// Nothing is owed for them, and nothing was bought ahead.
  case unowed
  /// They draw on more than they need, or go out again.
  case shrunk
  /// Those, and all that may draw anew.
  case drawing
}

extension Books {
  /// Lines of a partner that wait to be filed: what was earned and not taken back, and what goes out
  /// again.
  ///
  /// - Parameters:
  ///   - partner: The partner.
  ///   - date: The last settlement date of lines.
  ///   - asked: Which of them.
  /// - Returns: The lines, by lot and attempt.
  /// - Throws: `DatabaseError`.
  package func linesToFile(
    partner: Int16,
    through date: CivilDate,
    _ asked: LinesAsked
  ) throws -> [LineToFile] {
    let slices = try unclaimedSlices(partner: partner, through: date, cut: newestSeal())
    let (batches, dates) = (slices.map(\.batch), slices.map(\.date))
    return try connection.run(
      """
      WITH claimed AS (
        SELECT r.*, r.batch_id << 32 | r.seq AS id FROM reward r
          JOIN unnest(\(batches)::bigint[], \(dates)::date[]) AS x (b, d)
            ON x.b = r.batch_id AND x.d = r.settlement_date
         WHERE r.batch_id = ANY (\(batches)::bigint[]) AND r.partner = \(partner)::smallint
           AND r.flow IN (\(flows: [.earnMiles, .reverseMiles]))
      ), taken AS (
        SELECT lot_id, sum(quantity) AS quantity, sum(cost_minor) AS cost FROM reward
         WHERE flow = \(flow: .reverseMiles) AND batch_id >= \(batches.min() ?? .max)::bigint
           AND member_id IN (SELECT member_id FROM claimed WHERE flow = \(flow: .reverseMiles))
         GROUP BY lot_id
      ), again AS (
        SELECT w.row_id, w.lot_id FROM waiting_line w
         WHERE w.partner = \(partner)::smallint AND w.flow = \(flow: .refileMiles)
           AND NOT EXISTS (SELECT FROM statement_line l WHERE l.source_id = w.row_id)
      ), change AS (
        SELECT lot_id, batch_id << 32 | seq AS id,
               CASE flow WHEN \(flow: .reservePrepaid) THEN -cost_minor ELSE cost_minor END AS cost
          FROM reward
         WHERE flow IN (\(flows: [.reservePrepaid, .freePrepaid])) AND partner = \(partner)::smallint
           AND batch_id IN (SELECT id FROM batch WHERE kind = 'prepaid')
      ), cover AS (
        SELECT lot_id, key, sum(quantity) AS quantity FROM prepaid_move
         WHERE lot_id IN (SELECT id FROM claimed WHERE flow = \(flow: .earnMiles)
                          UNION ALL SELECT lot_id FROM again)
         GROUP BY lot_id, key
      ), line AS (
        SELECT c.id AS source, c.id AS lot, 1 AS attempt, c.member_id, c.purchase_id, c.agreement,
               c.rule, c.event_date, c.quantity - coalesce(t.quantity, 0) AS quantity,
               c.cost_minor - coalesce(t.cost, 0)
                 + coalesce(h.cost, 0) AS cost, coalesce(u.quantity, 0) AS used, u.key
          FROM claimed c LEFT JOIN taken t ON t.lot_id = c.id LEFT JOIN cover u ON u.lot_id = c.id
          LEFT JOIN (SELECT lot_id, sum(cost) AS cost FROM change GROUP BY lot_id) AS h
            ON h.lot_id = c.id
         WHERE c.flow = \(flow: .earnMiles)
        UNION ALL
        SELECT a.row_id, a.lot_id,
               (SELECT max(attempt) + 1 FROM statement_line l
                 WHERE l.row_id = a.lot_id AND l.section = 'filed'),
               r.member_id, r.purchase_id, r.agreement, r.rule, r.event_date, r.quantity,
               r.cost_minor + coalesce(h.cost, 0), coalesce(u.quantity, 0), u.key
          FROM again a JOIN reward r ON r.batch_id = a.row_id >> 32
            AND r.seq = (a.row_id & 4294967295)
          LEFT JOIN cover u ON u.lot_id = a.lot_id
          LEFT JOIN (SELECT n.row_id, sum(x.cost) AS cost FROM again n JOIN change x USING (lot_id)
                      WHERE x.id > n.row_id GROUP BY n.row_id) AS h ON h.row_id = a.row_id
      )
      SELECT source, lot, attempt, member_id, purchase_id, agreement, rule, event_date::text,
             quantity::bigint, cost::bigint, key
        FROM line
       WHERE CASE WHEN \(asked == .unowed)::boolean
                  THEN quantity > 0 AND key IS NULL
                       AND NOT EXISTS (SELECT FROM filing f WHERE f.lot_id = line.lot
                                          AND f.attempt = line.attempt)
                  WHEN key IS NULL THEN quantity > 0 AND \(asked == .drawing)::boolean
                  ELSE attempt > 1 OR used <> quantity END
       ORDER BY lot, attempt
      """
    ).map(LineToFile.init)
  }
}

extension LineToFile {
  fileprivate init(_ row: Row) throws(UnreadableValue) {
    try self.init(
      source: row.int(0),
      lot: row.int(1),
      attempt: Int(row.int(2)),
      member: row.int(3),
      purchase: row.int(4),
      agreement: row.int32(5),
      rule: row.int16(6),
      eventDate: row.day(7),
      quantity: row.int(8),
      costMinor: row.int(9),
      key: row.optional(10)
    )
  }
}
