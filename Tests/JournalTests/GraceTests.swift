import Civil
import Formats
import Intake
import Journal
import Ledger
import Redemption
import TestSupport
import Testing

/// What contracts grant beyond the days of a hold and of a lot: S4 and S6, edge case 11.
@Suite(.serialized) struct GraceTests {
  private static let desk = Result { try FeedDesk("grace") }

  /// A member who earned 60.00 of store credit on 2026-09-05.
  private func earned(_ terms: String, _ body: (RedemptionDesk) throws -> Void) throws {
    try GraceTests.desk.get().fresh { copy in
      let copy = try copy.under(
        programme: "lumen-credit",
        rules: "  - {name: credit, reward: credit, unit: SC.LUM, rate: 3 %, partner: LUM, "
          + "reimbursed_at: 80 %\(terms)}"
      )
      try copy.take([FeedRow(reference: "P1", card: "lc_1", amount: 200_000)])
      let desk = try RedemptionDesk(copy)
      try body(desk)
      try desk.check()
    }
  }

  private func line(
    _ desk: RedemptionDesk,
    _ ref: String,
    _ face: Int64,
    hold: Int64,
    at instant: String
  ) throws -> TillLine {
    var line = desk.line(ref, .redeem, face, hold: hold)
    line.instant = try #require(Instant(instant))
    return line
  }

  @Test func `S4: a late confirmation is honoured within the contract's days, else a break`() throws
  {
    for (terms, isHonoured) in [(", late_days: 2", true), ("", false)] {
      try earned(terms) { desk in
        let hold = try desk.hold(5_000, "K-1")
        let given = try desk.hold(1_000, "K-2")
        _ = try desk.redeemer.release(given, key: "X-2", now: desk.now)
        #expect(try desk.post(after: 16).released == 1)
        #expect(try desk.till(1, [desk.line("T1", .redeem, 4_000)]).breaks == 0)
        // 20.00 are left; the till says after the hold's end that it gave goods for 50.00. Without days
        // of the contract nothing is owed, whenever the till says that it was.
        let said = isHonoured ? "2026-10-02T12:15:00Z" : "2026-09-30T12:10:00Z"
        let late = try line(desk, "T2", 5_000, hold: hold, at: said)
        let report = try desk.till(2, [late], on: "2026-10-02")
        #expect(report.breaks == (isHonoured ? 0 : 1))
        guard isHonoured else { return }
        #expect(try desk.stands("unit.debt") == -3_000 && desk.stands("1300") == 2_400)
        #expect(try desk.stands("2410") == -7_200 && desk.stands("2200") == 0)
        // Once, not after its days, and not where the till itself gave the hold back.
        let again = try desk.till(
          3,
          [
            line(desk, "T3", 5_000, hold: hold, at: "2026-10-02T12:00:00Z"),
            line(desk, "T4", 1_000, hold: given, at: "2026-10-01T12:00:00Z"),
          ],
          on: "2026-10-02"
        )
        #expect(again.breaks == 2)
      }
    }
  }

  @Test func `S4: a confirmation after the contract's days is a break`() throws {
    try earned(", late_days: 2") { desk in
      let hold = try desk.hold(5_000, "K-1")
      try desk.post(after: 16)
      let late = try line(desk, "T1", 5_000, hold: hold, at: "2026-10-02T12:15:01Z")
      let over = try line(desk, "T2", 5_001, hold: hold, at: "2026-10-01T12:00:00Z")
      // The first is covered by what is free; the second by nothing.
      #expect(try desk.till(1, [late, over], on: "2026-10-02").breaks == 1)
      #expect(try desk.stands("unit.debt") == 0)
    }
  }

  @Test func `S6: what comes back after the last day can be used for the contract's days`() throws {
    for (terms, days) in [(", restored_days: 10", 10), ("", 0)] {
      // Earned on the 5th of September: the last day is the 5th of October.
      try earned(", expires: 30 days" + terms) { desk in
        let expire = { (day: String) in
          try ExpiryRun(desk.day(day)).run().lots
        }
        #expect(try desk.till(1, [desk.line("T1", .redeem, 5_000)]).breaks == 0)
        #expect(try expire("2026-10-05") == 0)
        #expect(try expire("2026-10-06") == 1)
        #expect(try desk.copy.balance(4, "SC.LUM") == 0)
        var back = desk.line("T2", .return, 2_000, of: "T1")
        back.instant = try #require(Instant("2026-10-08T09:00:00Z"))
        #expect(try desk.till(2, [back], on: "2026-10-08").breaks == 0)
        guard days > 0 else {
          #expect(try expire("2026-10-08") == 1)
          return
        }
        for day in ["2026-10-08", "2026-10-09", "2026-10-18"] { #expect(try expire(day) == 0) }
        let used = try desk.redeemer.hold(
          500,
          of: desk.member,
          unit: desk.unit,
          on: #require(CivilDate("2026-10-18")),
          key: "K-1",
          now: desk.now,
          until: nil
        )
        #expect(used.rest == 1_500)
        try desk.post("2026-10-18", after: 2)
        // The day after the tenth: what nobody used ends, once.
        #expect(try expire("2026-10-19") == 1 && expire("2026-10-20") == 0)
        #expect(try desk.copy.balance(4, "SC.LUM") == 0)
      }
    }
  }

  @Test func `grace goes with rewards that it can concern`() throws {
    try GraceTests.desk.get().fresh { copy in
      for rule in [
        "{name: a, reward: cashback, unit: CB.EUR, rate: 1 %, late_days: 2}",
        "{name: a, reward: cashback, unit: CB.EUR, rate: 1 %, restored_days: 2}",
        "{name: a, reward: cashback, unit: CB.EUR, rate: 1 %, expires: 1 months, restored_days: 4000}",
      ] {
        #expect(throws: (any Error).self) {
          try copy.under(programme: "northbank-cashback", rules: "  - " + rule)
        }
      }
    }
  }
}
