package import Formats
import Ledger
package import Rewards

extension Agreement {
  /// Reads an agreement; every fault is refused with its place.
  package init(yaml bytes: [UInt8], file: String) throws(Refusal) {
    let terms = try TermsDocument(bytes: bytes, file: file)
    try terms.allow([
      "agreement", "version", "programme", "currency", "valid_from", "exclude_mcc", "rules",
    ])
    guard let currency = Currency(code: try terms.text("currency").utf8) else {
      throw terms.bad("currency", "unknown currency")
    }
    var categories: Set<Int16> = []
    for text in try terms.list("exclude_mcc") {
      guard text.utf8.count == 4, let value = Int16(text), value >= 0 else {
        throw terms.bad("exclude_mcc", "\"\(escaped(text))\" is not four digits")
      }
      categories.insert(value)
    }
    var rules: [EarnRule] = []
    for (index, section) in try terms.sections("rules").enumerated() {
      rules.append(try EarnRule(section, ordinal: Int16(index + 1), currency: currency))
    }
    guard !rules.isEmpty else { throw terms.bad("rules", "must hold at least one rule") }
    self.init(
      code: try terms.text("agreement"),
      version: try terms.integer("version"),
      programme: try terms.text("programme"),
      currency: currency,
      validFrom: try terms.date("valid_from"),
      excludedCategories: categories,
      rules: rules
    )
  }
}

extension EarnRule {
  fileprivate init(
    _ terms: TermsDocument,
    ordinal: Int16,
    currency: Currency
  ) throws(Refusal) {
    try terms.allow([
      "name", "reward", "unit", "rate", "rounding", "merchants", "partner", "partner_pays",
      "reimbursed_at", "price", "monthly_cap", "pending_days",
    ])
    guard let kind = RewardKind(rawValue: try terms.text("reward")) else {
      throw terms.bad("reward", "is none of cashback, credit, miles")
    }
    guard let rounding = Rounding(rawValue: try terms.optionalText("rounding") ?? "half-up")
    else { throw terms.bad("rounding", "is none of half-up, half-even, down") }
    var merchants: Set<ShortID> = []
    for text in try terms.list("merchants") {
      guard isID(text), let id = ShortID(text) else { throw terms.bad("merchants", "no id") }
      merchants.insert(id)
    }
    let partner = try terms.optionalText("partner")
    if kind != .cashback, partner == nil {
      throw terms.bad("partner", "is missing: \(kind.rawValue) needs a partner")
    }
    let partnerPays = try EarnRule.percent(terms, "partner_pays")
    if partnerPays != nil, partner == nil || kind != .cashback {
      throw terms.bad("partner_pays", "goes with cashback and a partner")
    }
    var price: ExactDecimal?
    if let text = try terms.optionalText("price") {
      guard let value = ExactDecimal(text) else { throw terms.bad("price", "no exact decimal") }
      price = value
    }
    if (kind == .miles) != (price != nil) {
      throw terms.bad("price", "goes with miles, and miles need it")
    }
    var cap: Int64?
    if let text = try terms.optionalText("monthly_cap") {
      guard let value = minorUnits(text, exponent: kind == .miles ? 0 : currency.exponent) else {
        throw terms.bad("monthly_cap", "no amount")
      }
      cap = value
    }
    self.init(
      ordinal: ordinal,
      name: try terms.text("name"),
      kind: kind,
      unit: try terms.text("unit"),
      rate: try EarnRule.rate(terms, currency),
      rounding: rounding,
      merchants: merchants,
      partner: partner,
      partnerPays: partnerPays,
      reimbursedAt: try EarnRule.percent(terms, "reimbursed_at"),
      price: price,
      monthlyCap: cap,
      pendingDays: try terms.integer("pending_days", default: 0)
    )
  }

  /// `3 %` or `15 per full 100.00`.
  private static func rate(
    _ terms: TermsDocument,
    _ currency: Currency
  ) throws(Refusal) -> EarnRate {
    let words = try terms.text("rate").split(separator: " ").map(String.init)
    if words.count == 2, words[1] == "%", let percent = ExactDecimal(words[0]) {
      return .percent(percent)
    }
    if words.count == 4, words[1] == "per", words[2] == "full",
      let quantity = strictInteger(words[0]),
      let each = minorUnits(words[3], exponent: currency.exponent), each > 0
    {
      return .perFull(quantity: quantity, each: each)
    }
    throw terms.bad("rate", "is neither like \"3 %\" nor like \"15 per full 100.00\"")
  }

  private static func percent(
    _ terms: TermsDocument,
    _ key: String
  ) throws(Refusal) -> ExactDecimal? {
    guard let text = try terms.optionalText(key) else { return nil }
    let words = text.split(separator: " ").map(String.init)
    guard words.count == 2, words[1] == "%", let value = ExactDecimal(words[0]),
      value.units <= 100 * value.denominator
    else { throw terms.bad(key, "is no percentage from 0 to 100 like \"75 %\"") }
    return value
  }
}

/// A decimal amount as minor units; more decimals than the currency has are refused.
func minorUnits(_ text: String, exponent: Int) -> Int64? {
  guard let value = ExactDecimal(text), value.scale <= exponent else { return nil }
  let factor = (value.scale..<exponent).reduce(Int64(1)) { product, _ in product * 10 }
  let (minor, overflow) = value.units.multipliedReportingOverflow(by: factor)
  return overflow ? nil : minor
}
