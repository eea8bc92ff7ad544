package import Civil
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

  package init(
    books: Books,
    terms: TermsInForce,
    businessDate: CivilDate,
    recordedAt: Instant
  ) {
    self.books = books
    self.terms = terms
    self.businessDate = businessDate
    self.recordedAt = recordedAt
  }

  /// A rule of an older version and the one that amends it.
  private struct Pair {
    let older: BoundAgreement
    let old: BoundRule
    let agreement: BoundAgreement
    let new: BoundRule
  }

  private struct NothingToPost: Error {}

  /// Books every difference that is due on the business date.
  package func run() throws -> AmendmentReport {
    let pairs = pairs()
    guard !pairs.isEmpty else { return AmendmentReport() }
    let last = try books.newestSeal(of: .amendment)
    let number = try books.reserve(.amendment, "\(businessDate)/\(last)")
    do {
      return try books.transaction {
        let leaf = try books.openLeaf(
          number,
          .amendment,
          businessDate: businessDate,
          recordedAt: recordedAt
        )
        let dates = try books.batchDates(businessDate)
        for pair in pairs {
          if pair.old.rule.kind == .miles { try reprice(pair, dates, leaf) }
          if pair.old.rule.kind == .credit { try move(pair, dates, leaf) }
        }
        guard leaf.rewardCount > 0 else { throw NothingToPost() }
        let lines = Int(leaf.rewardCount)
        return AmendmentReport(lines: lines, seal: try leaf.seal(bookingDate: businessDate))
      }
    } catch is NothingToPost {
      return AmendmentReport()
    }
  }

  private func pairs() -> [Pair] {
    var pairs: [Pair] = []
    for programme in terms.directory.programmes {
      guard let agreement = terms.agreement(programme: programme.id, on: businessDate),
        let amendment = agreement.agreement.amendment
      else { continue }
      for older in terms.allAgreements
      where older.agreement.code == agreement.agreement.code
        && older.agreement.version < agreement.agreement.version
      {
        for old in older.rules {
          guard
            let new = agreement.rules.first(where: {
              $0.rule.name == old.rule.name && $0.rule.kind == old.rule.kind
                && $0.unit == old.unit
            })
          else { continue }
          let isRepriced =
            old.rule.kind == .miles && amendment.pricesFrom != nil
            && old.rule.price != new.rule.price
          let isMoved =
            old.rule.kind == .credit && amendment.movesOpenLots
            && old.rule.reimbursedAt != new.rule.reimbursedAt
          guard isRepriced || isMoved else { continue }
          pairs.append(Pair(older: older, old: old, agreement: agreement, new: new))
        }
      }
    }
    return pairs
  }

  private func reprice(_ pair: Pair, _ dates: BatchDates, _ leaf: Leaf) throws {
    guard let from = pair.agreement.agreement.amendment?.pricesFrom else { return }
    let lots = try books.mileLots(
      agreement: pair.older.id,
      rule: pair.old.rule.ordinal,
      since: from
    )
    for lot in lots {
      let cheaper = try pair.old.rule.cost(of: lot.quantity) - pair.new.rule.cost(of: lot.quantity)
      let change = cheaper - lot.minor
      guard change != 0 else { continue }
      let template: Template = change > 0 ? .cheaperMiles : .dearerMiles
      try leaf.add(row(template, (pair.agreement, pair.new), lot, abs(change), dates))
    }
  }

  private func move(_ pair: Pair, _ dates: BatchDates, _ leaf: Leaf) throws {
    let lots = try books.openLots(agreement: pair.older.id, rule: pair.old.rule.ordinal)
    // Read again once nobody can use them any more.
    for some in chunks(Array(Set(lots.map(\.member))).sorted(), of: 10_000) {
      try books.lock(members: Array(some))
    }
    for lot in try books.openLots(agreement: pair.older.id, rule: pair.old.rule.ordinal) {
      let change = lot.minor - (try pair.new.rule.cost(of: lot.quantity))
      guard change != 0 else { continue }
      let template: Template = change > 0 ? .cheaperCredit : .dearerCredit
      // The lot stays one of its own version; only its cost changes.
      try leaf.add(row(template, (pair.older, pair.old), lot, abs(change), dates))
    }
  }

  private func row(
    _ template: Template,
    _ bound: (agreement: BoundAgreement, rule: BoundRule),
    _ lot: AmendedLot,
    _ cost: Int64,
    _ dates: BatchDates
  ) throws -> RewardRow {
    try RewardRow(
      template,
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
