package import Civil
import Crypto
import Ledger
import Postgres

/// A statement as the books keep it.
package struct StoredStatement: Sendable {
  package var id: Int64
  package var number: String
  package var partner: Int16
  package var sequence: Int
  package var runBatch: Int64
  package var businessDate: CivilDate
  package var cutSeal: Int64
  package var created: Instant
  package var currency: String
  package var opening: Int64
  package var settled: Int64
  package var paid: Int64
  package var ordered: Int64
  package var due: CivilDate
  package var reference: String
  package var filedLines: Int64
  package var filedQuantity: Int64
  package var settledLines: Int64
  package var lineDigest: String
  package var jsonDigest: String

  package init(
    id: Int64,
    number: String,
    partner: Int16,
    sequence: Int,
    runBatch: Int64,
    businessDate: CivilDate,
    cutSeal: Int64,
    created: Instant,
    currency: String,
    opening: Int64,
    settled: Int64,
    paid: Int64,
    ordered: Int64,
    due: CivilDate,
    reference: String,
    filedLines: Int64,
    filedQuantity: Int64,
    settledLines: Int64,
    lineDigest: String,
    jsonDigest: String
  ) {
    self.id = id
    self.number = number
    self.partner = partner
    self.sequence = sequence
    self.runBatch = runBatch
    self.businessDate = businessDate
    self.cutSeal = cutSeal
    self.created = created
    self.currency = currency
    self.opening = opening
    self.settled = settled
    self.paid = paid
    self.ordered = ordered
    self.due = due
    self.reference = reference
    self.filedLines = filedLines
    self.filedQuantity = filedQuantity
    self.settledLines = settledLines
    self.lineDigest = lineDigest
    self.jsonDigest = jsonDigest
  }

  /// opening + settled – paid, signed, + we owe.
  package var net: Int64 { opening + settled - paid }
  /// net – ordered.
  package var closing: Int64 { net - ordered }
}

/// Quantities that went from open to filed, by programme and unit.
package struct FiledSum: Sendable {
  package let programme: Int16
  package let unit: String
  package let quantity: Int64
}

extension Books {
  /// Begins the settlement of a plan and claims its slices; the database compares its amounts with the
  /// books and looks for the approval itself.
  package func beginSettlement(plan: String, batch: Int64) throws {
    try connection.run("SELECT begin_settlement(\(plan), \(batch)::bigint)")
  }

  /// Quantities of lots that the statement files for the first time.
  package func filedSums(statement: Int64) throws -> [FiledSum] {
    try connection.run(
      """
      SELECT m.programme, l.unit, sum(l.quantity)::bigint
        FROM statement_line l JOIN member m ON m.id = l.member_id
       WHERE l.statement_id = \(statement)::bigint AND l.section = 'filed' AND l.attempt = 1
         AND l.kind <> 'reversal'
       GROUP BY m.programme, l.unit ORDER BY m.programme, l.unit
      """
    ).map { try FiledSum(programme: $0.int16(0), unit: $0.string(1), quantity: $0.int(2)) }
  }

  /// The next number of a document series of a partner.
  package func nextDocument(partner: Int16, series: String) throws -> Int64 {
    try connection.run(
      """
      SELECT coalesce(max(serial), 0) + 1 FROM document
       WHERE partner = \(partner)::smallint AND series = \(series)
      """
    ).first?.int(0) ?? 1
  }

  /// Stores a statement's document.
  package func insertDocument(
    number: String,
    statement: Int64,
    partner: Int16,
    series: String,
    serial: Int64,
    netMinor: Int64
  ) throws {
    try connection.run(
      """
      INSERT INTO document (number, statement_id, partner, series, serial, net_minor)
      VALUES (\(number), \(statement)::bigint, \(partner)::smallint, \(series),
        \(serial)::integer, \(netMinor)::bigint)
      """
    )
  }

  /// Documents of a statement: number, series and net.
  package func documents(
    statement: Int64
  ) throws -> [(number: String, series: String, netMinor: Int64)] {
    try connection.run(
      """
      SELECT number, series, net_minor FROM document WHERE statement_id = \(statement)::bigint
       ORDER BY number COLLATE "C"
      """
    ).map { try ($0.string(0), $0.string(1), $0.int(2)) }
  }

  /// Issues a statement whose lines stand, and orders its payment; the database takes the amounts and the
  /// account from the plan.
  package func issue(_ statement: StoredStatement, plan: String) throws {
    try connection.run(
      """
      SELECT issue_statement(\(plan), \(statement.partner)::smallint, \(statement.id)::bigint,
        \(statement.number), \("\(statement.created)")::timestamptz, \(statement.reference),
        \(statement.filedQuantity)::bigint, decode(\(statement.lineDigest), 'hex'),
        decode(\(statement.jsonDigest), 'hex'))
      """
    )
  }
}
