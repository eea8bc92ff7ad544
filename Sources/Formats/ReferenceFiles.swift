package import Civil
import Ledger

/// Kinds of reference data from outside.
package enum ReferenceKind: String, Sendable, CaseIterable {
  /// ECB reference rates, daily or history.
  case fx
  /// ISO 4217 list one.
  case currencies
  /// Merchant category codes: `code,title`.
  case mcc
  /// The merchant directory: `merchant_id;valid_from;mcc;partner`.
  case merchants
}

/// A row of reference data: a key and its values as checked texts, in the order of the table.
package struct ReferenceRow: Sendable, Equatable {
  package let values: [String]
}

/// Reference data as read from a file.
package struct ReferenceData: Sendable {
  package let rows: [ReferenceRow]
  /// The newest day that the data speak of; nil where the file names none.
  package let dated: CivilDate?

  /// Reads a file of a kind.
  package init(_ input: InputFile, _ kind: ReferenceKind) throws {
    let builder = ReferenceBuilder(file: input.name)
    switch kind {
    case .fx: try builder.readRates(input)
    case .currencies: try builder.readCurrencies(input)
    case .mcc: try builder.readTable(input, 0x2C, builder.category)
    case .merchants: try builder.readTable(input, 0x3B, builder.merchant)
    }
    guard !builder.rows.isEmpty else {
      throw Refusal(.badRecord, "the file holds no \(kind.rawValue)", at: Place(file: input.name))
    }
    rows = builder.rows
    dated = builder.dated
  }
}

private final class ReferenceBuilder {
  private let file: String
  private(set) var rows: [ReferenceRow] = []
  private(set) var dated: CivilDate?
  private var seen: Set<String> = []
  private var day: CivilDate?
  private var current: [String: String] = [:]

  init(file: String) {
    self.file = file
  }

  private func bad(_ why: String, line: Int = 0) -> Refusal {
    Refusal(.badRecord, why, at: Place(file: file, line: line))
  }

  private func add(_ values: [String], key: String, line: Int = 0) throws(Refusal) {
    guard seen.insert(key).inserted else { throw bad("\(shown(key)) stands twice", line: line) }
    rows.append(ReferenceRow(values: values))
  }

  /// `Cube@time` holds `Cube@currency@rate`; rates are decimals with at most 6 places.
  ///
  /// The file must be what the European Central Bank publishes: its envelope and namespaces, its name as the
  /// sender's, days from Monday to Friday, and no rate of the euro itself.
  func readRates(_ input: InputFile) throws {
    var sender = ""
    try XMLStream(
      input,
      root: { [self] name, namespace in
        guard name == "Envelope", namespace == "http://www.gesmes.org/xml/2002-08-01" else {
          throw bad("the file is no envelope of reference rates of the European Central Bank")
        }
      },
      start: { [self] name, attribute in
        guard name == "Cube" else { return }
        if let time = attribute("time") {
          guard let found = CivilDate(time) else { throw bad("\"\(shown(time))\" is no day") }
          guard found.weekday <= 5 else {
            throw bad("\(found) is no day on which rates are published")
          }
          day = found
          dated = max(dated ?? found, found)
        }
        guard let currency = attribute("currency"), let rate = attribute("rate") else { return }
        guard let day, Currency(code: currency.utf8) != nil || currency.utf8.count == 3,
          currency.utf8.allSatisfy({ (0x41...0x5A).contains($0) }), currency != "EUR", isRate(rate)
        else { throw bad("\"\(shown(currency)) \(shown(rate))\" is no rate of a day") }
        try add([day.description, currency, rate], key: "\(day) \(currency)")
      },
      end: { name, text in
        if name == "name" { sender = text }
      }
    ).read()
    guard sender == "European Central Bank" else {
      throw bad("the sender is \"\(shown(sender))\" and not the European Central Bank")
    }
  }

  private func isRate(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    let value = bytes.withUnsafeBytes { decimalMinor($0, point: 0x2E, exponent: 6) }
    return (value ?? 0) > 0
  }

  /// `CcyNtry` with `Ccy`, `CcyNbr` and `CcyMnrUnts`; several countries share a currency.
  func readCurrencies(_ input: InputFile) throws {
    var facts: [String: [String]] = [:]
    try XMLStream(
      input,
      start: { [self] name, attribute in
        if name == "ISO_4217" { dated = attribute("Pblshd").flatMap { CivilDate($0) } }
        if name == "CcyNtry" { current = [:] }
      },
      end: { [self] name, text in
        if ["Ccy", "CcyNbr", "CcyMnrUnts"].contains(name) { current[name] = text }
        guard name == "CcyNtry", let code = current["Ccy"] else { return }
        let digits = current["CcyNbr"] ?? ""
        let units = current["CcyMnrUnts"] ?? ""
        guard code.utf8.count == 3, digits.utf8.count == 3, let number = Int16(digits),
          units == "N.A." || ["0", "1", "2", "3", "4"].contains(units)
        else { throw bad("\(shown(code)) has no number of three digits or no minor unit") }
        let fact = [code, String(number), units == "N.A." ? "" : units]
        guard facts[code] == nil || facts[code] == fact else {
          throw bad("\(shown(code)) stands twice with other facts")
        }
        facts[code] = fact
      }
    ).read()
    for (code, fact) in facts.sorted(by: { $0.key < $1.key }) { try add(fact, key: code) }
  }

  /// A CSV table with a header row.
  func readTable(
    _ input: InputFile,
    _ delimiter: UInt8,
    _ take: (_ fields: [String], _ line: Int) throws -> Void
  ) throws {
    let row = CSVRow(delimiter: delimiter)
    var line: Int32 = 0
    let reader = LineReader(
      source: TextSource(input, .utf8, bytes: { _ in }),
      name: input.name
    )
    try reader.forEachWindow { window, atEnd in
      var start = 0
      row.begin(window)
      while let next = try row.split(window, from: start, atEnd: atEnd, line: line, in: input) {
        start = next
        line += 1
        if line > 1, !row.isBlank { try take(row.fields.texts, Int(line)) }
      }
      return start
    }
  }

  /// `code,title` and what may follow.
  func category(_ fields: [String], _ line: Int) throws {
    let bytes = Array((fields.first ?? "").utf8)
    guard fields.count >= 2, let code = bytes.withUnsafeBytes({ categoryCode($0) }) else {
      throw bad("\"\(shown(fields.first ?? ""))\" is no category of four digits", line: line)
    }
    try add([String(code), shown(fields[1])], key: fields[0], line: line)
  }

  /// `merchant_id;valid_from;mcc;partner`.
  func merchant(_ fields: [String], _ line: Int) throws {
    guard fields.count == 4, isID(fields[0]), let from = CivilDate(fields[1]),
      fields[3].isEmpty || isID(fields[3])
    else { throw bad("no row merchant_id;valid_from;mcc;partner", line: line) }
    guard !holdsCardNumber(fields[0]), !holdsCardNumber(fields[3]) else {
      throw Refusal(
        .cardNumber,
        "a merchant or partner is no card number",
        at: Place(file: file, line: line)
      )
    }
    let bytes = Array(fields[2].utf8)
    guard let code = bytes.withUnsafeBytes({ categoryCode($0) }) else {
      throw bad("\"\(shown(fields[2]))\" is no category of four digits", line: line)
    }
    dated = max(dated ?? from, from)
    try add(
      [fields[0], "\(from)", String(code), fields[3]],
      key: "\(fields[0]) \(from)",
      line: line
    )
  }
}
