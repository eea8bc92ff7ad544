import Redemption
import Civil
import Formats
import Intake
import Journal
import Ledger
import TestSupport
import Testing

/// Disputes through the real database: E12, E13a, E13b, E14b.
@Suite(.serialized) struct DisputeMeaningTests {
  private static let desk = Result { try FeedDesk("disputes") }

  /// A member with 60.00 of credit of one purchase and 30.00 of another, which expire in a month.
  private func earned(_ body: (RedemptionDesk) throws -> Void) throws {
    try DisputeMeaningTests.desk.get().fresh { copy in
      let rule =
        "  - {name: credit, reward: credit, unit: SC.LUM, rate: 3 %, partner: LUM, "
        + "reimbursed_at: 80 %, expires: 1 months}"
      let copy = try copy.under(programme: "lumen-credit", rules: rule)
      try copy.take([
        FeedRow(reference: "P1", card: "lc_1", amount: 200_000),
        FeedRow(reference: "P2", card: "lc_1", amount: 100_000),
      ])
      let desk = try RedemptionDesk(copy)
      #expect(try desk.stands("2200") == -7_200)
      try body(desk)
      try desk.check()
    }
  }

  private func row(_ type: String, _ reference: String, of original: String = "P1") -> FeedRow {
    FeedRow(type: type, reference: reference, original: original, card: "lc_1", amount: 200_000)
  }

  private func short(_ desk: RedemptionDesk, _ quantity: Int64, _ key: String) {
    let refusal = #expect(throws: Refusal.self) { try desk.hold(quantity, key) }
    #expect(refusal?.code == .balanceShort)
  }

  @Test func `E12, E13b: what is disputed is frozen and moves no money; the merchant wins`() throws
  {
    try earned { desk in
      let before = try desk.accounts()
      try desk.copy.take([row("dispute_opened", "D1")])
      #expect(try desk.accounts() == before)
      short(desk, 3_001, "K-1")
      let shown = try desk.copy.sandbox.kvitt("member", "show", "lc_1", "--day", "2026-09-30")
      #expect(shown.output.contains("60.00"), "\(shown.output)")
      // Frozen lots do not expire either.
      let expire = { (day: String) in
        try ExpiryRun(desk.day(day)).run().lots
      }
      #expect(try expire("2026-10-06") == 1)
      #expect(try desk.copy.balance(4, "SC.LUM") == 6_000)
      try desk.copy.take([row("dispute_lost", "D2")])
      #expect(try desk.hold(6_000, "K-2") > 0)
      _ = try desk.redeemer.release(1, key: "X-2", now: desk.now)
      #expect(try expire("2026-10-07") == 1)
      #expect(try desk.copy.balance(4, "SC.LUM") == 0)
    }
  }

  @Test func `E13a, E14b: the cardholder wins and the reward goes; a re-presentment gives it back`()
    throws
  {
    try earned { desk in
      try desk.copy.take([row("dispute_opened", "D1")])
      try desk.copy.take([row("dispute_won", "D2")])
      #expect(try desk.stands("2200") == -2_400 && desk.copy.balance(4, "SC.LUM") == 3_000)
      // The chargeback of the same dispute takes nothing more.
      try desk.copy.take([row("chargeback", "C1")])
      #expect(try desk.stands("2200") == -2_400)
      try desk.copy.take([row("second_presentment", "S1")])
      #expect(try desk.stands("2200") == -7_200 && desk.copy.balance(4, "SC.LUM") == 9_000)
      #expect(try desk.hold(9_000, "K-1") > 0)
    }
  }

  @Test
  func `a hold from before a dispute is honoured, and a dispute may come before its purchase`()
    throws
  {
    try earned { desk in
      let hold = try desk.hold(8_000, "K-1")
      try desk.copy.take([
        row("dispute_opened", "D1"), row("dispute_opened", "D3", of: "P3"),
      ])
      _ = try desk.redeemer.capture(hold, quantity: nil, key: "C-1", now: desk.now)
      #expect(try desk.post().captures == 1)
      #expect(try desk.copy.balance(4, "SC.LUM") == 1_000)
      try desk.copy.take([FeedRow(reference: "P3", card: "lc_1", amount: 200_000)])
      short(desk, 1, "K-2")
      try desk.copy.take([row("dispute_lost", "D4", of: "P3")])
      #expect(try desk.hold(6_000, "K-3") > 0)
    }
  }
}
