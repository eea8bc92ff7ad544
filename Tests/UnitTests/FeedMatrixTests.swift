import Formats
import Foundation
import Ledger
import Terms
import TestSupport
import Testing

/// Formatting must not matter, hostile bytes must not pass, and nothing may trap.
@Suite struct FeedMatrixTests {
  private let own = CardFeedProfile(name: "own")

  private var ownNDJSON: CardFeedProfile {
    var profile = own
    profile.format = .ndjson
    return profile
  }

  /// The same three records as `ownCSV`.
  private let ndjson = """
    {"type":"purchase","reference":"A1","lifecycle_id":"L1","card_token":"ca_1","amount_minor":1240,\
    "currency":"EUR","billing_minor":"1240","billing_currency":"EUR","mcc":"0742","merchant_id":"M-1",\
    "merchant_name":"Café Öst","country":"SE","channel":"pos","local_time":"2026-09-01T12:00:00+02:00"}
    {"local_time":"2026-09-02T12:00:00Z","type":"refund","reversal":0,"reference":"A2",\
    "original_ref":"A1","card_token":"ca_1","amount_minor":240,"currency":"EUR","billing_minor":240,\
    "billing_currency":"EUR","mcc":"0742","merchant_id":"M-1","country":"SE","channel":"web",\
    "more":{"a":[1,{"b":null}],"c":"}"}}
    {"type":"chargeback","reversal":false,"reference":"A3","original_ref":"A1","lifecycle_id":"L1",\
    "card_token":"ca_1","amount_minor":1000,"currency":"EUR","billing_minor":1000,\
    "billing_currency":"EUR","mcc":"0742","merchant_id":"M-1","country":null,\
    "local_time":"2026-10-02T12:00:00Z"}
    {"control":"total","currency":"EUR","records":3,"debit":1240,"credit":1240}
    {"control":"end","records":3,"sequence":7}

    """

  private func withoutLines(_ run: FeedRun) -> [String] {
    run.records.map { record in
      var copy = record
      copy.line = 0
      return copy.line_
    }
  }

  @Test func `NDJSON gives the records of the same CSV`() throws {
    let csv = try FeedRun(Array(ownCSV.utf8), own)
    let json = try FeedRun(Array(ndjson.utf8), ownNDJSON)
    #expect(csv.records.count == 3 && withoutLines(csv) == withoutLines(json))
    #expect(csv.summary?.sequence == json.summary?.sequence)
  }

  @Test func `keys may come in any order, with others among them, from line to line`() throws {
    let keys = [
      "\"type\":\"purchase\"", "\"card_token\":\"ca_1\"", "\"amount_minor\":1240",
      "\"currency\":\"EUR\"",
      "\"billing_minor\":1240", "\"billing_currency\":\"EUR\"", "\"mcc\":\"0742\"",
      "\"merchant_id\":\"M-1\"", "\"local_time\":\"2026-09-01T12:00:00+02:00\"",
    ]
    let others = [
      "\"typ\":1", "\"types\":[{\"type\":\"fee\"}]", "\"\":null",
    ]
    var dice = Shuffle(state: 20_261_130)
    let lines = (0..<500).map { index in
      let some = others.filter { _ in Bool.random(using: &dice) }
      let all = (keys + some + ["\"reference\":\"R\(index)\""]).shuffled(using: &dice)
      return "{" + all.joined(separator: index % 2 == 0 ? "," : " , ") + "}\n"
    }
    let end = """
      {"control":"total","currency":"EUR","records":500,"debit":620000,"credit":0}
      {"control":"end","records":500,"sequence":1}

      """
    let run = try FeedRun(Array((lines.joined() + end).utf8), ownNDJSON)
    #expect(run.rejects.isEmpty && run.records.count == 500)
    for (index, record) in run.records.enumerated() {
      #expect(record.reference.description == "R\(index)", "\(lines[index])")
      #expect(record.category == 742 && record.token.description == "ca_1", "\(lines[index])")
      #expect(record.billing.minor == 1_240 && record.type == .purchase, "\(lines[index])")
    }
  }

