import Civil
package import Journal
import Ledger
import Rewards

/// What a test of tiers did.
package struct TierReport: Sendable {
  package var raised = 0
  package var lowered = 0
  /// Members whose tier lasts longer than before.
  package var kept = 0
  /// Rows of purchases that were decided again.
  package var rows: Int64 = 0
  package var seal: Seal?
}

/// Tests the tiers of all members against what their purchases add up to (seed row 31).
///
/// A rise counts from the first of the month, and purchases since then are decided again (P1); a fall
/// counts from now on (P2). A second run on a day finds nothing to do.
package struct TierRun {
  private let day: BookDay
  private var books: Books { day.books }
  private var terms: TermsInForce { day.terms }
  private var businessDate: CivilDate { day.date }

  package init(_ day: BookDay) { self.day = day }

  /// Tests the tiers of every programme that has some.
  package func run() throws -> TierReport {
    var report = TierReport()
    for programme in terms.directory.programmes {
      guard let agreement = terms.agreement(programme: programme.id, on: businessDate),
        let tiers = agreement.agreement.tiers
      else { continue }
      let decisions = try decisions(programme.id, tiers)
      guard !decisions.isEmpty else { continue }
      for (_, held, decision) in decisions {
        if decision.reachesBack {
          report.raised += 1
        } else if held == decision.tier {
          report.kept += 1
        } else {
          report.lowered += 1
        }
      }
      try note(decisions.map { ($0.member, $0.decision) }, programme.id, &report)
    }
    return report
  }

  /// What members of a programme should have, where it is not what they have.
  private func decisions(
    _ programme: Int16,
    _ tiers: TierTerms
  ) throws -> [(member: Int64, held: String?, decision: TierTerms.Decision)] {
    let cards = try CardIndex(books)
    let months = MonthSums(books, cards, terms)
    let standings = try books.memberStandings()
    let members = Set(try books.members(ofProgramme: programme))
    var out: [(member: Int64, held: String?, decision: TierTerms.Decision)] = []
    let window = tiers.months(on: businessDate)
    let current = try counting(window.current, programme, tiers, months)
    let previous = try counting(window.previous, programme, tiers, months)
    for (place, member) in cards.members.enumerated() where members.contains(member) {
      let standing = standings[member] ?? MemberStanding()
      let decision = tiers.decide(
        on: businessDate,
        current: try sum(current, place),
        previous: try sum(previous, place),
        standing: standing
      )
      if let decision { out.append((member, standing.tier(on: businessDate)?.value, decision)) }
    }
    return out.sorted { $0.member < $1.member }
  }

  /// The sums that count toward a tier in some months, under every version of the agreement.
  private func counting(
    _ days: [CivilDate],
    _ programme: Int16,
    _ tiers: TierTerms,
    _ months: MonthSums
  ) throws -> [(rule: EarnRule, column: MonthSums.Column)] {
    try terms.allAgreements.filter { $0.programme == programme }.flatMap { agreement in
      guard let rule = agreement.rules.first(where: { $0.rule.name == tiers.rule })?.rule,
        rule.period != nil, !terms.periods.goesOn(agreement.id, rule.ordinal)
      else { return [(rule: EarnRule, column: MonthSums.Column)]() }
      return try Set(days.map(rule.periodMonth(of:))).sorted().map {
        (rule, try months.column(agreement.id, rule.ordinal, $0))
      }
    }
  }

  private func sum(
    _ counting: [(rule: EarnRule, column: MonthSums.Column)],
    _ place: Int
  ) throws -> Int64 {
    var sum: Int64 = 0
    for (rule, column) in counting { sum = try checkedSum(sum, rule.qualifying(column[place])) }
    return sum
  }

  /// Notes the tiers and, in the same transaction, decides again what they reach back to.
  private func note(
    _ decisions: [(member: Int64, decision: TierTerms.Decision)],
    _ programme: Int16,
    _ report: inout TierReport
  ) throws {
    let facts = decisions.map { item in
      let decision = item.decision
      return (
        item.member,
        MemberFact(.tier, decision.tier, from: decision.from, through: decision.through)
      )
    }
    let source = "tiers of \(businessDate)"
    let back = decisions.filter { $0.decision.reachesBack }
    let purchases =
      try back.map(\.decision.from).min().map {
        try books.purchases(ofMembers: back.map(\.member), since: $0)
      } ?? []
    let last = try books.newestSeal(of: .review)
    let done =
      purchases.isEmpty
      ? nil
      : try books.batch(
        .review,
        key: "tiers/\(programme)/\(businessDate)/\(last)",
        businessDate: businessDate,
        recordedAt: day.recordedAt
      ) { leaf, dates in
        try books.note(facts, source: source)
        try day.review(purchases, programme: programme, dates, leaf)
        return leaf.rewardCount
      }
    guard let done else {
      try books.transaction { try books.note(facts, source: source) }
      return
    }
    report.rows += done.value
    report.seal = done.seal
  }
}
