import Civil
import Journal
import Ledger
import Rewards

/// Where lots and debts go: to another member, or into another unit.
struct MoveTarget {
  let member: Int64
  /// The rule that they belong to from then on; nil where it stays the one that gave them.
  var rule: (agreement: BoundAgreement, rule: BoundRule)?
  /// Units for one.
  var factor: Int64 = 1
}

/// Moves lots and debts by pairs of rows without money, with their cost and their day, so that they end
/// when they would have ended.
struct LotMove {
  let terms: TermsInForce
  let leaf: Leaf
  let dates: BatchDates

  /// Moves what is free of lots.
  func move(
    _ lots: [MovableLot],
    of giver: Int64,
    _ holding: Holdings?,
    to target: MoveTarget
  ) throws {
    for movable in lots {
      var open = [movable.lot]
      let (parts, _) = try consume(movable.lot.free, from: &open)
      for part in parts {
        let bound = try terms.bound(agreement: part.lot.agreement, rule: part.lot.rule)
        let given = try row(
          .handOver,
          bound,
          giver,
          lot: part.lot.id,
          (part.quantity, part.cost),
          dates.businessDate
        )
        holding?.note(given, id: try leaf.add(given))
        // Right behind it: the pair tells from whom a lot came.
        var received = try row(
          .receive,
          target.rule ?? bound,
          target.member,
          lot: 0,
          (scaled(part.quantity, by: target.factor, over: 1, .down), part.cost),
          movable.earnedOn
        )
        received.availableOn = part.lot.availableOn
        try leaf.add(received)
      }
    }
  }

  /// Moves a debt, which stands under a rule of its unit.
  func move(
    debt: (quantity: Int64, cost: Int64),
    of giver: Int64,
    under rule: (agreement: BoundAgreement, rule: BoundRule),
    to target: MoveTarget
  ) throws {
    try leaf.add(row(.handOverDebt, rule, giver, lot: 0, debt, dates.businessDate))
    try leaf.add(
      row(
        .receiveDebt,
        target.rule ?? rule,
        target.member,
        lot: 0,
        (scaled(debt.quantity, by: target.factor, over: 1, .down), debt.cost),
        dates.businessDate
      )
    )
  }

  private func row(
    _ flow: Flow,
    _ bound: (agreement: BoundAgreement, rule: BoundRule),
    _ member: Int64,
    lot: Int64,
    _ amount: (quantity: Int64, cost: Int64),
    _ day: CivilDate
  ) throws -> RewardRow {
    try RewardRow(
      flow,
      bound.agreement,
      bound.rule,
      member: member,
      purchase: 0,
      lot: lot,
      quantity: amount.quantity,
      cost: amount.cost,
      event: day,
      earnMonth: 0,
      dates: dates
    )
  }
}
