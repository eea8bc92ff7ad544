import Civil
import Formats
import Foundation
import Ledger
import Rewards
import Terms
import TestSupport
import Testing

@Suite struct TermsTests {
  private func shipped(_ folder: String) throws -> [(String, [UInt8])] {
    let path = repository + "/Settlement/" + folder
    return try FileManager.default.contentsOfDirectory(atPath: path).sorted().map {
      ($0, Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + $0))))
    }
  }

  @Test func `all shipped terms are read`() throws {
    for (name, bytes) in try shipped("agreements") {
      #expect(try !Agreement(yaml: bytes, file: name).rules.isEmpty)
    }
    for (name, bytes) in try shipped("partners") { _ = try PartnerTerms(yaml: bytes, file: name) }
    for (name, bytes) in try shipped("calendars") {
      _ = try BusinessCalendar(yaml: bytes, file: name)
    }
    for (name, bytes) in try shipped("accounts") {
      #expect(try AccountTerms(yaml: bytes, file: name).reversals == .own)
    }
    for (name, bytes) in try shipped("feeds") { _ = try CardFeedProfile(yaml: bytes, file: name) }
  }

  @Test func `categories keep their leading zeros and times stay text`() throws {
    let (name, bytes) = try #require(try shipped("agreements").first)
    let text = String(decoding: bytes, as: UTF8.self).replacing("[4829,", with: "[0742, 4829,")
    let agreement = try Agreement(yaml: Array(text.utf8), file: name)
    #expect(agreement.excludedCategories.contains(742))
    let (file, partner) = try #require(try shipped("partners").first)
    #expect(try PartnerTerms(yaml: partner, file: file).cutoffMinutes == 22 * 60)
  }

  @Test(arguments: [
    ("rate: 1 %", "rate: 1", 12), ("rate: 1 %", "rate: 0x10 %", 12),
    ("monthly_cap: 25.00", "monthly_cap: 25.001", 13), ("programme:", "programe:", 4),
    ("partner_pays: 75 %", "partner_pays: 175 %", 21), ("currency: EUR", "currency: NOPE", 5),
    ("valid_from: 2026-01-01", "valid_from: 2026-02-30", 6),
  ])
  func `KV-TRM-001: a fault is refused with its line`(
    _ good: String,
    _ bad: String,
    _ line: Int
  ) throws {
    let path = repository + "/Settlement/agreements/cashback.yaml"
    let text = try String(contentsOfFile: path, encoding: .utf8).replacing(good, with: bad)
    let error = #expect(throws: Refusal.self) {
      try Agreement(yaml: Array(text.utf8), file: "cashback.yaml")
    }
    #expect(error?.code == .termsInvalid)
    #expect(error?.place?.line == line, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("stands: 33.34, earns: {base: 0.33}", "stands: 33.34, earns: {base: 0.34}", "gives 0.33"),
    (
      "{amount: 1000.00, mcc: 6011}", "{amount: 1000.00, mcc: 6012, earns: {base: 10.00}}",
      "gives 0.00"
    ),
    ("lumen-bonus: 32.00}", "lumen-bonos: 32.00}", "no such term"),
    ("earns: {base: 25.00}", "earns: {}", "gives 25.00"),
    ("stands: 33.34", "stands: 133.34", "up to the purchase's own"),
  ])
  func `KV-TRM-001: an agreement whose worked examples fail is refused`(
    _ good: String,
    _ bad: String,
    _ why: String
  ) throws {
    let path = repository + "/Settlement/agreements/cashback.yaml"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains(good))
    let error = #expect(throws: Refusal.self) {
      try Agreement(yaml: Array(text.replacing(good, with: bad).utf8), file: "cashback.yaml")
    }
    #expect(error?.code == .termsInvalid && error?.message.contains(why) == true, "\(error as Any)")
    #expect((error?.place?.line ?? 0) > 23)
  }

  @Test(arguments: [
    ("JPY", "10000", "12", 12_000), ("EUR", "100.00", "0.0850", 8_500),
    ("KWD", "10.000", "0.0255", 25_500),
  ])
  func `a price is in major units of the agreement's currency, whatever decimals that has`(
    currency: String,
    per: String,
    price: String,
    cost: Int64
  ) throws {
    let agreement = try Agreement(
      yaml: Array(
        """
        agreement: A
        version: 1
        programme: p
        currency: \(currency)
        valid_from: 2026-01-01
        rules:
          - {name: base, reward: miles, unit: M, rate: 15 per full \(per), partner: P, price: \(price)}
        """.utf8
      ),
      file: "a.yaml"
    )
    #expect(try agreement.rules[0].cost(of: 1_000) == cost)
  }

  @Test func `a misspelt term names the right one`() throws {
    #expect(nearest("settel", in: ["settle", "status"]) == "settle")
    #expect(nearest("zzz", in: ["settle", "status"]) == nil)
  }
}
