package import Crypto
import Formats
import Ledger
import Postgres

/// Rows of a table that the program knows itself: written from its own table, once.
package struct ReferenceRows: Sendable {
  /// Table below schema `kvitt`.
  package let table: String
  package let columns: [String]
  /// Values as texts, null where nil.
  package let rows: [[String?]]

  package init(table: String, columns: [String], rows: [[String?]]) {
    self.table = table
    self.columns = columns
    self.rows = rows
  }

  /// The name under which the books keep its digest.
  package var path: String { "rows/\(table)" }

  /// SHA-256 over columns and rows.
  package var digest: Digest {
    let lines = rows.map { row in row.map { $0 ?? "-" }.joined(separator: "|") }.sorted()
    return sha256(([columns.joined(separator: "|")] + lines).joined(separator: "\n"))
  }

  /// Writes the rows that the books lack.
  ///
  /// - Throws: `Refusal` where a row of the books differs from the program's, or is none of its:
  ///   what posted rows mean changes by a file in `changes/`, or not at all.
  func write(_ connection: Connection) throws {
    let places = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    let names = columns.joined(separator: ", ")
    let insert = "INSERT INTO kvitt.\(table) (\(names)) VALUES (\(places)) ON CONFLICT DO NOTHING"
    for row in rows { try connection.run(Query(trusted: insert, values: row)) }
    guard let row = try unknown(in: connection).first else { return }
    throw Refusal(
      .schemaDiffers,
      "the books have a row of \(table) that this kvitt has not: \(row)",
      hint: "use the kvitt that wrote it; kvitt \(Schema.current.version) does not know it"
    )
  }

  /// Rows of the books that are none of the program's.
  func unknown(in connection: Connection) throws -> [String] {
    let casts = columns.map { "\($0)::text" }.joined(separator: ", ")
    let known = Set(rows)
    return try connection.run(Query(trusted: "SELECT \(casts) FROM kvitt.\(table)"))
      .map { row in columns.indices.map { row.optional($0) } }
      .filter { !known.contains($0) }
      .map { row in escaped(row.map { $0 ?? "-" }.joined(separator: " ")) }
  }
}

extension ReferenceRows {
  static let accounts = ReferenceRows(
    table: "account",
    columns: ["code", "title", "kind"],
    rows: Account.allCases.map { [$0.rawValue, $0.title, $0.kind.rawValue] }
  )

  static let currencies = ReferenceRows(
    table: "currency",
    columns: ["id", "code", "exponent"],
    rows: Currency.allCases.map { ["\($0.rawValue)", $0.code, "\($0.exponent)"] }
  )

  static let flows = ReferenceRows(
    table: "flow",
    columns: [
      "id", "code", "unit_from", "unit_to", "line_kind", "line_measure", "line_direction",
      "line_id",
      "line_quantity", "line_original", "balance_sign", "lot_sign", "debt_sign", "makes_lot",
      "is_bulk", "waits", "is_of_bank", "roll_forward",
    ],
    rows: Flow.all { _ in true }.map { flow in
      [
        "\(flow.rawValue)", flow.code, flow.units?.from.rawValue, flow.units?.to.rawValue,
        flow.line?.kind.rawValue, flow.line?.measure.rawValue, flow.line?.direction.rawValue,
        flow.line?.id.rawValue, flow.line.map { "\($0.statesQuantity)" },
        flow.line?.original.rawValue, "\(flow.effect.balanceSign)", "\(flow.effect.lotSign)",
        "\(flow.effect.debtSign)", "\(flow.effect.makesLot)", "\(flow.isBulk)", "\(flow.waits)",
        "\(flow.isOfBank)", flow.rollForward.rawValue,
      ]
    }
  )

  static let flowLegs = ReferenceRows(
    table: "flow_leg",
    columns: ["flow", "leg", "account", "sign", "measure"],
    rows: Flow.all { _ in true }.flatMap { flow in
      flow.legs.enumerated().map { index, leg in
        [
          "\(flow.rawValue)", "\(index + 1)", leg.account.rawValue, "\(leg.sign)",
          leg.measure.rawValue,
        ]
      }
    }
  )
}
