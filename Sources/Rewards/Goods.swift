import Ledger

/// One line of a basket: goods by code, and what was paid for them in the purchase's own currency.
package struct Goods: Sendable, Hashable {
  package let item: String
  package let category: String
  /// Minor units.
  package let amountMinor: Int64

  package init(item: String, category: String, amountMinor: Int64) {
    self.item = item
    self.category = category
    self.amountMinor = amountMinor
  }
}

extension PurchaseFacts {
  /// What of an amount of the whole purchase was paid for goods of some codes, of items or categories;
  /// nothing where nobody said what it consisted of.
  func part(_ amount: Int64, for codes: Set<String>) throws(MoneyOverflow) -> Int64 {
    guard let goods, original > 0 else { return 0 }
    var sum: Int64 = 0
    for line in goods where codes.contains(line.item) || codes.contains(line.category) {
      sum = try checkedSum(sum, line.amountMinor)
    }
    return try scaled(amount, by: min(sum, original), over: original, .halfUp)
  }
}
