import Civil
import Formats
import Intake
import Journal
import Ledger
import Postgres
import Redemption
import TestSupport
import Testing

/// Goods that points buy, and what comes back, through the real database: O4 by a catalogue.
@Suite(.serialized) struct CatalogueTests {
  private static let desk = Result { try FeedDesk("catalogue") }
  private let rules = """
      - {name: points, reward: points, unit: PT.NB, rate: 2 per full 1.00, price: 0.0085}
    catalogue:
      - {item: MUG-1, points: 1200 PT.NB, supplier: LUM, charge: 9.50}
      - {item: BAG-1, points: 500 PT.NB, supplier: NVA, charge: 4.00, through: 2026-09-30}
    """

  /// Member 1 with 4,000 points that cost 34.00.
  private func earned(_ body: (AwardDesk) throws -> Void) throws {
    try CatalogueTests.desk.get().fresh { copy in
      let copy = try copy.under(programme: "northbank-cashback", rules: rules)
      try copy.take([FeedRow(reference: "P1", amount: 200_000)])
      try body(AwardDesk(copy))
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  private func order(
    _ desk: AwardDesk,
    _ count: Int64,
    _ item: String,
    _ key: String,
    on day: String = "2026-09-30"
  ) throws -> (hold: Int64, isRepeated: Bool) {
    let programme = try #require(
      desk.terms.directory.programmes.first { $0.code == "northbank-cashback" }
    )
    let done = try Redeemer(
      books: desk.copy.sandbox.books(.redeem, login: "kvitt_service"),
      terms: desk.terms
    ).order(
      count,
      of: item,
      for: 1,
      programme: programme.id,
      on: #require(CivilDate(day)),
      key: key,
      now: desk.now
    )
    return (done.answer.hold, done.answer.isRepeated)
  }

  private func giveBack(_ desk: AwardDesk, _ hold: Int64) throws -> Finished {
    try desk.copy.sandbox.kvitt("reward", "return-order", "H-\(hold)", "--reason", "broken")
  }

  private func run(_ desk: AwardDesk) throws -> RedemptionReport {
    try RedemptionRun(desk.day()).run()
  }

  private func refusal(
    _ desk: AwardDesk,
    _ count: Int64,
    _ item: String,
    _ key: String,
    on day: String = "2026-09-30"
  ) throws -> ErrorCode? {
    do {
      _ = try order(desk, count, item, key, on: day)
      return nil
    } catch let refusal as Refusal {
      return refusal.code
    }
  }

  @Test func `O4: goods use points at their cost, and the supplier is owed its charge at once`()
    throws
  {
    try earned { desk in
      let first = try order(desk, 2, "MUG-1", "O-1")
      let again = try order(desk, 2, "MUG-1", "O-1")
      #expect(!first.isRepeated && again.isRepeated && first.hold == again.hold)
      #expect(try refusal(desk, 4, "BAG-1", "O-1") == .keyReused)
      #expect(try refusal(desk, 2, "MUG-1", "O-2") == .balanceShort)
      #expect(try refusal(desk, 1, "CUP-1", "O-2") == .unknownName)
      #expect(try refusal(desk, 1, "BAG-1", "O-2", on: "2026-10-01") == .unknownName)
      #expect(try refusal(desk, 0, "MUG-1", "O-2") == .usage)
      #expect(try run(desk).captures == 1 && run(desk).captures == 0)
      #expect(
        try desk.accounts() == [
          "2150": -1_360, "5130": 3_400 - 2_040 + 1_900, "2410": -1_900,
          "unit.issued": -4_000, "unit.open": 1_600, "unit.redeemed": 2_400,
        ]
      )
    }
  }

  @Test func `goods that came back: the same lots, the charge too, and never twice`() throws {
    try earned { desk in
      let before = try desk.accounts()
      let hold = try order(desk, 2, "MUG-1", "O-1").hold
      #expect(try giveBack(desk, hold).output == "H-\(hold): goods came back\n")
      #expect(try giveBack(desk, hold).output.contains("nothing to do"))
      #expect(try giveBack(desk, hold + 1).errors.contains("KV-CLI-001"))
      // What was not posted yet is posted first, and given back by the run after it.
      let first = try run(desk)
      #expect(first.captures == 1 && first.returns == 0)
      #expect(try desk.copy.balance(1, "PT.NB") == 1_600)
      let second = try run(desk)
      #expect(second.captures == 0 && second.returns == 1 && second.seal != nil)
      #expect(try run(desk).seal == nil)
      #expect(try desk.accounts() == before && desk.copy.balance(1, "PT.NB") == 4_000)
      // The points can be used again, and a refund finds its own lot.
      _ = try order(desk, 1, "BAG-1", "O-2")
      #expect(try run(desk).captures == 1)
      try desk.copy.take([
        FeedRow(type: "refund", reference: "R1", original: "P1", amount: 200_000)
      ])
      #expect(try desk.copy.balance(1, "PT.NB") == -500)
    }
  }

  @Test func `the supplier reads orders and what came back on its statements`() throws {
    try earned { desk in
      let hold = try order(desk, 2, "MUG-1", "O-1").hold
      #expect(try run(desk).captures == 1)
      _ = try desk.copy.settle("2026-09-30", with: "LUM")
      #expect(try giveBack(desk, hold).status == 0 && run(desk).returns == 1)
      _ = try desk.copy.settle("2026-10-01", with: "LUM")
      let lines = try desk.copy.sandbox.administrator().run(
        """
        SELECT kind, value_minor, direction, quantity IS NULL, unit,
               original_event_id IN (SELECT event_id FROM kvitt.statement_line)
          FROM kvitt.statement_line ORDER BY statement_id
        """
      ).map { row in try (0..<6).map { try row.string($0) }.joined(separator: " ") }
      #expect(
        lines == ["redemption 1900 to_partner t  f", "redemption_void 1900 to_issuer t  t"],
        "\(lines)"
      )
    }
  }

  @Test func `a catalogue is listed, ordered from by command, and read strictly`() throws {
    try earned { desk in
      func kvitt(_ words: [String]) throws -> Finished {
        try desk.copy.sandbox.kvitt(["reward"] + words)
      }
      let list = try kvitt([
        "catalogue", "northbank-cashback", "--day", "2026-09-30", "-O", "csv",
      ])
      #expect(list.output.contains("MUG-1") && list.output.contains("BAG-1"), "\(list.errors)")
      let later = try kvitt(["catalogue", "northbank-cashback", "--day", "2026-10-01", "-O", "csv"])
      #expect(later.output.contains("MUG-1") && !later.output.contains("BAG-1"))
      let bought = try kvitt([
        "order", "ca_1", "MUG-1", "--count", "2", "--key", "O-9", "--day", "2026-09-30",
      ])
      #expect(bought.output.contains("2 × MUG-1 for 2400 PT.NB"), "\(bought.errors)")
    }
    for (old, new) in [
      ("1200 PT.NB", "1200 PT.XX"), ("1200 PT.NB", "0 PT.NB"), ("charge: 9.50", "charge: 9.505"),
      ("BAG-1", "MUG-1"), ("supplier: LUM", "supplier: XXX"),
      ("through: 2026-09-30", "until: 2026"),
    ] {
      try CatalogueTests.desk.get().fresh { copy in
        let text = rules.replacing(old, with: new)
        _ = #expect(throws: (any Error).self) {
          try copy.under(programme: "northbank-cashback", rules: text)
        }
      }
    }
  }
}
