import Civil
import Crypto
import Formats
import Foundation
import Ledger
import Terms
import Testing

/// Card numbers in every field that is kept: refused where they would be an identity, masked where they
/// are text or where money must be booked all the same.
@Suite struct CardNumberTests {
  /// Numbers of schemes' own test cards, and numbers of other lengths closed by Luhn's digit.
  static let numbers =
    [
      "4111111111111111", "4012888888881881", "4222222222222", "5555555555554444",
      "2223003122003222", "378282246310005", "6011111111111117", "3530111333300000",
      "30569309025904", "6759649826438453",
    ]
    + [("220022", 16), ("400000", 19), ("620000", 18), ("501800", 13), ("630400", 19)]
    .map { closed($0.0, $0.1) }

  /// A prefix filled up and closed by Luhn's digit.
  private static func closed(_ prefix: String, _ length: Int) -> String {
    let open = prefix + String(repeating: "7", count: length - 1 - prefix.count)
    return (0...9).map { open + String($0) }.first { number in
      let digits = number.utf8.reversed().enumerated().map { place, byte in
        let doubled = Int(byte - 0x30) * (place % 2 + 1)
        return doubled > 9 ? doubled - 9 : doubled
      }
      return digits.reduce(0, +) % 10 == 0
    } ?? open
  }

  private let sha = { (bytes: [UInt8]) in sha256(bytes).description }

  @Test(arguments: numbers)
  func `an id that holds a card number is known, however it is written`(_ number: String) {
    let fours = number.enumerated().map { ($0 % 4 == 0 && $0 > 0 ? "-" : "") + String($1) }.joined()
    var ids = [
      number, "REF-\(number)", "X\(number)", "\(number)-2026", "2026.\(number)", "00\(number)",
      "\(number)_A1B2", "H1-\(number)-9",
    ]
    if number.count == 16 {
      ids += [
        fours, "T-" + fours, fours.replacing("-", with: "."), fours.replacing("-", with: "_"),
      ]
    }
    for id in ids {
      #expect(holdsCardNumber(id), "\(id)")
      #expect(!holdsCardNumber(maskedID(id)) && isID(maskedID(id)), "\(maskedID(id))")
      #expect(maskedID(id).filter(\.isNumber).count <= 10)
    }
  }

  @Test func `ids of banks, tills and programs are no card numbers`() {
    for id in [
      "4111111111111112", "ARN000000000042", "74537605259000000000017", "411111111111",
      "41111111111111111111", "d3f0a1b2-4111-1111-1111-111111111111", "2026110214301500",
      "h1_4111111111111111a7c09", "20261102.0001.0002", "9411111111111111", "", "-", "M-1",
    ] { #expect(!holdsCardNumber(id), "\(id)") }
    var state: UInt64 = 7
    for _ in 0..<100_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let token = "h1_" + String(state, radix: 16) + String(state &* 31, radix: 16)
      #expect(!holdsCardNumber(token) || token.filter(\.isLetter).count < 2, "\(token)")
    }
  }

