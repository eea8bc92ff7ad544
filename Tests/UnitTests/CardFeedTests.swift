import Civil
import Crypto
import Formats
import Foundation
import Ledger
import Testing

extension FeedRun {
  /// Reads kvitt's own CSV.
  fileprivate init(_ text: String, refuses: Bool = true, control: String? = nil) throws {
    var profile = CardFeedProfile(name: "test")
    profile.refusesUnreadableAmounts = refuses
    try self.init(Array(text.utf8), profile, control: control)
  }
}

@Suite struct CardFeedTests {
  private let header =
    "type;reference;original_ref;reversal;card_token;amount_minor;currency;billing_minor;"
    + "billing_currency;mcc;merchant_id;merchant_name;local_time"

  private func row(
    _ type: String = "purchase",
    ref: String = "A1",
    amount: String = "1240",
    mcc: String = "0742",
    token: String = "ca_1",
    time: String = "2026-09-01T12:00:00+02:00",
    name: String = "Shop",
    currency: String = "EUR"
  ) -> String {
    "\(type);\(ref);;0;\(token);\(amount);\(currency);\(amount);EUR;\(mcc);M-1;\(name);\(time)"
  }

  private func file(_ rows: [String], debit: Int, records: Int? = nil, end: String = "\n") -> String
  {
    ([header] + rows + [
      "#total;EUR;\(rows.count);\(debit);0", "#end;\(records ?? rows.count);7",
    ]).joined(separator: end) + end
  }

  @Test func `a good file gives its records and its totals agree`() throws {
    let run = try FeedRun(file([row(), row(ref: "A2", amount: "60")], debit: 1_300))
    #expect(run.records.map(\.reference.description) == ["A1", "A2"])
    #expect(run.records[0].category == 742 && run.records[0].line == 2)
    #expect(run.records[0].occurredAt.description == "2026-09-01T10:00:00Z")
    #expect(run.summary?.sequence == 7)
  }

  @Test func `line ends, a byte-order mark, quotes and unknown columns change nothing`() throws {
    let plain = try FeedRun(file([row()], debit: 1_240)).records
    let quoted = row(name: "\"A \"\"B\"\"; C\n D\"")
    for text in [
      file([row()], debit: 1_240, end: "\r\n"), "\u{FEFF}" + file([row()], debit: 1_240),
      file([quoted], debit: 1_240),
    ] {
      let records = try FeedRun(text).records
      #expect(records.count == 1 && records[0].reference == plain[0].reference)
      #expect(records[0].amount == plain[0].amount)
    }
  }

