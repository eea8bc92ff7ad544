package import Ledger

/// One step of a progressive rate.
package struct RateStep: Sendable, Hashable {
  /// Where the step begins, in billed minor units of the purchase; the first begins at 0.
  package let from: Int64
  package let percent: ExactDecimal

  package init(from: Int64, percent: ExactDecimal) {
    self.from = from
    self.percent = percent
  }
}

/// How much reward a purchase gives.
package enum EarnRate: Sendable, Hashable {
  /// A percentage of the amount, rounded by the rule.
  case percent(ExactDecimal)
  /// `quantity` for each full `each` minor units.
  case perFull(quantity: Int64, each: Int64)
  /// `quantity` for each `each` minor units, in proportion, rounded by the rule.
  case proRata(quantity: Int64, each: Int64)
  /// Steps by the purchase's amount. Marginal: each step's percentage on the part inside it; else
  /// the percentage of the step that the amount reaches, on the whole amount.
  case steps([RateStep], marginal: Bool)
  /// A fixed quantity for a purchase.
  case flat(Int64)
  /// Nothing by itself: the amount counts toward what the period is worth.
  case spending
  /// Nothing by itself: the purchase counts as one toward what the period is worth.
  case counting
}

/// An amount as a fraction: what stands of a billed amount need not be a whole number of minor
/// units.
struct Stands {
  /// Minor units times `parts`.
  let dividend: Int128
  let parts: Int128

  /// Whether it is at least so many minor units.
  func reaches(_ minor: Int64) -> Bool { dividend >= Int128(minor) * parts }
}

extension EarnRate {
  /// The reward on an amount, before the period has its say.
  func quantity(on amount: Stands, _ rounding: Rounding) throws(MoneyOverflow) -> Int64 {
    switch self {
    case .percent(let percent):
      return try divided(
        multiplied(amount.dividend, percent.units),
        by: amount.parts * Int128(percent.denominator) * 100,
        rounding
      )
    case .perFull(let quantity, let each):
      let full = try divided(amount.dividend, by: amount.parts * Int128(each), .down)
      return try scaled(full, by: quantity, over: 1, .down)
    case .proRata(let quantity, let each):
      return try divided(
        multiplied(amount.dividend, quantity),
        by: amount.parts * Int128(each),
        rounding
      )
    case .flat(let quantity):
      return amount.dividend > 0 ? quantity : 0
    case .steps(let steps, let marginal):
      return try steps.quantity(on: amount, marginal: marginal, rounding)
    case .spending:
      return try divided(amount.dividend, by: amount.parts, .halfUp)
    case .counting:
      return amount.dividend > 0 ? 1 : 0
    }
  }

  /// The reward of so much spending in all, as a cap by spending means it.
  ///
  /// - Parameters:
  ///   - minor: Billed minor units.
  ///   - rounding: The rule's rounding.
  /// - Returns: The quantity; nil where the reward depends on each purchase.
  /// - Throws: `MoneyOverflow`.
  package func reward(ofSpending minor: Int64, _ rounding: Rounding) throws(MoneyOverflow) -> Int64?
  {
    switch self {
    case .percent, .perFull, .proRata:
      try quantity(on: Stands(dividend: Int128(minor), parts: 1), rounding)
    case .steps, .flat, .spending, .counting: nil
    }
  }
}

extension [RateStep] {
  /// The reward on an amount: each step's percentage on the part inside it, or that of the step that
  /// the amount reaches on all of it.
  func quantity(
    on amount: Stands,
    marginal: Bool,
    _ rounding: Rounding
  ) throws(MoneyOverflow) -> Int64 {
    guard marginal else {
      guard let step = last(where: { amount.reaches($0.from) }) else { return 0 }
      return try EarnRate.percent(step.percent).quantity(on: amount, rounding)
    }
    // One sum over the steps, rounded once: all percentages brought to six decimals.
    var sum: Int128 = 0
    for (index, step) in enumerated() where amount.reaches(step.from) {
      let top = index + 1 < count ? Int128(self[index + 1].from) * amount.parts : nil
      let part =
        Swift.min(amount.dividend, top ?? amount.dividend) - Int128(step.from) * amount.parts
      let percent = step.percent.units * (1_000_000 / step.percent.denominator)
      let (next, overflow) = sum.addingReportingOverflow(try multiplied(part, percent))
      if overflow { throw MoneyOverflow() }
      sum = next
    }
    return try divided(sum, by: amount.parts * 100_000_000, rounding)
  }
}
