package import Ledger

/// What one rule has booked for one purchase so far, each number net of what was taken back.
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

/// The facts of a purchase that rules decide on.
package struct PurchaseFacts: Sendable {
  /// Billed minor units in the agreement's currency.
  package let billed: Int64
  /// Minor units in the purchase's own currency.
  package let original: Int64
  package let category: Int16
  package let merchant: ShortID

  package init(billed: Int64, original: Int64, category: Int16, merchant: ShortID) {
    self.billed = billed
    self.original = original
    self.category = category
    self.merchant = merchant
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
  ///   - monthSum: The member's uncapped sum under this rule in the purchase's month so far.
  /// - Returns: The change; its parts are negative where something is taken back.
  /// - Throws: `MoneyOverflow` where an amount leaves its range.
  package func change(
    for facts: PurchaseFacts,
    remaining: Int64,
    booked: Booked,
    monthSum: Int64
  ) throws(MoneyOverflow) -> Booked {
    let target = try uncapped(
      billed: facts.billed,
      remaining: remaining,
      original: facts.original
    )
    let uncappedChange = target - booked.uncapped
    let quantity = try capped(uncappedChange, after: monthSum)
    let cost = try cost(of: booked.quantity + quantity) - booked.cost
    let share = try share(of: booked.cost + cost) - booked.share
    return Booked(uncapped: uncappedChange, quantity: quantity, cost: cost, share: share)
  }
}