  @Test(arguments: [
    "12.40", "12,40", "12.4O", "-5", "+5", "00012", "1e3", "0x10", "1_000", " 5",
    "٣", "", "9999999999999999999", "NaN",
  ])
  func `KV-ING-014: what is no plain amount refuses the file`(_ amount: String) throws {
    let error = #expect(throws: Refusal.self) {
      try FeedRun(file([row(amount: amount)], debit: 1_240))
    }
    #expect(error?.code == .badAmount)
  }

  @Test func `a feed that posts the rest says by how much its total is short`() throws {
    let text = file([row(), row(ref: "A2", amount: "12.4O")], debit: 2_480)
    let run = try FeedRun(text, refuses: false)
    #expect(run.records.count == 1)
    #expect(run.summary?.short.map(\.minor) == [1_240])
    let reject = try #require(run.rejects.first)
    #expect(reject.code == .badAmount && reject.line == 3)
    // Column of the billed amount, counted in bytes from 1.
    #expect(reject.column == "purchase;A2;;0;ca_1;12.4O;EUR;".utf8.count + 1)
  }

  @Test(arguments: [
    ("KV-ING-010", "type"), ("KV-ING-011", "reference"), ("KV-ING-012", "token"),
    ("KV-ING-015", "currency"), ("KV-ING-016", "mcc"), ("KV-ING-018", "time"),
    ("KV-ING-017", "merchant"), ("KV-ING-005", "fields"),
  ])
  func `a bad row is rejected with its place and the rest is read`(
    _ code: String,
    _ field: String
  ) throws {
    let bad =
      switch field {
      case "type": row("sale")
      case "reference": row(ref: "A 1")
      case "token": row(token: "4111111111111111")
      case "currency": row(currency: "XXX")
      case "mcc": row(mcc: "74")
      case "time": row(time: "2026-09-01 12:00")
      case "merchant": row().replacing("M-1", with: "")
      default: row() + ";more"
      }
    // A row that cannot be summed leaves the totals to the feed's setting.
    let text = file([row(), bad], debit: 2_480)
    let run = try FeedRun(text, refuses: false)
    #expect(run.records.count == 1)
    #expect(run.rejects.map(\.code.rawValue) == [code])
    #expect(run.rejects[0].line == 3)
    #expect(!run.rejects[0].excerpt.contains("4111111111111111"))
  }

  @Test func `KV-ING-004: counts and sums are compared and named apart`() throws {
    let count = #expect(throws: Refusal.self) {
      try FeedRun(file([row()], debit: 1_240, records: 2))
    }
    #expect(count?.code == .controlTotal && count?.message.contains("records") == true)
    let sum = #expect(throws: Refusal.self) { try FeedRun(file([row()], debit: 1_241)) }
    #expect(sum?.code == .controlTotal && sum?.message.contains("debit total EUR") == true)
  }

  @Test func `KV-ING-002, KV-ING-003 and KV-ING-006 refuse the whole file`() throws {
    let cases: [(String, ErrorCode)] = [
      (file([row()], debit: 1_240).replacing("mcc", with: "cat"), .headerColumn),
      (header + "\n" + row() + "\n", .trailerMissing),
      (file([row(name: "\"open")], debit: 1_240), .badText),
      (file([row(name: "a\u{0}b")], debit: 1_240), .badText),
      (file([row(name: String(repeating: "x", count: 70_000))], debit: 1_240), .badText),
    ]
    for (text, code) in cases {
      let error = #expect(throws: Refusal.self) { try FeedRun(text) }
      #expect(error?.code == code)
    }
    let bytes = Data(file([row()], debit: 1_240).utf8).map { $0 == UInt8(ascii: "S") ? 0xFF : $0 }
    let path = "/tmp/kvitt-feed-\(UUID().uuidString).csv"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let profile = CardFeedProfile(name: "t")
    let error = #expect(throws: Refusal.self) {
      try CardFeedReader(InputFile(path: path), profile: profile).read(
        control: nil,
        bytes: { _ in },
        record: { _ in },
        reject: { _ in }
      )
    }
    #expect(error?.code == .badText)
  }

  @Test func `control totals may come in a file of their own`() throws {
    let text = header + "\n" + row() + "\n"
    let run = try FeedRun(text, control: "#total;EUR;1;1240;0\n#end;1;9\n")
    #expect(run.records.count == 1 && run.summary?.sequence == 9)
  }

  @Test func `a file cut at any byte is refused or gives the same records`() throws {
    let text = file([row(), row("refund", ref: "A2", amount: "40")], debit: 1_240)
      .replacing("#total;EUR;2;1240;0", with: "#total;EUR;2;1240;40")
    let whole = try FeedRun(text).records.map(\.reference)
    for length in 0..<text.utf8.count {
      let cut = String(decoding: Array(text.utf8.prefix(length)), as: UTF8.self)
      do {
        let run = try FeedRun(cut)
        #expect(run.records.map(\.reference) == whole, "cut at \(length)")
      } catch is Refusal {}
    }
  }

  @Test func `KV-ING-001: links and folders are no input`() throws {
    let link = "/tmp/kvitt-link-\(UUID().uuidString)"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/etc/passwd")
    defer { try? FileManager.default.removeItem(atPath: link) }
    for path in [link, "/tmp", "/dev/null", "/no/such/file"] {
      let error = #expect(throws: Refusal.self) { try InputFile(path: path) }
      #expect(error?.code == .fileUnreadable)
    }
  }

  @Test func `card numbers in free text are masked, in every way they are written`() {
    #expect(maskCardNumbers("NORDVIK 4111111111111111 AIR") == "NORDVIK 411111******1111 AIR")
    #expect(maskCardNumbers("5555 5555 5555 4444") == "5555 55** **** 4444")
    #expect(maskCardNumbers("3782-822463-10005") == "3782-82****-*0005")
    #expect(maskCardNumbers("order 4111111111111112") == "order 4111111111111112")
    #expect(maskCardNumbers("12.40") == "12.40")
  }

  @Test func `hundred thousand random numeric ids are hardly ever taken for card numbers`() {
    var state: UInt64 = 42
    var taken = 0
    for _ in 0..<100_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let id = String(state >> 13)
      if maskCardNumbers(id) != id { taken += 1 }
    }
    // Prefix and length admit few; Luhn lets one in ten of those pass. Id columns are exempt.
    #expect(taken < 4_000)
  }

  @Test func `every byte at every place of an id is taken or refused as its rule says`() {
    let allowed = Set(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8
    )
    var wrong: [String] = []
    for size in 0...41 {
      var bytes = [UInt8](repeating: 0x61, count: size)
      for place in 0..<max(1, size) {
        for byte in UInt8.min ... .max {
          if size > 0 { bytes[place] = byte }
          var id = ShortID()
          let isTaken = bytes.withUnsafeBytes { id.set(id: $0) }
          let isID = (1...40).contains(size) && allowed.contains(byte)
          let text = isID ? String(decoding: bytes, as: UTF8.self) : ""
          if isTaken != isID || id.description != text { wrong.append("\(size) \(place) \(byte)") }
        }
        if size > 0 { bytes[place] = 0x5F }
      }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(10))")
  }

  @Test(arguments: [
    "2026-09-05T12:34:56+02:00", "2026-12-31T23:59:59-11:45", "2026-02-28T00:00:00Z",
  ])
  func `every character at every place of a time is read as the strict reader reads it`(
    _ good: String
  ) throws {
    var times: [String] = []
    for place in good.utf8.indices {
      for byte in UInt8(0x21)...0x7E where byte != 0x3B && byte != 0x22 {
        let mark = String(decoding: [byte], as: UTF8.self)
        times.append(
          good.replacingCharacters(in: place..<good.utf8.index(after: place), with: mark)
        )
        // Between them one that is good, so that nothing that was kept of it hides a bad one.
        times.append(good)
      }
    }
    let rows = times.enumerated().map { row(ref: "A\($0.offset)", amount: "1", time: $0.element) }
    let run = try FeedRun(file(rows, debit: times.count))
    let read = Dictionary(
      uniqueKeysWithValues: run.records.map { ($0.reference.description, $0.occurredAt) }
    )
    var wrong: [String] = []
    for (index, time) in times.enumerated() where read["A\(index)"] != Instant(time) {
      wrong.append(time)
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(10))")
    #expect(run.rejects.count > times.count / 4)
  }

  @Test(
    arguments: [
      ("0.087", "0,087", "0.087"), ("1", "1", "1"), ("0007.10", "0007,10", "0007.10"),
      (".5", ",5", nil), ("5.", "5,", nil), ("1.2.3", "1,2,3", nil), ("1,5", "1.5", nil),
      ("-1", "-1", nil), ("1e3", "1e3", nil), ("٣", "٣", nil), (" 1", " 1", nil),
      ("0.00", "0,00", nil),
    ] as [(String, String, String?)]
  )
  func `a rate is an exact decimal as the feed writes decimals, or is left out`(
    _ plain: String,
    _ comma: String,
    _ kept: String?
  ) throws {
    var decimals = CardFeedProfile(name: "comma")
    decimals.amounts = .decimalComma
    for (profile, rate) in [(CardFeedProfile(name: "test"), plain), (decimals, comma)] {
      let text = """
        \(header);rate;posted_date
        \(row());\(rate);20260907
        \(row(ref: "A2"));;2026-09-07

        """
      var profile = profile
      profile.trailer = .optional
      let run = try FeedRun(Array(text.utf8), profile)
      #expect(run.rejects.isEmpty && run.records.count == 2)
      #expect(run.records[0].notes.rate.description == kept ?? "")
      // A day in another form than the feed's is left out too.
      #expect(run.records.map(\.notes.posted?.description) == [nil, "2026-09-07"])
      #expect(run.summary?.notesLeftOut == (kept == nil ? 2 : 1))
    }
  }
}
