import Journal
import Ledger

/// What members owe while a batch is decided: what they earn offsets it first (E10).
///
/// What is offset is closed at one cost on both sides. A lot that goes whole takes its own cost
/// along, a debt that is closed its own; where both end at once, rounding may leave a cost on a debt
/// of nothing, which the next offset takes along.
final class Debts {
  private struct Key: Hashable {
    let member: Int64
    let unit: Int16
  }

  /// The row that offsets a debt, by the row that earns.
  private let offsets: [Flow: Flow] = [
    .earnCashback: .offsetCashback, .earnCredit: .offsetCredit, .earnPoints: .offsetPoints,
    .earnStamps: .offsetStamps, .earnBonus: .offsetCashback,
  ]
  private var open: [Key: (quantity: Int64, cost: Int64)] = [:]
  /// Whether this batch offset anything.
  private(set) var hasOffset = false

  init(_ books: Books) throws {
    for debt in try books.memberDebts() {
      open[Key(member: debt.member, unit: debt.unit)] = (debt.quantity, debt.cost)
    }
  }

  /// The row that offsets what a member owes with a lot that was just earned; nil where the member
  /// owes nothing.
  @inline(__always)
  func offset(_ earned: RewardRow, lot: Int64) throws -> RewardRow? {
    if open.isEmpty { return nil }
    return try offset(with: earned, lot)
  }

  /// Notes a debt that the batch itself made.
  func note(_ row: RewardRow) {
    guard row.flow.effect.debtSign == 1 else { return }
    let key = Key(member: row.member, unit: row.unit)
    open[key, default: (0, 0)].quantity += row.quantity
    open[key, default: (0, 0)].cost += row.cost
  }

  private func offset(with earned: RewardRow, _ lot: Int64) throws -> RewardRow? {
    let key = Key(member: earned.member, unit: earned.unit)
    guard let offset = offsets[earned.flow], let owed = open[key],
      owed.quantity > 0, earned.quantity > 0
    else { return nil }
    let part = min(owed.quantity, earned.quantity)
    let cost =
      part == earned.quantity
      ? earned.cost : min(max(0, owed.cost), earned.cost)
    open[key] = (owed.quantity - part, owed.cost - cost)
    hasOffset = true
    var row = earned
    row.flow = offset
    row.lot = lot
    (row.quantity, row.cost, row.share, row.uncapped) = (part, cost, 0, 0)
    return row
  }
}
