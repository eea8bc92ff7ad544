import Civil
import Formats
import Foundation
import Ledger
import Rewards
import Terms
import Testing

/// Rates, caps and conditions as agreements write them, against sums worked out apart.
@Suite struct EarnRateTests {
  private func rule(_ lines: String) throws -> EarnRule {
    let indented = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
    let head =
      "agreement: T\nversion: 1\nprogramme: t\ncurrency: EUR\nvalid_from: 2026-01-01\nrules:\n"
    let text = head + "  - name: r\n    unit: CB.EUR\n" + indented
    return try #require(try Agreement(yaml: Array(text.utf8), file: "t.yaml").rules.first)
  }

  private func facts(
    _ billed: Int64,
    original: Int64? = nil,
    category: Int16 = 5_411,
    merchant: String = "M",
    day: String = "2026-09-05",
    currency: Currency = .eur,
    country: String? = nil,
    channel: Channel? = nil,
    markup: Int64 = 0,
    partner: String = ""
  ) throws -> PurchaseFacts {
    PurchaseFacts(
      billed: billed,
      original: original ?? billed,
      category: category,
      merchant: try #require(ShortID(merchant)),
      date: try #require(CivilDate(day)),
      currency: currency.rawValue,
      country: country.map { Int16($0.utf8.first ?? 0) << 8 | Int16($0.utf8.last ?? 0) },
      channel: channel?.rawValue,
      markup: markup,
      merchantPartner: partner
    )
  }

  @Test(arguments: [
    ("3 %", 2_000, 60), ("1 %", 49, 0), ("1 %", 50, 1), ("2.5 %", 1_234, 31),
    ("5.00 flat", 1, 500), ("0.50 flat", 0, 0),
  ])
  func `rates on the billed amount`(_ rate: String, _ billed: Int64, _ quantity: Int64) throws {
    let rule = try rule("reward: cashback\nrate: \(rate)")
    #expect(try rule.uncapped(facts(billed), remaining: billed) == quantity)
  }

  @Test(arguments: [
    // M1: 3,450.00 at 15 miles for each full 100: 510; in proportion 517.5, which the rule rounds.
    ("15 per full 100.00", "half-up", 345_000, 510), ("15 per 100.00", "half-up", 345_000, 518),
    ("15 per 100.00", "down", 345_000, 517), ("15 per 100.00", "half-even", 345_000, 518),
    ("15 per 100.00", "half-even", 343_000, 514),
  ])
  func `miles for full hundreds or in proportion, as the contract decides`(
    _ rate: String,
    _ rounding: String,
    _ billed: Int64,
    _ miles: Int64
  ) throws {
    let rule = try rule(
      "reward: miles\npartner: NVA\nprice: 0.0850\nrate: \(rate)\nrounding: \(rounding)"
    )
    #expect(try rule.uncapped(facts(billed), remaining: billed) == miles)
  }

  private let progressive = """
    reward: cashback
    rate: MODE
    steps:
      - {from: 0.00, rate: 1 %}
      - {from: 100.00, rate: 2 %}
      - {from: 500.00, rate: 3.5 %}
    """

