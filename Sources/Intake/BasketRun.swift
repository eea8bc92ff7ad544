import Civil
package import Journal
import Rewards

/// What finding the purchases of baskets did.
package struct BasketRunReport: Sendable {
  /// Baskets that found their purchase.
  package var found = 0
  /// Rows of purchases that were decided again.
  package var rows: Int64 = 0
  package var seal: Seal?
}

/// Finds the purchases that baskets are, and gives what their goods earn (seed row 52).
///
/// A basket says nothing of the bank's reference: the same member, merchant and amount at most a day
/// apart are the same purchase, and of several each basket has one. A purchase may come a month after
/// its basket.
package struct BasketRun {
  private let day: BookDay
  private static let daysMax = 40

  package init(_ day: BookDay) { self.day = day }

  /// Finds what there is to find; a second run finds nothing.
  package func run() throws -> BasketRunReport {
    let books = day.books
    let matches = try pairs(
      books.basketMatches(since: day.date.adding(days: -BasketRun.daysMax))
    )
    guard let last = matches.map(\.purchase).max() else { return BasketRunReport() }
    let done =
      !day.terms.asksBaskets
      ? nil
      : try books.batch(
        .review,
        key: "baskets/\(last)/\(books.newestSeal(of: .review))",
        businessDate: day.date,
        recordedAt: day.recordedAt
      ) { leaf, dates in
        try books.note(matches)
        for (programme, some) in Dictionary(grouping: matches, by: \.programme)
          .sorted(by: { $0.key < $1.key })
        {
          let purchases = try books.purchases(some.map(\.purchase))
          try day.review(purchases, programme: programme, dates, leaf)
        }
        return leaf.rewardCount
      }
    guard let done else {
      // None of the goods earns anything; which purchases they are is noted all the same.
      try books.transaction { try books.note(matches) }
      return BasketRunReport(found: matches.count)
    }
    return BasketRunReport(found: matches.count, rows: done.value, seal: done.seal)
  }

  /// Each basket with the nearest purchase that no other has, each purchase once.
  private func pairs(_ matches: [BasketMatch]) -> [BasketMatch] {
    var baskets: Set<[Int64]> = []
    var purchases: Set<Int64> = []
    return matches.filter { match in
      let basket = [match.batch, Int64(match.line)]
      guard !baskets.contains(basket), !purchases.contains(match.purchase) else { return false }
      baskets.insert(basket)
      purchases.insert(match.purchase)
      return true
    }
  }
}
