import Civil
import Ledger

/// Control totals of a leaf, by everything that a control posting distinguishes.
struct LeafTotals {
  private struct Key: Hashable, Comparable {
    let flow: Int16
    let partner: Int16
    let programme: Int16
    let unit: Int16
    let currency: Int16
    let bookingDate: CivilDate
    let settlementDate: CivilDate

    static func < (left: Key, right: Key) -> Bool {
      (
        left.flow, left.partner, left.programme, left.unit, left.bookingDate,
        left.settlementDate
      ) < (
        right.flow, right.partner, right.programme, right.unit, right.bookingDate,
        right.settlementDate
      )
    }
  }

  private struct Total {
    var rows: Int64 = 0
    var quantity: Int64 = 0
    var cost: Int64 = 0
    var share: Int64 = 0
  }

  private var places: [Key: Int] = [:]
  private var totals: [(key: Key, total: Total)] = []
  private var last = 0

  /// Adds a row; neighbouring rows mostly fall into the same total.
  @inline(__always)
  mutating func add(_ row: borrowing RewardRow) throws(MoneyOverflow) {
    let key = Key(
      flow: row.flow.rawValue,
      partner: row.partner,
      programme: row.programme,
      unit: row.unit,
      currency: row.currency.rawValue,
      bookingDate: row.bookingDate,
      settlementDate: row.settlementDate
    )
    if last >= totals.count || totals[last].key != key {
      if let place = places[key] {
        last = place
      } else {
        last = totals.count
        places[key] = last
        totals.append((key, Total()))
      }
    }
    totals[last].total.rows += 1
    totals[last].total.quantity = try checkedSum(totals[last].total.quantity, row.quantity)
    totals[last].total.cost = try checkedSum(totals[last].total.cost, row.cost)
    totals[last].total.share = try checkedSum(totals[last].total.share, row.share)
  }

  /// The totals in order, as `seal_leaf` reads them.
  var rows: [[String]] {
    totals.sorted { $0.key < $1.key }.map { key, total in
      [
        "\(key.flow)", "\(key.partner)", "\(key.programme)", "\(key.unit)", "\(key.currency)",
        "\(key.bookingDate)", "\(key.settlementDate)", "\(total.rows)", "\(total.quantity)",
        "\(total.cost)", "\(total.share)",
      ]
    }
  }
}
