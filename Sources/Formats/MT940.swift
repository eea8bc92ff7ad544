import Civil
import Foundation
import Ledger

/// Customer statements in SWIFT MT940, pages of one statement joined.
///
/// `RC` undoes a credit, so money goes out; `RD` undoes a debit, so money comes in. Banks' own
/// balances prove it, and every statement here is held to them.
package struct MT940Reader {
  private let name: String
  private let lines: [(number: Int, text: String)]

  /// Takes the bytes of a file: UTF-8 or Latin-1, with or without SWIFT blocks.
  package init(bytes: [UInt8], name: String) throws(Refusal) {
    self.name = name
    guard !bytes.contains(0) else {
      throw Refusal(.badText, "the file holds a NUL", at: Place(file: name))
    }
    let text =
      String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map(String.init).enumerated().map { ($0.offset + 1, $0.element) }
  }

  /// The statements, in the order of the file.
  package func statements() throws(Refusal) -> [BankStatement] {
    var out: [BankStatement] = []
    var page = Page()
    var tag = ""
    var ended = true
    for (number, raw) in lines {
      var text = raw
      if text.hasPrefix("{"), let start = text.range(of: "{4:") {
        text = String(text[start.upperBound...])
      }
      if text.hasPrefix("-}") || text == "-" || text.isEmpty || text.hasPrefix("{5:") { continue }
      guard text.hasPrefix(":"), let colon = text.dropFirst().firstIndex(of: ":") else {
        if tag == "86" || tag == "61" { page.add(text, to: tag) }
        continue
      }
      tag = String(text[text.index(after: text.startIndex)..<colon])
      let value = String(text[text.index(after: colon)...])
      if tag == "20" {
        guard ended else { throw bad("a statement ends without :62F:", number) }
        page.beginPage()
        ended = false
        continue
      }
      if try take(tag, value, number, &page) {
        ended = true
        if page.isLast {
          out.append(try page.statement(name))
          page = Page()
        }
      }
    }
    guard ended, page.isEmpty else { throw bad("the last statement is cut: no :62F:", lines.count) }
    guard !out.isEmpty else { throw bad("the file holds no statement", 1) }
    return out
  }

  private func bad(_ why: String, _ line: Int) -> Refusal {
    Refusal(.badRecord, why, at: Place(file: name, line: line))
  }

  /// Takes a field; true where a page ends.
  private func take(
    _ tag: String,
    _ value: String,
    _ line: Int,
    _ page: inout Page
  ) throws(Refusal) -> Bool {
    switch tag {
    case "25", "25P": page.account = value.filter { !$0.isWhitespace }
    case "28C", "28":
      let parts = value.split(separator: "/").map(String.init)
      guard let number = parts.first.flatMap({ Int($0) }) else {
        throw bad("\"\(shown(value))\" is no statement number", line)
      }
      page.sequence = number
    case "60F", "60M":
      let balance = try balance(value, line)
      if tag == "60F" {
        page.opening = balance.minor
      } else if page.opening == nil || page.running != balance.minor {
        throw Refusal(
          .bankGap,
          "the page opens with another balance than the one before closed with",
          at: Place(file: name, line: line)
        )
      }
      page.currency = balance.currency
    case "61": page.lines.append(try entry(value, line, page))
    case "86": page.begin(value)
    case "62F", "62M":
      let balance = try balance(value, line)
      page.running = balance.minor
      page.isLast = tag == "62F"
      page.date = balance.date
      return true
    default: break
    }
    return false
  }

  /// `C250930EUR1234,56`.
  private func balance(
    _ value: String,
    _ line: Int
  ) throws(Refusal) -> (minor: Int64, currency: Currency, date: CivilDate) {
    let bytes = Array(value.utf8)
    guard bytes.count > 10, bytes[0] == 0x43 || bytes[0] == 0x44,
      let date = shortDate(bytes[1..<7]), let currency = Currency(code: bytes[7..<10]),
      let minor = amount(bytes[10...], currency)
    else { throw bad("\"\(shown(value))\" is no balance", line) }
    return (bytes[0] == 0x44 ? -minor : minor, currency, date)
  }

  /// `YYMMDD[MMDD](C|D|RC|RD)[letter]amount,type(4)reference[//bank reference]`.
  private func entry(_ value: String, _ line: Int, _ page: Page) throws(Refusal) -> BankLine {
    guard let currency = page.currency else { throw bad(":61: before :60F:", line) }
    var rest = Array(value.utf8)[...]
    guard shortDate(rest.prefix(6)) != nil else { throw bad("no value date in :61:", line) }
    rest = rest.dropFirst(6)
    if rest.count > 4, rest.prefix(4).allSatisfy({ $0 &- 0x30 < 10 }) { rest = rest.dropFirst(4) }
    let isReversal = rest.first == 0x52
    if isReversal { rest = rest.dropFirst() }
    guard let mark = rest.first, mark == 0x43 || mark == 0x44 else {
      throw bad(":61: is marked neither C, D, RC nor RD", line)
    }
    rest = rest.dropFirst()
    if let letter = rest.first, (0x41...0x5A).contains(letter) { rest = rest.dropFirst() }
    let digits = rest.prefix { $0 &- 0x30 < 10 || $0 == 0x2C }
    guard let minor = amount(digits, currency) else {
      throw Refusal(
        .badAmount,
        "\"\(String(decoding: digits, as: UTF8.self))\" is no amount of \(currency)",
        at: Place(file: name, line: line)
      )
    }
    rest = rest.dropFirst(digits.count)
    guard rest.count >= 4 else { throw bad(":61: has no transaction type", line) }
    let type = String(decoding: rest.prefix(4).dropFirst(), as: UTF8.self)
    let references = String(decoding: rest.dropFirst(4), as: UTF8.self)
    let parts = references.components(around: "//")
    let isCredit = (mark == 0x43) != isReversal
    let own = parts.second.filter { !$0.isWhitespace }
    let isFee = ["CHG", "COM", "CHA"].contains(type)
    let isReturn = isReversal || type == "RTI"
    return BankLine(
      bankRef: bankReference(own) ?? "\(page.sequence)-\(page.lines.count + 1)",
      kind: isFee ? .fee : isReturn ? .return : isCredit ? .receipt : .payment,
      signedMinor: isCredit ? minor : -minor,
      reference: parts.first == "NONREF" ? "" : maskCardNumbers(parts.first),
      text: ""
    )
  }

  /// Digits with exactly one comma: `12,`, `12,4`, `12,40`.
  private func amount(_ bytes: some Collection<UInt8>, _ currency: Currency) -> Int64? {
    var text = Array(bytes)
    guard text.filter({ $0 == 0x2C }).count == 1 else { return nil }
    if text.last == 0x2C { text.removeLast() }
    return text.withUnsafeBytes { decimalMinor($0, point: 0x2C, exponent: currency.exponent) }
  }

  private func shortDate(_ bytes: some Collection<UInt8>) -> CivilDate? {
    let text = Array(bytes)
    return text.withUnsafeBytes { bytes in
      guard bytes.count == 6, let year = decimal(bytes, 0, 2), let month = decimal(bytes, 2, 2),
        let day = decimal(bytes, 4, 2)
      else { return nil }
      return CivilDate(year: 2000 + year, month: month, day: day)
    }
  }
}

