import Civil
package import Formats
import Ledger

extension CardFeedProfile {
  /// Reads a feed profile; what it does not say is as in kvitt's own CSV.
  package init(yaml bytes: [UInt8], file: String) throws(Refusal) {
    let terms = try TermsDocument(bytes: bytes, file: file)
    try terms.allow([
      "feed", "version", "format", "encoding", "delimiter", "header", "marks", "columns",
      "defaults", "rows", "types", "amounts", "sign", "currency", "times", "zone", "identity",
      "arrival", "code_page", "reversal_names", "reversal_mark", "categories", "sequence_gaps",
      "trailer", "unreadable_amount", "numeric_references",
    ])
    self.init(name: try terms.text("feed"))
    format = try terms.choice("format", .csv)
    encoding = try terms.choice("encoding", .utf8)
    amounts = try terms.choice("amounts", format == .ipm ? .paddedMinor : .minor)
    sign = try terms.choice("sign", .unsigned)
    times = try terms.choice("times", format == .ipm ? .shortYear : .iso)
    trailer = try terms.choice("trailer", .required)
    hasHeader = try terms.word("header", ["names", "none"], "names") == "names"
    let currency = try terms.word(
      "currency",
      ["letters", "lower-letters", "numbers"],
      format == .ipm ? "numbers" : "letters"
    )
    numericCurrencies = currency == "numbers"
    lowerCaseCurrencies = currency == "lower-letters"
    ebcdic037 = try terms.word("code_page", ["cp500", "cp037"], "cp500") == "cp037"
    reversalNamesOriginal =
      try terms.word("reversal_names", ["reference", "original"], "reference") == "original"
    reversalMark = try terms.choice("reversal_mark", .own)
    takesCategoryFromDirectory =
      try terms.word("categories", ["feed", "directory"], "feed") == "directory"
    holdsGaps = try terms.word("sequence_gaps", ["accept", "hold"], "accept") == "hold"
    refusesUnreadableAmounts =
      try terms.word("unreadable_amount", ["refuse", "post-rest"], "refuse") == "refuse"
    numericReferences =
      try terms.word("numeric_references", ["true", "false"], "false") == "true"
    isExpectedNightly = try terms.word("arrival", ["nightly", "any"], "nightly") == "nightly"
    rows = try terms.optionalText("rows")
    try readDelimiter(terms)
    try readZone(terms)
    try readMarks(terms)
    try readColumns(terms)
    try readTypes(terms)
    try readIdentity(terms)
  }

  private mutating func readDelimiter(_ terms: TermsDocument) throws(Refusal) {
    guard let text = try terms.optionalText("delimiter") else { return }
    let bytes = Array(text.utf8)
    guard bytes.count == 1, [0x2C, 0x3B, 0x09, 0x7C].contains(bytes[0]) else {
      throw terms.bad("delimiter", "is none of , ; | and tab")
    }
    delimiter = bytes[0]
  }

  private mutating func readZone(_ terms: TermsDocument) throws(Refusal) {
    zone = try terms.optionalText("zone")
    if let zone, WallClock(zone: zone) == nil { throw terms.bad("zone", "unknown time zone") }
    guard zone != nil || [.iso, .unix].contains(times) else {
      throw terms.bad("times", "times without offset need a zone")
    }
  }

  private mutating func readMarks(_ terms: TermsDocument) throws(Refusal) {
    guard let section = try terms.section("marks") else { return }
    try section.allow(["head", "row", "trailer", "records", "debit", "credit"])
    marks.head = try section.optionalText("head")
    marks.row = try section.optionalText("row")
    marks.trailer = try section.optionalText("trailer")
    guard marks.trailer != nil else { return }
    marks.records = try section.integer("records")
    if try section.optionalText("debit") != nil {
      marks.debit = try section.integer("debit")
      marks.credit = try section.integer("credit")
    }
    guard [marks.records, marks.debit, marks.credit].allSatisfy({ $0 ?? 1 > 0 }) else {
      throw terms.bad("marks", "fields are counted from 1")
    }
  }

  private mutating func readColumns(_ terms: TermsDocument) throws(Refusal) {
    if let section = try terms.section("columns") {
      try section.allow(CardField.allCases.map(\.name))
      for field in CardField.allCases {
        columns[field] = nil
        let names = try section.texts(field.name)
        if !names.isEmpty { columns[field] = names }
      }
      guard columns.values.joined().count <= 60 else {
        throw terms.bad("columns", "more than 60 names")
      }
      if !hasHeader, let bad = columns.values.joined().first(where: { strictInteger($0) == nil }) {
        throw terms.bad("columns", "without a header row \"\(escaped(bad))\" must be a number")
      }
    }
    if let section = try terms.section("defaults") {
      try section.allow(CardField.allCases.map(\.name))
      for field in CardField.allCases {
        defaults[field] = try section.optionalText(field.name)
      }
    }
    guard format != .ipm else { return }
    for field in CardField.allCases
    where requires(field) && columns[field] == nil && defaults[field] == nil {
      throw terms.bad("columns", "\(field.name) has neither a column nor a default")
    }
  }

  private mutating func readTypes(_ terms: TermsDocument) throws(Refusal) {
    guard let section = try terms.section("types") else { return }
    types = [:]
    for code in section.keys {
      types[code] = try meaning(try section.text(code), of: code, section)
    }
  }

  private func meaning(
    _ text: String,
    of code: String,
    _ section: TermsDocument
  ) throws(Refusal) -> TypeMeaning {
    if text == "skip" { return .skipped }
    let words = text.split(separator: " ").map(String.init)
    guard let type = words.first.flatMap({ RecordType(name: $0) }), words.count < 3,
      words.count == 1 || words[1] == "reversal"
    else {
      throw section.bad(code, "\"\(escaped(text))\" is no record type, TYPE reversal or skip")
    }
    return .record(type, reversal: words.count == 2)
  }

  private mutating func readIdentity(_ terms: TermsDocument) throws(Refusal) {
    let names = try terms.list("identity")
    guard !names.isEmpty else { return }
    identity = []
    for name in names {
      if name == "count" {
        countsEqualRows = true
      } else if let field = CardField(name: name) {
        guard ![.amount, .billing, .markup, .rate].contains(field) || names.contains("count") else {
          throw terms.bad("identity", "\(name) is content, never identity")
        }
        guard field != .merchantName else {
          throw terms.bad("identity", "\(name) is free text, which is kept nowhere")
        }
        identity.append(field)
      } else {
        throw terms.bad("identity", "\(escaped(name)) is no column")
      }
    }
  }
}

extension TermsDocument {
  /// One of an enumeration's words.
  fileprivate func choice<Value: RawRepresentable & CaseIterable>(
    _ key: String,
    _ fallback: Value
  ) throws(Refusal) -> Value where Value.RawValue == String {
    guard let text = try optionalText(key) else { return fallback }
    guard let value = Value(rawValue: text) else {
      let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw bad(key, "\"\(escaped(text))\" is none of \(words)")
    }
    return value
  }

  /// One of some words.
  fileprivate func word(
    _ key: String,
    _ words: [String],
    _ fallback: String
  ) throws(Refusal) -> String {
    let text = try optionalText(key) ?? fallback
    guard words.contains(text) else {
      throw bad(key, "\"\(escaped(text))\" is none of \(words.joined(separator: ", "))")
    }
    return text
  }
}
