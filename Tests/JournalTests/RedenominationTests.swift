import Terms
import Civil
import Formats
import Intake
import Journal
import Ledger
import Redemption
import Rewards
import TestSupport
import Testing

/// One old point becomes ten new ones, through the real database (§7, edge case 32).
@Suite(.serialized) struct RedenominationTests {
  private static let desk = Result { try FeedDesk("redenomination") }

  private static func terms(_ version: Int, _ rest: String) -> String {
    """
    agreement: NB-CASHBACK
    version: \(version)
    programme: northbank-cashback
    currency: EUR
    valid_from: \(version == 2 ? "2026-06-01" : "2026-09-20")
    rules:
    \(rest)
    """
  }

  private static let new = terms(
    3,
    """
      - {name: points, reward: points, unit: PT.NX, rate: 20 per full 1.00, price: 0.00085, expires: 12 months}
    redenominate:
      - {from: PT.NB, into: PT.NX, give: 10}
    """
  )

  /// Member 1 with 4,000 points that cost 34.00 and a hold of 500, member 2 with a debt of 200 that cost
  /// 1.70, then the terms that multiply by ten.
  private func earned(_ body: (AwardDesk) throws -> Void) throws {
    try RedenominationTests.desk.get().fresh { copy in
      let rules = """
          - {name: points, reward: points, unit: PT.NB, rate: 2 per full 1.00, price: 0.0085, expires: 12 months}
        """
      let copy = try copy.under(programme: "northbank-cashback", rules: rules)
      try copy.take([
        FeedRow(reference: "P1", amount: 200_000),
        FeedRow(reference: "P2", card: "ca_2", amount: 10_000),
      ])
      let desk = try AwardDesk(copy)
      let soon = Instant(microseconds: desk.now.microseconds + 900_000_000)
      for (quantity, member, key, until) in [(500, 1, "K-1", soon), (200, 2, "K-2", nil)]
        as [(Int64, Int64, String, Instant?)]
      {
        _ = try desk.redeemer().hold(
          quantity,
          of: member,
          unit: #require(desk.terms.directory.unit("PT.NB")).id,
          on: copy.date,
          key: key,
          now: desk.now,
          until: until
        )
      }
      #expect(try desk.post() == 1)
      let refund = FeedRow(
        type: "refund",
        reference: "R2",
        original: "P2",
        card: "ca_2",
        amount: 10_000
      )
      try copy.take([refund])
      let path = try copy.sandbox.write(RedenominationTests.new, "files/new.yaml")
      let applied = try copy.sandbox.apply([path])
      #expect(applied.status == 0, "\(applied.errors)")
      try body(AwardDesk(FeedCopy(sandbox: copy.sandbox, date: copy.date, after: copy)))
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  private func turn(_ desk: AwardDesk) throws -> RedenominationReport {
    try RedenominationRun(desk.day()).run()
  }

  @Test func `one old point becomes ten new for everybody, with its cost and its end`() throws {
    try earned { desk in
      let before = try desk.accounts()
      let report = try turn(desk)
      #expect(report.members == 2 && report.lots == 1 && report.debts == 1)
      // What is held stays what it was; what is owed is owed in new points.
      #expect(try desk.copy.balance(1, "PT.NB") == 500 && desk.copy.balance(1, "PT.NX") == 35_000)
      #expect(try desk.copy.balance(2, "PT.NB") == 0 && desk.copy.balance(2, "PT.NX") == -2_000)
      let after = try desk.accounts()
      for account in ["2150", "5130", "1300"] { #expect(after[account] == before[account]) }
      #expect(try turn(desk).seal == nil)
      // It ends when it would have ended.
      #expect(try desk.expire("2027-09-05") == 0)
      let expired = try desk.copy.moved { _ = try desk.expire("2027-09-06") }
      #expect(
        expired == [
          "2150": 2_975, "5130": -2_975, "unit.open": -35_000, "unit.expired": 35_000,
        ]
      )
      #expect(try desk.copy.balance(1, "PT.NX") == 0)
    }
  }

  @Test func `what old purchases lose or earn afterwards follows the next night`() throws {
    try earned { desk in
      #expect(try turn(desk).lots == 1)
      // 500 old points that the hold kept, freed by its release.
      let hold = try desk.copy.number("SELECT id FROM kvitt.hold WHERE key = 'K-1'")
      _ = try desk.redeemer().release(hold, key: "X-1", now: desk.now)
      #expect(try turn(desk).lots == 1 && desk.copy.balance(1, "PT.NX") == 40_000)
      // Half of the purchase is given back: owed in old points, then in new ones.
      try desk.copy.take([
        FeedRow(type: "refund", reference: "R1", original: "P1", amount: 100_000)
      ])
      #expect(try desk.copy.balance(1, "PT.NB") == -2_000)
      #expect(try turn(desk).debts == 1)
      #expect(try desk.copy.balance(1, "PT.NB") == 0 && desk.copy.balance(1, "PT.NX") == 20_000)
      #expect(try desk.stands("1300") == 1_700 + 170)
      // A late purchase of the old days earns old points, and is turned; a new one pays the debt.
      try desk.copy.take([
        FeedRow(reference: "P3", amount: 10_000),
        FeedRow(reference: "P4", amount: 10_000, time: "2026-09-25T12:00:00+02:00"),
      ])
      #expect(try turn(desk).lots == 1)
      #expect(try desk.copy.balance(1, "PT.NX") == 20_000 + 2_000 + 2_000)
      #expect(try desk.stands("1300") == 1_700 + 170 - 170)
    }
  }

  @Test func `what is redenominated is no longer given, and what it becomes is`() throws {
    for (text, why) in [
      (RedenominationTests.new.replacing("from: PT.NB", with: "from: PT.NX"), "still gives"),
      (RedenominationTests.new.replacing("into: PT.NX", with: "into: PT.NZ"), "no rule of points"),
      (RedenominationTests.new.replacing("give: 10}", with: "give: 1}"), "one old is so many new"),
    ] {
      #expect {
        try Agreement(yaml: Array(text.utf8), file: "new.yaml")
      } throws: {
        "\($0)".contains(why)
      }
    }
  }
}
