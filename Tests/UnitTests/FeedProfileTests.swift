import Civil
import Formats
import Foundation
import Ledger
import Terms
import TestSupport
import Testing

@Suite struct FeedProfileTests {
  @Test(arguments: [
    ("stripe-issuing", "ndjson"), ("viva-issuing", "txt"), ("enfuce-issuing", "csv"),
    ("pagopa-centrostella", "csv"), ("marqeta-transactions", "ndjson"),
    ("lithic-transactions", "ndjson"), ("camt-cards", "xml"),
  ])
  func `every shipped profile reads its sample`(_ name: String, _ ending: String) throws {
    let run = try FeedRun(sample("\(name).\(ending)"), shippedProfile(name))
    #expect(run.rejects.isEmpty)
    #expect(try recorded(run.text, "\(name).golden"), "\(run.text)")
  }

  @Test func `a camt card feed is held to its sums, batches and transactions, each by name`() throws
  {
    let profile = try shippedProfile("camt-cards")
    let text = String(decoding: try sample("camt-cards.xml"), as: UTF8.self)
    for (old, new, word) in [
      ("<NbOfNtries>4", "<NbOfNtries>5", "TtlNtries/NbOfNtries"),
      ("<Sum>75.40", "<Sum>75.41", "TtlNtries/Sum: the entries give 75.40"),
      ("<Sum>14.80", "<Sum>14.8", ""), ("<Sum>60.60", "<Sum>60.00", "TtlDbtNtries/Sum"),
      ("<NbOfTxs>2", "<NbOfTxs>3", "Btch/NbOfTxs says 3"),
      (">28.20<", ">28.21<", "the transactions of entry 1 give 40.61, it says 40.60"),
    ] {
      let changed = Array(text.replacing(old, with: new).utf8)
      guard !word.isEmpty else {
        #expect(try FeedRun(changed, profile).text == FeedRun(Array(text.utf8), profile).text)
        continue
      }
      let error = #expect(throws: Refusal.self, "\(new)") { try FeedRun(changed, profile) }
      #expect(error?.code == .controlTotal && error?.message.contains(word) == true, "\(new)")
    }
    let summary = try Regex("<TxsSummry>[\\s\\S]*</TxsSummry>")
    let without = #expect(throws: Refusal.self) {
      try FeedRun(Array(text.replacing(summary, with: "").utf8), profile)
    }
    #expect(without?.code == .trailerMissing)
    let spread = text.replacing("\n", with: "").replacing("<", with: "\n  <").replacing(
      ">",
      with: ">\n"
    ).dropFirst(3)
    #expect(
      try FeedRun(Array(spread.utf8), profile).text == FeedRun(Array(text.utf8), profile).text
    )
  }

  @Test func `a merchant that the directory does not know goes to quarantine`() throws {
    let run = try FeedRun(
      sample("camt-cards.xml"),
      shippedProfile("camt-cards"),
      category: { merchant, _ in "\(merchant)" == "KAFE-2" ? 5_814 : nil }
    )
    #expect(run.records.map(\.category) == [5_814])
    #expect(run.rejects.map(\.code) == [.badCategory, .badCategory, .badCategory])
    #expect(run.rejects.first?.message.contains("merchant directory") == true)
  }

  @Test func `a bank that marks reversals by the original is read by its convention`() throws {
    var profile = try shippedProfile("camt-cards")
    let text = String(decoding: try sample("camt-cards.xml"), as: UTF8.self)
      .replacing(
        "<CdtDbtInd>CRDT</CdtDbtInd><RvslInd>",
        with: "<CdtDbtInd>DBIT</CdtDbtInd><RvslInd>"
      )
      .replacing(
        "12.40</Amt><CdtDbtInd>CRDT</CdtDbtInd>\n     <CardTx><POI>",
        with: "12.40</Amt><CdtDbtInd>DBIT</CdtDbtInd>\n     <CardTx><POI>"
      )
      .replacing(
        "<NbOfNtries>2</NbOfNtries><Sum>14.80",
        with: "<NbOfNtries>1</NbOfNtries><Sum>2.40"
      )
      .replacing(
        "<NbOfNtries>2</NbOfNtries><Sum>60.60",
        with: "<NbOfNtries>3</NbOfNtries><Sum>73.00"
      )
    profile.reversalMark = .original
    let reversed = try FeedRun(Array(text.utf8), profile).records.last
    #expect(reversed?.type == .purchase && reversed?.reversal == true)
    #expect(reversed?.reference.description == "T-1001")
  }

  @Test func `a signed feed refuses an amount of the other side`() throws {
    let text = String(decoding: try sample("stripe-issuing.ndjson"), as: UTF8.self)
      .replacing("\"amount\":-1240,", with: "\"amount\":1240,")
    var profile = try shippedProfile("stripe-issuing")
    profile.refusesUnreadableAmounts = false
    let run = try FeedRun(Array(text.utf8), profile)
    #expect(run.rejects.map(\.code) == [.badAmount])
    #expect(run.rejects.first?.message.contains("sign of the other side") == true)
  }

  @Test func `a trailer's debit and credit are told apart, and rows after it refused`() throws {
    let profile = try shippedProfile("viva-issuing")
    let text = String(decoding: try sample("viva-issuing.txt"), as: UTF8.self)
    for (old, new, word) in [
      ("T;4;000000001240", "T;4;000000001241", "debit total"),
      ("000000004640\r\n", "000000004641\r\n", "credit total"), ("T;4;", "T;5;", "records"),
    ] {
      let error = #expect(throws: Refusal.self) {
        try FeedRun(Array(text.replacing(old, with: new).utf8), profile)
      }
      #expect(error?.code == .controlTotal && error?.message.contains(word) == true)
    }
    let after = #expect(throws: Refusal.self) { try FeedRun(Array((text + text).utf8), profile) }
    #expect(after?.code == .controlTotal)
  }

  @Test func `events of one object are records, and a missing reference of the scheme is fine`()
    throws
  {
    let run = try FeedRun(
      sample("lithic-transactions.ndjson"),
      shippedProfile("lithic-transactions")
    )
    #expect(run.records.map(\.reference.description) == ["e-2", "e-3"])
    #expect(run.records.allSatisfy { $0.lifecycle?.description == "t-100" })
    // 22:30 UTC is the next day in Copenhagen.
    #expect(run.records[1].eventDate.description == "2025-09-12")
  }

  @Test(arguments: [
    ("12.4", 2, 1_240), ("12.40", 2, 1_240), ("12", 2, 1_200), ("0.05", 2, 5), ("12.400", 2, 1_240),
    ("5", 0, 5), ("1.234", 3, 1_234),
  ])
  func `decimals are exact`(_ text: String, _ exponent: Int, _ minor: Int64) throws {
    #expect(try decimals(text, exponent) == minor)
  }

  @Test(arguments: [
    "12.", ".5", "12.345", "1,5", "1.5.7", "12abc", "+5", "-0", "1e3", "0x10", "1_000", " 5", "٣",
    "NaN", "Inf", "", "9999999999999999999", "99999999999999999999999999999999999999999",
    "922337203685477580.8",
  ])
  func `KV-ING-014: what is no decimal amount is refused`(_ text: String) throws {
    #expect(try decimals(text, 2) == nil)
  }

  /// A purchase in a currency of so many decimals, read through a decimal profile.
  private func decimals(_ text: String, _ exponent: Int) throws -> Int64? {
    var profile = CardFeedProfile(name: "t")
    profile.amounts = .decimal
    profile.trailer = .none
    profile.refusesUnreadableAmounts = false
    let currency = ["JPY", "", "EUR", "KWD"][exponent]
    let csv = """
      type;reference;card_token;amount_minor;currency;billing_minor;billing_currency;mcc;\
      merchant_id;local_time
      purchase;A1;ca;\(text);\(currency);\(text);\(currency);5411;M;2026-09-01T12:00:00Z

      """
    let run = try FeedRun(Array(csv.utf8), profile)
    return run.records.first?.amount.minor
  }

  @Test func `KV-TRM-001: a profile says where it is wrong`() throws {
    let good = try String(
      contentsOfFile: "\(repository)/Settlement/feeds/viva-issuing.yaml",
      encoding: .utf8
    )
    for (old, new, word) in [
      ("format: csv", "format: xls", "none of csv"), ("zone: Europe/Athens", "zone: Mars", "zone"),
      ("CLR: purchase", "CLR: sale", "record type"), ("  type: 2", "  type: two", "number"),
      ("times: compact\nzone: Europe/Athens", "times: compact", "zone"),
      ("  card_token: 5\n", "", "card_token"), ("trailer: required", "trailler: none", "trailer"),
      ("arrival: any", "arrival: any\nidentity: [amount_minor]", "never identity"),
    ] {
      let error = #expect(throws: Refusal.self, "\(new)") {
        try CardFeedProfile(yaml: Array(good.replacing(old, with: new).utf8), file: "p.yaml")
      }
      #expect(error?.code == .termsInvalid && error?.message.contains(word) == true, "\(new)")
      #expect((error?.place?.line ?? 0) > 0 || word == "zone", "\(new)")
    }
  }

  @Test func `wall clocks: gaps, overlaps and the day of a zone`() throws {
    let clock = try #require(WallClock(zone: "Europe/Athens"))
    func at(_ day: String, _ hour: Int, _ minute: Int) throws -> String {
      clock.instant(try #require(CivilDate(day)), second: hour * 3600 + minute * 60).description
    }
    #expect(try at("2025-07-01", 12, 0) == "2025-07-01T09:00:00Z")
    // 03:30 never was on 30 March; 03:30 was twice on 26 October, the first is meant.
    #expect(try at("2025-03-30", 3, 30) == "2025-03-30T01:30:00Z")
    #expect(try at("2025-10-26", 3, 30) == "2025-10-26T00:30:00Z")
    #expect(try at("2025-10-26", 4, 30) == "2025-10-26T02:30:00Z")
    let late = try #require(Instant("2025-12-31T22:30:00Z"))
    #expect(clock.day(late).description == "2026-01-01")
  }
}
