import Civil
package import Journal
import Ledger
import Rewards

/// What redenominations did.
package struct RedenominationReport: Sendable {
  package var members = 0
  package var lots = 0
  package var debts = 0
  package var seal: Seal?
}

/// Turns old points into new ones for every member, as the terms say: lots keep their cost, their day
/// and their end, debts become debts of the new points, and no money moves (§7, edge case 32).
///
/// What holds and disputes keep follows once they are over, and so does what old purchases still earn or
/// lose: each night looks at what came since.
package struct RedenominationRun {
  private let day: BookDay

  package init(_ day: BookDay) { self.day = day }

  /// Turns everything that is free; a second run finds nothing.
  package func run() throws -> RedenominationReport {
    let books = day.books
    let last = try books.newestSeal(of: .redenomination)
    let due = try day.terms.directory.programmes.flatMap {
      try holders(programme: $0.id, since: last)
    }
    guard !due.isEmpty else { return RedenominationReport() }
    var report = RedenominationReport()
    let done = try books.batch(
      .redenomination,
      key: "\(day.date)/\(last)",
      businessDate: day.date,
      recordedAt: day.recordedAt
    ) { leaf, dates in
      let move = LotMove(terms: day.terms, leaf: leaf, dates: dates)
      for item in due {
        for some in chunks(item.members, of: 10_000) { try turn(Array(some), item, move, &report) }
      }
    }
    report.seal = done?.seal
    return report
  }

  /// Old points, what they become, and who holds or owes some.
  private struct Due {
    let old: (agreement: BoundAgreement, rule: BoundRule)
    let new: [(agreement: BoundAgreement, rule: BoundRule)]
    let give: Int64
    let members: [Int64]
  }

  private func holders(programme: Int16, since last: Int64) throws -> [Due] {
    let versions = day.terms.allAgreements.filter {
      $0.programme == programme && $0.agreement.validFrom <= day.date
    }
    return try versions.flatMap { version in
      try version.agreement.redenominations.compactMap { item -> Due? in
        let old = versions.lazy.compactMap { agreement in
          agreement.rules.first { $0.rule.unit == item.from }.map { (agreement, $0) }
        }.first
        guard let old else { return nil }
        let members = try day.books.holders(ofUnit: old.1.unit, programme: programme, since: last)
        guard !members.isEmpty else { return nil }
        let new = version.rules.filter { $0.rule.unit == item.into }.map { (version, $0) }
        return Due(old: old, new: new, give: item.give, members: members)
      }
    }
  }

  private func turn(
    _ members: [Int64],
    _ item: Due,
    _ move: LotMove,
    _ report: inout RedenominationReport
  ) throws {
    let books = day.books
    try books.lock(members: members)
    let holdings = try books.holdings(members, day.terms)
    let reserved = Dictionary(grouping: try books.reserved(members: members), by: \.member)
    let unit = item.old.rule.unit
    for member in members {
      guard let holding = holdings[member] else { continue }
      holding.reserve(reserved[member] ?? [])
      let before = report.lots + report.debts
      for movable in holding.movableLots(unit: unit) {
        let bound = try day.terms.bound(agreement: movable.lot.agreement, rule: movable.lot.rule)
        // The new points of a rule are those of the rule of its name, where there is one.
        let rule = item.new.first { $0.rule.rule.name == bound.rule.rule.name } ?? item.new[0]
        let target = MoveTarget(member: member, rule: rule, factor: item.give)
        try move.move([movable], of: member, holding, to: target)
        report.lots += 1
      }
      let debt = try books.debt(member: member, unit: unit)
      if debt.quantity > 0 {
        try move.move(
          debt: (debt.quantity, debt.cost),
          of: member,
          under: item.old,
          to: MoveTarget(member: member, rule: item.new[0], factor: item.give)
        )
        report.debts += 1
      }
      if report.lots + report.debts > before { report.members += 1 }
    }
  }
}
