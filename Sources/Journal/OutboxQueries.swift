package import Civil
import Crypto
import Postgres

/// A statement whose signatures the books keep: it was written, and may be with its partner.
package struct IssuedStatement: Sendable {
  /// Code of the partner.
  package let code: String
  package let number: String
  /// The seal of the settlement that made it, in hexadecimal.
  package let seal: String
}

extension Books {
  /// Statements with kept signatures of days before one, oldest first.
  package func issuedStatements(before date: CivilDate) throws -> [IssuedStatement] {
    try connection.run(
      """
      SELECT p.code, s.number, coalesce(encode(l.seal, 'hex'), '')
        FROM statement s JOIN partner p ON p.id = s.partner
        LEFT JOIN seal l ON l.batch_id = s.run_batch
       WHERE s.business_date < \("\(date)")::date
         AND EXISTS (SELECT FROM signature g
                      WHERE g.file = p.code || '/' || s.number || '/MANIFEST.sha256')
       ORDER BY s.business_date, s.number
      """
    ).map { try IssuedStatement(code: $0.string(0), number: $0.string(1), seal: $0.string(2)) }
  }

  /// Partner and number of every statement, as `CODE/NUMBER`.
  package func statementPlaces() throws -> [String] {
    try connection.run(
      "SELECT p.code || '/' || s.number FROM statement s JOIN partner p ON p.id = s.partner"
    ).map { try $0.string(0) }
  }

  /// Business dates that were settled.
  package func settledDates() throws -> [CivilDate] {
    try connection.run("SELECT business_date::text FROM settlement_run ORDER BY 1")
      .map { try $0.day(0) }
  }

  /// Numbers of pay-out files with the digests of their bytes in hexadecimal, oldest first.
  package func payoutDigests() throws -> [(number: String, digest: String)] {
    try connection.run(
      "SELECT number, encode(sha256(body), 'hex') FROM payout_file ORDER BY sequence"
    ).map { try ($0.string(0), $0.string(1)) }
  }

  /// What the seal of a settlement vouches for as its payment orders, in hexadecimal; nil where it names none.
  package func sealedOrders(batch: Int64) throws -> String? {
    try connection.run(
      """
      SELECT encode(digest, 'hex') FROM attachment
       WHERE batch_id = \(batch)::bigint AND kind = \(AttachmentKind.orders.rawValue)
      """
    ).first?.string(0)
  }
}