  /// What the manual says of feeds whose references are numbers of 16 digits.
  @Test func `of numbers of 16 digits 35 in 1,000 read as card numbers`() {
    var state: UInt64 = 42
    var taken = 0
    for _ in 0..<100_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = String(1_000_000_000_000_000 + (state >> 8) % 9_000_000_000_000_000)
      if holdsCardNumber(number) { taken += 1 }
    }
    // No number of this range begins with 0, so a tenth more than of all.
    #expect((3_300...4_300).contains(taken), "\(taken)")
  }

  @Test(arguments: [
    "4012 8888 8888 1881", "4012-8888-8888-1881", "4012.8888.8888.1881", "4012  8888  8888  1881",
    "4012\u{A0}8888\u{A0}8888\u{A0}1881", "4012–8888–8888–1881", "00004012888888881881",
    "card:4012888888881881,", "2 x 4012888888881881 EUR", "4012888888881881=2612",
  ])
  func `a message masks before it cuts`(_ number: String) {
    for fill in 0...40 {
      let text = String(repeating: "a", count: fill) + " " + number
      for most in [20, 30, 40] {
        let digits = shown(text, most: most).filter(\.isNumber)
        #expect(!digits.contains("2888"), "\(shown(text, most: most))")
      }
    }
  }

  // MARK: Card feeds

  private let header =
    "type;reference;network_ref;original_ref;lifecycle_id;approval_code;card_token;amount_minor;"
    + "currency;billing_minor;billing_currency;mcc;merchant_id;merchant_name;local_time"

  private func row(_ change: [String: String] = [:]) -> String {
    let fields = [
      "type": "purchase", "reference": "A1", "card_token": "ca_1", "amount_minor": "1240",
      "currency": "EUR", "billing_minor": "1240", "billing_currency": "EUR", "mcc": "5411",
      "merchant_id": "M-1", "merchant_name": "Shop", "local_time": "2026-09-01T12:00:00+02:00",
    ].merging(change) { _, new in new }
    return header.split(separator: ";").map { fields[String($0)] ?? "" }.joined(separator: ";")
  }

  private func run(_ row: String, numeric: Bool = false) throws -> FeedRun {
    var profile = CardFeedProfile(name: "test")
    profile.trailer = .optional
    profile.refusesUnreadableAmounts = false
    profile.numericReferences = numeric
    return try FeedRun(Array("\(header)\n\(row)\n".utf8), profile)
  }

  @Test(arguments: ["reference", "original_ref", "lifecycle_id", "merchant_id"], numbers)
  func `KV-ING-023: a card number in an id of a feed keeps the row out and is not kept`(
    _ column: String,
    _ number: String
  ) throws {
    for id in [number, "REF-\(number)"] {
      let run = try run(row([column: id]))
      let reject = try #require(run.rejects.first)
      #expect(run.records.isEmpty && reject.code.rawValue == "KV-ING-023")
      let kept = [reject.message, reject.excerpt] + reject.fields.values
      #expect(!kept.contains { $0.contains(number) }, "\(kept)")
      #expect(!reject.fields.keys.contains { $0.name == column })
      // The bank's profile says that its ids are numbers.
      let allowed = try self.run(row([column: id]), numeric: true)
      #expect(allowed.rejects.isEmpty && allowed.records.count == 1)
    }
  }

  @Test func `a card number that a bank notes beside a record is left out`() throws {
    for column in ["network_ref", "approval_code"] {
      let run = try run(row([column: "4111111111111111"]))
      #expect(run.records.count == 1 && run.summary?.notesLeftOut == 1)
      #expect(run.records.first?.notes == RecordNotes())
    }
  }

  @Test func `what is kept of a quarantined row holds no card number, wherever it is cut`() throws {
    for fill in 0...220 {
      let name = String(repeating: "n", count: fill) + " 4012 8888 8888 1881 or 4012888888881881"
      let run = try run(row(["mcc": "x", "merchant_name": name]))
      let reject = try #require(run.rejects.first)
      for text in [reject.excerpt, reject.message] + reject.fields.values {
        #expect(!text.filter(\.isNumber).contains("2888"), "\(text)")
      }
    }
    // The message is about a field that is longer than what it shows.
    for fill in 20...45 {
      let type = String(repeating: "t", count: fill) + " 4111111111111111"
      let message = try run(row(["type": type])).rejects.first?.message ?? ""
      #expect(message.filter(\.isNumber).count <= 10, "\(message)")
    }
  }

  @Test func `KV-TRM-001: numeric_references is true or false`() throws {
    let profile = { (word: String) in
      let text = "feed: x\nversion: 1\nnumeric_references: \(word)\n"
      return try CardFeedProfile(yaml: Array(text.utf8), file: "x.yaml")
    }
    #expect(try profile("true").numericReferences && !profile("false").numericReferences)
    let error = #expect(throws: Refusal.self) { _ = try profile("yes") }
    #expect(error?.code == .termsInvalid)
  }
}