/// The pages of one statement so far.
private struct Page {
  var account = ""
  var sequence = 0
  var currency: Currency?
  var opening: Int64?
  var running: Int64?
  var date: CivilDate?
  var isLast = false
  var lines: [BankLine] = []

  var isEmpty: Bool { opening == nil && lines.isEmpty }

  mutating func beginPage() { isLast = false }

  /// The first line of `:86:` belongs to the entry before it.
  mutating func begin(_ text: String) { add(text, to: "86") }

  mutating func add(_ text: String, to tag: String) {
    guard tag == "86", !lines.isEmpty else { return }
    let last = lines.count - 1
    let joined = lines[last].text + (lines[last].text.isEmpty ? "" : " ") + text
    lines[last].text = String(maskCardNumbers(joined).prefix(400))
    let words = text.split(whereSeparator: { $0 == " " || $0 == "/" || $0 == "+" || $0 == "?" })
      .map(String.init)
    if let found = words.first(where: { $0.hasPrefix("RF") && $0.utf8.count > 4 && isID($0) }) {
      lines[last].reference = maskCardNumbers(found)
    }
  }

  func statement(_ name: String) throws(Refusal) -> BankStatement {
    guard let opening, let running, let currency, let date else {
      throw Refusal(.badRecord, "opening or closing balance is missing", at: Place(file: name))
    }
    let statement = BankStatement(
      sender: "bank",
      receiver: "",
      account: account,
      sequence: sequence,
      date: date,
      currency: currency,
      opening: opening,
      closing: running,
      lines: lines
    )
    try statement.prove(name: name)
    return statement
  }
}

extension String {
  /// The parts before and after the first occurrence of a separator.
  fileprivate func components(around separator: String) -> (first: String, second: String) {
    guard let range = range(of: separator) else { return (self, "") }
    return (String(self[..<range.lowerBound]), String(self[range.upperBound...]))
  }
}
