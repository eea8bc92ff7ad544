import Crypto
import Formats
import Foundation
import Ledger
import Terms
import TestSupport
import Testing

/// A file written by the independent package cardutil.
func ipmFile(
  _ encoding: String,
  blocked: Bool,
  records: Int,
  defect: String = ""
) throws -> [UInt8] {
  let path = "/tmp/kvitt-ipm-\(UUID().uuidString)"
  defer { try? FileManager.default.removeItem(atPath: path) }
  let script = "\(repository)/Tests/UnitTests/independent/write_ipm.py"
  let done = try execute(
    "\(repository)/.build/python/bin/python",
    [script, path, encoding, blocked ? "1" : "0", String(records), defect].filter { !$0.isEmpty }
  )
  guard done.status == 0 else { throw NoWriter(text: done.errors) }
  return try Array(Data(contentsOf: URL(fileURLWithPath: path)))
}

struct NoWriter: Error {
  let text: String
}

/// A token that shows no digit of the card.
func testToken(_ card: UnsafeRawBufferPointer) throws -> ShortID {
  let sum = card.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) }
  return try ShortID("h1_\(String(sum, radix: 16))") ?? noToken(card)
}

@Suite struct IPMTests {
  private func profile(_ page: String = "cp500") throws -> CardFeedProfile {
    var profile = try shippedProfile("mastercard-ipm")
    profile.ebcdic037 = page == "cp037"
    return profile
  }

  @Test func `every framing and encoding gives the same records`() throws {
    let plain = try FeedRun(
      ipmFile("latin-1", blocked: false, records: 5),
      profile(),
      token: testToken
    )
    #expect(try recorded(plain.text, "mastercard-ipm.golden"), "\(plain.text)")
    // DE10: six decimals, then 1234567.
    #expect(plain.records[0].notes.rate.description == "1.234567")
    #expect(plain.records[0].notes.approval.description == "123456")
    for encoding in ["latin-1", "cp500", "cp037"] {
      for blocked in [false, true] {
        let bytes = try ipmFile(encoding, blocked: blocked, records: 5)
        #expect(bytes.count % 1_014 == 0 || !blocked)
        let run = try FeedRun(bytes, profile(encoding), token: testToken)
        #expect(run.text == plain.text, "\(encoding) blocked \(blocked)")
      }
    }
  }

  @Test func `sizes around a block, and the extra block of filler, are read`() throws {
    var extra = 0
    for records in 1...3 {
      var bytes = try ipmFile("latin-1", blocked: false, records: records)
      // Blocked by hand, with one whole further block of filler.
      var blocked: [UInt8] = []
      while !bytes.isEmpty {
        let part = Array(bytes.prefix(1_012))
        bytes.removeFirst(part.count)
        blocked += part + [UInt8](repeating: 0x40, count: 1_012 - part.count) + [0x40, 0x40]
      }
      blocked += [UInt8](repeating: 0x40, count: 1_014)
      let run = try FeedRun(blocked, profile(), token: testToken)
      #expect(run.records.count == records)
      extra += 1
    }
    #expect(extra == 3)
  }

  @Test(arguments: [
    ("count", "KV-ING-004", "PDS 0306"), ("sum", "KV-ING-004", "PDS 0301"),
    ("number", "KV-ING-004", "DE71"), ("id", "KV-ING-022", "PDS 0105"),
    ("notrailer", "KV-ING-003", "trailer"), ("exponent", "KV-ING-015", "PDS 0148"),
  ])
  func `what header and trailer say is checked by name`(
    _ defect: String,
    _ code: String,
    _ word: String
  ) throws {
    let bytes = try ipmFile("cp500", blocked: true, records: 5, defect: defect)
    let error = #expect(throws: Refusal.self) {
      try FeedRun(bytes, profile(), token: testToken)
    }
    #expect(
      error?.code.rawValue == code && error?.message.contains(word) == true,
      "\(error as Any)"
    )
  }

  @Test func `KV-ING-022: broken frames are refused`() throws {
    let good = try ipmFile("latin-1", blocked: false, records: 4)
    let blocked = try ipmFile("latin-1", blocked: true, records: 4)
    var noFiller = blocked
    noFiller[2 * 1_014 - 1] = 0x41
    var long = good
    long[0] = 0x7F
    var bitmap = good
    bitmap[9] |= 0x80
    for (name, bytes) in [
      ("no zero length", Array(good.dropLast(4))), ("more", good + [1]), ("no filler", noFiller),
      ("length", long), ("unknown element", bitmap), ("text", Array("hello, world, hello".utf8)),
    ] {
      let error = #expect(throws: Refusal.self, "\(name)") {
        try FeedRun(bytes, profile(), token: testToken)
      }
      #expect(error?.code == .badFrame, "\(name): \(error as Any)")
    }
  }

  @Test func `no card number leaves the reader`() throws {
    let bytes = try ipmFile("latin-1", blocked: false, records: 5, defect: "pan")
    let text = String(decoding: bytes, as: UTF8.self)
    let cards = Set(text.matches(of: /5204\d{12}/).map { String($0.output) })
    #expect(cards.count > 3)
    var lenient = try profile()
    lenient.refusesUnreadableAmounts = false
    let run = try FeedRun(bytes, lenient, token: testToken)
    #expect(run.rejects.map(\.code) == [.badToken])
    let told = run.text + run.rejects.map { "\($0.excerpt) \($0.message) \($0.fields)" }.joined()
    for card in cards { #expect(!told.contains(card)) }
    #expect(!told.contains("52040000ABC"))
  }

  @Test func `tokens are keyed hashes with their version`() throws {
    let key = try #require(TokenKey(version: 3, key: [UInt8](repeating: 7, count: 32)))
    let digits = Array("5204000000000003".utf8)
    let token = digits.withUnsafeBytes { key.token($0) }
    let outside = try shell(
      """
      printf 5204000000000003 | openssl dgst -sha256 -mac HMAC -macopt \
      hexkey:\(String(repeating: "07", count: 32)) | awk '{print $2}'
      """
    )
    #expect(token == "h3_" + outside.output.prefix(32))
    #expect(digits.withUnsafeBytes { key.token($0) } == token)
  }
}
