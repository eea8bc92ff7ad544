package import Formats
import Ledger
package import Rewards

extension Agreement {
  /// Reads an agreement; every fault is refused with its place.
  package convenience init(yaml bytes: [UInt8], file: String) throws(Refusal) {
    let terms = try TermsDocument(bytes: bytes, file: file)
    try terms.allow([
      "agreement", "version", "programme", "currency", "valid_from", "exclude_mcc", "rules",
      "choices", "tiers", "amends", "closing", "catalogue", "redenominate",
      "examples",
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
    var choices: [String] = []
    for text in try terms.list("choices") { choices.append(try terms.code("choices", text)) }
    var rules: [EarnRule] = []
    for (index, section) in try terms.sections("rules").enumerated() {
      rules.append(
        try EarnRule(
          section,
          ordinal: Int16(index + 1),
          currency: currency,
          choices: choices,
          earlier: rules
        )
      )
    }
    guard !rules.isEmpty else { throw terms.bad("rules", "must hold at least one rule") }
    self.init(
      code: try terms.text("agreement"),
      version: try terms.integer("version"),
      programme: try terms.text("programme"),
      currency: currency,
      validFrom: try terms.date("valid_from"),
      excludedCategories: categories,
      rules: rules,
      choices: choices,
      tiers: try terms.section("tiers").map { section throws(Refusal) in
        try TierTerms(section, rules, currency)
      },
      amendment: try terms.section("amends").map { section throws(Refusal) in
        try Amendment(section)
      },
      closing: try terms.section("closing").map { section throws(Refusal) in
        try ClosingTerms(section, rules)
      },
      catalogue: try terms.catalogue(rules, currency),
      redenominations: try terms.redenominations(rules)
    )
    try WorkedExamples(agreement: self).check(terms)
  }
}

extension TierTerms {
  init(_ terms: TermsDocument, _ rules: [EarnRule], _ currency: Currency) throws(Refusal) {
    try terms.allow(["by", "window", "grace_days", "levels"])
    let name = try terms.text("by")
    guard let rule = rules.first(where: { $0.name == name }), let period = rule.period,
      period.span != .campaign
    else { throw terms.bad("by", "is no rule of a month or a year") }
    let words = try terms.text("window").split(separator: " ").map(String.init)
    let window: Window
    if words == ["year"] {
      window = .calendarYear
    } else {
      guard words.count == 2, words[1] == "months", let months = strictInteger(words[0]),
        (1...36).contains(months), period.span == .month
      else {
        throw terms.bad("window", "is neither year nor, by a rule of a month, \"12 months\"")
      }
      window = .rolling(months: Int(months))
    }
    var levels: [Level] = []
    for section in try terms.sections("levels") {
      try section.allow(["name", "from"])
      let name = try section.code("name", try section.text("name"))
      let exponent =
        rule.rate == .counting || rule.rate != .spending && rule.kind.isWhole
        ? 0 : currency.exponent
      guard let from = try section.amount("from", exponent), from > levels.last?.from ?? 0 else {
        throw section.bad("from", "levels begin at rising sums")
      }
      levels.append(Level(name: name, from: from))
    }
    guard !levels.isEmpty else { throw terms.bad("levels", "must hold at least one level") }
    self.init(
      rule: name,
      window: window,
      graceDays: try terms.integer("grace_days", default: 0),
      levels: levels
    )
  }
}
