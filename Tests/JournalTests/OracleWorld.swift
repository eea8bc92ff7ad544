import Foundation
import Testing

/// Something that happens in the oracle's world; numbers name what they are about.
enum OracleStep: Sendable {
  case purchase(number: Int, member: Int, amount: Int, merchant: String, month: Int)
  case refund(number: Int, of: Int, amount: Int)
  case reversal(of: Int)
  case standing(number: Int, member: Int, month: Int, day: Int, isOut: Bool)
  case use(number: Int, member: Int, amount: Int)

  /// The purchase without which the step cannot be.
  var purchase: Int? {
    switch self {
    case .refund(_, let of, _), .reversal(let of): of
    default: nil
    }
  }
}

/// The oracle: the whole history, and what it is worth.
struct OracleWorld {
  struct Purchase {
    let number: Int
    let member: Int
    let amount: Int
    let merchant: String
    let month: Int
    var refunds: [Int] = []
    var reversed = false

    var stands: Int {
      reversed ? 0 : amount - min(amount, refunds.reduce(0, +))
    }
  }

  let rules: [OracleRule]
  private(set) var purchases: [Purchase] = []
  /// Changes of standing in the order in which they were told; days as month and day.
  private var changes: [(member: Int, day: Int, isOut: Bool)] = []
  /// Cashback that was paid out, by member.
  private var paid = [0, 0]

  init(rules: [OracleRule]) { self.rules = rules }

  /// Lets a step happen; false where a member asks for more than there is.
  mutating func take(_ step: OracleStep) -> Bool {
    switch step {
    case .purchase(let number, let member, let amount, let merchant, let month):
      purchases.append(
        Purchase(number: number, member: member, amount: amount, merchant: merchant, month: month)
      )
    case .refund(_, let of, let amount): change(of) { $0.refunds.append(amount) }
    case .reversal(let of): change(of) { $0.reversed = true }
    case .standing(_, let member, let month, let day, let isOut):
      changes.append((member, month * 100 + day, isOut))
    case .use(_, let member, let amount):
      guard held.balances[member - 1] >= amount else { return false }
      paid[member - 1] += amount
    }
    return true
  }

  private mutating func change(_ number: Int, _ body: (inout Purchase) -> Void) {
    if let place = purchases.firstIndex(where: { $0.number == number }) { body(&purchases[place]) }
  }

  /// The row by which the bank tells of a step; nil where it does not.
  func row(_ step: OracleStep) -> FeedRow? {
    switch step {
    case .purchase(let number, _, _, _, _): row("purchase", "P\(number)", number)
    case .refund(let number, let of, let amount): row("refund", "R\(number)", of, amount)
    case .reversal(let of): row("purchase", "P\(of)", of, reversal: 1)
    default: nil
    }
  }

  private func row(
    _ type: String,
    _ reference: String,
    _ number: Int,
    _ amount: Int? = nil,
    reversal: Int = 0
  ) -> FeedRow? {
    guard let purchase = purchases.first(where: { $0.number == number }) else { return nil }
    return FeedRow(
      type: type,
      reference: reference,
      original: amount == nil ? "" : "P\(number)",
      reversal: reversal,
      card: "ca_\(purchase.member)",
      amount: amount ?? purchase.amount,
      merchant: purchase.merchant,
      time: "2026-0\(purchase.month)-05T12:00:00+02:00"
    )
  }

  /// Whether the account was out of good standing on the day of a purchase.
  private func isOut(_ purchase: Purchase) -> Bool {
    let told = changes.enumerated().filter {
      $0.element.member == purchase.member && $0.element.day <= purchase.month * 100 + 5
    }
    let newest = told.max { ($0.element.day, $0.offset) < ($1.element.day, $1.offset) }
    return newest?.element.isOut ?? false
  }

  /// What the history so far is worth.
  var held: Held {
    var (balances, cost, share) = (paid.map { Int64(-$0) }, Int64(0), Int64(0))
    for rule in rules {
      for member in 1...2 {
        let mine = purchases.filter {
          $0.member == member && (rule.merchant == nil || rule.merchant == $0.merchant)
        }
        let periods = Dictionary(grouping: mine) { rule.months == 1 ? $0.month : 0 }
        share += Int64(
          mine.map { rounded(Decimal(worth($0, rule)) * Decimal(rule.pays) / 100) }.reduce(0, +)
        )
        for some in periods.values {
          let reward = rule.period(some.map { worth($0, rule) }.reduce(0, +))
          balances[member - 1] += Int64(reward)
          cost += Int64(reward)
        }
      }
    }
    let paid = Int64(paid.reduce(0, +))
    return Held(balances: balances, cost: cost, share: share, paid: paid)
  }

  private func worth(_ purchase: Purchase, _ rule: OracleRule) -> Int {
    guard purchase.stands > 0, purchase.stands >= rule.minimum,
      !rule.asksStanding || !isOut(purchase)
    else { return 0 }
    return rounded(rule.rate(Decimal(purchase.stands)))
  }
}
