import Civil
import Journal
import Ledger
import Rewards

/// The rows by which a lot ends unused: over (E17, S5), or given up with the account.
struct LotEnd {
  let agreement: BoundAgreement
  let rule: BoundRule
  let dates: BatchDates
  let allowances: Allowances

  /// What ends of a lot, and the partner's part of it.
  func rows(
    member: Int64,
    purchase: Int64,
    lot: Int64,
    quantity: Int64,
    cost: Int64
  ) throws -> [RewardRow] {
    let row = try RewardRow(
      rule.rule.kind.flows.expire,
      agreement,
      rule,
      member: member,
      purchase: purchase,
      lot: lot,
      quantity: quantity,
      cost: cost,
      share: share(of: cost),
      event: dates.businessDate,
      earnMonth: 0,
      dates: dates
    )
    return rule.rule.breakageShare != nil && row.share > 0 ? [row, row.breakage(row.share)] : [row]
  }

  /// What the partner gets of an ended cost: its own share back (E17b), or its part of breakage (S5);
  /// of own points, what an estimate had foreseen (P7).
  private func share(of cost: Int64) throws -> Int64 {
    if rule.rule.kind == .points { return try allowances.use(cost, unit: rule.unit) }
    if let percent = rule.rule.breakageShare {
      return try scaled(
        cost,
        by: percent.units,
        over: percent.denominator * 100,
        rule.rule.rounding
      )
    }
    return rule.rule.expiry?.returnsShare == true ? try rule.rule.share(of: cost) : 0
  }
}

/// What estimates of breakage left to use while a batch is written.
final class Allowances {
  private let books: Books
  private var left: [Int16: Int64] = [:]

  init(_ books: Books) {
    self.books = books
  }

  /// Takes what there is of a cost that expires.
  func use(_ cost: Int64, unit: Int16) throws -> Int64 {
    let known = try left[unit] ?? max(0, books.allowance(unit: unit))
    let part = min(cost, known)
    left[unit] = known - part
    return part
  }
}

extension RewardRow {
  /// The row by which the partner's part of breakage enters its statement (P27), or leaves it.
  func breakage(_ share: Int64, _ flow: Flow = .breakageShare) -> RewardRow {
    var row = self
    row.flow = flow
    (row.lot, row.quantity, row.cost, row.share, row.uncapped) = (0, 0, share, 0, 0)
    return row
  }
}
