import Civil
import Formats
package import Intake
package import Journal
import Ledger
import Terms

/// What owing lines on their filing did.
package struct FilingReport: Sendable {
  package var lines = 0
  package var seal: Seal?
}

/// Owes miles from the statement on that sends their line, where the contract settles on filing (M2b):
/// the line stands in both sections of it, and what the partner rejects is a credit on the next (M5b).
///
/// It runs just before the plan. What comes between the two is owed with the partner's answer, as under
/// other contracts; lines that are owed are out, so a refund files a reversal.
package struct FilingRun {
  private let day: BookDay

  package init(_ day: BookDay) { self.day = day }

  /// Owes every line that a settlement of the day sends; a second run finds nothing.
  package func run() throws -> FilingReport {
    let books = day.books
    var due: [(partner: Int16, lines: [LineToFile])] = []
    for partner in day.terms.directory.partners
    where day.terms.partners[partner.id]?.settlesOnFiling == true {
      let lines = try books.linesToFile(partner: partner.id, through: day.date, .unowed)
      if !lines.isEmpty { due.append((partner.id, lines)) }
    }
    guard !due.isEmpty else { return FilingReport() }
    let last = try books.newestSeal(of: .filing)
    let done = try books.batch(
      .filing,
      key: "\(day.date)/\(last)",
      businessDate: day.date,
      recordedAt: day.recordedAt
    ) { leaf, dates in
      var filings: [(line: LineToFile, row: Int64)] = []
      for line in due.flatMap(\.lines) {
        filings.append((line, try leaf.add(row(line, dates))))
      }
      try books.note(filings: filings)
      return filings.count
    }
    return FilingReport(lines: done?.value ?? 0, seal: done?.seal)
  }

  private func row(_ line: LineToFile, _ dates: BatchDates) throws -> RewardRow {
    let bound = try day.terms.bound(agreement: line.agreement, rule: line.rule)
    var row = try RewardRow(
      .fileSettled,
      bound.agreement,
      bound.rule,
      member: line.member,
      purchase: line.purchase,
      lot: line.lot,
      quantity: line.quantity,
      cost: line.costMinor,
      event: line.eventDate,
      earnMonth: 0,
      dates: dates
    )
    // Into the very statement that sends the line.
    row.settlementDate = day.date
    return row
  }
}
