package import Civil
import Ledger

/// What a member's purchases of a period are worth together under a rule.
///
/// It is a function of what they add up to, so the order in which facts arrive changes nothing: a
/// refund frees the room of a cap for later purchases, and takes back a bonus whose threshold is no
/// longer reached (§6.2, E15).
package struct EarnPeriod: Sendable, Hashable {
  /// The period, by the day of the purchase.
  package enum Span: String, Sendable, CaseIterable {
    /// A calendar month.
    case month
    /// A calendar year.
    case year
    /// As long as versions of the agreement have the rule, and do not change what its period is worth.
    case campaign
  }

  /// How the sum becomes the reward.
  package enum Worth: Sendable, Hashable {
    /// The purchases' own rewards, in all at most so much.
    case atMost(Int64)
    /// The purchases' own rewards, at least so much where there is any (status credits, term 20).
    case atLeast(Int64)
    /// So much once the sum is reached.
    case once(Int64, at: Int64)
    /// So much for each time that the sum is full.
    case each(Int64, every: Int64)
    /// Percentages by what was spent in the period.
    case steps([RateStep], marginal: Bool)
  }

  package let worth: Worth
  package let span: Span

  package init(_ worth: Worth, in span: Span) {
    self.worth = worth
    self.span = span
  }

  /// The month in which the period of a day begins, as `CivilDate.monthIndex` counts; 0 where the
  /// period is all time.
  package func month(of date: CivilDate) -> Int16 {
    switch span {
    case .month: Int16(date.monthIndex)
    case .year: Int16(date.monthIndex / 12 * 12)
    case .campaign: 0
    }
  }

  /// The last day of the period of a day; nil where it is all time.
  package func lastDay(of date: CivilDate) -> CivilDate? {
    switch span {
    case .month: date.endOfMonth
    case .year: date.endOfYear
    case .campaign: nil
    }
  }

  /// The reward of a period in which purchases add up to `sum`.
  func quantity(of sum: Int64, _ rounding: Rounding) throws(MoneyOverflow) -> Int64 {
    switch worth {
    case .atMost(let quantity): return min(quantity, sum)
    case .atLeast(let quantity): return sum > 0 ? max(quantity, sum) : 0
    case .once(let quantity, let least): return sum >= least ? quantity : 0
    case .each(let quantity, let every):
      return try scaled(sum / every, by: quantity, over: 1, .down)
    case .steps(let steps, let marginal):
      let amount = Stands(dividend: Int128(sum), parts: 1)
      return try steps.quantity(on: amount, marginal: marginal, rounding)
    }
  }
}
