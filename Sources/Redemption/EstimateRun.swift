import Civil
package import Intake
package import Journal
import Ledger

/// What posting estimates did.
package struct EstimateReport: Sendable {
  package var posted = 0
  package var seal: Seal?
}

/// Posts estimates of breakage that two people decided: a change of the allowance against the liability
/// (P5, P6), as a change in estimate of the points' cost.
package struct EstimateRun {
  private let books: Books
  private let terms: TermsInForce
  private let businessDate: CivilDate
  private let recordedAt: Instant

  package init(_ day: BookDay) {
    (books, terms) = (day.books, day.terms)
    (businessDate, recordedAt) = (day.date, day.recordedAt)
  }

  /// Posts everything that was decided and is not posted; a second run finds nothing.
  package func run() throws -> EstimateReport {
    let decided = try books.decidedEstimates()
    guard !decided.isEmpty else { return EstimateReport() }
    let last = try books.newestSeal(of: .estimate)
    let number = try books.reserve(.estimate, "\(businessDate)/\(last)")
    return try books.transaction {
      let leaf = try books.openLeaf(
        number,
        .estimate,
        businessDate: businessDate,
        recordedAt: recordedAt
      )
      let dates = try books.batchDates(businessDate)
      var entries: [Entry] = []
      for estimate in decided {
        guard let currency = terms.directory.unit(id: estimate.unit)?.currency else { continue }
        let gross = max(0, try books.grossLiability(unit: estimate.unit))
        let wanted = try scaled(
          gross,
          by: 10_000 - estimate.usedBasisPoints,
          over: 10_000,
          .halfUp
        )
        let change = wanted - (try books.allowance(unit: estimate.unit))
        entries.append(
          .transfer(
            .estimated,
            text: "breakage estimate \(estimate.key)",
            Amount(minor: change, currency: currency),
            partner: 0
          )
        )
        try books.post(
          estimate,
          gross: gross,
          allowance: wanted,
          change: change,
          batch: number
        )
      }
      let seal = try leaf.seal(
        entries: entries.filter { !$0.postings.isEmpty },
        bookingDate: dates.booking(businessDate)
      )
      return EstimateReport(posted: decided.count, seal: seal)
    }
  }
}
