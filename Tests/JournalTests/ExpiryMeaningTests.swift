import Civil
import Intake
import Journal
import Ledger
import Postgres
import TestSupport
import Testing

/// Lots that expire, through the real database: E17a, E17b, S5 and refunds afterwards.
@Suite(.serialized) struct ExpiryMeaningTests {
  private static let desk = Result { try FeedDesk("expiry") }

  private func under(
    _ programme: String,
    _ rules: String,
    _ body: (FeedCopy) throws -> Void
  ) throws {
    try ExpiryMeaningTests.desk.get().fresh { copy in
      try body(copy.under(programme: programme, rules: rules))
    }
  }

  private func expire(_ copy: FeedCopy, _ day: String) throws -> Int {
    try ExpiryRun(
      BookDay(
        books: copy.sandbox.books(.settle),
        terms: TermsInForce(copy.books),
        date: #require(CivilDate(day)),
        recordedAt: .now()
      )
    ).run().lots
  }

  /// What stands on an account of money or units.
  private func stands(_ copy: FeedCopy, _ account: String) throws -> Int64 {
    try copy.number(
      "SELECT coalesce(sum(amount), 0)::bigint FROM kvitt.posting WHERE account = '\(account)'"
    )
  }

  private func check(_ copy: FeedCopy) throws {
    let check = try copy.sandbox.kvitt("ledger", "check")
    #expect(check.status == 0, "\(check.output)")
  }

  private let bonus = """
      - {name: lum, reward: cashback, unit: CB.EUR, rate: 4 %, merchants: [LUM-0001], partner: LUM, partner_pays: 75 %, expires: 12 months, expired_share: SHARE}
    """

  @Test func `E17a: what nobody used becomes income, once, on the day after its last`() throws {
    let rules = "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, expires: 12 months}"
    try under("northbank-cashback", rules) { copy in
      try copy.take([
        FeedRow(reference: "P1", amount: 100_000),
        FeedRow(reference: "P2", amount: 50_000, time: "2026-09-06T12:00:00+02:00"),
        FeedRow(type: "refund", reference: "R1", original: "P1", amount: 40_000),
      ])
      #expect(try expire(copy, "2027-09-05") == 0)
      #expect(try expire(copy, "2027-09-06") == 1)
      #expect(try expire(copy, "2027-09-06") == 0)
      #expect(try copy.balance(1, "CB.EUR") == 500)
      #expect(try stands(copy, "4200") == -600 && stands(copy, "unit.expired") == 600)
      // A late record of a day whose lots are over expires with the next run.
      try copy.take([FeedRow(reference: "P0", amount: 20_000, time: "2026-09-01T12:00:00+02:00")])
      #expect(try expire(copy, "2027-09-07") == 2)
      #expect(try copy.balance(1, "CB.EUR") == 0 && stands(copy, "2100") == 0)
      #expect(try stands(copy, "4200") == -1_300)
      try check(copy)
    }
  }

  @Test func `what an undone refund gave back expires too, whenever the undoing came`() throws {
    let rules = "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, expires: 12 months}"
    try under("northbank-cashback", rules) { copy in
      let on = { (day: String) in "\(day)T12:00:00+02:00" }
      let refund = { (name: String, reversal: Int, day: String) in
        FeedRow(
          type: "refund",
          reference: name,
          original: "P1",
          reversal: reversal,
          amount: 10_000,
          time: on(day)
        )
      }
      try copy.take([
        FeedRow(reference: "P1", amount: 100_000),
        FeedRow(reference: "P2", amount: 10_000, time: on("2026-10-19")),
      ])
      try copy.take([refund("R1", 0, "2026-10-05"), refund("R2", 0, "2026-10-20")])
      // The lot given back is of the newest day that concerns its purchase, which stands in the
      // leaf before.
      try copy.take([refund("R1", 1, "2026-10-06")])
      #expect(try copy.balance(1, "CB.EUR") == 900 + 100)
      #expect(try expire(copy, "2027-10-20") == 2)
      #expect(try expire(copy, "2027-10-21") == 1)
      #expect(try copy.balance(1, "CB.EUR") == 0)
      try check(copy)
    }
  }

  @Test func `a refund after expiry undoes the income, and is no debt of the member`() throws {
    let rules = "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, expires: 12 months}"
    try under("northbank-cashback", rules) { copy in
      try copy.take([FeedRow(reference: "P1", amount: 100_000)])
      #expect(try expire(copy, "2028-01-01") == 1)
      try copy.take([FeedRow(type: "refund", reference: "R1", original: "P1", amount: 40_000)])
      #expect(try stands(copy, "4200") == -600 && stands(copy, "5100") == 600)
      try copy.take([FeedRow(type: "refund", reference: "R2", original: "P1", amount: 60_000)])
      #expect(try stands(copy, "4200") == 0 && stands(copy, "5100") == 0)
      #expect(try stands(copy, "1300") == 0 && stands(copy, "unit.expired") == 0)
      #expect(try copy.balance(1, "CB.EUR") == 0)
      try check(copy)
    }
  }

  @Test(arguments: [("keep", 3_000), ("return", 0)])
  func `E17b: the sponsor gets its share back where the contract says so`(
    _ share: String,
    _ left: Int64
  ) throws {
    try under("northbank-cashback", bonus.replacing("SHARE", with: share)) { copy in
      try copy.take([FeedRow(reference: "P1", amount: 100_000, merchant: "LUM-0001")])
      #expect(try stands(copy, "1110") == 3_000)
      #expect(try expire(copy, "2027-09-06") == 1)
      #expect(try stands(copy, "4200") == -4_000 && stands(copy, "2100") == 0)
      #expect(try stands(copy, "1110") == left && stands(copy, "5190") == -left)
      // Half of the purchase is refunded: half of what the sponsor still pays goes back.
      try copy.take([
        FeedRow(
          type: "refund",
          reference: "R1",
          original: "P1",
          amount: 50_000,
          merchant: "LUM-0001"
        )
      ])
      #expect(try stands(copy, "1110") == left / 2 && stands(copy, "4200") == -2_000)
      try check(copy)
    }
  }

  @Test func `S5: store credit expires at its cost; used credit does not, and soonest goes first`()
    throws
  {
    let rules = """
        - {name: year, reward: credit, unit: SC.LUM, rate: 10 %, mcc: 5411, partner: LUM, reimbursed_at: 80 %, expires: 12 months}
        - {name: month, reward: credit, unit: SC.LUM, rate: 5 %, mcc: 5411, partner: LUM, reimbursed_at: 80 %, expires: 1 months}
      """
    try under("lumen-credit", rules) { copy in
      try copy.take([FeedRow(reference: "P1", card: "lc_1", amount: 10_000)])
      #expect(try copy.balance(4, "SC.LUM") == 1_500)
      let holdings = Holdings(
        try copy.books.rewards(ofMembers: [4]),
        try TermsInForce(copy.books)
      )
      let unit = try Int16(copy.number("SELECT id FROM kvitt.unit WHERE code = 'SC.LUM'"))
      let early = try #require(CivilDate("2026-10-05"))
      #expect(holdings.spendableQuantities(unit: unit, on: early) == [500, 1_000])
      #expect(holdings.spendableQuantities(unit: unit, on: early.adding(days: 1)) == [1_000])
      #expect(try expire(copy, "2026-10-06") == 1)
      #expect(try stands(copy, "4200") == -400 && stands(copy, "2200") == -800)
      #expect(try expire(copy, "2027-09-06") == 1)
      #expect(try stands(copy, "4200") == -1_200 && stands(copy, "2200") == 0)
      try check(copy)
    }
  }
}
