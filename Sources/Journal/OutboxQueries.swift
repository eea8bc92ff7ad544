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

/// Digests of a pay-out file and of its kept signature, in hexadecimal.
package struct PayoutDigests: Sendable {
  package let number: String
  package let body: String
  /// Nil where no signature was made yet.
  package let signature: String?
  /// Fingerprint of the certificate whose key made it.
  package let signer: String?
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
         AND EXISTS (SELECT FROM signature g WHERE g.statement_id = s.id)
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

  /// Pay-out files with the digests of what belongs into the outbox, oldest first.
  package func payoutDigests() throws -> [PayoutDigests] {
    try connection.run(
      """
      SELECT f.number, encode(sha256(f.body), 'hex'), encode(sha256(g.body), 'hex'),
             g.signer
        FROM payout_file f LEFT JOIN payout_signature g USING (sequence) ORDER BY f.sequence
      """
    ).map {
      try PayoutDigests(
        number: $0.string(0),
        body: $0.string(1),
        signature: $0.optional(2),
        signer: $0.optional(3)
      )
    }
  }
}
