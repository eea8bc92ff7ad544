import Postgres
import Rewards
import Civil
import Dispatch
import Formats
import Foundation
import Intake
import Journal
import Ledger
import TestSupport
import Testing

/// Who pays how much, through the real database: E2b, P3, P4, S5, S8, P27, and the race for a budget.
@Suite(.serialized) struct FundingMeaningTests {
  private static let desk = Result { try FeedDesk("funding") }

  private func under(
    _ rules: String,
    programme: String = "northbank-cashback",
    _ body: (FeedCopy) throws -> Void
  ) throws {
    try FundingMeaningTests.desk.get().fresh { copy in
      let copy = try copy.under(programme: programme, rules: rules)
      try body(copy)
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  /// What stands on an account, of one partner where one is named.
  private func stands(_ copy: FeedCopy, _ account: String, _ partner: String? = nil) throws -> Int64
  {
    try copy.sandbox.administrator().run(
      """
      SELECT coalesce(sum(p.amount), 0)::bigint FROM kvitt.posting p
        LEFT JOIN kvitt.partner k ON k.id = p.partner
       WHERE p.account = \(account) AND k.code IS NOT DISTINCT FROM coalesce(\(partner), k.code)
      """
    ).first?.int(0) ?? 0
  }

  private func refund(_ reference: String, _ original: String, _ amount: Int) -> FeedRow {
    FeedRow(type: "refund", reference: reference, original: original, amount: amount)
  }

  private let promotion = """
      - {name: promo, reward: cashback, unit: CB.EUR, rate: 25 %, partner: LUM, partner_pays: 100 %, budget: 100.00}
    """

  @Test func `P3, P4: a budget's last money, the issuer pays the rest, a refund takes both back`()
    throws
  {
    try under(promotion) { copy in
      try copy.take([FeedRow(reference: "P1", amount: 36_000)])
      #expect(try stands(copy, "1110") == 9_000)
      // 10.00 are left of 100.00; the next bonus is 25.00.
      try copy.take([FeedRow(reference: "P2", amount: 10_000)])
      #expect(try stands(copy, "1110") == 10_000 && stands(copy, "5100") == 11_500)
      #expect(try stands(copy, "5190") == -10_000 && copy.balance(1, "CB.EUR") == 11_500)
      try copy.take([FeedRow(reference: "P3", amount: 10_000)])
      #expect(try stands(copy, "1110") == 10_000 && copy.balance(1, "CB.EUR") == 14_000)
      // P4: 5.00 of the 25.00 come back, 2.00 of them the partner's, and to its budget.
      try copy.take([refund("R1", "P2", 2_000)])
      #expect(try stands(copy, "1110") == 9_800 && copy.balance(1, "CB.EUR") == 13_500)
      try copy.take([FeedRow(reference: "P4", amount: 10_000)])
      #expect(try stands(copy, "1110") == 10_000)
      // In full: nothing of that purchase is left with either side.
      try copy.take([refund("R2", "P2", 8_000)])
      #expect(try stands(copy, "1110") == 9_200)
      #expect(try copy.number("SELECT used_minor FROM kvitt.budget") == 9_200)
    }
  }

  @Test func `P4: after the promotion a refund goes to the partner and not to the budget`() throws {
    let rules = promotion.replacing("budget", with: "through: 2026-09-20, budget")
    try under(rules) { copy in
      try copy.take([FeedRow(reference: "P1", amount: 10_000)])
      try copy.take([refund("R1", "P1", 4_000)])
      #expect(try stands(copy, "1110") == 1_500)
      #expect(try copy.number("SELECT used_minor FROM kvitt.budget") == 2_500)
      #expect(try copy.number("SELECT kept_minor FROM kvitt.budget") == 1_000)
    }
  }

  @Test func `a rule that stops gives nothing once its budget is used up`() throws {
    let rules = promotion.replacing("budget: 100.00", with: "budget: 30.00, overflow: stop")
    try under(rules) { copy in
      try copy.take([
        FeedRow(reference: "P1", amount: 10_000), FeedRow(reference: "P2", amount: 10_000),
        FeedRow(reference: "P3", amount: 10_000),
      ])
      #expect(try copy.balance(1, "CB.EUR") == 5_000 && stands(copy, "1110") == 3_000)
      // What a refund gives back is there for the next purchase.
      try copy.take([refund("R1", "P1", 10_000)])
      try copy.take([FeedRow(reference: "P4", amount: 4_000)])
      #expect(try copy.balance(1, "CB.EUR") == 3_500 && stands(copy, "1110") == 1_500)
    }
  }

  @Test func `a cap of the contract ends what all members together get, and refunds give room`()
    throws
  {
    let rules = """
        - {name: launch, reward: cashback, unit: CB.EUR, rate: 5 %, contract_cap: 12.00}
      """
    try under(rules) { copy in
      let both = { try copy.balance(1, "CB.EUR") + copy.balance(2, "CB.EUR") }
      try copy.take([
        FeedRow(reference: "P1", amount: 10_000),
        FeedRow(reference: "P2", card: "ca_2", amount: 10_000),
      ])
      // 2.00 are left: what does not fit whole is not given, what does is.
      try copy.take([
        FeedRow(reference: "P3", amount: 10_000), FeedRow(reference: "P4", amount: 4_000),
      ])
      #expect(try both() == 1_200)
      try copy.take([FeedRow(reference: "P5", amount: 20)])
      #expect(try both() == 1_200)
      try copy.take([refund("R1", "P2", 5_000)])
      try copy.take([FeedRow(reference: "P6", amount: 4_000)])
      #expect(try both() == 1_150 && copy.balance(2, "CB.EUR") == 250)
      // The refund is undone while 0.50 are left: nothing comes back until there is room.
      try copy.take([
        FeedRow(type: "refund", reference: "R2", original: "R1", reversal: 1, amount: 5_000)
      ])
      #expect(try both() == 1_150)
      #expect(try copy.number("SELECT used_minor FROM kvitt.budget WHERE partner = 0") == 1_150)
    }
  }

  @Test func `several sponsors: each pays its part, up to its own budget, and gets it back`() throws
  {
    let rules = """
        - name: joint
          reward: cashback
          unit: CB.EUR
          rate: 10 %
          partner: LUM
          partner_pays: 50 %
          sponsors:
            - {partner: NVA, pays: 25 %}
            - {partner: BOK, pays: 20 %, budget: 3.00}
      """
    try under(rules) { copy in
      let shares = { try ["LUM", "NVA", "BOK"].map { try stands(copy, "1110", $0) } }
      try copy.take([FeedRow(reference: "P1", amount: 10_000)])
      #expect(try shares() == [500, 250, 200])
      try copy.take([FeedRow(reference: "P2", amount: 10_000)])
      #expect(try shares() == [1_000, 500, 300])
      #expect(try stands(copy, "5190") == -1_800 && stands(copy, "5100") == 2_000)
      // A third of the first, in three parts that round: each ends where one refund would.
      for (index, amount) in [3_333, 3_333, 3_334].enumerated() {
        try copy.take([refund("R\(index)", "P1", amount)])
      }
      #expect(try shares() == [500, 250, 100])
      // Half of the second: the cut share keeps its proportion.
      try copy.take([refund("R9", "P2", 5_000)])
      #expect(try shares() == [250, 125, 50])
      #expect(try copy.balance(1, "CB.EUR") == 500)
    }
  }

  @Test func `E2b: the partner's share exists from the day on which the reward can be used`() throws
  {
    let rules = """
        - {name: lum, reward: cashback, unit: CB.EUR, rate: 4 %, partner: LUM, partner_pays: 60 %, funded_at: availability, pending_days: 14}
      """
    try under(rules) { copy in
      func fund(_ day: String) throws -> Int {
        try FundingRun(
          BookDay(
            books: copy.sandbox.books(.settle),
            terms: TermsInForce(copy.books),
            date: #require(CivilDate(day)),
            recordedAt: #require(Instant("2026-09-30T20:00:00Z"))
          )
        ).run().shares
      }
      try copy.take([
        FeedRow(reference: "P1", amount: 100_000), FeedRow(reference: "P2", amount: 50_000),
        FeedRow(reference: "P3", amount: 50_000, time: "2026-09-07T12:00:00+02:00"),
      ])
      // What is taken back before costs the partner nothing.
      try copy.take([refund("R1", "P2", 25_000)])
      #expect(try stands(copy, "1110") == 0 && stands(copy, "5100") == 7_000)
      #expect(try fund("2026-09-18") == 0)
      #expect(try fund("2026-09-19") == 2)
      #expect(try stands(copy, "1110") == 2_400 + 600 && stands(copy, "5190") == -3_000)
      #expect(try fund("2026-09-19") == 0)
      #expect(try fund("2026-09-21") == 1)
      #expect(try stands(copy, "1110") == 4_200)
      // From here on the share follows the reward (E7).
      try copy.take([refund("R2", "P1", 50_000)])
      #expect(try stands(copy, "1110") == 3_000 && fund("2026-09-30") == 0)
    }
  }

  @Test func `S5, P27: the partner gets half of what expires, and gives it back with a refund`()
    throws
  {
    let rules = """
        - {name: base, reward: credit, unit: SC.LUM, rate: 1 %, partner: LUM, reimbursed_at: 80 %, expires: 3 months, breakage_share: 50 %}
      """
    try under(rules, programme: "lumen-credit") { copy in
      try copy.take([FeedRow(reference: "P1", card: "lc_1", amount: 100_000)])
      #expect(try stands(copy, "2200") == -800)
      let report = try ExpiryRun(
        BookDay(
          books: copy.sandbox.books(.settle),
          terms: TermsInForce(copy.books),
          date: #require(CivilDate("2026-12-06")),
          recordedAt: #require(Instant("2026-12-06T20:00:00Z"))
        )
      ).run()
      #expect(report.lots == 1)
      // 10.00 face at 80 %: 8.00, half of it the partner's, in its next statement.
      #expect(try stands(copy, "2200") == 0 && stands(copy, "4200") == -400)
      #expect(try stands(copy, "2600") == 0 && stands(copy, "2410") == -400)
      #expect(try stands(copy, "unit.expired") == 1_000)
      var refund = refund("R1", "P1", 50_000)
      refund.card = "lc_1"
      try copy.take([refund])
      #expect(try stands(copy, "4200") == -200 && stands(copy, "2410") == -200)
      #expect(try stands(copy, "2600") == 0 && stands(copy, "5110") == 400)
      #expect(try stands(copy, "1300") == 0 && copy.balance(4, "SC.LUM") == 0)
      refund.reference = "R2"
      try copy.take([refund])
      for account in ["4200", "2410", "2600", "5110", "2200", "1300", "unit.expired"] {
        #expect(try stands(copy, account) == 0, "\(account)")
      }
    }
  }

  @Test func `S8: what the partner funds itself is a lot at no cost`() throws {
    let rules = """
        - {name: top-up, reward: credit, unit: SC.LUM, rate: 20.00 flat, partner: LUM, reimbursed_at: 0 %}
      """
    try under(rules, programme: "lumen-credit") { copy in
      let given = try copy.moved {
        try copy.take([FeedRow(reference: "P1", card: "lc_1", amount: 100_000)])
      }
      #expect(given == ["unit.issued": -2_000, "unit.open": 2_000])
      #expect(try copy.balance(4, "SC.LUM") == 2_000)
    }
  }

  @Test func `feeds that race for the last of a budget leave exactly nothing of it`() throws {
    let rules = promotion.replacing("budget: 100.00", with: "budget: 3000.00")
    try under(rules) { copy in
      let terms = try TermsInForce(copy.books)
      let profile = try #require(terms.feeds["northbank-cards"])
      // Four feeds of 2,000 purchases at 0.50 each, in different months, so that no cap's sum sends one
      // back: 4,000.00 are asked of 3,000.00.
      let files = try (0..<4).map { feed in
        let rows = (0..<2_000).map {
          FeedRow(
            reference: "F\(feed)-\($0)",
            amount: 200,
            time: "2026-0\(6 + feed)-05T12:00:00+02:00"
          )
        }
        return try copy.sandbox.write(FeedRow.file(rows, 1), "files/race-\(feed).csv")
      }
      let ends = Ends()
      let (sandbox, date) = (copy.sandbox, copy.date)
      DispatchQueue.concurrentPerform(iterations: 4) { feed in
        do {
          var own = profile
          own.name = "race-\(feed)"
          let intake = FeedIntake(
            books: try sandbox.books(.ingest),
            terms: terms,
            profile: own,
            businessDate: date,
            recordedAt: Instant(microseconds: 1_790_000_000_000_000)
          )
          _ = try intake.take(path: files[feed], control: nil)
        } catch { ends.add("\(error)") }
      }
      #expect(ends.all.isEmpty, "\(ends.all)")
      #expect(try copy.balance(1, "CB.EUR") == 400_000)
      #expect(try stands(copy, "1110") == 300_000 && stands(copy, "5190") == -300_000)
      #expect(try copy.number("SELECT used_minor FROM kvitt.budget") == 300_000)
    }
  }

  @Test func `funding is read strictly`() throws {
    try FundingMeaningTests.desk.get().fresh { copy in
      let wrong = [
        promotion.replacing("budget: 100.00", with: "budget: 0.00"),
        promotion.replacing("budget: 100.00", with: "overflow: stop"),
        promotion.replacing("budget: 100.00", with: "budget: 1.00, overflow: sponsor"),
        promotion.replacing("budget: 100.00", with: "budget: 1.00, funded_at: availability"),
        promotion.replacing("budget: 100.00", with: "sponsors: [{partner: NVA, pays: 1 %}]"),
        promotion.replacing(
          "100 %, budget: 100.00",
          with: "50 %, sponsors: [{partner: LUM, pays: 1 %}]"
        ),
        promotion.replacing("partner_pays: 100 %, ", with: ""),
        promotion.replacing("budget: 100.00", with: "breakage_share: 50 %"),
        promotion.replacing("budget: 100.00", with: "budget: 1.00, written_off: share"),
      ]
      for rules in wrong {
        #expect(throws: (any Error).self, "\(rules)") {
          try copy.under(programme: "northbank-cashback", rules: rules)
        }
      }
      let next = try copy.under(
        programme: "northbank-cashback",
        rules: promotion.replacing(
          "100 %, budget: 100.00",
          with: "50 %, budget: 100.00, overflow: stop, sponsors: [{partner: NVA, pays: 25 %}]"
        )
      )
      let rule = try TermsInForce(next.books).allAgreements.flatMap(\.rules)
        .first { $0.rule.name == "promo" }?.rule
      #expect(
        rule?.sentence(currency: .eur)
          == "25 % cashback on the billed amount, rounded half-up of LUM; the partner pays 50 % of it "
          + "up to 100.00 EUR in all, NVA pays 25 %, and then nothing is given any more"
      )
    }
  }
}

/// What several threads say at their end.
private final class Ends: @unchecked Sendable {
  private let lock = NSLock()
  private var words: [String] = []

  var all: [String] { lock.withLock { words } }

  func add(_ word: String) { lock.withLock { words.append(word) } }
}
