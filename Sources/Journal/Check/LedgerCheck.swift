import Formats
import Ledger
import Postgres

/// What `ledger check` looked at.
package struct LedgerCheckReport: Sendable {
  package var faults: [LedgerFault] = []
  package var batches = 0
  package var rows: Int64 = 0
  package var blocks = 0
  package var entries: Int64 = 0
  package var seal: Int64 = 0
  /// Rows of fact tables that were compared with their notes.
  package var facts: Int64 = 0
  /// Of those, rows that were written after the last seal.
  package var unsealed: Int64 = 0
}

extension Books {
  /// Proves the books from their rows, on one snapshot.
  ///
  /// - Parameter since: A seal that was proved before: only what was sealed later is read again, and the
  ///   sums over all rows are left to a full check.
  /// - Returns: What was looked at, and every fault with its place.
  /// - Throws: `DatabaseError` where the database cannot be asked; broken books are no error but faults.
  package func check(since: Int64 = 0) throws -> LedgerCheckReport {
    try reading { try prove(since: since) }
  }

  /// The same inside a transaction of the caller's, which may hold changes that nobody else sees.
  package func prove(since: Int64 = 0) throws -> LedgerCheckReport {
    var report = LedgerCheckReport()
    // Texts of rows are digested as `note_facts` writes them.
    try connection.run("SET LOCAL datestyle = 'ISO, YMD'")
    try connection.run("SET LOCAL timezone = 'UTC'")
    try connection.run("SET LOCAL bytea_output = 'hex'")
    try part("entries balance", &report) { try checkEntries(&$0) }
    try part("subledger = control", &report) { try checkControl(&$0) }
    try part("entries = sources", &report) { try checkEntrySources(since: since, &$0) }
    try part("seals unbroken", &report) { try checkSeals(since: since, &$0) }
    try part("leaf totals", &report) { try checkTotals(since: since, &$0) }
    try part("leaf days", &report) { try checkDays(since: since, &$0) }
    try part("facts", &report) { try checkFacts(since: since, &$0) }
    try part("2490 = statements", &report) { try checkClearing(&$0) }
    if since == 0 { try proveSums(&report) }
    return report
  }

  /// What only all rows together tell.
  private func proveSums(_ report: inout LedgerCheckReport) throws {
    try part("month sums", &report) { try checkMonthSums(&$0) }
    try part("member debts", &report) { try checkDebts(&$0) }
    try part("lots", &report) { try checkLots(&$0) }
    try part("moved lots and debts", &report) { try checkMoves(&$0) }
    try part("prepaid miles", &report) { try checkPrepaid(&$0) }
    try part("people's rows", &report) { try checkDecided(&$0) }
    try part("waiting lines", &report) { try checkWaiting(&$0) }
    try part("rows of statement lines", &report) { try checkLineRows(&$0) }
    try part("kept bytes", &report) { try checkBodies(&$0) }
    try part("budgets", &report) { report in
      for place in try differingBudgets() {
        report.tell("budgets", place, "what is used is not what the rows say")
      }
    }
  }

  /// Runs one proof; where the rows do not even let it run, that is a fault like any other, and the next
  /// proofs go on.
  ///
  /// A value that this kvitt does not know ends the check: it may be another kvitt's, and no fault.
  package func part(
    _ name: String,
    _ report: inout LedgerCheckReport,
    _ body: (inout LedgerCheckReport) throws -> Void
  ) throws {
    try connection.run("SAVEPOINT part")
    do {
      try body(&report)
    } catch let error as UnreadableValue {
      throw error
    } catch {
      try connection.run("ROLLBACK TO SAVEPOINT part")
      report.tell(name, "books", "cannot be proved: \((error as? Refusal)?.message ?? "\(error)")")
    }
    try connection.run("RELEASE SAVEPOINT part")
  }
}

extension LedgerCheckReport {
  /// Adds a fault of the books.
  mutating func tell(_ check: String, _ place: String, _ detail: String) {
    faults.append(LedgerFault(check: check, place: place, detail: detail))
  }
}
