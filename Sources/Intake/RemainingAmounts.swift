package import Civil
import Formats
package import Journal
import Ledger

/// What stands of purchases after all that concerns them, whatever the order of arrival.
package struct RemainingAmounts: Sendable {
  private let byPurchase: [RecordIdentity: [RecordLink]]
  /// Links that were themselves reversed.
  private let undone: Set<RecordIdentity>

  /// Takes the links of some purchases, and the links of those links.
  package init(_ direct: [RecordLink], undoing: [RecordLink]) {
    byPurchase = Dictionary(grouping: direct, by: \.original)
    undone = Set(undoing.filter(\.reversal).map(\.original))
  }

  /// What stands of a purchase in its own currency, and the day of the last change.
  ///
  /// Refunds and chargebacks take, second presentments give back, each unless it was reversed; a
  /// dispute that the cardholder won takes where no chargeback did (E13a). The rest is never below
  /// nothing nor above the purchase.
  package func of(
    _ purchase: StoredRecord
  ) throws -> (amount: Int64, date: CivilDate) {
    var taken: Int64 = 0
    var isReversed = false
    var won: Int64 = 0
    var isCharged = false
    var date = purchase.eventDate
    for link in byPurchase[purchase.identity] ?? [] {
      date = max(date, link.eventDate)
      if link.reversal {
        isReversed = true
      } else if !undone.contains(link.identity), let type = RecordType(rawValue: link.type) {
        let part = try amount(of: link, in: purchase)
        // Who wins a dispute gets the money by a chargeback, which mostly comes as a record too.
        if type == .disputeWon {
          won = max(won, part > 0 ? part : purchase.amount)
          continue
        }
        if type == .chargeback { isCharged = true }
        taken = try checkedSum(taken, type == .secondPresentment ? -part : part)
      }
    }
    if !isCharged { taken = try checkedSum(taken, won) }
    let left = isReversed ? 0 : purchase.amount - min(max(0, taken), purchase.amount)
    return (left, date)
  }

  /// A link's amount in the purchase's currency: in another currency, the billed amounts tell.
  private func amount(of link: RecordLink, in purchase: StoredRecord) throws -> Int64 {
    guard let currency = link.currency, currency != purchase.currency else { return link.amount }
    guard purchase.billing > 0 else { return purchase.amount }
    return try scaled(purchase.amount, by: link.billing, over: purchase.billing, .halfUp)
  }
}
