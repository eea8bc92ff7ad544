import Formats
import Foundation
import Ledger
import Terms
import TestSupport
import Testing

/// Statements of foreign banks: camt by local names, MT940 with its dialects, both held to their
/// balances.
@Suite struct BankFileTests {
  private func camt(
    version: String = "camt.053.001.08",
    prefix: String = "",
    entries: String,
    opening: String = "100.00",
    closing: String,
    summary: String = ""
  ) -> String {
    let p = prefix.isEmpty ? "" : prefix + ":"
    let space = prefix.isEmpty ? "xmlns" : "xmlns:\(prefix)"
    let balance = { (code: String, amount: String) in
      """
      <Bal><Tp><CdOrPrtry><Cd>\(code)</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">\(amount)</Amt>
      <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-09-30</Dt></Dt></Bal>
      """
    }
    let text = """
      <Document xmlns="urn:iso:std:iso:20022:tech:xsd:\(version)"><BkToCstmrStmt>
      <GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S-1</Id><ElctrncSeqNb>7</ElctrncSeqNb>
      <Acct><Id><IBAN>SE3550000000054910000003</IBAN></Id><Ccy>EUR</Ccy></Acct>
      \(balance("OPBD", opening))\(balance("CLBD", closing))\(summary)\(entries)
      </Stmt></BkToCstmrStmt></Document>
      """
    guard !prefix.isEmpty else { return text }
    return text.replacing("</", with: "\u{1}").replacing("<", with: "<\(p)")
      .replacing("\u{1}", with: "</\(p)").replacing("xmlns=", with: "\(space)=")
  }

  private func entry(
    _ amount: String,
    _ mark: String,
    status: String = "<Sts><Cd>BOOK</Cd></Sts>",
    reference: String = "B1",
    more: String = ""
  ) -> String {
    """
    <Ntry><Amt Ccy="EUR">\(amount)</Amt><CdtDbtInd>\(mark)</CdtDbtInd>\(status)
    <BookgDt><Dt>2026-09-30</Dt></BookgDt><AcctSvcrRef>\(reference)</AcctSvcrRef>\(more)</Ntry>
    """
  }

  private func read(
    _ bytes: [UInt8],
    _ reversals: ReversalConvention = .own
  ) throws
    -> [BankStatement]
  {
    let path = "/tmp/kvitt-camt-\(UUID().uuidString).xml"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    var out: [BankStatement] = []
    try CamtReader(InputFile(path: path)).read {
      out.append(try BankStatement($0, name: "camt.xml", reversals: reversals))
    }
    return out
  }

  private var plain: String {
    camt(
      entries: entry(
        "12.40",
        "CRDT",
        reference: "B1",
        more: """
          <NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs><RmtInf><Ustrd>Invoice RF18539007547034 &amp; more</Ustrd></RmtInf></TxDtls></NtryDtls>
          """
      )
        + entry(
          "2.40",
          "DBIT",
          reference: "B2",
          more: """
            <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>MDOP</Cd><SubFmlyCd>CHRG</SubFmlyCd></Fmly></Domn></BkTxCd>
            """
        )
        + entry("999.00", "DBIT", status: "<Sts><Cd>PDNG</Cd></Sts>", reference: "B3"),
      closing: "110.00"
    )
  }

  private func lines(_ statement: BankStatement?) -> [String] {
    (statement?.lines ?? []).map {
      "\($0.bankRef) \($0.kind.rawValue) \($0.signedMinor) \($0.reference)"
    }
  }

  @Test func `booked entries are money, pending ones are not, and balances prove them`() throws {
    let statement = try #require(try read(Array(plain.utf8)).first)
    #expect(statement.sequence == 7 && statement.account == "SE3550000000054910000003")
    #expect(statement.opening == 10_000 && statement.closing == 11_000)
    #expect(lines(statement) == ["B1 receipt 1240 RF18539007547034", "B2 fee -240 "])
  }

