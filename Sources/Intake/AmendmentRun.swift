import Civil
package import Journal
import Ledger
import Rewards

/// What applying amendments did.
package struct AmendmentReport: Sendable {
  package var lines = 0
  package var seal: Seal?
}

/// Books what a version of an agreement changes of what older versions booked: a difference line for
/// each line of miles (P13), and the cost of open store credit (S9).
///
/// Nothing that was stated is touched. The difference follows the line: where miles are taken back
/// after it was booked, the next run takes its part of it back. A second run finds nothing.
package struct AmendmentRun {
  private let books: Books
  private let terms: TermsInForce
  private let businessDate: CivilDate
  private let recordedAt: Instant

  package init(_ day: BookDay) {
    (books, terms) = (day.books, day.terms)
    (businessDate, recordedAt) = (day.date, day.recordedAt)
  }

  /// A rule of an older version and those of later ones that amend it, newest first.
  private struct Amended {
    let agreement: BoundAgreement
    let rule: BoundRule
    let later: [(agreement: BoundAgreement, rule: BoundRule, amendment: Amendment)]
  }

  /// Books every difference that is due on the business date.
  package func run() throws -> AmendmentReport {
    let amended = amended()
    guard !amended.isEmpty else { return AmendmentReport() }
    let last = try books.newestSeal(of: .amendment)
    let done = try books.batch(
      .amendment,
      key: "\(businessDate)/\(last)",
      businessDate: businessDate,
      recordedAt: recordedAt
    ) { leaf, dates in
      for old in amended {
        if old.rule.rule.kind == .miles { try reprice(old, dates, leaf) }
        if old.rule.rule.kind == .credit { try move(old, dates, leaf) }
      }
      return Int(leaf.rewardCount)
    }
    return AmendmentReport(lines: done?.value ?? 0, seal: done?.seal)
  }

  /// Rules that a version in force by now amends; a version after it that amends nothing ends nothing.
  private func amended() -> [Amended] {
    let amending = terms.allAgreements.filter {
      $0.agreement.amendment != nil && $0.agreement.validFrom <= businessDate
    }.sorted { $0.agreement.version > $1.agreement.version }
    guard !amending.isEmpty else { return [] }
    return terms.allAgreements.flatMap { older in
      older.rules.compactMap { old -> Amended? in
        guard [.miles, .credit].contains(old.rule.kind) else { return nil }
        let later = amending.compactMap { version in
          amendment(of: old, of: older, by: version)
        }
        return later.isEmpty ? nil : Amended(agreement: older, rule: old, later: later)
      }
    }
  }

  private func amendment(
    of old: BoundRule,
    of older: BoundAgreement,
    by version: BoundAgreement
  ) -> (agreement: BoundAgreement, rule: BoundRule, amendment: Amendment)? {
    guard let amendment = version.agreement.amendment,
      version.agreement.code == older.agreement.code,
      version.agreement.version > older.agreement.version,
      old.rule.kind == .miles ? amendment.pricesFrom != nil : amendment.movesOpenLots,
      let rule = version.rules.first(where: {
        $0.rule.name == old.rule.name && $0.rule.kind == old.rule.kind && $0.unit == old.unit
          && $0.rule.currency == old.rule.currency
      })
    else { return nil }
    return (version, rule, amendment)
  }

  /// Each line of miles costs what the newest version says that reaches back to its day.
  private func reprice(_ old: Amended, _ dates: BatchDates, _ leaf: Leaf) throws {
    guard let first = old.later.compactMap(\.amendment.pricesFrom).min() else { return }
    let lots = try books.mileLots(
      agreement: old.agreement.id,
      rule: old.rule.rule.ordinal,
      since: first
    )
    for lot in lots {
      let newest = old.later.first { later in
        later.amendment.pricesFrom.map { $0 <= lot.event } ?? false
      }
      guard let newest else { continue }
      let cheaper =
        try old.rule.rule.cost(of: lot.quantity) - newest.rule.rule.cost(of: lot.quantity)
      let change = cheaper - lot.minor
      guard change != 0 else { continue }
      let flow: Flow = change > 0 ? .cheaperMiles : .dearerMiles
      try leaf.add(row(flow, (newest.agreement, newest.rule), lot, abs(change), dates))
    }
  }

  /// Open lots cost what the newest version says that moves them.
  private func move(_ old: Amended, _ dates: BatchDates, _ leaf: Leaf) throws {
    guard let newest = old.later.first else { return }
    let lots = try books.openLots(agreement: old.agreement.id, rule: old.rule.rule.ordinal)
    // Read again once nobody can use them any more.
    for some in chunks(Array(Set(lots.map(\.member))).sorted(), of: 10_000) {
      try books.lock(members: Array(some))
    }
    for lot in try books.openLots(agreement: old.agreement.id, rule: old.rule.rule.ordinal) {
      let change = lot.minor - (try newest.rule.rule.cost(of: lot.quantity))
      guard change != 0 else { continue }
      let flow: Flow = change > 0 ? .cheaperCredit : .dearerCredit
      // The lot stays one of its own version; only its cost changes.
      try leaf.add(row(flow, (old.agreement, old.rule), lot, abs(change), dates))
    }
  }

  private func row(
    _ flow: Flow,
    _ bound: (agreement: BoundAgreement, rule: BoundRule),
    _ lot: AmendedLot,
    _ cost: Int64,
    _ dates: BatchDates
  ) throws -> RewardRow {
    try RewardRow(
      flow,
      bound.agreement,
      bound.rule,
      member: lot.member,
      purchase: lot.purchase,
      lot: lot.id,
      quantity: 0,
      cost: cost,
      event: lot.event,
      earnMonth: 0,
      dates: dates
    )
  }
}
