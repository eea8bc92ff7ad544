import Civil
package import Journal
import Ledger
import Rewards

/// What closing accounts did.
package struct ClosingReport: Sendable {
  package var members = 0
  package var lots = 0
  package var debts = 0
  /// Members of whom a hold or a dispute keeps something still.
  package var kept: Set<Int64> = []
  package var seal: Seal?
}

/// Ends what members of closed accounts hold and owe, as their terms say: rewards are forfeited as if
/// they had expired, debts are written off (E11a).
///
/// What comes later, such as a refund of an old purchase, is ended by the next run. What holds and
/// disputes keep stays until they are over, and what the terms pay out until `PayoutRun` has paid it.
package struct ClosingRun {
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

  /// Ends everything of accounts that were closed long enough ago.
  package func run() throws -> ClosingReport {
    let last = try books.newestSeal(of: .closing)
    var due: [(agreement: BoundAgreement, closing: ClosingTerms, members: [Int64])] = []
    for programme in terms.directory.programmes {
      guard let agreement = terms.agreement(programme: programme.id, on: businessDate),
        let closing = agreement.agreement.closing
      else { continue }
      let members = try books.closedMembers(
        programme: programme.id,
        through: businessDate.adding(days: -closing.afterDays),
        since: last
      )
      if !members.isEmpty { due.append((agreement, closing, members)) }
    }
    guard !due.isEmpty else { return ClosingReport() }
    let members = due.flatMap(\.members)
    var report = ClosingReport()
    let done = try books.batch(
      .closing,
      key: "\(businessDate)/\(last)",
      businessDate: businessDate,
      recordedAt: recordedAt
    ) { leaf, dates in
      for (agreement, closing, members) in due {
        for some in chunks(members, of: 10_000) {
          try end(Array(some), agreement, closing, dates, leaf, &report)
        }
      }
      try note(members, but: report.kept)
    }
    guard let done else {
      // Nothing was left to end; who is dealt with is noted all the same.
      try books.transaction { try note(members, but: report.kept) }
      return ClosingReport()
    }
    report.members = members.count
    report.seal = done.seal
    return report
  }

  /// Notes who is dealt with; whose lots something keeps is looked at again.
  private func note(_ members: [Int64], but kept: Set<Int64>) throws {
    let members = members.filter { !kept.contains($0) }
    let known = try books.memberStandings(of: members)
    let news = members.filter { member in
      !(known[member]?.facts.contains { $0.kind == .closed } ?? false)
    }
    try books.note(
      news.map { ($0, MemberFact(.closed, "account", from: businessDate)) },
      source: "closing of \(businessDate)"
    )
  }

  private func end(
    _ members: [Int64],
    _ agreement: BoundAgreement,
    _ closing: ClosingTerms,
    _ dates: BatchDates,
    _ leaf: Leaf,
    _ report: inout ClosingReport
  ) throws {
    try books.lock(members: members)
    let holdings = try books.holdings(members, terms)
    let reserved = Dictionary(grouping: try books.reserved(members: members), by: \.member)
    for member in members {
      guard let holding = holdings[member] else { continue }
      holding.reserve(reserved[member] ?? [])
      if holding.balances(on: businessDate).contains(where: { isKept($0, closing) }) {
        report.kept.insert(member)
      }
      for unit in Set(agreement.rules.map(\.unit)).sorted() {
        let code = terms.directory.unit(id: unit)?.code ?? ""
        if closing.forfeits.contains(code) {
          report.lots += try forfeit(holding.endableLots(unit: unit), holding, member, dates, leaf)
        }
        guard closing.writesOff, try writeOff(member, unit, agreement, dates, leaf) else {
          continue
        }
        report.debts += 1
      }
    }
  }

  /// Whether something of a unit is still to come to its end.
  private func isKept(_ balance: UnitBalance, _ closing: ClosingTerms) -> Bool {
    let isPaid = closing.paysOut.contains(terms.directory.unit(id: balance.unit)?.code ?? "")
    return balance.held + balance.frozen > 0 || isPaid && balance.available + balance.pending > 0
  }

  private func forfeit(
    _ lots: [OpenLot],
    _ holding: Holdings,
    _ member: Int64,
    _ dates: BatchDates,
    _ leaf: Leaf
  ) throws -> Int {
    var open = lots
    let (parts, _) = try consume(lots.map(\.free).reduce(0, +), from: &open)
    for part in parts {
      let bound = try terms.bound(agreement: part.lot.agreement, rule: part.lot.rule)
      let end = LotEnd(
        agreement: bound.agreement,
        rule: bound.rule,
        dates: dates,
        allowances: allowances
      )
      let rows = try end.rows(
        member: member,
        purchase: holding.purchase(ofLot: part.lot.id),
        lot: part.lot.id,
        quantity: part.quantity,
        cost: part.cost
      )
      for row in rows { try leaf.add(row) }
    }
    return parts.count
  }

  /// Writes off what a member owes of a unit; says whether there was anything.
  private func writeOff(
    _ member: Int64,
    _ unit: Int16,
    _ agreement: BoundAgreement,
    _ dates: BatchDates,
    _ leaf: Leaf
  ) throws -> Bool {
    let debt = try books.debt(member: member, unit: unit)
    guard debt.quantity > 0, let rule = agreement.rules.first(where: { $0.unit == unit }) else {
      return false
    }
    let rows = try WriteOff(books: books, terms: terms, dates: dates, businessDate: businessDate)
      .rows(debt.quantity, of: debt, member: member, (agreement, rule))
    for row in rows { try leaf.add(row) }
    return true
  }
}
