package import Civil
package import Crypto
package import Formats
import Postgres

/// An imported set of reference data.
package struct ReferenceSet: Sendable {
  package let id: Int64
  package let kind: String
  package let name: String
  package let dated: String
  package let rows: Int64
  package let importedBy: String
}

extension Books {
  /// Stores reference data as the next set; nil where exactly this file stands already.
  package func importReference(
    _ data: ReferenceData,
    _ kind: ReferenceKind,
    name: String,
    dated: CivilDate,
    digest: Digest
  ) throws -> Int64? {
    try transaction {
      let known = try connection.run(
        """
        SELECT id FROM reference_set
         WHERE kind = \(kind.rawValue) AND digest = \(bytes: digest.bytes)
        """
      ).count
      guard known == 0 else { return nil }
      let id =
        try connection.run("SELECT coalesce(max(id), 0) + 1 FROM reference_set").first?.int(0) ?? 1
      try connection.run(
        """
        INSERT INTO reference_set (id, kind, name, digest, dated, rows)
        VALUES (\(id)::integer, \(kind.rawValue), \(name), \(bytes: digest.bytes),
          \("\(dated)")::date, \(data.rows.count)::integer)
        """
      )
      for chunk in chunks(data.rows, of: 5_000) { try store(Array(chunk), kind, id) }
      return id
    }
  }

  private func store(_ rows: [ReferenceRow], _ kind: ReferenceKind, _ id: Int64) throws {
    func column(_ index: Int) -> [String] { rows.map { $0.values[index] } }
    switch kind {
    case .fx:
      try connection.run(
        """
        INSERT INTO fx_rate (set_id, day, currency, rate)
        SELECT \(id)::integer, d, c, r FROM unnest(\(column(0))::date[], \(column(1))::text[],
          \(column(2))::numeric[]) AS x (d, c, r)
        """
      )
    case .currencies:
      try connection.run(
        """
        INSERT INTO currency_fact (set_id, code, number, exponent)
        SELECT \(id)::integer, c, n, nullif(e, '')::smallint
          FROM unnest(\(column(0))::text[], \(column(1))::smallint[], \(column(2))::text[])
            AS x (c, n, e)
        """
      )
    case .mcc:
      try connection.run(
        """
        INSERT INTO mcc_title (set_id, code, title)
        SELECT \(id)::integer, c, t
          FROM unnest(\(column(0))::smallint[], \(column(1))::text[]) AS x (c, t)
        """
      )
    case .merchants:
      try connection.run(
        """
        INSERT INTO merchant_entry (set_id, merchant, valid_from, mcc, partner)
        SELECT \(id)::integer, m, d, c, p
          FROM unnest(\(column(0))::text[], \(column(1))::date[], \(column(2))::smallint[],
            \(column(3))::text[]) AS x (m, d, c, p)
        """
      )
    }
  }

  /// All sets, newest first.
  package func referenceSets() throws -> [ReferenceSet] {
    try connection.run(
      "SELECT id, kind, name, dated, rows, imported_by FROM reference_set ORDER BY id DESC"
    ).map {
      try ReferenceSet(
        id: $0.int(0),
        kind: $0.string(1),
        name: $0.string(2),
        dated: $0.string(3),
        rows: $0.int(4),
        importedBy: $0.string(5)
      )
    }
  }

  /// What is in force of a kind on a day, as rows of texts: the newest set that speaks of each key.
  package func reference(_ kind: ReferenceKind, on date: CivilDate) throws -> [[String]] {
    let day = "\(date)"
    let rows: Rows
    switch kind {
    case .fx:
      rows = try connection.run(
        """
        SELECT DISTINCT ON (currency) currency, rate::text, day::text, set_id::text FROM fx_rate
         WHERE day <= \(day)::date ORDER BY currency, day DESC, set_id DESC
        """
      )
    case .currencies:
      rows = try connection.run(
        """
        SELECT DISTINCT ON (code) code, lpad(number::text, 3, '0'), coalesce(exponent::text, 'N.A.'),
               set_id::text
          FROM currency_fact ORDER BY code, set_id DESC
        """
      )
    case .mcc:
      rows = try connection.run(
        """
        SELECT DISTINCT ON (code) lpad(code::text, 4, '0'), title, '', set_id::text FROM mcc_title
         ORDER BY code, set_id DESC
        """
      )
    case .merchants:
      rows = try connection.run(
        """
        SELECT DISTINCT ON (merchant) merchant, lpad(mcc::text, 4, '0'),
               partner || ' since ' || valid_from, set_id::text
          FROM merchant_entry WHERE valid_from <= \(day)::date
         ORDER BY merchant, valid_from DESC, set_id DESC
        """
      )
    }
    return try rows.map { row in try (0..<4).map { try row.string($0) } }
  }
}
