import Civil
import Intake
import Journal
import Postgres
import TestSupport
import Testing

/// Rules that look beyond one purchase, through the real database.
@Suite(.serialized) struct RuleMeaningTests {
  private static let desk = Result { try FeedDesk("rules") }

  /// A fresh copy under a second version of the cashback agreement.
  private func under(_ rules: String, _ body: (FeedCopy) throws -> Void) throws {
    try RuleMeaningTests.desk.get().fresh { copy in
      try body(copy.under(programme: "northbank-cashback", rules: rules))
    }
  }

  /// What a partner owes for its share of rewards.
  private func accrued(_ copy: FeedCopy, _ partner: String) throws -> Int64 {
    try copy.number(
      """
      SELECT coalesce(sum(p.amount), 0)::bigint FROM kvitt.posting p
        JOIN kvitt.partner k ON k.id = p.partner
       WHERE p.account = '1110' AND k.code = '\(partner)'
      """
    )
  }

  @Test
  func `a merchant that moves between partners: each purchase and its refund go to the old one`()
    throws
  {
    let rules = """
        - {name: lum, reward: cashback, unit: CB.EUR, rate: 4 %, merchants_of: LUM, partner: LUM, partner_pays: 75 %}
        - {name: bok, reward: cashback, unit: CB.EUR, rate: 2 %, merchants_of: BOK, partner: BOK, partner_pays: 50 %}
      """
    try under(rules) { copy in
      let directory = { (rows: String, name: String) in
        let path = try copy.sandbox.write(
          "merchant;valid_from;mcc;partner\n" + rows,
          "files/\(name).csv"
        )
        let done = try copy.sandbox.together("reference", "import", "merchants", path)
        try #require(done.status == 0, "\(done.errors)")
      }
      try directory("M-1;2026-01-01;5411;LUM\nM-1;2026-09-10;5411;BOK\n", "first")
      try copy.take([
        FeedRow(reference: "P1", amount: 10_000),
        FeedRow(reference: "P2", amount: 10_000, time: "2026-09-15T12:00:00+02:00"),
        FeedRow(reference: "P3", amount: 10_000, merchant: "M-2"),
      ])
      #expect(try copy.balance(1, "CB.EUR") == 400 + 200)
      #expect(try accrued(copy, "LUM") == 300 && accrued(copy, "BOK") == 100)
      // The directory forgets both; what was booked is still taken back from the same partner.
      try directory("M-1;2026-01-01;5411;\nM-1;2026-09-10;5411;\n", "second")
      try copy.take([
        FeedRow(type: "refund", reference: "R1", original: "P1", amount: 10_000),
        FeedRow(type: "refund", reference: "R2", original: "P2", amount: 5_000),
      ])
      #expect(try copy.balance(1, "CB.EUR") == 100)
      #expect(try accrued(copy, "LUM") == 0 && accrued(copy, "BOK") == 50)
    }
  }

  @Test func `a new version earns from its first day; older purchases stay under the old one`()
    throws
  {
    try under("  - {name: base, reward: cashback, unit: CB.EUR, rate: 2 %}") { copy in
      try copy.take([
        FeedRow(reference: "P1", amount: 10_000, time: "2026-05-31T23:30:00+02:00"),
        FeedRow(reference: "P2", amount: 10_000, time: "2026-06-01T00:30:00+02:00"),
      ])
      #expect(try copy.balance(1, "CB.EUR") == 100 + 200)
      // Refunds take back what the purchase's own version gave.
      try copy.take([
        FeedRow(type: "refund", reference: "R1", original: "P1", amount: 5_000),
        FeedRow(type: "refund", reference: "R2", original: "P2", amount: 5_000),
      ])
      #expect(try copy.balance(1, "CB.EUR") == 50 + 100)
    }
  }

  @Test func `a yearly cap counts all months, and a refund frees its room`() throws {
    let rules =
      "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, yearly_cap: 250.00 spend}"
    try under(rules) { copy in
      let on = { (day: String) in "\(day)T12:00:00+02:00" }
      try copy.take([FeedRow(reference: "P1", amount: 10_000, time: on("2026-07-05"))])
      try copy.take([FeedRow(reference: "P2", amount: 10_000, time: on("2026-08-05"))])
      try copy.take([FeedRow(reference: "P3", amount: 10_000, time: on("2026-09-05"))])
      #expect(try copy.balance(1, "CB.EUR") == 250)
      try copy.take([FeedRow(type: "refund", reference: "R1", original: "P1", amount: 10_000)])
      #expect(try copy.balance(1, "CB.EUR") == 200)
      try copy.take([FeedRow(reference: "P4", amount: 20_000, time: on("2026-09-06"))])
      #expect(try copy.balance(1, "CB.EUR") == 250)
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output)")
    }
  }

  @Test func `a welcome bonus comes with the purchase that reaches it, and goes with a refund`()
    throws
  {
    let rules = """
        - {name: welcome, reward: cashback, unit: CB.EUR, rate: 50.00 at 300.00 spend, per: campaign}
        - {name: tenth, reward: cashback, unit: CB.EUR, rate: 2.00 every 2 purchases, per: month, minimum: 10.00}
      """
    try under(rules) { copy in
      try copy.take([
        FeedRow(reference: "P1", amount: 10_000), FeedRow(reference: "P2", amount: 15_000),
        FeedRow(reference: "P3", amount: 500),
      ])
      #expect(try copy.balance(1, "CB.EUR") == 200)
      try copy.take([FeedRow(reference: "P4", amount: 5_000)])
      #expect(try copy.balance(1, "CB.EUR") == 5_200)
      // 295.00 stand: the bonus is taken back; with 305.00 it is there again.
      try copy.take([FeedRow(type: "refund", reference: "R1", original: "P1", amount: 1_000)])
      #expect(try copy.balance(1, "CB.EUR") == 200)
      try copy.take([FeedRow(reference: "P5", amount: 1_000)])
      #expect(try copy.balance(1, "CB.EUR") == 5_400)
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output)")
    }
  }
}
