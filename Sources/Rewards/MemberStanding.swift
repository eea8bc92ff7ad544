package import Civil

/// A dated fact of a member, as a code: nothing personal.
package struct MemberFact: Sendable, Equatable {
  /// What a fact tells.
  package enum Kind: String, Sendable, CaseIterable {
    /// The day of enrolment; the value is the channel.
    case joined
    /// The version of the programme's terms that was accepted.
    case terms
    /// The number of the member who brought this one.
    case referrer
    /// The tier; `none` ends one.
    case tier
    /// The product of the member's cards, such as a store card beside the bank card.
    case product
    /// The code of whoever brought the member in.
    case staff
    /// Which reward the member chose.
    case choice
    /// An offer that the member belongs to.
    case audience
    /// Something that happened outside the feeds of cards, such as an answered survey.
    case event
    /// The account was closed, and what was left of it has ended.
    case closed
    /// `in` or `out` of good standing, as the card system's account events say (term 6).
    case standing
  }

  package let kind: Kind
  package let value: String
  package let from: CivilDate
  /// The last day; nil where there is none.
  package let through: CivilDate?
  /// Whether the member only serves to compare the audience with.
  package let isControl: Bool

  package init(
    _ kind: Kind,
    _ value: String,
    from: CivilDate,
    through: CivilDate? = nil,
    isControl: Bool = false
  ) {
    self.kind = kind
    self.value = value
    self.from = from
    self.through = through
    self.isControl = isControl
  }
}

/// What stands of a member on any day: of the facts that have begun by then the newest tells, if it is
/// not over.
package struct MemberStanding: Sendable {
  /// Oldest first.
  package private(set) var facts: [MemberFact]

  package init(_ facts: [MemberFact] = []) {
    self.facts = facts
  }

  /// Adds a fact, newer than those before.
  package mutating func add(_ fact: MemberFact) { facts.append(fact) }

  private func newest(
    _ kind: MemberFact.Kind,
    _ value: String? = nil,
    on date: CivilDate
  ) -> MemberFact? {
    let begun = facts.last {
      $0.kind == kind && $0.from <= date && (value == nil || $0.value == value)
    }
    return begun?.through.map { date <= $0 } ?? true ? begun : nil
  }

  /// The day of enrolment.
  package var joined: CivilDate? { facts.last { $0.kind == .joined }?.from }

  /// The tier of a day with its last day, nil where there is none.
  package func tier(on date: CivilDate) -> MemberFact? {
    let tier = newest(.tier, on: date)
    return tier?.value == "none" ? nil : tier
  }

  /// The product of the member's cards on a day.
  package func product(on date: CivilDate) -> String? {
    newest(.product, on: date)?.value
  }

  /// The reward that the member had chosen by a day.
  package func choice(on date: CivilDate) -> String? {
    newest(.choice, on: date)?.value
  }

  /// Whether the account was in good standing on a day; one of which nothing is told is.
  package func isGood(on date: CivilDate) -> Bool {
    newest(.standing, on: date)?.value != "out"
  }

  /// Whether an offer was made to the member on a day; a control group gets none.
  package func isOffered(_ audience: String, on date: CivilDate) -> Bool {
    newest(.audience, audience, on: date).map { !$0.isControl } ?? false
  }
}

/// What a rule asks of the member; what is empty or nil asks nothing.
package struct MemberConditions: Sendable {
  /// Days from enrolment in which a purchase qualifies.
  package var joinedWithin: Int?
  package var tiers: Set<String> = []
  package var products: Set<String> = []
  package var choice: String?
  /// Whether a member who never chose has that choice.
  package var isFirstChoice = false
  package var audience: String?
  /// Whether the account must be in good standing, and keeps nothing of days on which it was not.
  package var goodStanding = false

  package init() {}

  /// Whether anything at all is asked.
  package var asksNothing: Bool {
    joinedWithin == nil && tiers.isEmpty && products.isEmpty && choice == nil && audience == nil
      && !goodStanding
  }

  /// Whether a member qualifies with a purchase of the day.
  package func admits(_ standing: MemberStanding, on date: CivilDate) -> Bool {
    if let joinedWithin {
      guard let joined = standing.joined, joined <= date,
        date <= joined.adding(days: joinedWithin)
      else { return false }
    }
    if !tiers.isEmpty {
      guard let tier = standing.tier(on: date), tiers.contains(tier.value) else { return false }
    }
    if !products.isEmpty {
      guard let product = standing.product(on: date), products.contains(product) else {
        return false
      }
    }
    if let choice {
      let chosen = standing.choice(on: date)
      guard chosen == choice || chosen == nil && isFirstChoice else { return false }
    }
    if let audience, !standing.isOffered(audience, on: date) { return false }
    return keeps(standing, on: date)
  }

  /// Whether what a purchase of the day gave may stay.
  ///
  /// Standing is the one fact of a member that is told afterwards and counts from its own day, so it
  /// takes back what was given meanwhile.
  package func keeps(_ standing: MemberStanding, on date: CivilDate) -> Bool {
    !goodStanding || standing.isGood(on: date)
  }
}
