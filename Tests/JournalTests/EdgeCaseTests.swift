import Civil
import Intake
import Journal
import Ledger
import Postgres
import Redemption
import TestSupport
import Testing

/// What breaks toy systems and has no other place, through the real database: the list of edge cases
/// in `Sources/COVERAGE.md`.
@Suite(.serialized) struct EdgeCaseTests {
  private static let desk = Result { try FeedDesk("edges") }

  private func under(_ rules: String, _ body: (FeedCopy) throws -> Void) throws {
    try EdgeCaseTests.desk.get().fresh { copy in
      let copy = try copy.under(programme: "northbank-cashback", rules: rules)
      try body(copy)
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  private let base = "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}"

  private func refund(_ reference: String, of original: String, _ amount: Int) -> FeedRow {
    FeedRow(type: "refund", reference: reference, original: original, amount: amount)
  }

  @Test func `every capture of an authorisation is a purchase of its own, late and large ones too`()
    throws
  {
    try under(base) { copy in
      let capture = { (reference: String, amount: Int, day: String) in
        FeedRow(
          reference: reference,
          lifecycle: "AUTH-1",
          amount: amount,
          time: "2026-\(day)T12:00:00+02:00"
        )
      }
      try copy.take([
        capture("C1", 10_000, "08-05"), capture("C2", 25_000, "08-06"),
        capture("C3", 4_000, "09-05"),
      ])
      #expect(try copy.balance(1, "CB.EUR") == 390)
      try copy.take([refund("R1", of: "C2", 25_000)])
      #expect(try copy.balance(1, "CB.EUR") == 140)
      // A life cycle alone does not say which capture came back: a person does.
      let report = try copy.take([
        FeedRow(type: "refund", reference: "R2", lifecycle: "AUTH-1", amount: 500)
      ])
      #expect(report.unlinked == 1)
      #expect(try copy.balance(1, "CB.EUR") == 140)
    }
  }

  @Test func `debts of several units and partners pay themselves alone`() throws {
    let rules = """
        - {name: cash, reward: cashback, unit: CB.EUR, rate: 1 %, merchants: [M-C]}
        - {name: lumen, reward: credit, unit: SC.LUM, rate: 3 %, partner: LUM, reimbursed_at: 80 %, merchants: [M-L]}
        - {name: books, reward: credit, unit: SC.BOK, rate: 2 %, partner: BOK, reimbursed_at: 90 %, merchants: [M-B]}
      """
    try under(rules) { copy in
      let bought = { (reference: String, merchant: String) in
        FeedRow(reference: reference, amount: 10_000, merchant: merchant)
      }
      try copy.take([bought("C1", "M-C"), bought("L1", "M-L"), bought("B1", "M-B")])
      let desk = try AwardDesk(copy)
      try desk.use(300, of: "SC.LUM", "K-1")
      try desk.use(200, of: "SC.BOK", "K-2")
      #expect(try desk.post() == 2)
      try copy.take([refund("R1", of: "L1", 10_000), refund("R2", of: "B1", 10_000)])
      func owed(_ unit: String) throws -> Int64 { try copy.balance(1, unit) }
      #expect(try owed("CB.EUR") == 100 && owed("SC.LUM") == -300 && owed("SC.BOK") == -200)
      // 2.40 and 1.80 are owed; cashback neither pays them nor is kept back.
      #expect(try desk.stands("1300") == 420)
      try copy.take([bought("C2", "M-C"), bought("L2", "M-L")])
      #expect(try owed("CB.EUR") == 200 && owed("SC.LUM") == 0 && owed("SC.BOK") == -200)
      #expect(try desk.stands("1300") == 180)
    }
  }

  @Test func `currencies without and with three decimals, and sums beyond the doubles`() throws {
    try under(base) { copy in
      try copy.take([
        FeedRow(reference: "P1", amount: 12_345, currency: "JPY", billed: 7_500),
        FeedRow(reference: "P2", card: "ca_2", amount: 1_234_567, currency: "KWD", billed: 376_543),
      ])
      #expect(try copy.balance(1, "CB.EUR") == 75 && copy.balance(2, "CB.EUR") == 3_765)
      // A third of the yen, a thousandth of a dinar short of all of them.
      var yen = refund("R1", of: "P1", 4_115)
      (yen.currency, yen.billed) = ("JPY", 2_499)
      var dinars = refund("R2", of: "P2", 1_234_566)
      (dinars.card, dinars.currency, dinars.billed) = ("ca_2", "KWD", 376_542)
      try copy.take([yen, dinars])
      #expect(try copy.balance(1, "CB.EUR") == 50 && copy.balance(2, "CB.EUR") == 0)
      // 2⁵³ + 1 is no double: one per cent of it and of all but one.
      let large = 9_007_199_254_740_993
      try copy.take([FeedRow(reference: "P3", amount: large)])
      #expect(try copy.balance(1, "CB.EUR") == 50 + 90_071_992_547_410)
      try copy.take([refund("R3", of: "P3", large - 149)])
      #expect(try copy.balance(1, "CB.EUR") == 51)
    }
  }

  @Test
  func `a late fact of a closed month is booked in the first open one, where it counts before`()
    throws
  {
    let capped =
      "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, monthly_cap: 1.50}"
    try under(capped) { copy in
      try copy.take([FeedRow(reference: "P1", amount: 10_000, time: "2026-07-10T12:00:00+02:00")])
      // July is closed; August and September are open.
      try copy.sandbox.administrator().run("INSERT INTO kvitt.period_closed VALUES ('2026-07-01')")
      try copy.take([
        FeedRow(reference: "P2", amount: 10_000, time: "2026-07-20T12:00:00+02:00"),
        FeedRow(reference: "P3", amount: 10_000, time: "2026-08-20T12:00:00+02:00"),
      ])
      let booked = try copy.sandbox.administrator().run(
        "SELECT event_date::text, booking_date::text, quantity FROM kvitt.reward ORDER BY event_date"
      ).map { try "\($0.string(0)) \($0.string(1)) \($0.int(2))" }
      // The cap is that of July.
      #expect(
        booked == [
          "2026-07-10 2026-07-10 100", "2026-07-20 2026-08-01 50", "2026-08-20 2026-08-20 100",
        ],
        "\(booked)"
      )
    }
  }

  @Test func `a night that was settled is not planned again, nor one before it`() throws {
    try under(base) { copy in
      func plan(_ day: String) throws -> Finished {
        try copy.sandbox.kvitt("settle", "plan", "--business-date", day)
      }
      let first = try plan("2026-09-30")
      let id = String(try #require(first.output.firstMatch(of: /P-[0-9]+-[0-9]+/)).output)
      let approved = try copy.sandbox.kvitt(
        ["settle", "approve", id],
        environment: ["KVITT_LOGIN": "bo"]
      )
      #expect(approved.status == 0, "\(approved.errors)")
      #expect(try copy.sandbox.kvitt("settle", "run", id).status == 0)
      for day in ["2026-09-29", "2026-09-30"] {
        #expect(try plan(day).errors.contains("KV-ING-020"))
      }
    }
  }
}
