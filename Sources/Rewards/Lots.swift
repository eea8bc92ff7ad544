package import Civil
package import Ledger

/// A lot with what is left of it.
package struct OpenLot: Sendable, Equatable {
  package let id: Int64
  package let availableOn: CivilDate
  /// The last day on which it can be used; nil where there is none.
  package var lastDay: CivilDate?
  package let rule: Int16
  package let agreement: Int32
  /// Quantity left.
  package var quantity: Int64
  /// Cost left, in minor units.
  package var cost: Int64
  /// What holds keep of the quantity: only they may consume it.
  package var reserved: Int64 = 0

  /// What can be consumed by anything but a hold.
  package var free: Int64 { max(0, quantity - reserved) }

  package init(
    id: Int64,
    availableOn: CivilDate,
    lastDay: CivilDate? = nil,
    rule: Int16,
    agreement: Int32,
    quantity: Int64,
    cost: Int64
  ) {
    self.id = id
    self.availableOn = availableOn
    self.lastDay = lastDay
    self.rule = rule
    self.agreement = agreement
    self.quantity = quantity
    self.cost = cost
  }
}

/// A part of a lot that a movement consumes.
package struct LotPart: Sendable, Equatable {
  package let lot: OpenLot
  package let quantity: Int64
  package let cost: Int64
}

/// Takes `quantity` out of lots, in order; gives the parts and what no lot could give.
///
/// What holds reserve is left alone. The cost of a part is proportional to the lot's cost left, rounded half up, and the last part of
/// a lot takes the rest of its cost, so a lot ends at zero in both measures.
package func consume(
  _ quantity: Int64,
  from lots: inout [OpenLot]
) throws(MoneyOverflow) -> (parts: [LotPart], missing: Int64) {
  var missing = quantity
  var parts: [LotPart] = []
  for index in lots.indices where missing > 0 && lots[index].free > 0 {
    let taken = min(missing, lots[index].free)
    let cost = try scaled(lots[index].cost, by: taken, over: lots[index].quantity, .halfUp)
    parts.append(LotPart(lot: lots[index], quantity: taken, cost: cost))
    lots[index].quantity -= taken
    lots[index].cost -= cost
    missing -= taken
  }
  return (parts, missing)
}

/// The order of redemption: what expires first goes first, what never does last; of equal lots
/// what was first available.
package func redemptionOrder(_ left: OpenLot, _ right: OpenLot) -> Bool {
  let never = CivilDate(days: .max)
  return (left.lastDay ?? never, left.availableOn, left.id)
    < (right.lastDay ?? never, right.availableOn, right.id)
}

/// Reserves a quantity for holds: what is redeemed first is reserved first.
///
/// - Parameters:
///   - quantity: What holds keep.
///   - lots: Lots in the order of redemption.
package func reserve(_ quantity: Int64, in lots: inout [OpenLot]) {
  var rest = quantity
  for index in lots.indices where rest > 0 {
    let part = min(rest, lots[index].free)
    lots[index].reserved += part
    rest -= part
  }
}
