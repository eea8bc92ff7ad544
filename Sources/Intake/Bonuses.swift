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
  let quantity: Int64
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
    let friends = referred.map(\.friend)
    let standings = try books.memberStandings(of: friends)
    let purchases = try books.purchases(ofMembers: friends, since: first)
    let direct = try books.links(of: purchases.map(\.identity))
    let undoing = try books.links(of: direct.filter { !$0.reversal }.map(\.identity))
    let remaining = RemainingAmounts(direct, undoing: undoing)
    let merchants =
      terms.asksMerchantDirectory ? try books.merchantDirectory() : MerchantDirectory()
    var qualified: Set<Int64> = []
    for purchase in purchases where !qualified.contains(purchase.member) {
      let facts = PurchaseFacts(purchase, merchants)
      guard agreement.agreement.earns(facts), rule.rule.eligibility.admits(facts),
        rule.rule.members.admits(standings[purchase.member] ?? MemberStanding(), on: facts.date),
        try rule.rule.uncapped(facts, remaining: remaining.of(purchase).amount) > 0
      else { continue }
      qualified.insert(purchase.member)
    }
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

  /// Referral bonuses whose friend closed in time for them to be taken back.
  func over() throws -> [OverBonus] {
    let rules = terms.allAgreements.flatMap { agreement in
      agreement.rules.compactMap { rule in
        if case .referral(let days) = rule.rule.source { (agreement, rule, days) } else { nil }
      }
    }
    let longest = rules.map(\.2).max() ?? 0
    guard longest > 0 else { return [] }
    var over: [OverBonus] = []
    for bonus in try books.openReferralBonuses(since: businessDate.adding(days: -longest - 31)) {
      guard
        let (agreement, rule, days) = rules.first(where: {
          $0.0.id == bonus.agreement && $0.1.rule.ordinal == bonus.rule
        }), bonus.closedOn <= bonus.givenOn.adding(days: days)
      else { continue }
      over.append(
        OverBonus(
          member: bonus.member,
          agreement: agreement,
          rule: rule,
          lot: bonus.lot,
          quantity: bonus.quantity
        )
      )
    }
    return over
  }
}