  @Test func `progressive rates: marginal parts, or the whole amount at the step it reaches`()
    throws
  {
    let steps: [(from: Decimal, percent: Decimal)] = [
      (0, 1), (10_000, 2), (50_000, Decimal(string: "3.5") ?? 0),
    ]
    var state: UInt64 = 4_711
    for mode in ["marginal", "whole"] {
      let rule = try rule(progressive.replacing("MODE", with: mode))
      for _ in 0..<2_000 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let billed = Int64(state >> 33) % 80_000 + 1
        let original = Int64(state >> 20) % 5_000 + 1
        let remaining = Int64(state >> 45) % (original + 1)
        // The oracle works with decimals, a step at a time.
        let stands = Decimal(billed) * Decimal(remaining) / Decimal(original)
        var sum: Decimal = 0
        for (index, step) in steps.enumerated() where stands >= step.from {
          let top = index + 1 < steps.count ? steps[index + 1].from : stands
          if mode == "marginal" {
            sum += (min(stands, top) - step.from) * step.percent / 100
          } else {
            sum = stands * step.percent / 100
          }
        }
        var rounded = Decimal()
        NSDecimalRound(&rounded, &sum, 0, .plain)
        let expected = remaining == 0 ? 0 : Int64(truncating: rounded as NSDecimalNumber)
        let given = try rule.uncapped(facts(billed, original: original), remaining: remaining)
        #expect(given == expected, "\(mode) \(billed) × \(remaining) / \(original)")
      }
    }
  }

  @Test func `a minimum is asked of what stands: a refund below it takes all of the reward`() throws
  {
    let rule = try rule("reward: cashback\nrate: 2 %\nminimum: 50.00")
    #expect(try rule.uncapped(facts(5_000), remaining: 5_000) == 100)
    #expect(try rule.uncapped(facts(4_999), remaining: 4_999) == 0)
    let purchase = try facts(8_000)
    let earned = try rule.change(for: purchase, remaining: 8_000, booked: .nothing, monthSum: 0)
    let after = try rule.change(for: purchase, remaining: 4_999, booked: earned, monthSum: 0)
    #expect(earned.quantity == 160 && after.quantity == -160)
  }

  @Test func `E16: the base with or without markup, a foreign refund by its own ratio`() throws {
    // EUR 100.00 billed 1,171.98 of which 22.98 is markup: 1 % of 1,149.00, or of all.
    let purchase = try facts(117_198, original: 10_000, markup: 2_298)
    #expect(
      try rule("reward: cashback\nrate: 1 %\nbase: without-markup")
        .uncapped(purchase, remaining: 10_000) == 1_149
    )
    let whole = try rule("reward: cashback\nrate: 1 %")
    #expect(try whole.uncapped(purchase, remaining: 10_000) == 1_172)
    #expect(try whole.uncapped(purchase, remaining: 5_000) == 586)
  }

  @Test func `conditions ask for facts; an unknown fact does not qualify`() throws {
    let cases: [(String, PurchaseFacts, Bool)] = [
      ("mcc: 3000-3299", try facts(1, category: 3_100), true),
      ("mcc: 3000-3299", try facts(1, category: 3_300), false),
      ("mcc: [5411, 0742]", try facts(1, category: 742), true),
      ("countries: [SE, NO]", try facts(1, country: "NO"), true),
      ("countries: [SE, NO]", try facts(1, country: "DK"), false),
      ("countries: NO", try facts(1), false),
      ("currencies: [SEK]", try facts(1, currency: .sek), true),
      ("currencies: [SEK]", try facts(1), false),
      ("channels: [web, app]", try facts(1, channel: .app), true),
      ("channels: [web, app]", try facts(1, channel: .pos), false),
      ("channels: [web, app]", try facts(1), false),
      // 2026-09-05 is a Saturday.
      ("weekdays: [Sat, Sun]", try facts(1), true),
      ("weekdays: [Sat, Sun]", try facts(1, day: "2026-09-07"), false),
      ("from: 2026-09-05\nthrough: 2026-09-06", try facts(1), true),
      ("from: 2026-09-05\nthrough: 2026-09-06", try facts(1, day: "2026-09-07"), false),
      ("from: 2026-09-06", try facts(1), false),
      ("merchants: [M]\nmcc: 5411", try facts(1), true),
      ("merchants: [M]\nmcc: 5411", try facts(1, merchant: "N"), false),
      ("merchants_of: LUM", try facts(1, partner: "LUM"), true),
      ("merchants_of: LUM", try facts(1), false),
    ]
    for (lines, facts, admitted) in cases {
      let rule = try rule("reward: cashback\nrate: 1 %\n" + lines)
      #expect(rule.admits(facts) == admitted, "\(lines)")
    }
  }

  @Test func `caps by reward or by spending; of a month, a year, a campaign`() throws {
    let day = try #require(CivilDate("2026-09-05"))
    let month = try rule("reward: cashback\nrate: 1 %\nmonthly_cap: 25.00")
    #expect(month.period == EarnPeriod(.atMost(2_500), in: .month))
    #expect(Int32(month.periodMonth(of: day)) == day.monthIndex)
    let year = try rule("reward: cashback\nrate: 1 %\nyearly_cap: 200000.00 spend")
    #expect(year.period == EarnPeriod(.atMost(200_000), in: .year))
    #expect(Int32(year.periodMonth(of: day)) == CivilDate("2026-01-31")?.monthIndex)
    let miles = try rule(
      "reward: miles\npartner: NVA\nprice: 0.01\nrate: 10 per full 100.00\nyearly_cap: 200000.00 spend"
    )
    #expect(miles.period?.worth == .atMost(20_000))
    let campaign = try rule("reward: cashback\nrate: 1 %\ncampaign_cap: 5.00")
    #expect(campaign.periodMonth(of: day) == 0)
    #expect(try campaign.worth(of: 400, after: 300) == 200)
  }

  @Test(arguments: [
    // A welcome bonus, and one for each full sum.
    ("rate: 50.00 at 1000.00 spend\nper: campaign", 99_999, 100_000, 5_000),
    ("rate: 5.00 every 100.00 spend\nper: month", 9_999, 20_000, 1_000),
    ("rate: 3.00 every 10 purchases\nper: year", 9, 20, 600),
    ("rate: 3.00 at 2 purchases\nper: month", 1, 3, 300),
    // The first 100.00 at 1 %, what is above at 2 %.
    (
      "rate: marginal\nper: year\nsteps: [{from: 0.00, rate: 1 %}, {from: 100.00, rate: 2 %}]",
      10_000, 15_000, 100
    ),
    // Status credits: a quarter of what is spent, at least 500 where anything is (term 20).
    ("rate: 25 per 1.00\nmonthly_floor: 500.00", 0, 1, 50_000),
    ("rate: 5.00 flat\nmonthly_cap: 3 times", 1_400, 2_000, 100),
  ])
  func `what a period adds up to is worth so much`(
    _ lines: String,
    _ before: Int64,
    _ after: Int64,
    _ worth: Int64
  ) throws {
    let rule = try rule("reward: cashback\n" + lines)
    #expect(try rule.worth(of: after - before, after: before) == worth)
    #expect(try rule.worth(of: before - after, after: after) == -worth)
    // In two parts it is the same.
    let middle = (before + after) / 2
    let parts =
      try rule.worth(of: middle - before, after: before)
      + rule.worth(of: after - middle, after: middle)
    #expect(parts == worth)
  }

  @Test(arguments: [
    ("rate: 15 per half 100.00", 10), ("rate: -1 %", 10), ("rate: marginal", 10),
    ("rate: 1 %\nmcc: 54x1", 11), ("rate: 1 %\nmcc: 5500-5400", 11),
    ("rate: 1 %\ncountries: [se]", 11), ("rate: 1 %\nchannels: [phone]", 11),
    ("rate: 1 %\nweekdays: [Saturday]", 11), ("rate: 1 %\nbase: gross", 11),
    ("rate: 1 %\nfrom: 2026-09-02\nthrough: 2026-09-01", 12),
    ("rate: 1 %\nmonthly_cap: 1.00\nyearly_cap: 2.00", 12),
    ("rate: 5.00 flat\nyearly_cap: 100.00 spend", 11), ("rate: 1 %\nmonthly_cap: 3 times", 11),
    ("rate: 1 %\nper: month", 10), ("rate: 5.00 at 0 purchases\nper: month", 10),
    ("rate: 5.00 at 3 purchases\nper: week", 11), ("rate: 5.00 at 3 purchases", 10),
    ("rate: 5.00 at 3 purchases\nper: month\nmonthly_cap: 1.00", 11),
    ("rate: 1 %\nmerchants_of: L M", 11),
    ("rate: 1 %\nsteps:\n  - {from: 0.00, rate: 1 %}", 12),
    ("rate: whole\nsteps:\n  - {from: 1.00, rate: 1 %}", 10),
    ("rate: whole\nsteps:\n  - {from: 0.00, rate: 1 %}\n  - {from: 0.00, rate: 2 %}", 13),
  ])
  func `KV-TRM-001: a rule says where it is wrong`(_ lines: String, _ line: Int) throws {
    let error = #expect(throws: Refusal.self) { try rule("reward: cashback\n" + lines) }
    #expect(error?.code == .termsInvalid && error?.place?.line == line, "\(error as Any)")
  }

  @Test func `a rule's sentence says all of it`() throws {
    let rule = try rule(
      """
      reward: cashback
      rate: marginal
      steps:
        - {from: 0.00, rate: 1 %}
        - {from: 100.00, rate: 2 %}
      mcc: [0742, 3000-3299]
      countries: [NO, SE]
      weekdays: [Sat]
      minimum: 10.00
      yearly_cap: 50.00
      """
    )
    #expect(
      rule.sentence(currency: .eur)
        == "1 % from 0.00 EUR, 2 % from 100.00 EUR cashback on the part of the billed amount in each "
        + "step, rounded half-up in categories 0742, 3000-3299 in NO, SE on Sat, from 10.00 EUR, at "
        + "most 50.00 a calendar year"
    )
    let goals = [
      (
        "rate: 50.00 at 1000.00 spend\nper: campaign",
        "50.00 cashback once 1000.00 EUR are spent in all"
      ),
      (
        "rate: 5.00 every 10 purchases\nper: month",
        "5.00 cashback for each 10 purchases a calendar month"
      ),
      (
        "rate: whole\nper: year\nsteps: [{from: 0.00, rate: 1 %}]",
        "1 % from 0.00 EUR cashback on the whole sum a calendar year of the billed amount, rounded "
          + "half-up"
      ),
    ]
    for (lines, sentence) in goals {
      #expect(try self.rule("reward: cashback\n" + lines).sentence(currency: .eur) == sentence)
    }
  }
}
