import Postgres
import Civil
import Intake
import Journal
import Ledger
import Redemption
import TestSupport
import Testing

/// Cashback and what takes it back, posting by posting: E1, E4, E6, E9, E13, E14, E19.
@Suite(.serialized) struct CashbackFlowTests {
  private static let desk = Result { try FeedDesk("cashback") }
  private static let plain = "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}"
  /// Base 1 %, and 4 % of which the partner pays three quarters.
  private static let shared = """
      - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}
      - {name: bonus, reward: cashback, unit: CB.EUR, rate: 4 %, partner: LUM, partner_pays: 75 %}
    """
  private let earned = [
    "5100": Int64(1_000), "2100": -1_000, "unit.issued": -1_000, "unit.open": 1_000,
  ]
  private let earnedShared = [
    "5100": Int64(4_000), "1110": 2_400, "2100": -4_000, "5190": -2_400, "unit.issued": -4_000,
    "unit.open": 4_000,
  ]

  private func under(_ rules: String, _ body: (AwardDesk) throws -> Void) throws {
    try CashbackFlowTests.desk.get().fresh { copy in
      let copy = try copy.under(programme: "northbank-cashback", rules: rules)
      try body(AwardDesk(copy))
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  /// What rows of one file post.
  private func posts(_ desk: AwardDesk, _ rows: FeedRow...) throws -> [String: Int64] {
    try desk.copy.moved { try desk.copy.take(rows) }
  }

  private func row(_ type: String, _ amount: Int) -> FeedRow {
    FeedRow(type: type, reference: "X-\(type)", original: "P1", amount: amount)
  }

  private func payOut(_ desk: AwardDesk, _ minor: Int64) throws {
    try desk.use(minor, of: "CB.EUR", "K-\(minor)")
    let paid = try PayoutRun(desk.day()).run()
    try #require(paid.lines == 1)
  }

  @Test(arguments: [
    // E6, E13a and, of what was paid out, E9a and E14a.
    ("refund", false), ("dispute_won", false), ("chargeback", false), ("refund", true),
    ("dispute_won", true), ("chargeback", true),
  ])
  func `E1, E6, E9a, E13a, E14a: what was earned goes, from its lot or as a debt`(
    _ type: String,
    _ isPaid: Bool
  ) throws {
    try under(CashbackFlowTests.plain) { desk in
      let first = try posts(desk, FeedRow(reference: "P1", amount: 100_000))
      #expect(first == earned)
      if isPaid { try payOut(desk, 1_000) }
      let second = try posts(desk, row(type, 100_000))
      #expect(
        second
          == (isPaid
            ? ["1300": 1_000, "5100": -1_000, "unit.debt": -1_000, "unit.issued": 1_000]
            : earned.mapValues(-))
      )
    }
  }

  @Test(arguments: [
    ("refund", false), ("dispute_won", false), ("refund", true), ("dispute_won", true),
  ])
  func `E4, E9b, E13c: the sponsor's share follows, from the lot or as a debt`(
    _ type: String,
    _ isPaid: Bool
  ) throws {
    try under(CashbackFlowTests.shared) { desk in
      let first = try posts(desk, FeedRow(reference: "P1", amount: 80_000))
      #expect(first == earnedShared)
      if isPaid { try payOut(desk, 4_000) }
      let second = try posts(desk, row(type, 80_000))
      #expect(
        second
          == (isPaid
            ? [
              "1300": 4_000, "5190": 2_400, "5100": -4_000, "1110": -2_400, "unit.debt": -4_000,
              "unit.issued": 4_000,
            ] : earnedShared.mapValues(-))
      )
    }
  }

  @Test func `E19: own lot first, then another of the member's, the rest is owed`() throws {
    try under(CashbackFlowTests.plain) { desk in
      try desk.copy.take([FeedRow(reference: "P1", amount: 100_000)])
      try payOut(desk, 700)
      try desk.copy.take([FeedRow(reference: "P2", amount: 50_000)])
      let taken = try posts(desk, row("refund", 100_000))
      #expect(
        taken == [
          "2100": 800, "1300": 200, "5100": -1_000, "unit.open": -800, "unit.debt": -200,
          "unit.issued": 1_000,
        ]
      )
    }
  }

  @Test
  func `E5, E8: a share is billed once, and what comes back is a credit on the next statement`()
    throws
  {
    try under(CashbackFlowTests.shared) { desk in
      _ = try posts(desk, FeedRow(reference: "P1", amount: 80_000))
      // E5 and P14 of one statement: what was billed is netted at once.
      let billed = try desk.copy.moved { _ = try desk.copy.settle("2026-09-30", with: "LUM") }
      #expect(billed == ["1110": -2_400, "2490": 2_400])
      #expect(try legs("E5", desk) == ["1100 2400", "1110 -2400"])
      let first = try desk.copy.sandbox.kvitt("statement", "list", "-O", "csv").output
      // E8: half of it, as if nothing had been billed.
      let taken = try posts(desk, row("refund", 40_000))
      #expect(
        taken == [
          "2100": 2_000, "5190": 1_200, "5100": -2_000, "1110": -1_200, "unit.open": -2_000,
          "unit.issued": 2_000,
        ]
      )
      #expect(try desk.copy.sandbox.kvitt("statement", "list", "-O", "csv").output == first)
      let credited = try desk.copy.moved { _ = try desk.copy.settle("2026-10-01", with: "LUM") }
      #expect(credited == ["1110": 1_200, "2490": -1_200])
      #expect(try legs("E5", desk) == ["1100 -1200", "1110 1200"])
    }
  }

  /// The legs of the newest entry of a code.
  private func legs(_ code: String, _ desk: AwardDesk) throws -> [String] {
    try desk.copy.sandbox.administrator().run(
      """
      SELECT account || ' ' || amount FROM kvitt.posting
       WHERE entry_id = (SELECT max(id) FROM kvitt.entry WHERE code = \(code)) ORDER BY account
      """
    ).map { try $0.string(0) }
  }
}
