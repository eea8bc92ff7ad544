package import Ledger

extension EarnRule {
  /// The rule as a sentence for people, generated from the rule itself.
  package func sentence(currency: Currency) -> String {
    var text: String
    switch rate {
    case .percent(let percent):
      text = "\(percent) % \(kind.noun) on the billed amount, rounded \(rounding.rawValue)"
    case .perFull(let quantity, let each):
      let full = Amount(minor: each, currency: currency).decimal
      text = "\(quantity) \(unit) \(kind.noun) for each full \(full) \(currency)"
    }
    if !merchants.isEmpty { text += " at \(merchants.count) merchants" }
    if let partner { text += " of \(partner)" }
    if let cap = monthlyCap {
      let shown = kind == .miles ? String(cap) : decimalText(cap, exponent: currency.exponent)
      text += ", at most \(shown) a calendar month"
    }
    if let partnerPays { text += "; the partner pays \(partnerPays) % of it" }
    if let reimbursedAt { text += "; reimbursed at \(reimbursedAt) % of face" }
    if let price { text += "; \(price) \(currency) a mile" }
    if pendingDays > 0 { text += "; available after \(pendingDays) days" }
    return text
  }
}

extension RewardKind {
  /// Name for people.
  package var noun: String {
    switch self {
    case .cashback: "cashback"
    case .credit: "store credit"
    case .miles: "miles"
    }
  }
}
