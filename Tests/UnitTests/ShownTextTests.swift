import Formats
import Foundation
import Reports
import Testing

/// Outside text on screens, in CSV and in JSON.
@Suite struct ShownTextTests {
  private let hostile = [
    "\u{1B}[31mred", "a\u{7}b", "a\rb", "a\nb", "a\tb", "\u{9B}2J", "\u{202E}lacol", "a\u{200B}b",
    "\u{FEFF}a", "\u{2066}x\u{2069}", "\u{61C}x", "\u{E0041}x", "\u{0}", "\u{7F}", "\u{85}",
  ]

  private func table(_ text: String) -> Table {
    Table(
      heading: ["name \(text)"],
      columns: [Column("NAME"), Column("AMOUNT", .right)],
      rows: [[.text(text), .money(-1_240, exponent: 2)]],
      notes: ["note \(text)"]
    )
  }

  @Test func `no report lets a character through that must not be shown`() throws {
    for text in hostile {
      for format in OutputFormat.allCases {
        let rendered = table(text).rendered(format)
        let ends: Set<Unicode.Scalar> = format == .csv ? ["\r", "\n"] : ["\n"]
        let found = rendered.unicodeScalars.filter { isUnsafe($0) && !ends.contains($0) }
        #expect(found.isEmpty, "\(format): \(escaped(rendered))")
      }
      #expect(table(text).rendered(.table).split(separator: "\n").count == 4)
      #expect(table(text).rendered(.csv).split(separator: "\r\n").count == 2)
    }
  }

  @Test func `JSON says exactly what stands there, in the order of the columns`() throws {
    for text in hostile + ["\"quoted\\\"", "öre €", "{}", "-1", "😀 \u{1F468}\u{200D}\u{1F469}"] {
      let json = table(text).rendered(.json)
      let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
      let row = try #require((object?["rows"] as? [[String: Any]])?.first)
      #expect(row["name"] as? String == text)
      let amount = try #require(row["amount"] as? [String: Any])
      #expect(amount["minor"] as? Int == -1_240 && amount["decimal"] as? String == "-12.40")
    }
    #expect(
      table("N").rendered(.json)
        == "{\"schema_version\":1,\"rows\":[{\"name\":\"N\",\"amount\":"
        + "{\"minor\":-1240,\"scale\":2,\"decimal\":\"-12.40\"}}]}\n"
    )
    let two = Table(columns: [Column("A")], rows: [[.count(1)], [.empty]]).rendered(.json)
    #expect(two == "{\"schema_version\":1,\"rows\":[{\"a\":1},\n{\"a\":null}]}\n")
  }

  @Test(arguments: [
    ("=1+1", "'=1+1"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2+3", "'-2+3"),
    ("@SUM(A1)", "'@SUM(A1)"), (" =1", "' =1"), ("\u{FF1D}1", "'\u{FF1D}1"),
    ("\t=1", "\\u{9}=1"), ("\r=1", "\\u{d}=1"), ("-", "-"), ("-12.40", "-12.40"), ("+5", "+5"),
    ("a=b", "a=b"), ("x@y", "x@y"), ("a;=1", "\"a;=1\""), ("a,b", "\"a,b\""),
    ("=\"a\"", "\"'=\"\"a\"\"\""),
  ])
  func `a cell of CSV is no formula, and numbers stay numbers`(_ text: String, _ cell: String) {
    #expect(table(text).rendered(.csv) == "name,amount\r\n\(cell),-12.40\r\n")
  }

  @Test func `lines of a screen stay lines, and nothing else gets through`() {
    #expect(escapedLines("a\nb\tc\r\nd") == "a\nb\tc\r\nd")
    #expect(escapedLines("a\rb") == "a\\u{d}b" && escapedLines("a\r") == "a\\u{d}")
    #expect(escapedLines("\u{1B}[2J\nöre") == "\\u{1b}[2J\nöre")
    #expect(escaped(escaped("a\u{1B}\n")) == escaped("a\u{1B}\n"))
  }

  @Test func `a refusal shows what a file holds on lines of its own`() {
    let refusal = Refusal(
      .badRecord,
      "\u{1B}[31m is none\nKV-OK-000 all is well",
      hint: "say \u{202E}x",
      at: Place(file: "a\nb", line: 3, column: 2, source: "x\ry", length: 1)
    )
    #expect(refusal.description.split(separator: "\n").count == 4)
    #expect(!refusal.description.unicodeScalars.contains { isUnsafe($0) && $0 != "\n" })
  }
}