  @Test func `prefixes, layout, comments, padding, encodings and versions change nothing`() throws {
    let expected = lines(try read(Array(plain.utf8)).first)
    let latin = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<!-- Öre -->" + plain
    let wide = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + plain
    let old = plain.replacing("001.08", with: "001.02").replacing(
      "<Sts><Cd>BOOK</Cd></Sts>",
      with: "<Sts>BOOK</Sts>"
    )
    .replacing("<Sts><Cd>PDNG</Cd></Sts>", with: "<Sts>PDNG</Sts>")
    let prefixed = camt(prefix: "ns0", entries: "", closing: "100.00")
    #expect(try read(Array(prefixed.utf8)).count == 1)
    let cases: [(String, [UInt8])] = [
      ("one line", Array(plain.replacing("\n", with: "").utf8)),
      ("CRLF", Array(plain.replacing("\n", with: "\r\n").utf8)),
      ("indented", Array(plain.replacing("><", with: ">\n\t  <").utf8)),
      ("comments", Array(plain.replacing("<Amt", with: "<!-- <Amt> -->\n<Amt").utf8)),
      ("padded", Array(plain.replacing(">12.40<", with: ">\n 12.40 \n<").utf8)),
      ("CDATA", Array(plain.replacing(">12.40<", with: "><![CDATA[12.40]]><").utf8)),
      ("mark", [0xEF, 0xBB, 0xBF] + Array(plain.utf8)), ("version 02", Array(old.utf8)),
      ("Latin-1", Array(try #require(latin.data(using: .isoLatin1)))),
      ("UTF-16", [0xFE, 0xFF] + wide.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }),
      ("version 14", Array(plain.replacing("001.08", with: "001.14").utf8)),
    ]
    for (name, bytes) in cases {
      #expect(try lines(read(bytes).first) == expected, "\(name)")
    }
  }

  @Test func `samples give what was recorded`() throws {
    var statements = try read(Array(plain.utf8))
    statements += try MT940Reader(bytes: Array(swift.utf8), name: "s.sta").statements()
    let text = statements.map { statement in
      let head =
        "\(statement.account) \(statement.sequence) \(statement.date) \(statement.currency) "
      let balances = "\(statement.opening) \(statement.closing)"
      let lines = statement.lines.map {
        "\n  \($0.bankRef) \($0.kind.rawValue) \($0.signedMinor) \($0.reference) | \($0.text)"
      }
      return head + balances + lines.joined() + "\n"
    }.joined()
    #expect(try recorded(text, "bank-statements.golden"), "\(text)")
  }

  @Test func `KV-TRM-001: terms of an account say how its bank marks reversals`() throws {
    let good = "account: SE3550000000054910000003\nversion: 1\nreversals: original\n"
    #expect(try AccountTerms(yaml: Array(good.utf8), file: "a.yaml").reversals == .original)
    for (old, new, line) in [("original", "both", 3), ("account: SE", "account: S E", 1)] {
      let text = good.replacing(old, with: new)
      let error = #expect(throws: Refusal.self) {
        try AccountTerms(yaml: Array(text.utf8), file: "a.yaml")
      }
      #expect(error?.code == .termsInvalid && error?.place?.line == line)
    }
  }

