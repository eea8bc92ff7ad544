import Civil
package import Ledger

extension EarnRule {
  /// The rule as a sentence for people, generated from the rule itself.
  package func sentence(currency: Currency) -> String {
    var text: String
    let base = withoutMarkup ? "billed amount without markup" : "billed amount"
    let money = { (minor: Int64) in
      "\(Amount(minor: minor, currency: currency).decimal) \(currency)"
    }
    switch rate {
    case .percent(let percent):
      text = "\(percent) % \(kind.noun) on the \(base), rounded \(rounding.rawValue)"
    case .perFull(let quantity, let each):
      text = "\(quantity) \(unit) \(kind.noun) for each full \(money(each))"
    case .proRata(let quantity, let each):
      text = "\(quantity) \(unit) \(kind.noun) for each \(money(each)) in proportion, rounded "
      text += rounding.rawValue
    case .flat(let quantity):
      text = "\(shown(quantity, currency)) \(kind.noun) for a purchase"
    case .steps(let steps, let marginal):
      let parts = steps.map { "\($0.percent) % from \(money($0.from))" }
      text = parts.joined(separator: ", ") + " \(kind.noun) on the "
      text += marginal ? "part of the \(base) in each step" : "whole \(base)"
      text += ", rounded \(rounding.rawValue)"
    }
    text += eligibility.sentence
    if let partner { text += " of \(partner)" }
    if minimum > 0 { text += ", from \(money(minimum))" }
    if let cap { text += ", at most \(shown(cap.quantity, currency)) \(cap.period.wording)" }
    if let partnerPays { text += "; the partner pays \(partnerPays) % of it" }
    if let reimbursedAt { text += "; reimbursed at \(reimbursedAt) % of face" }
    if let price { text += "; \(price) \(currency) a \(kind == .miles ? "mile" : "point")" }
    if let charge { text += "; \(partner ?? "") charges \(charge) \(currency) for a point used" }
    if pendingDays > 0 { text += "; available after \(pendingDays) days" }
    if let expiry { text += "; expires " + expiry.sentence }
    if owesOffline { text += "; what a till takes offline above the balance is owed" }
    return text
  }
}

extension EarnRule {
  private func shown(_ quantity: Int64, _ currency: Currency) -> String {
    kind.isWhole ? String(quantity) : decimalText(quantity, exponent: currency.exponent)
  }
}

extension Expiry {
  fileprivate var sentence: String {
    var text =
      switch term {
      case .days(let count): "\(count) days after the purchase"
      case .months(let count): "\(count) months after the purchase"
      case .on(let day): "after \(day)"
      }
    if rounding != .none { text += ", at " + rounding.rawValue }
    return text + (returnsShare ? ", and the partner's share is given back" : "")
  }
}

extension EarnCap.Period {
  fileprivate var wording: String {
    switch self {
    case .month: "a calendar month"
    case .year: "a calendar year"
    case .campaign: "in all"
    }
  }
}

extension Eligibility {
  /// What is asked of a purchase, as the rest of a sentence; empty where nothing is.
  fileprivate var sentence: String {
    var text = ""
    if !merchants.isEmpty { text += " at \(merchants.count) merchants" }
    if let merchantsOf { text += " at merchants that the directory gives to \(merchantsOf)" }
    if !categories.isEmpty {
      let parts = categories.map { range in
        range.count == 1
          ? pad(Int(range.lowerBound), 4)
          : "\(pad(Int(range.lowerBound), 4))-\(pad(Int(range.upperBound), 4))"
      }
      text += " in categories " + parts.joined(separator: ", ")
    }
    if !countries.isEmpty {
      text += " in " + countries.sorted().map(countryLetters).joined(separator: ", ")
    }
    if !currencies.isEmpty {
      let codes = currencies.compactMap { Currency(rawValue: $0)?.code }
      text += " paid in " + codes.sorted().joined(separator: ", ")
    }
    if !channels.isEmpty {
      text +=
        " by "
        + channels.sorted().compactMap { Channel(rawValue: $0)?.description }.joined(
          separator: ", "
        )
    }
    if !weekdays.isEmpty {
      // 1970-01-05 was a Monday.
      let names = weekdays.sorted().map { CivilDate(days: Int32($0 + 3)).weekdayName }
      text += " on " + names.joined(separator: ", ")
    }
    if let from { text += " from \(from)" }
    if let through { text += " through \(through)" }
    return text
  }
}

private func countryLetters(_ code: Int16) -> String {
  String(
    decoding: [UInt8(truncatingIfNeeded: code >> 8), UInt8(truncatingIfNeeded: code)],
    as: UTF8.self
  )
}

extension RewardKind {
  /// Name for people.
  package var noun: String {
    switch self {
    case .cashback: "cashback"
    case .credit: "store credit"
    case .miles: "miles"
    case .points: "points"
    }
  }
}
