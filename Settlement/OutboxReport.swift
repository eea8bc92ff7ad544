package import Journal

/// What lies in the outbox beside what the books issued.
package struct OutboxReport: Sendable {
  /// Every difference with its place.
  package var faults: [LedgerFault] = []
  /// Statements whose files were compared.
  package var statements = 0
  /// Files of payment orders that were compared.
  package var orders = 0
  /// Pay-out files that were compared.
  package var payouts = 0
  /// Issued by the books, and not there.
  package var missing = 0
  /// There, and not issued by the books.
  package var unknown = 0
  /// Stored by a run that has not written them yet: the same run again does.
  package var unwritten = 0
  /// Whether a certificate was at hand to verify signatures with.
  package var isVerified = false

  /// One line: how many were compared, and what is on one side only.
  package var text: String {
    var text =
      "Outbox: \(statements) statements, \(orders) order files, \(payouts) pay-out files compared"
    text += "; missing \(missing), unknown \(unknown)"
    if unwritten > 0 { text += ", not written yet \(unwritten)" }
    if !isVerified { text += "; signatures not verified: no certificate of the signer at hand" }
    return text + "."
  }
}
