package import Civil
import Ledger
import Postgres

/// A line of miles that the next statement sends.
package struct LineToFile: Sendable {
  package let lot: Int64
  package let attempt: Int
  package let member: Int64
  package let purchase: Int64
  package let agreement: Int32
  package let rule: Int16
  package let eventDate: CivilDate
  package let quantity: Int64
  package let costMinor: Int64
}

extension Books {
  /// Lines that a settlement of the day sends to a partner and that are not owed yet: what was earned
  /// and not taken back, and what goes out again.
  package func linesToFile(partner: Int16, through date: CivilDate) throws -> [LineToFile] {
    let slices = try unclaimedSlices(partner: partner, through: date, cut: newestSeal())
    let (batches, dates) = (slices.map(\.batch), slices.map(\.date))
    return try connection.run(
      """
      WITH claimed AS (
        SELECT r.*, r.batch_id << 32 | r.seq AS id FROM reward r
          JOIN unnest(\(batches)::bigint[], \(dates)::date[]) AS x (b, d)
            ON x.b = r.batch_id AND x.d = r.settlement_date
         WHERE r.batch_id = ANY (\(batches)::bigint[]) AND r.partner = \(partner)::smallint
           AND r.template IN (10, 11)
      ), taken AS (
        SELECT lot_id, sum(quantity) AS quantity, sum(cost_minor) AS cost
          FROM reward
         WHERE template = 11 AND batch_id >= \(batches.min() ?? .max)::bigint AND member_id IN (SELECT member_id FROM claimed WHERE template = 11)
         GROUP BY lot_id
      ), line AS (
        SELECT c.id, 1 AS attempt, c.member_id, c.purchase_id, c.agreement, c.rule, c.event_date,
               c.quantity - coalesce(t.quantity, 0) AS quantity,
               c.cost_minor - coalesce(t.cost, 0) AS cost
          FROM claimed c LEFT JOIN taken t ON t.lot_id = c.id
         WHERE c.template = 10 AND c.quantity > coalesce(t.quantity, 0)
        UNION ALL
        SELECT w.lot_id, (SELECT max(attempt) + 1 FROM statement_line l
                           WHERE l.row_id = w.lot_id AND l.section = 'filed'),
               r.member_id, r.purchase_id, r.agreement, r.rule, r.event_date, r.quantity,
               r.cost_minor
          FROM waiting_line w JOIN reward r ON r.batch_id = w.row_id >> 32
            AND r.seq = (w.row_id & 4294967295)
         WHERE w.partner = \(partner)::smallint AND w.template = 17
           AND NOT EXISTS (SELECT FROM statement_line l WHERE l.source_id = w.row_id)
      )
      SELECT * FROM line
       WHERE NOT EXISTS (SELECT FROM filing f WHERE f.lot_id = line.id AND f.attempt = line.attempt)
         -- What was bought ahead is paid.
         AND NOT EXISTS (SELECT FROM prepaid_move p WHERE p.lot_id = line.id)
       ORDER BY id, attempt
      """
    ).compactMap { row in
      CivilDate(row.string(6)).map {
        LineToFile(
          lot: row.int(0),
          attempt: Int(row.int(1)),
          member: row.int(2),
          purchase: row.int(3),
          agreement: Int32(row.int(4)),
          rule: Int16(row.int(5)),
          eventDate: $0,
          quantity: row.int(7),
          costMinor: row.int(8)
        )
      }
    }
  }

  /// Notes lines that are owed from the statement on that sends them, each with the row that owes it.
  package func note(filings: [(line: LineToFile, row: Int64)]) throws {
    for some in chunks(filings, of: 10_000) {
      let lots = some.map(\.line.lot)
      let attempts = some.map { Int64($0.line.attempt) }
      let rows = some.map(\.row)
      try connection.run(
        """
        INSERT INTO filing (lot_id, attempt, row_id)
        SELECT l, a, r
          FROM unnest(\(lots)::bigint[], \(attempts)::integer[], \(rows)::bigint[]) AS x (l, a, r)
        """
      )
    }
  }

  /// Which of the lines were owed when they were sent, as `lot/attempt`.
  package func owedOnFiling(_ lines: [FiledLine]) throws -> Set<String> {
    let lots = lines.map(\.row)
    let attempts = lines.map { Int64($0.attempt) }
    return Set(
      try connection.run(
        """
        SELECT f.lot_id || '/' || f.attempt FROM filing f
          JOIN unnest(\(lots)::bigint[], \(attempts)::integer[]) AS x (l, a)
            ON f.lot_id = x.l AND f.attempt = x.a
        """
      ).map { $0.string(0) }
    )
  }
}
