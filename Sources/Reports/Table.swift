import Formats
import Ledger

/// A value of a report.
package enum Cell: Sendable, Equatable {
  case text(String)
  /// Minor units with the decimals of their currency or unit.
  case money(Int64, exponent: Int)
  case count(Int64)
  case empty
}

/// How a column is set.
package enum Alignment: Sendable {
  case left, right
}

/// A column of a report.
package struct Column: Sendable {
  /// Heading on screens.
  package let title: String
  /// Name in CSV and JSON; never translated.
  package let key: String
  package let alignment: Alignment

  package init(_ title: String, key: String? = nil, _ alignment: Alignment = .left) {
    self.title = title
    self.key =
      key ?? title.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
    self.alignment = alignment
  }
}

/// A report as a value: every renderer shows the same numbers.
package struct Table: Sendable {
  /// Lines above the table; left out of CSV.
  package var heading: [String]
  package var columns: [Column]
  package var rows: [[Cell]]
  /// Lines below the table; left out of CSV.
  package var notes: [String]

  package init(
    heading: [String] = [],
    columns: [Column],
    rows: [[Cell]],
    notes: [String] = []
  ) {
    self.heading = heading
    self.columns = columns
    self.rows = rows
    self.notes = notes
  }
}

/// The formats of `-O`.
package enum OutputFormat: String, Sendable, CaseIterable {
  case table, csv, json
}

extension Table {
  /// The report in a format, ending with a line break.
  ///
  /// Texts of rows come from outside. What could move a cursor or turn the order of letters is escaped
  /// here, for every report and every format.
  package func rendered(_ format: OutputFormat) -> String {
    switch format {
    case .table: screen
    case .csv: csv
    case .json: json
    }
  }

  private var screen: String {
    let cells = rows.map { $0.map(\.screen) }
    let widths = columns.indices.map { index in
      max(columns[index].title.count, cells.map { $0[index].count }.max() ?? 0)
    }
    let line = { (texts: [String]) -> String in
      let padded = columns.indices.map { index in
        let space = String(repeating: " ", count: max(0, widths[index] - texts[index].count))
        return columns[index].alignment == .left ? texts[index] + space : space + texts[index]
      }
      let joined = padded.joined(separator: "  ")
      return String(joined.reversed().drop { $0 == " " }.reversed())
    }
    let body = rows.isEmpty ? [] : [line(columns.map(\.title))] + cells.map(line)
    let (above, below) = (heading.map { escaped($0) }, notes.map { escaped($0) })
    return (above + body + below).map { $0 + "\n" }.joined()
  }

  /// RFC 4180 with a header; amounts raw, with a dot and without separators.
  private var csv: String {
    let line = { (texts: [String]) in texts.map(quoted).joined(separator: ",") + "\r\n" }
    return line(columns.map(\.key)) + rows.map { line($0.map(\.raw)) }.joined()
  }

  /// Semicolons are quoted too: where they part the columns, what follows one would begin a cell.
  private func quoted(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == ";" || $0 == "\"" }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  private var json: String {
    let objects = rows.map { row in
      JSONValue.object(zip(columns, row).map { ($0.key, $1.json) })
    }
    let report = JSONValue.object([("schema_version", .integer(1)), ("rows", .lines(objects))])
    return report.text + "\n"
  }
}

extension Cell {
  var screen: String {
    switch self {
    case .text(let text): escaped(text)
    case .money(let minor, let exponent): grouped(minor, exponent: exponent)
    case .count(let value): grouped(value, exponent: 0)
    case .empty: ""
    }
  }

  var raw: String {
    switch self {
    case .text(let text): withoutFormula(escaped(text))
    case .money(let minor, let exponent): decimalText(minor, exponent: exponent)
    case .count(let value): String(value)
    case .empty: ""
    }
  }

  var json: JSONValue {
    switch self {
    case .text(let text): .text(text)
    case .money(let minor, let exponent):
      .object([
        ("minor", .integer(minor)), ("scale", .integer(Int64(exponent))),
        ("decimal", .text(decimalText(minor, exponent: exponent))),
      ])
    case .count(let value): .integer(value)
    case .empty: .null
    }
  }
}

/// Text that a spreadsheet would take for a formula, with an apostrophe before it; numbers and a lone
/// sign stay, since they compute nothing.
private func withoutFormula(_ text: String) -> String {
  let inner = text.drop { $0 == " " }
  guard let first = inner.first, "=+-@\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".contains(first) else {
    return text
  }
  let rest = inner.dropFirst()
  let isNumber = first == "-" || first == "+"
  guard !(isNumber && rest.utf8.allSatisfy { $0 == 0x2E || $0 == 0x2C || $0 &- 0x30 < 10 }) else {
    return text
  }
  return "'" + text
}

/// Decimal text with thousands separated, for screens.
package func grouped(_ minor: Int64, exponent: Int) -> String {
  let text = decimalText(minor, exponent: exponent)
  let parts = text.split(separator: ".", omittingEmptySubsequences: false)
  let digits = parts[0].drop { $0 == "-" }
  var out = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { out.append(",") }
    out.append(digit)
  }
  return (minor < 0 ? "-" : "") + out + (parts.count > 1 ? "." + parts[1] : "")
}
