import Redemption
import Civil
import Formats
import Intake
import Journal
import Ledger
import Postgres
import TestSupport
import Testing

/// Redemption by call and by till file, through the real database: S2 to S7.
@Suite(.serialized) struct RedemptionMeaningTests {
  private static let desk = Result { try FeedDesk("redemption") }

  /// A member who earned 60.00 of store credit at a cost of 48.00 (S1).
  private func earned(
    _ terms: String = "",
    credit: Int64 = 6_000,
    _ body: (RedemptionDesk) throws -> Void
  ) throws {
    let rule =
      "  - {name: credit, reward: credit, unit: SC.LUM, rate: 3 %, partner: LUM, reimbursed_at: 80 %"
      + "\(terms)}"
    try RedemptionMeaningTests.desk.get().fresh { copy in
      let copy = try copy.under(programme: "lumen-credit", rules: rule)
      try copy.take([FeedRow(reference: "P1", card: "lc_1", amount: 200_000)])
      let desk = try RedemptionDesk(copy)
      #expect(try copy.balance(4, "SC.LUM") == 6_000)
      #expect(try desk.stands("unit.open") == credit)
      try body(desk)
      try desk.check()
    }
  }

  private func refused(_ code: ErrorCode, _ body: () throws -> Void) {
    let refusal = #expect(throws: Refusal.self) { try body() }
    #expect(refusal?.code == code)
  }

