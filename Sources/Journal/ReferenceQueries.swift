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

/// How a reference rate of a file stands to the books.
package struct RateMove: Sendable {
  /// The row of the file, counted from 0.
  package let row: Int
  /// The newest day of the books that is not later, and its rate; nil where the currency has none.
  package let known: (day: CivilDate, rate: String)?
  /// How far it moved, up or down, in percent.
  package let percent: String
}

extension Books {
  /// Asks for reference data to become the next set; the merchant directory and rates that move far count
  /// with a second person.
  ///
  /// - Parameters:
  ///   - data: The rows of the file.
  ///   - kind: What they are.
  ///   - name: The file.
  ///   - dated: The newest day that they speak of.
  ///   - digest: Of the file.
  /// - Returns: What it did, and the number of the set where it is one now.
  /// - Throws: `SamePerson` or `DatabaseError`.
  package func importReference(
    _ data: ReferenceData,
    _ kind: ReferenceKind,
    name: String,
    dated: CivilDate,
    digest: Digest
  ) throws -> (answer: ImportAnswer, set: Int64?) {
    func column(_ index: Int) -> [String] {
      data.rows.map { index < $0.values.count ? $0.values[index] : "" }
    }
    return try transaction {
      let row = try connection.run(
        """
        SELECT * FROM import_reference(\(kind.rawValue), \(name), \("\(dated)")::date,
          \(bytes: digest.bytes), \(column(0))::text[], \(column(1))::text[],
          \(column(2))::text[], \(column(3))::text[])
        """
      )[0]
      return (try ImportAnswer(row), try row.optionalInt(2))
    }
  }

  /// How the rates of a file stand to the books, those that moved furthest and first rates first.
  package func rateMoves(_ data: ReferenceData) throws -> [RateMove] {
    func column(_ index: Int) -> [String] { data.rows.map { $0.values[index] } }
    return try connection.run(
      """
      SELECT row_no, known_day::text, known_rate::text, to_char(move_bp / 100, 'FM9999990.0')
        FROM rate_moves(\(column(0))::text[], \(column(1))::text[], \(column(2))::text[])
       ORDER BY move_bp DESC NULLS FIRST, row_no
      """
    ).map { row in
      let rate = row.optional(2)
      let day = try row.optionalDay(1)
      return RateMove(
        row: Int(try row.int(0)) - 1,
        known: day.flatMap { day in rate.map { (day, $0) } },
        percent: row.optional(3) ?? ""
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
