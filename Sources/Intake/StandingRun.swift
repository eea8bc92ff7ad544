import Civil
package import Journal
import Rewards

/// What changes of standing brought about.
package struct StandingReport: Sendable {
  /// Files of account events that told of changes.
  package var files = 0
  /// Rows of purchases that were decided again.
  package var rows: Int64 = 0
  package var seal: Seal?
}

/// Decides purchases again where account events said afterwards that the account was out of good
/// standing on their day, or in it after all (term 6).
///
/// Each file is looked at once, after the feeds of the night.
package struct StandingRun {
  private let day: BookDay

  package init(_ day: BookDay) { self.day = day }

  /// Brings every change to the purchases since its day.
  package func run() throws -> StandingReport {
    let books = day.books
    let changes = try books.standingChanges()
    let files = Set(changes.map(\.batch)).sorted()
    guard let last = files.last else { return StandingReport() }
    let asks = day.terms.allAgreements.contains { agreement in
      agreement.rules.contains { $0.rule.members.goodStanding }
    }
    let done =
      !asks
      ? nil
      : try books.batch(
        .review,
        key: "standing/\(last)",
        businessDate: day.date,
        recordedAt: day.recordedAt
      ) { leaf, dates in
        try books.note(reviewed: files)
        for (programme, some) in Dictionary(grouping: changes, by: \.programme)
          .sorted(by: { $0.key < $1.key })
        {
          guard let first = some.map(\.from).min() else { continue }
          let members = Set(some.map(\.member)).sorted()
          let purchases = try books.purchases(ofMembers: members, since: first)
          try day.review(purchases, programme: programme, dates, leaf)
        }
        return leaf.rewardCount
      }
    guard let done else {
      try books.transaction { try books.note(reviewed: files) }
      return StandingReport(files: files.count)
    }
    return StandingReport(files: files.count, rows: done.value, seal: done.seal)
  }
}
