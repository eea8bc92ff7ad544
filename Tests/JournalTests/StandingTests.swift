import Intake
import Journal
import TestSupport
import Testing

/// Accounts that go out of good standing, through the real database (term 6).
@Suite(.serialized) struct StandingTests {
  private static let desk = Result { try FeedDesk("standing") }

  private func under(_ rules: String, _ body: (FeedCopy) throws -> Void) throws {
    try StandingTests.desk.get().fresh { copy in
      let copy = try copy.under(programme: "northbank-cashback", rules: rules)
      try body(copy)
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  private func on(_ day: String) -> String { "\(day)T12:00:00+02:00" }

  @Test
  func `an account out of good standing keeps nothing of those days, in any order of the facts`()
    throws
  {
    let rules = """
        - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, standing: good}
        - {name: all, reward: cashback, unit: CB.EUR, rate: 1 %}
      examples:
        - {amount: 100.00, member: {standing: in}, earns: {base: 1.00, all: 1.00}}
        - {amount: 100.00, member: {standing: out}, earns: {all: 1.00}}
      """
    let feed = { (copy: FeedCopy) in
      _ = try copy.take(
        ["2026-09-04", "2026-09-05", "2026-09-09", "2026-09-10"].enumerated().map { index, day in
          FeedRow(reference: "P\(index)", amount: 10_000, time: on(day))
        }
      )
    }
    let out = ["V-1", "good_standing", "ca_1", "", "2026-09-05", "out"]
    let back = ["V-2", "good_standing", "ca_1", "", "2026-09-10", "in"]
    let tell = { (copy: FeedCopy, events: [[String]], sequence: Int) in
      let bytes = accountEvents(events, sequence: sequence)
      _ = try copy.eventIntake().take(bytes: bytes, name: "AE-\(sequence).csv")
      _ = try StandingRun(AwardDesk(copy).day()).run()
    }
    let orders: [(FeedCopy) throws -> Void] = [
      {
        try tell($0, [out, back], 1)
        try feed($0)
      },
      {
        try feed($0)
        try tell($0, [out], 1)
        try tell($0, [back], 2)
      },
      {
        try tell($0, [back], 1)
        try feed($0)
        try tell($0, [out], 2)
      },
    ]
    for order in orders {
      try under(rules) { copy in
        try order(copy)
        #expect(try copy.balance(1, "CB.EUR") == 2 * 100 + 4 * 100)
        // A refund of a day on which it was out takes back what that day gave.
        try copy.take([FeedRow(type: "refund", reference: "R", original: "P1", amount: 10_000)])
        #expect(try copy.balance(1, "CB.EUR") == 2 * 100 + 3 * 100)
      }
    }
  }
}
