import Civil
import Ledger
import Postgres

extension Books {
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
      ).map { try $0.string(0) }
    )
  }
}
