package import Civil
package import Journal
package import Ledger
package import Rewards

/// What a member has of something, and what the next reward or tier asks.
package struct Goal: Sendable {
  /// What is counted.
  package enum Measure: Sendable, Equatable {
    /// Minor units of the agreement's currency.
    case spending
    case purchases
    /// Units of a reward, such as stamps or status credits.
    case units(String)
  }

  /// Name of the rule or the tier.
  package let name: String
  package let measure: Measure
  package let now: Int64
  package let at: Int64
  /// Quantity and unit that it gives; nil for a tier.
  package let gives: (quantity: Int64, rule: EarnRule)?
  package let currency: Currency
  /// The last day on which it can be reached; nil where there is none.
  package let through: CivilDate?
}

/// Says what is missing for the next reward or tier (seed row 6).
package struct NextGoals {
  private let books: Books
  private let terms: TermsInForce

  package init(books: Books, terms: TermsInForce) {
    self.books = books
    self.terms = terms
  }

  /// The goals of a member on a day, as the terms in force set them.
  package func of(_ member: Int64, programme: Int16, on day: CivilDate) throws -> [Goal] {
    guard let agreement = terms.agreement(programme: programme, on: day) else { return [] }
    let standing = try books.memberStandings(of: [member])[member] ?? MemberStanding()
    let sums = try books.periodSums(ofMember: member)
    let holding = try books.holdings([member], terms)[member]
    var goals: [Goal] = []
    for rule in agreement.rules where rule.rule.members.admits(standing, on: day) {
      if let goal = period(rule.rule, agreement, sums, day) { goals.append(goal) }
      if case .stamps(let ordinal, let count) = rule.rule.source {
        let stamps = agreement.rules[Int(ordinal) - 1]
        goals.append(
          Goal(
            name: rule.rule.name,
            measure: .units(stamps.rule.unit),
            now: holding?.spendable(unit: stamps.unit, on: day) ?? 0,
            at: count,
            gives: (1, rule.rule),
            currency: agreement.agreement.currency,
            through: nil
          )
        )
      }
    }
    if let tier = try tier(agreement, sums, standing, day) { goals.append(tier) }
    return goals
  }

  private func period(
    _ rule: EarnRule,
    _ agreement: BoundAgreement,
    _ sums: [PeriodSum],
    _ day: CivilDate
  ) -> Goal? {
    guard let period = rule.period else { return nil }
    let month = rule.periodMonth(of: day)
    let sum = total(sums, agreement, rule, month)
    let (now, at, quantity): (Int64, Int64, Int64)
    switch period.worth {
    case .once(let gives, let least) where sum < least: (now, at, quantity) = (sum, least, gives)
    case .each(let gives, let every): (now, at, quantity) = (sum % every, every, gives)
    default: return nil
    }
    return Goal(
      name: rule.name,
      measure: rule.rate == .counting ? .purchases : .spending,
      now: now,
      at: at,
      gives: (quantity, rule),
      currency: agreement.agreement.currency,
      through: period.lastDay(of: day)
    )
  }

  /// What a period adds up to under all versions that count together.
  private func total(
    _ sums: [PeriodSum],
    _ agreement: BoundAgreement,
    _ rule: EarnRule,
    _ month: Int16
  ) -> Int64 {
    let versions = Set(terms.periods.together(agreement.id, rule.ordinal))
    return sums.filter {
      $0.month == month && versions.contains(VersionedRule(agreement: $0.agreement, rule: $0.rule))
    }.map(\.sum).reduce(0, +)
  }

  /// The next tier above the one that the member has.
  private func tier(
    _ agreement: BoundAgreement,
    _ sums: [PeriodSum],
    _ standing: MemberStanding,
    _ day: CivilDate
  ) throws -> Goal? {
    guard let tiers = agreement.agreement.tiers,
      let rule = agreement.rules.first(where: { $0.rule.name == tiers.rule })?.rule
    else { return nil }
    let held = standing.tier(on: day).flatMap { tier in
      tiers.levels.firstIndex { $0.name == tier.value }
    }
    var now: Int64 = 0
    for version in terms.allAgreements where version.programme == agreement.programme {
      guard let counted = version.rules.first(where: { $0.rule.name == tiers.rule })?.rule,
        !terms.periods.goesOn(version.id, counted.ordinal)
      else { continue }
      for month in Set(tiers.months(on: day).current.map(counted.periodMonth(of:))) {
        let sum = total(sums, version, counted, month)
        now = try checkedSum(now, counted.qualifying(sum))
      }
    }
    guard let next = tiers.levels.dropFirst((held ?? -1) + 1).first(where: { $0.from > now })
    else { return nil }
    return Goal(
      name: next.name,
      measure: rule.rate == .spending
        ? .spending : rule.rate == .counting ? .purchases : .units(rule.unit),
      now: now,
      at: next.from,
      gives: nil,
      currency: agreement.agreement.currency,
      through: tiers.window == .calendarYear ? day.endOfYear : nil
    )
  }
}
