import Civil
import Formats
import Foundation
import Ledger
import TestSupport
import Testing

/// Reference data from outside, and the program's own table of currencies against an outside list.
@Suite struct ReferenceTests {
  private func read(_ text: String, _ kind: ReferenceKind) throws -> ReferenceData {
    let path = "/tmp/kvitt-reference-\(UUID().uuidString)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try ReferenceData(InputFile(path: path), kind)
  }

  private let rates = """
    <?xml version="1.0" encoding="UTF-8"?>
    <gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
      xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><gesmes:subject>Reference rates</gesmes:subject>
    <gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
    <Cube><Cube time='2026-11-20'><Cube currency='USD' rate='1.0823'/><Cube currency='SEK' rate='11.4305'/>
    <Cube currency='JPY' rate='163.2'/></Cube><Cube time='2026-11-19'><Cube currency='USD' rate='1.081'/></Cube></Cube>
    </gesmes:Envelope>
    """

  @Test func `ECB rates of several days, as published`() throws {
    let data = try read(rates, .fx)
    #expect(data.dated?.description == "2026-11-20")
    #expect(
      data.rows.map { $0.values.joined(separator: " ") } == [
        "2026-11-20 USD 1.0823", "2026-11-20 SEK 11.4305", "2026-11-20 JPY 163.2",
        "2026-11-19 USD 1.081",
      ]
    )
  }

  @Test func `the table of currencies is that of ISO 4217 list one`() throws {
    let found = try shell(
      "ls \(repository)/.build/python/lib/python3*/site-packages/iso4217/table.xml"
    )
    let path = found.output.split(whereSeparator: \.isNewline).map(String.init).first
    let data = try ReferenceData(InputFile(path: try #require(path)), .currencies)
    let listed = data.rows.filter { !$0.values[2].isEmpty }
      .map { $0.values.joined(separator: " ") }
    let ours = Currency.allCases.map { "\($0.code) \($0.rawValue) \($0.exponent)" }
    #expect(Set(listed) == Set(ours))
    #expect(data.rows.count > 170)
  }

  @Test func `countries are those of ISO 3166-1`() throws {
    let python = repository + "/.build/python/bin/python"
    let script = "import pycountry; print(*(c.alpha_3 + c.alpha_2 for c in pycountry.countries))"
    let listed = try shell("\(python) -c '\(script)'").output.split(whereSeparator: \.isWhitespace)
    #expect(listed.count > 240)
    for code in listed {
      let three = Array(code.utf8.prefix(3))
      let two = three.withUnsafeBytes { Array(Countries.twoLetters(of: $0)) }
      #expect(two == Array(code.utf8.suffix(2)), "\(code)")
    }
    for wrong in ["XXX", "swe", "SW", "SWED", "S E"] {
      #expect(
        Array(wrong.utf8).withUnsafeBytes { Countries.twoLetters(of: $0).isEmpty },
        "\(wrong)"
      )
    }
  }

  @Test func `merchant categories and the directory are read with their places`() throws {
    let categories = try read("code,title\n0742,\"Vets, animals\"\n5411,Groceries\n", .mcc)
    #expect(categories.rows.map(\.values) == [["742", "Vets, animals"], ["5411", "Groceries"]])
    let directory = try read(
      "merchant_id;valid_from;mcc;partner\nM-1;2026-01-01;5411;LUM\nM-1;2026-07-01;5411;\n",
      .merchants
    )
    #expect(directory.rows.count == 2 && directory.dated?.description == "2026-07-01")
  }

  @Test(arguments: [
    (ReferenceKind.fx, "rate='1.0823'", "rate='1,0823'"),
    (.fx, "rate='1.0823'", "rate='0'"),
    // PostgreSQL takes these for numbers, of which both are above 0.
    (.fx, "rate='1.0823'", "rate='NaN'"), (.fx, "rate='1.0823'", "rate='Infinity'"),
    (.fx, "rate='1.0823'", "rate='inf'"), (.fx, "rate='1.0823'", "rate='1e3'"),
    (.fx, "rate='1.0823'", "rate='+1'"), (.fx, "rate='1.0823'", "rate='0x1p3'"),
    (.fx, "currency='USD' rate='1.0823'", "currency='US' rate='1'"),
    (.fx, "time='2026-11-20'", "time='2026-11-31'"), (.fx, "currency='JPY'", "currency='USD'"),
    (.fx, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<!DOCTYPE Envelope>"),
  ])
  func `rates that are none refuse the file`(
    _ kind: ReferenceKind,
    _ old: String,
    _ new: String
  ) throws {
    #expect(throws: Refusal.self, "\(new)") { try read(rates.replacing(old, with: new), kind) }
  }

  @Test(arguments: [
    (ReferenceKind.mcc, "code,title\n742,Vets\n", 2), (.mcc, "code,title\n5411\n", 2),
    (.mcc, "code,title\n5411,A\n5411,B\n", 3),
    (.merchants, "m;f;c;p\nM 1;2026-01-01;5411;LUM\n", 2),
    (.merchants, "m;f;c;p\nM;2026-1-1;5411;LUM\n", 2),
    (.merchants, "m;f;c;p\nM;2026-01-01;54;\n", 2),
    (.mcc, "code,title\n", 0),
  ])
  func `tables name the line that is wrong`(
    _ kind: ReferenceKind,
    _ text: String,
    _ line: Int
  ) throws {
    let error = #expect(throws: Refusal.self) { try read(text, kind) }
    #expect(error?.place?.line == line, "\(error as Any)")
  }
}
