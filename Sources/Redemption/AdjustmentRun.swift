import Civil
import Formats
package import Intake
package import Journal
import Ledger
import Rewards

/// What posting adjustments did.
package struct AdjustmentReport: Sendable {
  package var posted = 0
  package var breaks = 0
  package var seal: Seal?
}

/// Posts what two people decided: goodwill as a lot of its own (E18), debts written off (E11).
package struct AdjustmentRun {
  private let books: Books
  private let terms: TermsInForce
  private let businessDate: CivilDate
  private let recordedAt: Instant

  package init(_ day: BookDay) {
    (books, terms) = (day.books, day.terms)
    (businessDate, recordedAt) = (day.date, day.recordedAt)
  }

  /// Posts everything that was decided and is not posted; a second run finds nothing.
  package func run() throws -> AdjustmentReport {
    let decided = try books.decidedAdjustments()
    guard !decided.isEmpty else { return AdjustmentReport() }
    let last = try books.newestSeal(of: .adjustment)
    let number = try books.reserve(.adjustment, "\(businessDate)/\(last)")
    do {
      return try books.transaction { try post(decided, number) }
    } catch let nothing as NothingToPost {
      var report = AdjustmentReport()
      report.breaks = try books.transaction { try books.open(nothing.breaks, on: businessDate) }
      return report
    }
  }

  private struct NothingToPost: Error {
    let breaks: [NewBreak]
  }

  private func post(_ decided: [Adjustment], _ number: Int64) throws -> AdjustmentReport {
    let leaf = try books.openLeaf(
      number,
      .adjustment,
      businessDate: businessDate,
      recordedAt: recordedAt
    )
    let dates = try books.batchDates(businessDate)
    let members = Array(Set(decided.map(\.member))).sorted()
    try books.lock(members: members)
    let programmes = try books.programmes(ofMembers: members)
    var breaks: [NewBreak] = []
    var posted: [String] = []
    var written: [Key: (quantity: Int64, cost: Int64)] = [:]
    for adjustment in decided {
      guard let rule = rule(adjustment, programmes[adjustment.member]) else {
        breaks.append(homeless(adjustment))
        continue
      }
      let rows: [RewardRow]
      if adjustment.kind == "goodwill" {
        rows = [try goodwill(adjustment, rule, dates)]
      } else {
        let key = Key(member: adjustment.member, unit: adjustment.unit)
        let debt = try books.debt(member: key.member, unit: key.unit)
        let gone = written[key] ?? (0, 0)
        let left = (debt.quantity - gone.quantity, debt.cost - gone.cost)
        rows = try writeOff(adjustment, of: left, rule, dates)
        written[key] = (
          gone.quantity + rows.map(\.quantity).reduce(0, +),
          gone.cost + rows.map(\.cost).reduce(0, +)
        )
      }
      // A debt that something paid meanwhile needs no row.
      for row in rows { try leaf.add(row) }
      posted.append(adjustment.key)
    }
    guard !posted.isEmpty else { throw NothingToPost(breaks: breaks) }
    try books.post(adjustments: posted, batch: number)
    var report = AdjustmentReport()
    report.breaks = try books.open(breaks, on: businessDate)
    report.posted = posted.count
    report.seal = try leaf.seal(bookingDate: businessDate)
    return report
  }

  /// Terms may have changed since two people decided: the night goes on, and somebody must look.
  private func homeless(_ adjustment: Adjustment) -> NewBreak {
    let unit = terms.directory.unit(id: adjustment.unit)
    return NewBreak(
      fingerprint: "adjustment/\(adjustment.key)",
      kind: "theirs-only",
      pair: "adjustments",
      commodity: unit?.code ?? "",
      ours: 0,
      theirs: max(1, adjustment.quantity),
      valueMinor: max(1, adjustment.quantity),
      currency: unit?.currency.code ?? "",
      pointer: adjustment.key,
      advice: "no rule in force of the member's programme gives \(unit?.code ?? "this unit")"
    )
  }

  private struct Key: Hashable {
    let member: Int64
    let unit: Int16
  }

  /// The rule that says what the reward is: the first of the terms in force that gives the unit.
  private func rule(
    _ adjustment: Adjustment,
    _ programme: Int16?
  ) -> (agreement: BoundAgreement, rule: BoundRule)? {
    guard let programme,
      let agreement = terms.agreement(programme: programme, on: businessDate),
      let rule = agreement.rules.first(where: {
        $0.unit == adjustment.unit && [.cashback, .credit].contains($0.rule.kind)
      })
    else { return nil }
    return (agreement, rule)
  }

  private func goodwill(
    _ adjustment: Adjustment,
    _ bound: (agreement: BoundAgreement, rule: BoundRule),
    _ dates: BatchDates
  ) throws -> RewardRow {
    var row = try RewardRow(
      bound.rule.rule.kind == .cashback ? .goodwillCashback : .goodwillCredit,
      bound.agreement,
      bound.rule,
      member: adjustment.member,
      purchase: 0,
      quantity: adjustment.quantity,
      cost: bound.rule.rule.cost(of: adjustment.quantity),
      event: businessDate,
      earnMonth: 0,
      dates: dates
    )
    row.availableOn = businessDate
    return row
  }

  private func writeOff(
    _ adjustment: Adjustment,
    of debt: (quantity: Int64, cost: Int64),
    _ bound: (agreement: BoundAgreement, rule: BoundRule),
    _ dates: BatchDates
  ) throws -> [RewardRow] {
    let quantity =
      adjustment.quantity == 0 ? debt.quantity : min(debt.quantity, adjustment.quantity)
    guard quantity > 0 else { return [] }
    return try WriteOff(books: books, terms: terms, dates: dates, businessDate: businessDate)
      .rows(quantity, of: debt, member: adjustment.member, bound)
  }
}
