import Redemption
import Formats
import Intake
import Ledger
import TestSupport
import Testing

/// Store credit posting by posting, from earning to what expires: S1 to S8.
@Suite(.serialized) struct CreditFlowTests {
  private static let desk = Result { try FeedDesk("credit") }
  private let credit =
    "  - {name: credit, reward: credit, unit: SC.LUM, rate: 3 %, partner: LUM, reimbursed_at: 80 %"
  private let purchase = FeedRow(reference: "P1", card: "lc_1", amount: 200_000)
  private let refund = FeedRow(
    type: "refund",
    reference: "R1",
    original: "P1",
    card: "lc_1",
    amount: 200_000
  )

  private func under(_ more: String = "", _ body: (RedemptionDesk) throws -> Void) throws {
    try CreditFlowTests.desk.get().fresh { plain in
      let copy = try plain.under(programme: "lumen-credit", rules: credit + more + "}")
      let desk = try RedemptionDesk(copy)
      try body(desk)
      try desk.check()
    }
  }

  private func moves(
    _ desk: RedemptionDesk,
    _ posts: [String: Int64],
    _ body: () throws -> Void
  ) throws {
    let moved = try desk.copy.moved(body)
    #expect(moved == posts)
  }

  private let earned: [String: Int64] = [
    "5110": 4_800, "2200": -4_800, "unit.issued": -6_000, "unit.open": 6_000,
  ]

  @Test func `S1, S2, S3a, S3b, S6: earned, held, captured, confirmed, and the goods come back`()
    throws
  {
    try under { desk in
      try moves(desk, earned) { try desk.copy.take([purchase]) }
      var hold: Int64 = 0
      try moves(desk, [:]) { hold = try desk.hold(5_000, "K-1") }
      _ = try desk.redeemer.capture(hold, quantity: nil, key: "C-1", now: desk.now)
      try moves(
        desk,
        ["2200": 4_000, "2400": -4_000, "unit.open": -5_000, "unit.redeemed": 5_000]
      ) {
        try desk.post()
      }
      try moves(desk, ["2400": 4_000, "2410": -4_000]) {
        _ = try desk.till(1, [desk.line("T1", .redeem, 5_000, hold: hold)])
      }
      try moves(
        desk,
        ["2410": 4_000, "2200": -4_000, "unit.redeemed": -5_000, "unit.open": 5_000]
      ) {
        _ = try desk.till(2, [desk.line("T2", .return, 5_000, of: "T1")])
      }
    }
  }

  @Test func `S3c: an offline sale above the balance is owed in part`() throws {
    try under(", offline: owe") { desk in
      try desk.copy.take([purchase])
      _ = try desk.till(1, [desk.line("T1", .redeem, 5_000)])
      // The till's file confirms at once, so the partner is owed what S3b would owe.
      try moves(
        desk,
        [
          "2200": 800, "1300": 400, "2410": -1_200, "unit.open": -1_000, "unit.debt": -500,
          "unit.redeemed": 1_500,
        ]
      ) {
        _ = try desk.till(2, [desk.line("T2", .offline, 1_500)])
      }
    }
  }

  @Test func `S4: a hold that ends moves nothing`() throws {
    try under { desk in
      try desk.copy.take([purchase])
      let hold = try desk.hold(5_000, "K-1")
      try moves(desk, [:]) {
        _ = try desk.redeemer.release(hold, key: "X-1", now: desk.now)
        try desk.post()
      }
    }
  }

  @Test func `S5, P27: half of what expires is the partner's, with its next statement`() throws {
    try under(", expires: 1 months, breakage_share: 50 %") { desk in
      try desk.copy.take([purchase])
      _ = try desk.till(1, [desk.line("T1", .redeem, 5_000)])
      try moves(
        desk,
        ["2200": 800, "4200": -400, "2410": -400, "unit.open": -1_000, "unit.expired": 1_000]
      ) {
        _ = try ExpiryRun(desk.day("2026-10-06")).run()
      }
    }
  }

  @Test func `S7: what is left is taken back, what was used is owed`() throws {
    try under { desk in
      try desk.copy.take([purchase])
      _ = try desk.till(1, [desk.line("T1", .redeem, 5_000)])
      try moves(
        desk,
        [
          "2200": 800, "1300": 4_000, "5110": -4_800, "unit.open": -1_000, "unit.debt": -5_000,
          "unit.issued": 6_000,
        ]
      ) {
        try desk.copy.take([refund])
      }
    }
  }
}
