import Redemption
import Civil
import Formats
import Intake
import Journal
import Ledger
import TestSupport
import Testing

/// Two members who turn out to be one, and the way back, through the real database.
@Suite(.serialized) struct MemberMergeTests {
  private static let desk = Result { try FeedDesk("joined") }
  private let rules =
    "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, expires: 3 months}"

  private func under(_ body: (AwardDesk) throws -> Void) throws {
    try MemberMergeTests.desk.get().fresh { copy in
      let copy = try copy.under(programme: "northbank-cashback", rules: rules)
      try body(AwardDesk(copy))
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  private func ask(
    _ desk: AwardDesk,
    _ verb: String,
    _ card: String,
    _ into: String,
    _ key: String,
    as person: String
  ) throws -> Finished {
    try desk.copy.sandbox.kvitt(
      [
        "member", verb, card, "--into", into, "--key", key, "--reason", "one customer",
        "--evidence", "case 4713",
      ],
      environment: ["KVITT_LOGIN": person]
    )
  }

  private func decide(
    _ desk: AwardDesk,
    _ verb: String,
    _ card: String,
    _ into: String,
    _ key: String
  ) throws -> Finished {
    _ = try ask(desk, verb, card, into, key, as: "anna")
    return try ask(desk, verb, card, into, key, as: "bo")
  }

  private func run(_ desk: AwardDesk, _ day: String = "2026-09-30") throws -> MergeReport {
    try MergeRun(desk.day(day)).run()
  }

  /// What members 1 and 2 have.
  private func have(_ desk: AwardDesk) throws -> [Int64] {
    [try desk.copy.balance(1, "CB.EUR"), try desk.copy.balance(2, "CB.EUR")]
  }

  @Test func `joined members have, use and owe together, and what comes later follows`() throws {
    try under { desk in
      try desk.copy.take([
        FeedRow(reference: "P1", amount: 10_000),
        FeedRow(reference: "P2", card: "ca_2", amount: 20_000),
      ])
      #expect(try ask(desk, "merge", "ca_1", "ca_2", "M-1", as: "anna").status == 24)
      #expect(
        try ask(desk, "merge", "ca_1", "ca_2", "M-1", as: "anna").errors.contains("KV-SET-004")
      )
      #expect(try run(desk).seal == nil && have(desk) == [100, 200])
      #expect(try ask(desk, "merge", "ca_1", "ca_2", "M-1", as: "bo").status == 0)
      let money = try desk.accounts()
      #expect(try run(desk).lots == 1 && run(desk).seal == nil)
      #expect(try have(desk) == [0, 300] && desk.accounts() == money)
      // Either card uses what both have.
      let used = try desk.copy.sandbox.kvitt([
        "reward", "hold", "ca_1", "--unit", "CB.EUR", "--quantity", "2.50", "--key", "K-1", "--day",
        "2026-09-30", "--minutes", "60",
      ])
      #expect(used.status == 0 && used.output.contains("H-1"), "\(used.errors)")
      // The lot of P1 is gone, so its refund is owed; the debt follows, and what the other earns
      // pays it.
      try desk.copy.take([
        FeedRow(type: "refund", reference: "R1", original: "P1", amount: 10_000)
      ])
      #expect(try have(desk) == [-100, 300] && desk.stands("1300") == 100)
      #expect(try run(desk).debts == 1 && run(desk).seal == nil)
      #expect(try have(desk) == [0, 200] && desk.stands("1300") == 100)
      try desk.copy.take([
        FeedRow(reference: "P3", amount: 30_000),
        FeedRow(reference: "P4", card: "ca_2", amount: 10_000),
      ])
      #expect(try desk.stands("1300") == 0 && have(desk) == [300, 300])
      #expect(try run(desk).lots == 1 && have(desk) == [0, 600])
      // A lot that moved ends on the day on which it would have ended: 2.50 are held.
      #expect(try desk.expire("2026-12-05") == 0)
      #expect(try desk.expire("2026-12-06") > 0 && have(desk) == [0, 250])
    }
  }

  @Test func `members who are told apart again have what is left of their own`() throws {
    try under { desk in
      try desk.copy.take([
        FeedRow(reference: "P1", amount: 10_000),
        FeedRow(reference: "P2", card: "ca_2", amount: 20_000),
      ])
      #expect(try decide(desk, "merge", "ca_1", "ca_2", "M-1").status == 0)
      #expect(try run(desk).lots == 1 && have(desk) == [0, 300])
      // First in first out: the older lot of member 2 is held, with a half of what came.
      _ = try desk.copy.sandbox.kvitt([
        "reward", "hold", "ca_2", "--unit", "CB.EUR", "--quantity", "2.50", "--key", "K-1", "--day",
        "2026-09-30", "--minutes", "60",
      ])
      #expect(try decide(desk, "unmerge", "ca_1", "ca_2", "M-2").status == 0)
      #expect(try run(desk).lots == 1 && run(desk).seal == nil)
      #expect(try have(desk) == [50, 250])
      try desk.copy.take([FeedRow(reference: "P3", amount: 10_000)])
      #expect(try run(desk).seal == nil && have(desk) == [150, 250])
      // Joined once more, under another key.
      #expect(try decide(desk, "merge", "ca_1", "ca_2", "M-3").status == 0)
      #expect(try run(desk).lots == 2 && have(desk) == [0, 400])
    }
  }

  @Test func `a till uses what joined members have together`() throws {
    try MemberMergeTests.desk.get().fresh { copy in
      let path = try copy.sandbox.write("card_token;member_ref\nlc_2;8\n", "files/lc.csv")
      _ = try copy.sandbox.together("member", "import", path, "--programme", "lumen-credit")
      try copy.take([
        FeedRow(reference: "P0", card: "lc_1", amount: 10_000),
        FeedRow(reference: "P1", card: "lc_2", amount: 200_000),
      ])
      let desk = try RedemptionDesk(copy)
      let award = try AwardDesk(copy)
      let own = try copy.balance(4, "SC.LUM")
      #expect(own > 30)
      let before = [desk.line("T0", .redeem, 10), desk.line("T1", .redeem, own)]
      #expect(try desk.till(1, before).breaks == 1)
      let hold = try desk.hold(own - 10, "K-1")
      #expect(try decide(award, "merge", "lc_1", "lc_2", "M-1").status == 0)
      #expect(try run(award).seal == nil)
      // What was held and used before stays the member's own; the rest is what both have.
      let after = [
        desk.line("T2", .redeem, own - 10, hold: hold), desk.line("T3", .return, 10, of: "T0"),
        desk.line("T4", .redeem, 100), desk.line("T5", .return, 100, of: "T4"),
      ]
      #expect(try desk.till(2, after).breaks == 0)
      #expect(try copy.balance(4, "SC.LUM") == 10 && run(award).lots == 1)
      #expect(try copy.balance(4, "SC.LUM") == 0)
      try desk.check()
    }
  }

  @Test func `no chains, no two programmes, no end of what does not stand`() throws {
    try under { desk in
      try desk.enrol("ca_3;9")
      #expect(try decide(desk, "unmerge", "ca_1", "ca_2", "U-1").errors.contains("not joined"))
      #expect(try decide(desk, "merge", "ca_1", "ca_2", "M-1").status == 0)
      #expect(try decide(desk, "merge", "ca_1", "ca_2", "M-1").output.contains("nothing to do"))
      for (card, into, key, why) in [
        ("ca_3", "ca_1", "M-2", "joined to another"), ("ca_2", "ca_3", "M-3", "joined to another"),
        ("ca_2", "ca_1", "M-4", "joined to another"), ("ca_3", "nm_1", "M-5", "two programmes"),
        ("ca_3", "ca_2", "M-1", "KV-RDM-002"), ("ca_3", "ca_3", "M-6", "one member"),
      ] {
        let refused = try decide(desk, "merge", card, into, key)
        #expect(refused.status != 0 && refused.errors.contains(why), "\(key) \(refused.errors)")
      }
      // A third may join the same one.
      #expect(try decide(desk, "merge", "ca_3", "ca_2", "M-7").status == 0)
    }
  }
}