  @Test func `a batch is told by its transactions where they add up to it`() throws {
    let batch = entry(
      "30.00",
      "CRDT",
      more: """
        <NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>
        <TxDtls><Refs><AcctSvcrRef>T1</AcctSvcrRef><EndToEndId>E1</EndToEndId></Refs><Amt Ccy="EUR">10.00</Amt></TxDtls>
        <TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy="EUR">20.00</Amt></TxDtls></NtryDtls>
        """
    )
    let text = camt(entries: batch, closing: "130.00")
    #expect(
      try lines(read(Array(text.utf8)).first) == ["T1 receipt 1000 E1", "B1-2 receipt 2000 "]
    )
    let error = #expect(throws: Refusal.self) {
      try read(Array(text.replacing("<NbOfTxs>2", with: "<NbOfTxs>3").utf8))
    }
    #expect(error?.code == .controlTotal && error?.message.contains("NbOfTxs") == true)
  }

  @Test func `a reversal's mark is read by the account's convention, which the balances prove`()
    throws
  {
    let reversed = entry("10.00", "CRDT", more: "<RvslInd>true</RvslInd>")
    let own = camt(entries: reversed, closing: "110.00")
    let original = camt(entries: reversed, closing: "90.00")
    #expect(try lines(read(Array(own.utf8)).first) == ["B1 return 1000 "])
    #expect(try lines(read(Array(original.utf8), .original).first) == ["B1 return -1000 "])
    let error = #expect(throws: Refusal.self) { try read(Array(original.utf8)) }
    #expect(error?.code == .bankGap && error?.hint.contains("convention") == true)
  }

  @Test func `control sums are named, count and sum apart`() throws {
    for (summary, word) in [
      ("<TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries>", "TtlNtries/NbOfNtries"),
      (
        "<TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>10.01</Sum></TtlCdtNtries>",
        "TtlCdtNtries/Sum"
      ),
      ("<TtlDbtNtries><NbOfNtries>1</NbOfNtries></TtlDbtNtries>", "TtlDbtNtries/NbOfNtries"),
    ] {
      let text = camt(
        entries: entry("10.00", "CRDT"),
        closing: "110.00",
        summary: "<TxsSummry>\(summary)</TxsSummry>"
      )
      let error = #expect(throws: Refusal.self) { try read(Array(text.utf8)) }
      #expect(error?.code == .controlTotal && error?.message.contains(word) == true)
    }
  }

  @Test func `hostile XML is refused before anything is believed`() throws {
    let canary = "/tmp/kvitt-canary-\(UUID().uuidString)"
    try "SECRET".write(toFile: canary, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: canary) }
    let deep = String(repeating: "<a>", count: 100_000)
    let cases: [(String, String)] = [
      ("external entity", "<!DOCTYPE Document [<!ENTITY x SYSTEM \"file://\(canary)\">]>" + plain),
      ("laughs", "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]>" + plain),
      ("plain doctype", "<!DOCTYPE Document>" + plain),
      ("unknown entity", plain.replacing("&amp;", with: "&nbsp;")),
      ("cut", String(plain.dropLast(30))), ("empty", ""), ("not XML", "hello"),
      ("depth", deep), ("two roots", plain + plain), ("other", "<Document xmlns=\"urn:x\"/>"),
      ("pain", plain.replacing("camt.053.001.08", with: "pain.001.001.09")),
      ("version 15", plain.replacing("001.08", with: "001.15")),
      ("long text", plain.replacing("Invoice", with: String(repeating: "x", count: 100_000))),
      ("amount", plain.replacing(">12.40<", with: ">12.4O<")),
      ("exponent", plain.replacing(">12.40<", with: ">12.405<")),
      ("sign", plain.replacing(">12.40<", with: ">-12.40<")),
      ("mark", plain.replacing("<CdtDbtInd>CRDT", with: "<CdtDbtInd>DEBT")),
      ("NUL", plain.replacing("Invoice", with: "\u{0}")),
      ("054", plain.replacing("camt.053", with: "camt.054")),
      (
        "names",
        plain.replacing(
          "</Document>",
          with: (0...10_000).map { "<n\($0)/>" }.joined() + "</Document>"
        )
      ),
      (
        "attributes",
        plain.replacing(
          "</Document>",
          with: "<a" + (0...100).map { " a\($0)=\"\"" }.joined() + "/></Document>"
        )
      ),
    ]
    for (name, text) in cases {
      let error = #expect(throws: Refusal.self, "\(name)") { try read(Array(text.utf8)) }
      #expect(error?.description.contains("SECRET") != true, "\(name)")
    }
    var bytes = Array(plain.utf8)
    bytes[bytes.count / 2] = 0xFF
    #expect(throws: Refusal.self) { try read(bytes) }
  }

  @Test func `a cut or a flipped bit of a statement never changes its money`() throws {
    let bytes = Array(plain.utf8)
    let whole = try #require(try read(bytes).first)
    let step = ProcessInfo.processInfo.environment["KVITT_CAMPAIGN"] == nil ? 16 : 1
    for length in stride(from: 0, to: bytes.count, by: step) {
      #expect(throws: Refusal.self, "cut at \(length)") { try read(Array(bytes[..<length])) }
    }
    for bit in stride(from: 0, to: bytes.count * 8, by: step) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let found = try? read(flipped).first else { continue }
      // Opening and closing together prove the lines: one flip cannot move both alike.
      let moved = found.closing - found.opening
      #expect(
        moved == found.lines.map(\.signedMinor).reduce(0, +)
          && moved == whole.closing - whole.opening,
        "bit \(bit)"
      )
    }
  }

  private let swift = """
    {1:F01NBANKSESSAXXX0000000000}{2:I940NBANKSESSXXXXN}{4:
    :20:STMT1
    :25:SE3550000000054910000003
    :28C:00012/001
    :60F:C260929EUR1000,00
    :61:2609300930CR12,40NTRFRF18539007547034//BANK-1
    :86:/EREF/E1/REMI/thanks
    second line 4111111111111111
    :61:260930D3,NCHGNONREF//BANK-2
    :61:2609300930RC10,NTRFE9//BANK-3
    :61:260930RD5,5NRTIE8
    :62M:C260930EUR1004,90
    -}
    {1:F01NBANKSESSAXXX0000000000}{4:
    :20:STMT1
    :25:SE3550000000054910000003
    :28C:00012/002
    :60M:C260930EUR1004,90
    :61:2609300930DR1004,90NMSCP-77//BANK-5
    :62F:C260930EUR0,00
    :64:C260930EUR0,00
    -}
    """

  @Test func `MT940: marks, funds letters, short amounts, pages and free text`() throws {
    let statements = try MT940Reader(bytes: Array(swift.utf8), name: "s.sta").statements()
    let statement = try #require(statements.first)
    #expect(statements.count == 1 && statement.sequence == 12)
    #expect(
      lines(statement) == [
        "BANK-1 receipt 1240 RF18539007547034", "BANK-2 fee -300 ", "BANK-3 return -1000 E9",
        "12-4 return 550 E8", "BANK-5 payment -100490 P-77",
      ]
    )
    #expect(statement.lines[0].text == "/EREF/E1/REMI/thanks second line 411111******1111")
    let plain = swift.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("{") && $0 != "-}" }
      .joined(separator: "\r\n")
    #expect(
      try lines(MT940Reader(bytes: Array(plain.utf8), name: "s").statements().first)
        == lines(statement)
    )
  }

  @Test func `MT940: what the balances do not prove is refused`() throws {
    for (old, new, code) in [
      ("RC10,", "RD10,", ErrorCode.bankGap), ("CR12,40", "CR12,41", .bankGap),
      ("CR12,40", "CR12.40", .badAmount), ("CR12,40", "CR1,2,40", .badAmount),
      ("CR12,40", "XR12,40", .badRecord),
      (":60M:C260930EUR1004,90", ":60M:C260930EUR1004,91", .bankGap),
      (":62F:C260930EUR0,00\n", "", .badRecord), (":60F:C260929EUR", ":60F:C260929EXX", .badRecord),
      (":61:2609300930CR", ":61:2613300930CR", .badRecord), ("thanks", "\u{0}", .badText),
    ] {
      let text = swift.replacing(old, with: new)
      let error = #expect(throws: Refusal.self, "\(new)") {
        try MT940Reader(bytes: Array(text.utf8), name: "s.sta").statements()
      }
      #expect(error?.code == code, "\(new): \(error as Any)")
    }
  }
}
