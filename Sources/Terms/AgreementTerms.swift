package import Formats
import Ledger
package import Rewards

extension Agreement {
  /// Reads an agreement; every fault is refused with its place.
  package convenience init(yaml bytes: [UInt8], file: String) throws(Refusal) {
    let terms = try TermsDocument(bytes: bytes, file: file)
    try terms.allow([
      "agreement", "version", "programme", "currency", "valid_from", "exclude_mcc", "rules",
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
    try WorkedExamples(agreement: self).check(terms)
  }
}
