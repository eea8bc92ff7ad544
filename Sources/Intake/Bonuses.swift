import Civil
import Journal
import Ledger
import Rewards

/// A bonus that is due to a member.
struct DueBonus {
  let member: Int64
  let agreement: BoundAgreement
  let rule: BoundRule
  /// The event, or `referral/` and the friend's number.
  let event: String
}

/// A bonus that is to be taken back, with its lot.
struct OverBonus {
  let member: Int64
  let agreement: BoundAgreement
  let rule: BoundRule
  let lot: Int64
  /// What the rule gave before its period had its say, and where that period begins.
  let uncapped: Int64
  let month: Int16
}

/// Finds bonuses for events and referrals that are due or to be taken back (O15, O16).
struct Bonuses {
  let books: Books
  let terms: TermsInForce
  let businessDate: CivilDate
  /// Purchases may come so many days after they were made (§3.5).
  private static let lateDays = 31

  /// What the rules of an agreement owe members and have not given yet.
  func due(_ agreement: BoundAgreement) throws -> [DueBonus] {
    var due: [DueBonus] = []
    for rule in agreement.rules {
      switch rule.rule.source {
      case .event(let name): due += try events(name, agreement, rule)
      case .referral: due += try referrals(agreement, rule)
      default: continue
      }
    }
    guard !due.isEmpty else { return [] }
    let given = try books.givenBonuses(
      programme: agreement.programme,
      for: Set(due.map(\.event)).sorted(),
      members: due.map(\.member)
    )
    return due.filter {
      !given.contains(GivenBonus.Key(member: $0.member, rule: $0.rule.rule.name, event: $0.event))
    }
  }

  private func events(
    _ name: String,
    _ agreement: BoundAgreement,
    _ rule: BoundRule
  ) throws -> [DueBonus] {
    try books.members(
      ofProgramme: agreement.programme,
      withFact: name == "joined" ? .joined : .event,
      value: name == "joined" ? nil : name,
      from: agreement.agreement.validFrom,
      through: businessDate,
      withoutBonus: rule.rule.name,
      for: name
    ).map { DueBonus(member: $0, agreement: agreement, rule: rule, event: name) }
  }

  /// Friends whose first qualifying purchase is there, and those who brought them.
  private func referrals(
    _ agreement: BoundAgreement,
    _ rule: BoundRule
  ) throws -> [DueBonus] {
    let within = rule.rule.members.joinedWithin ?? 366
    let referred = try books.referrals(
      programme: agreement.programme,
      joinedFrom: max(
        agreement.agreement.validFrom,
        businessDate.adding(days: -within - Bonuses.lateDays)
      ),
      through: businessDate
    )
    guard let first = referred.map(\.joined).min() else { return [] }
    let (qualified, _) = try qualifying(referred.map(\.friend), since: first, agreement, rule)
    return referred.filter { qualified.contains($0.friend) }.flatMap { item in
      [item.friend, item.referrer].map {
        DueBonus(
          member: $0,
          agreement: agreement,
          rule: rule,
          event: "referral/\(item.friend)"
        )
      }
    }
  }

  /// Friends of whom a qualifying purchase stands, and of the others the day on which the last one was
  /// undone.
  private func qualifying(
    _ friends: [Int64],
    since first: CivilDate,
    _ agreement: BoundAgreement,
    _ rule: BoundRule
  ) throws -> (stands: Set<Int64>, undone: [Int64: CivilDate]) {
    let standings = try books.memberStandings(of: friends)
    let purchases = try books.purchases(ofMembers: friends, since: first)
    let direct = try books.links(of: purchases.map(\.identity))
    let undoing = try books.links(of: direct.filter { !$0.reversal }.map(\.identity))
    let remaining = RemainingAmounts(direct, undoing: undoing)
    let merchants =
      terms.asksMerchantDirectory ? try books.merchantDirectory() : MerchantDirectory()
    var stands: Set<Int64> = []
    var undone: [Int64: CivilDate] = [:]
    for purchase in purchases where !stands.contains(purchase.member) {
      let facts = PurchaseFacts(purchase, merchants)
      guard agreement.agreement.earns(facts), rule.rule.eligibility.admits(facts),
        rule.rule.members.admits(standings[purchase.member] ?? MemberStanding(), on: facts.date),
        try rule.rule.uncapped(facts, remaining: facts.original) > 0
      else { continue }
      let left = try remaining.of(purchase)
      if try rule.rule.uncapped(facts, remaining: left.amount) > 0 {
        stands.insert(purchase.member)
      } else {
        undone[purchase.member] = max(undone[purchase.member] ?? left.date, left.date)
      }
    }
    return (stands, undone.filter { !stands.contains($0.key) })
  }

  /// Referral bonuses whose friend closed, or gave back what qualified, in time for them to be taken
  /// back.
  func over() throws -> [OverBonus] {
    let rules = terms.allAgreements.flatMap { agreement in
      agreement.rules.compactMap { rule in
        if case .referral(let days) = rule.rule.source { (agreement, rule, days) } else { nil }
      }
    }
    let longest = rules.map(\.2).max() ?? 0
    guard longest > 0 else { return [] }
    let open = try books.openReferralBonuses(
      since: businessDate.adding(days: -longest - Bonuses.lateDays)
    )
    return try rules.flatMap { agreement, rule, days in
      try over(
        open.filter { $0.agreement == agreement.id && $0.rule == rule.rule.ordinal },
        agreement,
        rule,
        days
      )
    }
  }

  private func over(
    _ bonuses: [OpenReferral],
    _ agreement: BoundAgreement,
    _ rule: BoundRule,
    _ days: Int
  ) throws -> [OverBonus] {
    guard let first = bonuses.map(\.givenOn).min() else { return [] }
    let within = rule.rule.members.joinedWithin ?? 366
    let (_, undone) = try qualifying(
      Set(bonuses.map(\.friend)).sorted(),
      since: first.adding(days: -within - Bonuses.lateDays),
      agreement,
      rule
    )
    return bonuses.filter { bonus in
      let last = bonus.givenOn.adding(days: days)
      return [bonus.closedOn, undone[bonus.friend]].contains { $0.map { $0 <= last } ?? false }
    }.map {
      OverBonus(
        member: $0.member,
        agreement: agreement,
        rule: rule,
        lot: $0.lot,
        uncapped: $0.uncapped,
        month: $0.month
      )
    }
  }
}
