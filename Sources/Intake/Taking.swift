import Civil
import Journal
import Ledger
import Rewards

/// Turns one change of one purchase and rule into rows of the subledger.
struct Taking {
  let purchase: StoredRecord
  /// Day of the newest fact that the change rests on.
  let event: CivilDate
  let month: Int16
  let agreement: BoundAgreement
  let rule: BoundRule
  let dates: BatchDates

  /// The row of a change that gives, or that only moves the uncapped sum.
  func earn(_ change: Booked) throws -> RewardRow {
    let cost = max(0, change.cost)
    return try row(
      rule.rule.earning,
      quantity: change.quantity,
      cost: cost,
      share: min(cost, max(0, change.share)),
      uncapped: change.uncapped
    )
  }

  /// The rows that take cashback or store credit back.
  ///
  /// Own lot first, then what expired of it, then other lots, the rest becomes debt. The reversed
  /// share is always that of the refunded purchase, spread over the rows by their cost.
  func take(_ change: Booked, _ holding: Holdings) throws -> [RewardRow] {
    let pieces = try pieces(of: change, holding)
    let breakage = pieces.map(\.breakage).reduce(0, +)
    let costs = pieces.map(\.cost)
    let total = costs.reduce(0, +)
    let share = min(total, max(0, -change.share))
    let shares = total > 0 ? try allocated(share, by: costs) : costs
    let rows = try pieces.enumerated().map { index, piece in
      try row(
        piece.flow,
        lot: piece.lot,
        quantity: piece.quantity,
        cost: piece.cost,
        share: shares[index] + piece.breakage,
        uncapped: index == 0 ? change.uncapped : 0
      )
    }
    guard breakage > 0, let first = rows.first else { return rows }
    return rows + [first.breakage(breakage, .returnBreakageShare)]
  }

  private struct Piece {
    let flow: Flow
    var lot: Int64 = 0
    let quantity: Int64
    let cost: Int64
    /// The partner's part of breakage, which it gives back.
    var breakage: Int64 = 0
  }

  /// Where what is taken back comes from.
  private func pieces(of change: Booked, _ holding: Holdings) throws -> [Piece] {
    let flows = rule.rule.kind.flows
    var (own, others) = holding.lots(unit: rule.unit, ownOf: purchase.id)
    let (ownParts, afterOwn) = try consume(-change.quantity, from: &own)
    let over = holding.expired(unit: rule.unit, ownOf: purchase.id)
    let expired = min(afterOwn, over.quantity)
    let (otherParts, missing) = try consume(afterOwn - expired, from: &others)
    func taken(_ parts: [LotPart]) -> [Piece] {
      parts.map {
        Piece(
          flow: flows.clawback,
          lot: $0.lot.id,
          quantity: $0.quantity,
          cost: $0.cost
        )
      }
    }
    var pieces = taken(ownParts)
    if expired > 0 {
      pieces.append(
        Piece(
          flow: flows.clawbackExpired,
          quantity: expired,
          cost: try scaled(over.cost, by: expired, over: over.quantity, .halfUp),
          breakage: rule.rule.kind == .credit
            ? try scaled(over.share, by: expired, over: over.quantity, .halfUp) : 0
        )
      )
    }
    pieces += taken(otherParts)
    if missing > 0 {
      let rest = -change.cost - pieces.map(\.cost).reduce(0, +)
      pieces.append(
        Piece(
          flow: flows.debt,
          quantity: missing,
          cost: max(0, rest)
        )
      )
    }
    return pieces
  }

  /// The rows that take miles back: from the lot while its line is not out (M7a), else by a
  /// reversal line (M8), of which a rejected part is dropped at once (M7c).
  ///
  /// What already lapsed into cashback is not taken back.
  func takeMiles(
    _ change: Booked,
    _ holding: Holdings,
    _ out: Set<Int64>
  ) throws -> [RewardRow] {
    var rows: [RewardRow] = []
    var wanted = -change.quantity
    var cost = max(0, -change.cost)
    for lot in holding.mileLots(purchase: purchase.id, rule: rule.rule.ordinal) {
      let quantity = min(wanted, lot.left)
      guard quantity > 0 else { continue }
      let part = quantity == wanted ? cost : try scaled(cost, by: quantity, over: wanted, .halfUp)
      let uncapped = rows.isEmpty ? change.uncapped : 0
      wanted -= quantity
      cost -= part
      guard out.contains(lot.id) else {
        rows.append(
          try row(
            .reverseMiles,
            lot: lot.id,
            quantity: quantity,
            cost: part,
            uncapped: uncapped
          )
        )
        continue
      }
      rows.append(
        try row(.reversalLine, lot: lot.id, quantity: quantity, cost: part, uncapped: uncapped)
      )
      let dropped = min(quantity, lot.rejected)
      if dropped > 0 {
        let value = try scaled(lot.rejectedCost, by: dropped, over: lot.rejected, .halfUp)
        rows.append(try row(.dropRejected, lot: lot.id, quantity: dropped, cost: value))
      }
    }
    return rows
  }

  private func row(
    _ flow: Flow,
    lot: Int64 = 0,
    quantity: Int64,
    cost: Int64,
    share: Int64 = 0,
    uncapped: Int64 = 0
  ) throws -> RewardRow {
    try RewardRow(
      flow,
      agreement,
      rule,
      member: purchase.member,
      purchase: purchase.id,
      lot: lot,
      quantity: quantity,
      cost: cost,
      share: share,
      uncapped: uncapped,
      event: event,
      earnMonth: month,
      dates: dates
    )
  }
}
