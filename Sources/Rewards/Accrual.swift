package import Ledger

/// What one rule has booked for one purchase so far, each number net of what was taken back.
///
/// `uncapped` is what the purchase adds to its period's sum.
package struct Booked: Sendable, Equatable {
  package var uncapped: Int64
  package var quantity: Int64
  package var cost: Int64
  package var share: Int64

  package static let nothing = Booked(uncapped: 0, quantity: 0, cost: 0, share: 0)

  package init(uncapped: Int64, quantity: Int64, cost: Int64, share: Int64) {
    self.uncapped = uncapped
    self.quantity = quantity
    self.cost = cost
    self.share = share
  }
}

extension Agreement {
  /// Whether a purchase of the category earns at all.
  package func earns(_ facts: PurchaseFacts) -> Bool {
    !excludedCategories.contains(facts.category)
  }
}

extension EarnRule {
  /// The change that brings what is booked for a purchase to what its remaining amount deserves.
  ///
  /// One recompute serves earning (nothing booked), refunds, reversals and their undoing: the
  /// reward, its cost and each funder's share are taken back cumulatively (E15), so any number of
  /// partial refunds ends exactly where one full refund would.
  ///
  /// - Parameters:
  ///   - facts: The purchase.
  ///   - remaining: Minor units of its own currency that stand after refunds.
  ///   - booked: What this rule has booked for it so far.
  ///   - monthSum: The member's sum under this rule in its period so far.
  /// - Returns: The change; its parts are negative where something is taken back.
  /// - Throws: `MoneyOverflow` where an amount leaves its range.
  package func change(
    for facts: PurchaseFacts,
    remaining: Int64,
    booked: Booked,
    monthSum: Int64
  ) throws(MoneyOverflow) -> Booked {
    let target = try uncapped(facts, remaining: remaining)
    let uncappedChange = target - booked.uncapped
    let quantity = try worth(of: uncappedChange, after: monthSum)
    let cost = try cost(of: booked.quantity + quantity) - booked.cost
    let share = try share(of: booked.cost + cost, after: booked) - booked.share
    return Booked(uncapped: uncappedChange, quantity: quantity, cost: cost, share: share)
  }
}
