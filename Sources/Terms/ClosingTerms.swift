import Formats
import Rewards

extension ClosingTerms {
  /// Reads `closing` of an agreement.
  init(_ terms: TermsDocument, _ rules: [EarnRule]) throws(Refusal) {
    try terms.allow(["after_days", "pay_out", "forfeit", "debts"])
    let units = try terms.texts("forfeit")
    for unit in units {
      guard rules.contains(where: { $0.unit == unit && $0.kind != .miles }) else {
        throw terms.bad("forfeit", "\(escaped(unit)) is no unit that members hold")
      }
    }
    let paid = try terms.texts("pay_out")
    for unit in paid {
      guard rules.contains(where: { $0.unit == unit && $0.kind == .cashback }),
        !units.contains(unit)
      else {
        throw terms.bad("pay_out", "\(escaped(unit)) is no cashback, or is forfeited")
      }
    }
    let debts = try terms.optionalText("debts") ?? "keep"
    guard ["keep", "write-off"].contains(debts) else {
      throw terms.bad("debts", "is neither keep nor write-off")
    }
    self.init(
      afterDays: try terms.integer("after_days"),
      paysOut: Set(paid),
      forfeits: Set(units),
      writesOff: debts == "write-off"
    )
  }
}
