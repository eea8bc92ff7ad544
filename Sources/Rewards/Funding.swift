package import Ledger

/// A further sponsor of a reward, beside the rule's own partner.
package struct Sponsor: Sendable, Hashable {
  /// Code of the partner.
  package let partner: String
  /// Percentage of the cost.
  package let pays: ExactDecimal
  /// Most that the sponsor pays under the rule, in minor units; nil where there is no end.
  package let budget: Int64?

  package init(partner: String, pays: ExactDecimal, budget: Int64? = nil) {
    self.partner = partner
    self.pays = pays
    self.budget = budget
  }
}

/// When the sponsors' shares exist (term 16).
package enum FundingTrigger: String, Sendable, CaseIterable {
  /// With the reward (E4).
  case earning
  /// When the reward can be used (E2b).
  case availability
  /// When the reward is paid out (E3d).
  case redemption
}

/// What happens to a rule whose sponsor's budget is used up.
package enum Overflow: String, Sendable, CaseIterable {
  /// The issuer pays the rest (P3).
  case issuer
  /// The rule gives nothing any more.
  case stop
}

/// Who pays how much of a rule's cost beside the issuer.
package struct Funding: Sendable, Hashable {
  /// Most that the rule's own partner pays, in minor units; nil where there is no end.
  package var budget: Int64?
  package var overflow = Overflow.issuer
  package var sponsors: [Sponsor] = []
  package var trigger = FundingTrigger.earning
  /// Whether the rule's partner bears its share of a debt that is written off (E11b).
  package var sharesWriteOffs = false

  package init() {}

  /// Whether any budget can run out.
  package var hasBudget: Bool { budget != nil || sponsors.contains { $0.budget != nil } }
}

/// A sponsor's share of a cost that changes.
///
/// A share that a budget cut keeps its proportion when the cost falls (P4); what is added is shared
/// anew.
///
/// - Parameters:
///   - cost: The cost that stands now.
///   - booked: Cost and share that were booked so far.
///   - isCut: Whether a budget may have cut the share.
///   - whole: The share of a cost by the contract.
/// - Returns: The share that is to stand.
/// - Throws: `MoneyOverflow`.
package func shareStanding(
  of cost: Int64,
  booked: (cost: Int64, share: Int64),
  isCut: Bool,
  whole: (Int64) throws(MoneyOverflow) -> Int64
) throws(MoneyOverflow) -> Int64 {
  guard isCut, booked.cost > 0 else { return try whole(cost) }
  guard cost > booked.cost else {
    return try scaled(booked.share, by: cost, over: booked.cost, .halfUp)
  }
  return booked.share + (try whole(cost - booked.cost))
}
