import Civil
package import Journal
import Ledger
import Rewards

/// What booking shares did.
package struct FundingReport: Sendable {
  package var shares = 0
  package var seal: Seal?
}

/// Books the sponsors' shares of rewards that can be used by now, where the contract makes that the
/// moment (E2b, term 16).
///
/// What was taken back before costs the sponsor nothing; from here on its share follows the reward.
/// A second run finds every share booked.
package struct FundingRun {
  private let books: Books
  private let terms: TermsInForce
  private let businessDate: CivilDate
  private let recordedAt: Instant

  package init(_ day: BookDay) {
    (books, terms) = (day.books, day.terms)
    (businessDate, recordedAt) = (day.date, day.recordedAt)
  }

  /// Books the shares of everything that can be used on the business date.
  package func run() throws -> FundingReport {
    let last = try books.lastRun(of: .funding)
    var due: [(agreement: BoundAgreement, rule: BoundRule, members: [Int64])] = []
    for agreement in terms.allAgreements {
      for rule in agreement.rules where rule.rule.funding.trigger == .availability {
        let members = try books.membersHolding(
          agreement: agreement.id,
          rule: rule.rule.ordinal,
          through: businessDate.adding(days: -rule.rule.pendingDays),
          after: last?.day.adding(days: -rule.rule.pendingDays),
          seal: last?.seal ?? 0
        )
        if !members.isEmpty { due.append((agreement, rule, members)) }
      }
    }
    guard !due.isEmpty else { return FundingReport() }
    let done = try books.batch(
      .funding,
      key: "\(businessDate)/\(last?.seal ?? 0)",
      businessDate: businessDate,
      recordedAt: recordedAt
    ) { leaf, dates in
      for (agreement, rule, members) in due {
        for some in chunks(members, of: 10_000) {
          try book(Array(some), agreement, rule, dates, leaf)
        }
      }
      return Int(leaf.rewardCount)
    }
    return FundingReport(shares: done?.value ?? 0, seal: done?.seal)
  }

  private func book(
    _ members: [Int64],
    _ agreement: BoundAgreement,
    _ rule: BoundRule,
    _ dates: BatchDates,
    _ leaf: Leaf
  ) throws {
    try books.lock(members: members)
    let holdings = try books.holdings(members, terms)
    for member in members {
      guard let holding = holdings[member] else { continue }
      for purchase in holding.usable(agreement.id, rule.rule.ordinal, on: businessDate) {
        let booked = holding.booked(purchase: purchase, rule: rule.rule.ordinal)
        guard booked.cost > 0 else { continue }
        let shares = SponsorShares(
          agreement: agreement,
          rule: rule,
          member: member,
          purchase: purchase,
          event: businessDate,
          month: 0,
          dates: dates
        )
        if booked.share == 0 {
          let share = try rule.rule.share(of: booked.cost)
          if share > 0 { try leaf.add(shares.row(share, rule.partner, rule.calendar)) }
        }
        for sponsor in rule.sponsors
        where holding.share(purchase: purchase, rule: rule.rule.ordinal, sponsor.partner) == 0 {
          let share = try rule.rule.share(of: sponsor.terms, cost: booked.cost)
          if share > 0 { try leaf.add(shares.row(share, sponsor.partner, sponsor.calendar)) }
        }
      }
    }
  }
}
