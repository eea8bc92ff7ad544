import Formats
import Intake
package import Journal
package import Signing

/// Everything that `ledger check` proves: the books, the statements that their lines give, and the outbox.
package struct BookAudit {
  private let books: Books
  private let outbox: String
  private let certificates: [Certificate]

  /// - Parameters:
  ///   - books: The books, for reading.
  ///   - outbox: Folder of what they issued.
  ///   - certificates: The signers of this bank, now and before.
  package init(books: Books, outbox: String, certificates: [Certificate]) {
    self.books = books
    self.outbox = outbox
    self.certificates = certificates
  }

  /// Proves all on one snapshot.
  ///
  /// - Parameter since: A seal that was proved before, 0 for a full check.
  /// - Returns: What was looked at with every fault, and what of that concerned the outbox.
  /// - Throws: `DatabaseError` where the database cannot be asked.
  package func run(since: Int64 = 0) throws -> (LedgerCheckReport, OutboxReport) {
    try books.reading { try prove(since: since) }
  }

  /// The same inside a transaction of the caller's.
  package func prove(since: Int64 = 0) throws -> (LedgerCheckReport, OutboxReport) {
    var report = try books.prove(since: since)
    var found = OutboxReport()
    try books.part("statement lines", &report) { report in
      report.faults += try StatementAudit(books: books).faults(since: since)
    }
    try books.part("partners' answers", &report) { report in
      report.faults += try AnswerAudit(books: books).faults(since: since)
    }
    try books.part("entries = sources", &report) { report in
      report.faults += try CurrencyAudit(books: books).faults(since: since)
    }
    try books.part("outbox files", &report) { report in
      found = try OutboxAudit(books: books, outbox: outbox, certificates: certificates)
        .report(since: since)
      report.faults += found.faults
    }
    return (report, found)
  }
}
