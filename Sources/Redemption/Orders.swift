import Civil
import Intake
import Journal
import Ledger
import Rewards

/// Goods of the catalogue that points bought, and what came back of them (O4).
struct Orders {
  private let books: Books
  private let terms: TermsInForce
  private let dates: BatchDates
  private let orders: [Int64: StoredOrder]
  private let programmes: [Int64: Int16]

  /// Reads what the holds bought.
  init(
    _ books: Books,
    _ terms: TermsInForce,
    _ holds: [StoredHold],
    _ dates: BatchDates
  ) throws {
    self.books = books
    self.terms = terms
    self.dates = dates
    let orders = try books.orders(holds.map(\.id))
    self.orders = orders
    let members = holds.filter { orders[$0.id] != nil }.map(\.member)
    programmes = try books.programmes(ofMembers: Set(members).sorted())
  }

  /// Whether a hold bought goods.
  func contains(_ hold: StoredHold) -> Bool { orders[hold.id] != nil }

  /// What a hold bought, by the terms of its day; nil where they have no such item.
  func item(_ hold: StoredHold) -> BoundItem? {
    guard let order = orders[hold.id], let programme = programmes[hold.member] else { return nil }
    return terms.agreement(programme: programme, on: hold.day)?.items.first {
      $0.item.code == order.item
    }
  }

  /// What the supplier charges for a hold whose points a row uses.
  func charge(_ hold: StoredHold, _ item: BoundItem, _ row: RewardRow) throws -> RewardRow {
    var charge = row
    (charge.flow, charge.lot, charge.quantity, charge.share) = (.chargeItem, 0, 0, 0)
    charge.cost = try scaled(item.item.charge, by: orders[hold.id]?.count ?? 1, over: 1, .halfUp)
    charge.partner = item.partner
    charge.settlementDate = try dates.settlement(item.calendar)
    return charge
  }

  /// The rows that give an order back: the same lots hold the points again, and the supplier's charge
  /// is taken back.
  func returned(_ hold: StoredHold) throws -> [RewardRow] {
    guard let posted = hold.posted else { return [] }
    // The charge stands right behind the uses.
    let behind = posted.rows.upperBound + 1
    let rows = try books.rewards(
      batch: posted.batch,
      rows: posted.rows.lowerBound...behind,
      member: hold.member
    )
    return try rows.compactMap { row -> RewardRow? in
      let flow: Flow
      switch row.flow {
      case .redeemPoints: flow = .returnPoints
      case .chargeItem: flow = .returnItem
      default: return nil
      }
      let bound = try terms.bound(agreement: row.agreement, rule: row.rule)
      var back = try RewardRow(
        flow,
        bound.agreement,
        bound.rule,
        member: row.member,
        purchase: 0,
        lot: flow == .returnItem ? row.id : row.lot,
        quantity: row.quantity,
        cost: row.cost,
        event: dates.businessDate,
        earnMonth: 0,
        dates: dates
      )
      if flow == .returnItem {
        back.partner = row.partner
        back.settlementDate = try dates.settlement(terms.calendar(of: row.partner))
      }
      return back
    }
  }
}