  @Test func `a profile of a hundred paths finds each, and each but once`() throws {
    var profile = ownNDJSON
    profile.columns[.lifecycle] = (0..<100).map { "l\($0)" }
    let others = (0..<100).map { "\"l\($0)\":null" }.joined(separator: ",")
    for place in [0, 63, 64, 99] {
      let keys = others.replacing("\"l\(place)\":null", with: "\"l\(place)\":\"L1\"")
      let text = ndjson.replacing("\"lifecycle_id\":\"L1\"", with: keys)
      let run = try FeedRun(Array(text.utf8), profile)
      #expect(run.records[0].lifecycle?.description == "L1" && run.records[1].lifecycle == nil)
      #expect(throws: Refusal.self) {
        try FeedRun(
          Array(text.replacing("\"l\(place)\":", with: "\"l\(place)\":null,\"l\(place)\":").utf8),
          profile
        )
      }
    }
  }

  @Test func `encodings as declared, marks and line ends give the same records`() throws {
    let plain = withoutLines(try FeedRun(Array(ownCSV.utf8), own))
    var latin = own
    latin.encoding = .latin1
    var wide = own
    wide.encoding = .utf16
    let swapped = Data(ownCSV.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    let big = Data(ownCSV.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
    let cases: [(String, [UInt8], CardFeedProfile)] = [
      ("mark", [0xEF, 0xBB, 0xBF] + Array(ownCSV.utf8), own),
      ("CRLF", Array(ownCSV.replacing("\n", with: "\r\n").utf8), own),
      ("blank lines", Array(ownCSV.replacing("\n", with: "\n\n").utf8), own),
      ("Latin-1", Array(try #require(ownCSV.data(using: .isoLatin1))), latin),
      ("UTF-16 LE", [0xFF, 0xFE] + Array(swapped), wide),
      ("UTF-16 BE", [0xFE, 0xFF] + Array(big), wide),
      ("UTF-16 without mark", Array(big), wide),
      ("quoted", Array(ownCSV.replacing("ca_1", with: "\"ca_1\"").utf8), own),
      ("no last line end", Array(ownCSV.dropLast().utf8), own),
    ]
    for (name, bytes, profile) in cases {
      #expect(try withoutLines(FeedRun(bytes, profile)) == plain, "\(name)")
    }
    let json = withoutLines(try FeedRun(Array(ndjson.utf8), ownNDJSON))
    for (name, text) in [
      ("CRLF", ndjson.replacing("\n", with: "\r\n")), ("mark", "\u{FEFF}" + ndjson),
      (
        "blanks",
        ndjson.replacing(",\"", with: " ,\t \"").replacing(":", with: " : ")
          .replacing("T12 : 00 : 00", with: "T12:00:00").replacing("+02 : 00", with: "+02:00")
      ),
      ("escapes", ndjson.replacing("ca_1", with: "c\\u0061_1").replacing("M-1", with: "M\\u002d1")),
      ("escaped keys", ndjson.replacing("\"original_ref\"", with: "\"original\\u005fref\"")),
    ] {
      #expect(try withoutLines(FeedRun(Array(text.utf8), ownNDJSON)) == json, "\(name)")
    }
  }

  @Test(arguments: [
    ("{\"type\":\"purchase\"", "cut"), ("[]", "no object"), ("{\"a\":1}}", "text after"),
    ("{\"a\":01}", "leading zero"), ("{\"a\":+1}", "plus"), ("{\"a\":1.}", "point"),
    ("{\"a\":tru}", "word"), ("{\"a\":\"\u{1}\"}", "control"), ("{\"a\" 1}", "colon"),
    ("{\"type\":\"a\",\"type\":\"b\"}", "twice"), ("{\"a\":[1,2}", "bracket"),
    ("{\"type\":\"\\ud800\"}", "surrogate"), ("{\"type\":\"\\x\"}", "escape"), ("{,}", "comma"),
    ("{\"a\":\"\u{0}\"}", "NUL"),
    (String(repeating: "{\"a\":", count: 100_000), "depth"),
    ("{\"a\":" + String(repeating: "[", count: 5_000) + "}", "depth of arrays"),
  ])
  func `KV-ING-006: what is no JSON refuses the file`(_ line: String, _ name: String) throws {
    let error = #expect(throws: Refusal.self, "\(name)") {
      try FeedRun(Array((line + "\n" + ndjson).utf8), ownNDJSON)
    }
    #expect(error?.code == .badText, "\(name)")
  }

  @Test func `bytes that are no text refuse the file in every encoding`() throws {
    let bad: [(String, [UInt8])] = [
      ("overlong", [0xC0, 0xAF]), ("lone surrogate", [0xED, 0xA0, 0x80]), ("half", [0xE2, 0x82]),
      ("above Unicode", [0xF4, 0x90, 0x80, 0x80]), ("NUL", [0]),
    ]
    for (name, bytes) in bad {
      for (text, profile) in [(ownCSV, own), (ndjson, ownNDJSON)] {
        let parts = Data(text.utf8).split(separator: UInt8(ascii: "C"), maxSplits: 1)
        let broken = Array(parts[0]) + [UInt8(ascii: "C")] + bytes + Array(parts[1])
        let error = #expect(throws: Refusal.self, "\(name)") { try FeedRun(broken, profile) }
        #expect(error?.code == .badText || error?.code == .headerColumn, "\(name)")
      }
    }
    var wide = own
    wide.encoding = .utf16
    for bytes: [UInt8] in [[0xD8, 0x00, 0x00, 0x41], [0xDC, 0x00, 0x00, 0x41], [0x41]] {
      let error = #expect(throws: Refusal.self) { try FeedRun(bytes, wide) }
      #expect(error?.code == .badText)
    }
  }

  @Test func `cut anywhere: refused, or the same records`() throws {
    for (bytes, profile) in try smallFiles() {
      let whole = try FeedRun(bytes, profile, token: testToken)
      for length in stride(from: 0, to: bytes.count, by: step) {
        guard let run = try? FeedRun(Array(bytes[..<length]), profile, token: testToken) else {
          continue
        }
        // Without control totals a cut between two rows cannot be seen; what is read is whole.
        let isTold = whole.summary?.hasControl == true
        let records = run.records.map(\.line_)
        #expect(
          isTold ? run.text == whole.text : whole.records.map(\.line_).starts(with: records),
          "\(profile.name) cut at \(length)"
        )
      }
    }
  }

  @Test func `any bit flipped: refused, or no stated total changed`() throws {
    for (bytes, profile) in try smallFiles() where profile.trailer == .required {
      let whole = try FeedRun(bytes, profile, token: testToken)
      for bit in stride(from: 0, to: bytes.count * 8, by: step) {
        var flipped = bytes
        flipped[bit / 8] ^= 1 << UInt8(bit % 8)
        guard let run = try? FeedRun(flipped, profile, token: testToken) else { continue }
        // A row that went to quarantine is told; the sums of IPM and camt are those of all entries.
        guard ![.ipm, .camt].contains(profile.format) || run.rejects.isEmpty else { continue }
        #expect(stated(run, profile) == stated(whole, profile), "\(profile.name) bit \(bit)")
      }
    }
  }

  /// What the control totals of a format vouch for: by currency, over all currencies, or, in IPM,
  /// the transaction amounts alone.
  private func stated(_ run: FeedRun, _ profile: CardFeedProfile) -> String {
    let totals = (run.summary?.totals ?? [:]).sorted { $0.key.code < $1.key.code }
    let count = "\(run.summary?.records ?? 0)"
    switch profile.name {
    case "mastercard-ipm": return "\(run.records.map(\.amount.minor).reduce(0, +))"
    case "viva-issuing", "camt-cards":
      let debit = totals.map(\.value.debit).reduce(0, +)
      return "\(count) \(debit) \(totals.map(\.value.credit).reduce(0, +))"
    default: return "\(count) " + totals.map { "\($0.key) \($0.value)" }.joined(separator: " ")
    }
  }

  /// All offsets in the campaign, every 16th in `make test`.
  private var step: Int {
    ProcessInfo.processInfo.environment["KVITT_CAMPAIGN"] == nil ? 16 : 1
  }

  private func smallFiles() throws -> [([UInt8], CardFeedProfile)] {
    [
      (Array(ownCSV.utf8), own), (Array(ndjson.utf8), ownNDJSON),
      (try sample("viva-issuing.txt"), try shippedProfile("viva-issuing")),
      (try sample("enfuce-issuing.csv"), try shippedProfile("enfuce-issuing")),
      (try sample("lithic-transactions.ndjson"), try shippedProfile("lithic-transactions")),
      (try sample("camt-cards.xml"), try shippedProfile("camt-cards")),
      (try ipmFile("latin-1", blocked: true, records: 4), try shippedProfile("mastercard-ipm")),
    ]
  }

  @Test func `hundred thousand random numeric ids are taken as ids`() throws {
    var state: UInt64 = 20_261_122
    func random(_ length: Int) -> String {
      var digits = ""
      for _ in 0..<length {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        digits += String((state >> 33) % 10)
      }
      return digits
    }
    var text = "type;reference;card_token;amount_minor;currency;billing_minor;billing_currency;mcc;"
    text += "merchant_id;local_time\n"
    for index in 0..<100_000 {
      text += "purchase;\(random(13 + index % 7));ca_1;1;EUR;1;EUR;5411;\(random(15));"
      text += "2026-09-01T12:00:00Z\n"
    }
    var profile = own
    profile.trailer = .none
    // Some read as card numbers; a profile that does not say that numbers are the bank's keeps them out.
    let some = try FeedRun(Array(text.utf8), profile)
    #expect((3_000...6_000).contains(some.rejects.count), "\(some.rejects.count)")
    #expect(some.rejects.allSatisfy { $0.code == .cardNumber })
    profile.numericReferences = true
    let run = try FeedRun(Array(text.utf8), profile)
    #expect(run.records.count == 100_000 && run.rejects.isEmpty)
  }

  @Test func `a card number in the token column is refused and never shown`() throws {
    let text = ownCSV.replacing("ca_1", with: "4111111111111111")
    let run = try FeedRun(Array(text.utf8), own)
    #expect(run.records.isEmpty && run.rejects.map(\.code) == [.badToken, .badToken, .badToken])
    for row in run.rejects {
      let told = row.excerpt + row.message + row.fields.values.joined()
      #expect(!told.contains("4111111111111111"))
    }
  }
}
