import Civil
import Formats
package import Journal
package import Ledger
import Rewards

/// What an expiry run did.
package struct ExpiryReport: Sendable {
  package var lots = 0
  package var members: Set<Int64> = []
  /// Cost of what expired, by currency, in minor units.
  package var cost: [Currency: Int64] = [:]
  package var seal: Seal?
}

/// Ends lots whose last day is past (E17a, E17b, S5): what nobody used becomes breakage income.
///
/// The last day of a lot follows from its rule and the day of earning, so it is stored nowhere. A
/// run on a day on which nothing is left to end writes nothing; a second run so does nothing.
package struct ExpiryRun {
  private let books: Books
  private let terms: TermsInForce
  private let businessDate: CivilDate
  private let recordedAt: Instant
  private let allowances: Allowances

  package init(_ day: BookDay) {
    (books, terms) = (day.books, day.terms)
    (businessDate, recordedAt) = (day.date, day.recordedAt)
    allowances = Allowances(day.books)
  }

  /// Ends all lots that are over on the business date.
  package func run() throws -> ExpiryReport {
    let expiring = terms.allAgreements.flatMap { agreement in
      agreement.rules.compactMap { rule in rule.rule.expiry.map { (agreement, rule, $0) } }
    }
    guard !expiring.isEmpty else { return ExpiryReport() }
    let last = try books.lastRun(of: .expiry)
    // A hold that ended unused may have kept a lot from expiring, or a dispute.
    let held =
      try books.membersWithHolds(endedAfter: last?.recordedAt ?? Instant(microseconds: 0))
      + books.membersWithDisputes(endedAfter: last?.seal ?? 0)
    var holding: [(BoundAgreement, BoundRule, through: CivilDate, members: [Int64])] = []
    for (agreement, rule, expiry) in expiring {
      guard let through = expiry.newestOver(on: businessDate) else { continue }
      let members = try books.membersHolding(
        agreement: agreement.id,
        rule: rule.rule.ordinal,
        through: through,
        after: last.flatMap { expiry.newestOver(on: $0.day) },
        seal: last?.seal ?? 0,
        restored: restored(rule.rule.use, since: last?.day)
      )
      let all = Array(Set(members + held)).sorted()
      if !all.isEmpty { holding.append((agreement, rule, through, all)) }
    }
    guard !holding.isEmpty else { return ExpiryReport() }
    // A run that died goes on under its number; one after it gets the next.
    let number = try books.reserve(.expiry, "\(businessDate)/\(last?.seal ?? 0)")
    return try books.transaction {
      var report = ExpiryReport()
      var leaf: Leaf?
      for (agreement, rule, through, members) in holding {
        for some in chunks(members, of: 10_000) {
          try end(Array(some), agreement, rule, through, number, &leaf, &report)
        }
      }
      report.seal = try leaf?.seal(bookingDate: businessDate)
      return report
    }
  }

  /// The days on which something came back whose grace is over now and was not at the last run.
  private func restored(_ use: UseTerms, since last: CivilDate?) -> ClosedRange<CivilDate>? {
    guard use.restoredDays > 0, let last, last < businessDate else { return nil }
    let back = -use.restoredDays
    return last.adding(days: back)...businessDate.adding(days: back - 1)
  }

  /// The holdings of the members who have holds or disputes, with what those keep; of all members
  /// where restored lots may last longer than their day of earning says.
  private func kept(_ members: [Int64], _ use: UseTerms) throws -> [Int64: Holdings] {
    let holds = Dictionary(grouping: try books.reserved(members: members), by: \.member)
    let disputed = try books.disputedPurchases(members: members)
    let needed =
      use.restoredDays > 0 ? members : Set(holds.keys).union(disputed.keys).sorted()
    let kept = try books.holdings(needed, terms)
    for (member, holding) in kept { holding.reserve(holds[member] ?? []) }
    return kept
  }

  private func end(
    _ members: [Int64],
    _ agreement: BoundAgreement,
    _ rule: BoundRule,
    _ through: CivilDate,
    _ number: Int64,
    _ leaf: inout Leaf?,
    _ report: inout ExpiryReport
  ) throws {
    try books.lock(members: members)
    let lots = try books.lotsLeft(
      members: members,
      agreement: agreement.id,
      rule: rule.rule.ordinal,
      through: through
    )
    let kept = try kept(members, rule.rule.use)
    let over = try lots.compactMap { lot -> ExpiringLot? in
      guard let holding = kept[lot.member] else { return lot }
      guard !holding.isFrozen(lot: lot.id),
        holding.lastDay(lot: lot.id, unit: rule.unit).map({ $0 < businessDate }) ?? true
      else { return nil }
      return try lot.without(holding.reserved(lot: lot.id, unit: rule.unit))
    }
    guard !over.isEmpty else { return }
    let open =
      try leaf
      ?? books.openLeaf(number, .expiry, businessDate: businessDate, recordedAt: recordedAt)
    leaf = open
    let end = LotEnd(
      agreement: agreement,
      rule: rule,
      dates: try books.batchDates(businessDate),
      allowances: allowances
    )
    let currency = agreement.agreement.currency
    for lot in over {
      let rows = try end.rows(
        member: lot.member,
        purchase: lot.purchase,
        lot: lot.id,
        quantity: lot.quantity,
        cost: lot.cost
      )
      for row in rows { try open.add(row) }
      report.lots += 1
      report.members.insert(lot.member)
      report.cost[currency] = try checkedSum(report.cost[currency] ?? 0, lot.cost)
    }
  }
}

extension ExpiringLot {
  /// The lot less what holds keep of it; nil where they keep all.
  fileprivate func without(_ reserved: Int64) throws -> ExpiringLot? {
    guard reserved > 0 else { return self }
    guard reserved < quantity else { return nil }
    var part = self
    part.quantity -= reserved
    part.cost = try scaled(cost, by: part.quantity, over: quantity, .halfUp)
    return part
  }
}
