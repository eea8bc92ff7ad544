import Foundation

/// Small random numbers with a seed.
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }

  mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }
}

/// A rule as the oracle sees it: decimals and whole history, rounding once at the end.
struct OracleRule {
  let name: String
  let yaml: String
  let merchant: String?
  let minimum: Int
  /// Months of the rule's period: 1 or 12; nil where each purchase stands alone.
  let months: Int?
  let pays: Int
  /// Whether it asks for good standing.
  let asksStanding: Bool
  /// Reward of a period in which purchases add up to so much.
  let period: @Sendable (Int) -> Int
  /// Reward in minor units of so many minor units that stand, before rounding.
  let rate: @Sendable (Decimal) -> Decimal

  static func random(_ index: Int, _ dice: inout Dice) -> OracleRule {
    let name = "r\(index)"
    if dice.below(3) == 0 { return goal(name, &dice) }
    let (text, rate): (String, @Sendable (Decimal) -> Decimal)
    switch dice.below(4) {
    case 0:
      let tenths = 1 + dice.below(60)
      text = "rate: \(tenths / 10).\(tenths % 10) %"
      rate = { $0 * Decimal(tenths) / 1_000 }
    case 1:
      text = "rate: 7 per full 10.00"
      rate = { amount in
        var (full, source) = (Decimal(), amount / 1_000)
        NSDecimalRound(&full, &source, 0, .down)
        return full * 7
      }
    case 2:
      text = "rate: whole, steps: [{from: 0.00, rate: 1 %}, {from: 80.00, rate: 3 %}]"
      rate = { $0 * ($0 >= 8_000 ? 3 : 1) / 100 }
    default:
      text = "rate: marginal, steps: [{from: 0.00, rate: 1 %}, {from: 80.00, rate: 3 %}]"
      rate = { min($0, 8_000) / 100 + max(0, $0 - 8_000) * 3 / 100 }
    }
    let merchant = dice.below(2) == 0 ? "M-2" : nil
    let minimum = dice.below(2) == 0 ? 2_000 : 0
    let capped = dice.below(3)
    let cap = 100 + dice.below(400)
    // Under a cap, rounding of shares depends on which purchases filled it: the terms' own order.
    let pays = capped == 0 ? [0, 50, 75][dice.below(3)] : 0
    var yaml = "  - {name: \(name), reward: cashback, unit: CB.EUR, \(text)"
    if let merchant { yaml += ", merchants: [\(merchant)]" }
    if minimum > 0 { yaml += ", minimum: 20.00" }
    if capped > 0 {
      yaml += ", \(capped == 1 ? "monthly" : "yearly")_cap: \(cap / 100)."
      yaml += "\(cap % 100 < 10 ? "0" : "")\(cap % 100)"
    }
    if pays > 0 { yaml += ", partner: LUM, partner_pays: \(pays) %" }
    let asksStanding = dice.below(3) == 0
    if asksStanding { yaml += ", standing: good" }
    return OracleRule(
      name: name,
      yaml: yaml + "}",
      merchant: merchant,
      minimum: minimum,
      months: capped == 0 ? nil : capped == 1 ? 1 : 12,
      pays: pays,
      asksStanding: asksStanding,
      period: { capped == 0 ? $0 : min($0, cap) },
      rate: rate
    )
  }

  /// A rule that rewards what a period adds up to.
  private static func goal(_ name: String, _ dice: inout Dice) -> OracleRule {
    let isYear = dice.below(2) == 0
    let sum = 5_000 + dice.below(20_000)
    let spend = "\(sum / 100).\(sum % 100 < 10 ? "0" : "")\(sum % 100) spend"
    let (text, counts, period): (String, Bool, @Sendable (Int) -> Int)
    switch dice.below(5) {
    case 0: (text, counts, period) = ("3.33 at \(spend)", false, { $0 >= sum ? 333 : 0 })
    case 1: (text, counts, period) = ("1.25 every \(spend)", false, { $0 / sum * 125 })
    case 2: (text, counts, period) = ("2.00 at 3 purchases", true, { $0 >= 3 ? 200 : 0 })
    case 3: (text, counts, period) = ("0.90 every 2 purchases", true, { $0 / 2 * 90 })
    default:
      text = "marginal, steps: [{from: 0.00, rate: 1 %}, {from: 100.00, rate: 2 %}]"
      counts = false
      period = { sum in
        rounded(min(Decimal(sum), 10_000) / 100 + max(0, Decimal(sum) - 10_000) * 2 / 100)
      }
    }
    let asksStanding = dice.below(3) == 0
    let start =
      "  - {name: \(name), reward: cashback, unit: CB.EUR, rate: \(text)"
      + (asksStanding ? ", standing: good" : "")
    return OracleRule(
      name: name,
      yaml: start + ", per: \(isYear ? "year" : "month"), minimum: 5.00}",
      merchant: nil,
      minimum: 500,
      months: isYear ? 12 : 1,
      pays: 0,
      asksStanding: asksStanding,
      period: period,
      rate: { counts ? 1 : $0 }
    )
  }
}

func rounded(_ value: Decimal) -> Int {
  var (out, source) = (Decimal(), value)
  NSDecimalRound(&out, &source, 0, .plain)
  return Int(truncating: out as NSDecimalNumber)
}