  @Test func `S2, S3a, S3b: a hold moves nothing, a capture accrues, the till file confirms`()
    throws
  {
    try earned { desk in
      let before = try desk.accounts()
      let hold = try desk.hold(5_000, "K-1")
      #expect(try desk.accounts() == before)
      refused(.balanceShort) { _ = try desk.hold(1_001, "K-2") }
      #expect(
        try desk.redeemer.capture(hold, quantity: nil, key: "C-1", now: desk.now).quantity == 5_000
      )
      #expect(try desk.accounts() == before)
      #expect(try desk.post().captures == 1)
      #expect(try desk.stands("2400") == -4_000 && desk.stands("2200") == -800)
      #expect(try desk.stands("unit.redeemed") == 5_000 && desk.stands("unit.open") == 1_000)
      // A second run and a second file find nothing.
      #expect(try desk.post().captures == 0)
      let confirmed = try desk.till(1, [desk.line("T1", .redeem, 5_000, hold: hold)])
      #expect(confirmed.breaks == 0 && confirmed.redeemedMinor == 5_000)
      #expect(try desk.stands("2400") == 0 && desk.stands("2410") == -4_000)
      #expect(try desk.stands("unit.redeemed") == 5_000)
      #expect(try desk.till(2, [desk.line("T2", .redeem, 5_000, hold: hold)]).breaks == 1)
      #expect(try desk.stands("2410") == -4_000)
    }
  }

  @Test
  func
    `KV-RDM-001: a partial capture frees the rest alone; the till file captures what no call did`()
    throws
  {
    try earned { desk in
      let first = try desk.hold(5_000, "K-1")
      _ = try desk.redeemer.capture(first, quantity: 2_000, key: "C-1", now: desk.now)
      let second = try desk.hold(4_000, "K-2")
      refused(.balanceShort) { _ = try desk.hold(1, "K-3") }
      // Neither is posted: the file captures and confirms both at once.
      let report = try desk.till(
        1,
        [
          desk.line("T1", .redeem, 2_000, hold: first),
          desk.line("T2", .redeem, 3_000, hold: second),
          desk.line("T3", .redeem, 1_000),
        ]
      )
      #expect(report.breaks == 0)
      #expect(try desk.stands("2410") == -4_800 && desk.stands("2200") == 0)
      #expect(try desk.stands("unit.open") == 0 && desk.post().captures == 0)
    }
  }

  @Test func `S4: what is over or released is free again; KV-RDM-003: and cannot be captured`()
    throws
  {
    try earned { desk in
      let first = try desk.hold(6_000, "K-1")
      refused(.balanceShort) { _ = try desk.hold(6_000, "K-2") }
      #expect(try desk.redeemer.release(first, key: "X-1", now: desk.now) == false)
      #expect(try desk.redeemer.release(first, key: "X-1", now: desk.now) == true)
      refused(.holdEnded) {
        _ = try desk.redeemer.capture(first, quantity: nil, key: "C-1", now: desk.now)
      }
      // A quarter of an hour later the second hold gives way to the third.
      let second = try desk.hold(6_000, "K-3")
      let third = try desk.redeemer.hold(
        6_000,
        of: desk.member,
        unit: desk.unit,
        on: #require(CivilDate("2026-09-30")),
        key: "K-4",
        now: desk.later(16),
        until: desk.later(20)
      )
      refused(.holdEnded) {
        _ = try desk.redeemer.capture(second, quantity: nil, key: "C-2", now: desk.now)
      }
      #expect(try desk.post(after: 21).released == 1)
      refused(.holdEnded) {
        _ = try desk.redeemer.capture(third.hold, quantity: nil, key: "C-3", now: desk.now)
      }
      #expect(try desk.copy.balance(4, "SC.LUM") == 6_000)
    }
  }

  @Test
  func `KV-RDM-002: a call that is repeated does nothing, another one under its key is refused`()
    throws
  {
    try earned { desk in
      let first = try desk.hold(1_000, "K-1")
      #expect(try desk.hold(1_000, "K-1") == first)
      refused(.keyReused) { _ = try desk.hold(1_001, "K-1") }
      let second = try desk.hold(1_000, "K-2")
      for _ in 0..<2 {
        #expect(
          try desk.redeemer.capture(first, quantity: 700, key: "C-1", now: desk.now).quantity == 700
        )
      }
      refused(.keyReused) {
        _ = try desk.redeemer.capture(first, quantity: 800, key: "C-1", now: desk.now)
      }
      refused(.keyReused) {
        _ = try desk.redeemer.capture(second, quantity: nil, key: "C-1", now: desk.now)
      }
      refused(.balanceShort) {
        _ = try desk.redeemer.capture(second, quantity: 1_001, key: "C-2", now: desk.now)
      }
      #expect(try desk.post().captures == 1)
      #expect(try desk.copy.balance(4, "SC.LUM") == 5_300)
    }
  }

  @Test func `S3c: what a till took offline above the balance is owed, where the terms say so`()
    throws
  {
    for (terms, breaks) in [("", 1), (", offline: owe", 0)] {
      try earned(terms) { desk in
        let use = try desk.till(1, [desk.line("T1", .redeem, 5_000)])
        #expect(use.breaks == 0)
        let report = try desk.till(2, [desk.line("T2", .offline, 1_500)])
        #expect(report.breaks == breaks)
        let owes: Int64 = breaks == 0 ? 1 : 0
        #expect(try desk.stands("1300") == 400 * owes)
        #expect(try desk.stands("2200") == -800 + 800 * owes)
        #expect(try desk.stands("2410") == -4_000 - 1_200 * owes)
        #expect(try desk.stands("unit.debt") == -500 * owes)
        #expect(try desk.copy.balance(4, "SC.LUM") == 1_000 - 1_500 * owes)
        guard owes == 1 else { return }
        // What is earned next pays the debt first (E10).
        try desk.copy.take([FeedRow(reference: "P2", card: "lc_1", amount: 20_000)])
        #expect(try desk.stands("1300") == 0 && desk.copy.balance(4, "SC.LUM") == 100)
      }
    }
  }

  @Test func `S6: goods that come back fill the same lots, never more than was used`() throws {
    try earned(", offline: owe") { desk in
      let hold = try desk.hold(4_000, "K-1")
      _ = try desk.redeemer.capture(hold, quantity: nil, key: "C-1", now: desk.now)
      try desk.post()
      let first = try desk.till(
        1,
        [
          desk.line("T1", .redeem, 4_000, hold: hold), desk.line("T2", .redeem, 500),
          desk.line("T3", .void, 500, of: "T2"), desk.line("T4", .offline, 2_500),
        ]
      )
      #expect(first.breaks == 0 && first.redeemedMinor == 6_500)
      #expect(try desk.stands("2410") == -5_200 && desk.stands("1300") == 400)
      let second = try desk.till(
        2,
        [
          desk.line("T5", .return, 1_000, of: "T1"), desk.line("T6", .return, 3_001, of: "T1"),
          desk.line("T7", .return, 700, of: "T4"), desk.line("T8", .return, 1, of: "T2"),
          desk.line("T9", .return, 1, of: "T-0"), desk.line("T10", .void, 1_000, of: "T4"),
        ]
      )
      #expect(second.breaks == 4 && second.redeemedMinor == -1_700)
      // The owed 5.00 of T4 come back first, then 2.00 of the lot: 4.00, 1.60 and 8.00.
      #expect(try desk.stands("1300") == 0 && desk.stands("2410") == -3_840)
      #expect(try desk.stands("2200") == -960 && desk.copy.balance(4, "SC.LUM") == 1_200)
      let third = try desk.till(3, [desk.line("T11", .return, 3_000, of: "T1")])
      #expect(third.breaks == 0)
      #expect(try desk.stands("2200") == -3_360 && desk.copy.balance(4, "SC.LUM") == 4_200)
    }
  }

  @Test func `S7: a refund leaves alone what is held, and the member owes it`() throws {
    try earned { desk in
      let hold = try desk.hold(5_000, "K-1")
      try desk.copy.take([
        FeedRow(type: "refund", reference: "R1", original: "P1", card: "lc_1", amount: 200_000)
      ])
      #expect(try desk.stands("2200") == -4_000 && desk.stands("1300") == 4_000)
      _ = try desk.redeemer.capture(hold, quantity: nil, key: "C-1", now: desk.now)
      #expect(try desk.post().captures == 1)
      #expect(try desk.stands("2200") == 0 && desk.stands("2400") == -4_000)
      refused(.balanceShort) { _ = try desk.hold(1, "K-2") }
    }
  }

  @Test func `what is held does not expire; what was released does with the next run`() throws {
    try earned(", expires: 1 months") { desk in
      let expire = { (day: String) in
        try ExpiryRun(desk.day(day)).run().lots
      }
      let used = try desk.hold(2_000, "K-1")
      let unused = try desk.hold(3_000, "K-2")
      #expect(try expire("2026-10-06") == 1)
      #expect(try desk.copy.balance(4, "SC.LUM") == 5_000 && desk.stands("4200") == -800)
      _ = try desk.redeemer.capture(used, quantity: nil, key: "C-1", now: desk.now)
      #expect(try expire("2026-10-07") == 0)
      _ = try desk.redeemer.release(unused, key: "X-1", now: desk.now)
      #expect(try expire("2026-10-08") == 1)
      #expect(try desk.copy.balance(4, "SC.LUM") == 2_000)
      #expect(try desk.post("2026-10-08").captures == 1)
      #expect(try desk.stands("2200") == 0 && desk.stands("4200") == -3_200)
      #expect(try desk.stands("2400") == -1_600)
    }
  }

  @Test func `a false note of what a member can use posts nothing that no lot covers`() throws {
    try earned { desk in
      let service = try desk.copy.sandbox.books(.redeem, login: "kvitt_service")
      let seal = try service.newestSeal()
      let note = { (lots: Int64) in
        try service.setSpendable(
          member: desk.member,
          unit: desk.unit,
          seal: seal,
          day: desk.copy.date,
          lots: lots
        )
      }
      let error = #expect(throws: DatabaseError.self) { try note(1_000_000) }
      #expect(error?.sqlState == "KV020")
      // An administrator can.
      try note(6_000)
      try desk.copy.sandbox.administrator().run("UPDATE kvitt.spendable SET quantity = 1000000")
      let hold = try desk.hold(500_000, "K-1")
      _ = try desk.redeemer.capture(hold, quantity: nil, key: "C-1", now: desk.now)
      let report = try desk.post()
      #expect(report.captures == 0 && report.breaks == 1 && report.seal == nil)
      #expect(report.unposted == 1)
      #expect(try desk.stands("unit.redeemed") == 0 && desk.copy.balance(4, "SC.LUM") == 6_000)
      // Nor does the till's file, and neither is told twice.
      #expect(try desk.till(1, [desk.line("T1", .redeem, 500_000, hold: hold)]).breaks == 1)
      let again = try desk.post()
      #expect(again.breaks == 0 && again.unposted == 1)
    }
  }

  @Test func `what was captured of a reward that no call can use is told and never posted`() throws
  {
    try earned { desk in
      let admin = try desk.copy.sandbox.administrator()
      try admin.run(
        """
        INSERT INTO kvitt.hold (key, member_id, unit, quantity, day, held_at, until, captured, ended_at)
        SELECT 'K-1', 4, id, 500, '2026-09-30', now(), now(), 500, now() FROM kvitt.unit
         WHERE kind = 'miles' LIMIT 1
        """
      )
      let report = try desk.post()
      #expect(report.captures == 0 && report.breaks == 1 && report.unposted == 1)
      let stands = try admin.run("SELECT FROM kvitt.hold WHERE batch_id IS NULL AND captured = 500")
      #expect(stands.count == 1)
    }
  }

  @Test func `a till cannot use holds of another partner's credit, nor what a refused line holds`()
    throws
  {
    let other = "}\n  - {name: books, reward: credit, unit: SC.BOK, rate: 1 %, partner: BOK"
    try earned(other, credit: 8_000) { desk in
      let foreign = try desk.redeemer.hold(
        2_000,
        of: desk.member,
        unit: #require(desk.terms.directory.unit("SC.BOK")).id,
        on: desk.copy.date,
        key: "B-1",
        now: desk.now,
        until: desk.later(15)
      ).hold
      let own = try desk.hold(5_000, "K-1")
      let report = try desk.till(
        1,
        [
          desk.line("T1", .redeem, 2_000, hold: foreign),
          desk.line("T2", .redeem, 5_001, hold: own), desk.line("T3", .redeem, 1_001),
          desk.line("T4", .redeem, 1_000),
        ]
      )
      #expect(report.breaks == 3 && report.redeemedMinor == 1_000)
      #expect(try desk.stands("unit.redeemed") == 1_000)
      // Both holds stand as they were.
      _ = try desk.redeemer.capture(foreign, quantity: nil, key: "C-1", now: desk.now)
      _ = try desk.redeemer.capture(own, quantity: nil, key: "C-2", now: desk.now)
      #expect(try desk.post().captures == 2)
    }
  }

  @Test func `the key of a hold does not pass for a use at once`() throws {
    try earned { desk in
      _ = try desk.hold(1_000, "K-1")
      refused(.keyReused) {
        _ = try desk.redeemer.hold(
          1_000,
          of: desk.member,
          unit: desk.unit,
          on: desk.copy.date,
          key: "K-1",
          now: desk.now,
          until: nil
        )
      }
    }
  }
}
