import Civil
import Formats
import Intake
import Journal
import Ledger
import Redemption
import Rewards
import TestSupport
import Testing

/// The issuer's own points through the real database: O1 to O7, P7.
@Suite(.serialized) struct PointsMeaningTests {
  private static let desk = Result { try FeedDesk("points") }

  /// One point for each full euro at an expected cost of 0.0085, at one shop of 0.0090.
  private func under(_ body: (PointsDesk) throws -> Void) throws {
    try PointsMeaningTests.desk.get().fresh { copy in
      let rules = """
          - {name: base, reward: points, unit: PT.NB, rate: 1 per full 1.00, price: 0.0085, partner: LUM, charge: 0.0089, merchants: [M-1], expires: 12 months}
          - {name: shop, reward: points, unit: PT.NB, rate: 1 per full 1.00, price: 0.0090, partner: LUM, charge: 0.0089, merchants: [M-9]}
        """
      let copy = try copy.under(programme: "northbank-cashback", rules: rules)
      let desk = try PointsDesk(copy)
      try body(desk)
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  private let refund = FeedRow(type: "refund", reference: "R1", original: "P1", amount: 120_000)

  @Test func `O1 to O5: points earned, held, captured at the supplier's charge, or released`()
    throws
  {
    try under { desk in
      try desk.copy.take([FeedRow(reference: "P1", amount: 120_000)])
      #expect(try desk.stands("5130") == 1_020 && desk.stands("2150") == -1_020)
      #expect(try desk.stands("unit.open") == 1_200)
      let released = try desk.hold(1_000, "K-1")
      _ = try desk.redeemer.release(released, key: "X-1", now: desk.now)
      let hold = try desk.hold(1_000, "K-2")
      _ = try desk.redeemer.capture(hold, quantity: nil, key: "C-2", now: desk.now)
      let used = try desk.copy.moved { _ = try desk.post() }
      #expect(
        used == [
          "2150": 850, "5130": 40, "2410": -890, "unit.open": -1_000, "unit.redeemed": 1_000,
        ]
      )
      // 8.50 of liability against a charge of 8.90: 0.40 more cost.
      #expect(try desk.stands("2150") == -170 && desk.stands("5130") == 1_020 + 40)
      #expect(try desk.stands("2410") == -890 && desk.stands("2400") == 0)
      #expect(try desk.stands("unit.redeemed") == 1_000 && desk.copy.balance(1, "PT.NB") == 200)
    }
  }

  @Test func `O6: a refund after use takes the own lot, then another at its own cost`() throws {
    try under { desk in
      try desk.copy.take([FeedRow(reference: "P1", amount: 120_000)])
      try desk.copy.take([FeedRow(reference: "P2", amount: 100_000, merchant: "M-9")])
      let hold = try desk.hold(1_000, "K-1")
      _ = try desk.redeemer.capture(hold, quantity: nil, key: "C-1", now: desk.now)
      #expect(try desk.post() == 1)
      let before = (try desk.stands("2150"), try desk.stands("5130"))
      try desk.copy.take([refund])
      // The own 200 at 1.70 and 1,000 of the other lot at 9.00: 0.50 more than the purchase cost.
      #expect(try desk.stands("2150") == before.0 + 1_070)
      #expect(try desk.stands("5130") == before.1 - 1_020 - 50)
      #expect(try desk.stands("1300") == 0 && desk.copy.balance(1, "PT.NB") == 0)
    }
  }

  @Test func `O7: with nothing left the member owes, and what is earned next pays it`() throws {
    try under { desk in
      try desk.copy.take([FeedRow(reference: "P1", amount: 120_000)])
      let hold = try desk.hold(1_200, "K-1")
      _ = try desk.redeemer.capture(hold, quantity: nil, key: "C-1", now: desk.now)
      #expect(try desk.post() == 1)
      try desk.copy.take([refund])
      #expect(try desk.stands("1300") == 1_020 && desk.stands("unit.debt") == -1_200)
      try desk.copy.take([FeedRow(reference: "P2", amount: 120_000)])
      #expect(try desk.stands("1300") == 0 && desk.copy.balance(1, "PT.NB") == 0)
      #expect(try desk.stands("2150") == 0)
    }
  }

  @Test func `P7: points expire to their cost, and a refund afterwards moves no money`() throws {
    try under { desk in
      try desk.copy.take([FeedRow(reference: "P1", amount: 120_000)])
      let report = try ExpiryRun(desk.day("2027-09-06")).run()
      #expect(report.lots == 1)
      #expect(try desk.stands("2150") == 0 && desk.stands("5130") == 0)
      #expect(try desk.stands("unit.expired") == 1_200)
      try desk.copy.take([refund])
      #expect(try desk.stands("unit.expired") == 0 && desk.stands("5130") == 0)
      #expect(try desk.stands("1300") == 0)
    }
  }

  @Test
  func `P5 to P7: an estimate is an allowance, changed by the next one, used first by expiry`()
    throws
  {
    try under { desk in
      try desk.copy.take([FeedRow(reference: "P1", amount: 1_000_000)])
      try desk.copy.take([
        FeedRow(reference: "P2", amount: 9_000_000, time: "2026-09-20T12:00:00+02:00")
      ])
      #expect(try desk.stands("2150") == -85_000)
      func estimate(_ used: String, _ key: String) throws -> Int {
        let words = [
          "ledger", "estimate", "PT.NB", "--used", used, "--data-cut", "2026-09-30", "--key", key,
          "--reason", "curves of the quarter", "--evidence", "note 17",
        ]
        #expect(try desk.copy.sandbox.kvitt(words).status == 24)
        #expect(try desk.copy.sandbox.kvitt(words).errors.contains("KV-SET-004"))
        let second = try desk.copy.sandbox.kvitt(words, environment: ["KVITT_LOGIN": "bo"])
        #expect(second.status == 0, "\(second.errors)")
        return try EstimateRun(desk.day()).run().posted
      }
      let booked = try desk.copy.moved { _ = try estimate("90 %", "URR-1") }
      #expect(booked == ["2190": 8_500, "5130": -8_500])
      #expect(try desk.stands("2190") == 8_500 && desk.stands("5130") == 85_000 - 8_500)
      let changed = try desk.copy.moved { _ = try estimate("88 %", "URR-2") }
      #expect(changed == ["2190": 1_700, "5130": -1_700])
      #expect(try desk.stands("2190") == 10_200 && desk.stands("5130") == 85_000 - 10_200)
      // Up again: the allowance shrinks.
      #expect(try estimate("98.5 %", "URR-3") == 1)
      #expect(try desk.stands("2190") == 1_275)
      func expire(_ day: String) throws {
        _ = try ExpiryRun(desk.day(day)).run()
      }
      // 8,500 expire: 12.75 of their 85.00 were foreseen, the rest lowers the cost (P7b).
      let expired = try desk.copy.moved { try expire("2027-09-06") }
      #expect(
        expired == [
          "2150": 8_500, "2190": -1_275, "5130": -7_225, "unit.open": -10_000,
          "unit.expired": 10_000,
        ]
      )
      #expect(try desk.stands("2190") == 0 && desk.stands("2150") == -76_500)
      #expect(try desk.stands("5130") == 76_500)
      #expect(try estimate("90 %", "URR-4") == 1)
      #expect(try desk.stands("2190") == 7_650)
      // Everything expires: the allowance goes whole.
      try expire("2027-09-21")
      #expect(try desk.stands("2190") == 0 && desk.stands("2150") == 0)
      #expect(try desk.stands("5130") == 0)
    }
  }

  @Test func `a rule of points says its cost and its charge, and its examples are tried`() throws {
    try PointsMeaningTests.desk.get().fresh { copy in
      let rules = { (points: Int) in
        """
          - {name: base, reward: points, unit: PT.NB, rate: 2 per full 1.00, price: 0.0085, partner: LUM, charge: 0.0089}
        examples:
          - {amount: 10.50, earns: {base: \(points)}}
        """
      }
      #expect(throws: (any Error).self) {
        try copy.under(programme: "northbank-cashback", rules: rules(21))
      }
      let next = try copy.under(programme: "northbank-cashback", rules: rules(20))
      let terms = try TermsInForce(next.books)
      let rule = terms.allAgreements.flatMap(\.rules).first { $0.rule.kind == .points }?.rule
      #expect(
        rule?.sentence(currency: .eur)
          == "2 PT.NB points for each full 1.00 EUR of LUM; 0.0085 EUR a point; LUM charges 0.0089 "
          + "EUR for a point used"
      )
    }
  }
}

/// Calls and runs on a copy of the installation, for member 1.
private struct PointsDesk {
  let copy: FeedCopy
  let terms: TermsInForce
  let redeemer: Redeemer
  let now: Instant

  init(_ copy: FeedCopy) throws {
    self.copy = copy
    terms = try TermsInForce(copy.books)
    redeemer = Redeemer(
      books: try copy.sandbox.books(.redeem, login: "kvitt_service"),
      terms: terms
    )
    now = try #require(Instant("2026-09-30T12:00:00Z"))
  }

  /// What a run of a day works on.
  func day(_ day: String? = nil) throws -> BookDay {
    let date = try day.map { try #require(CivilDate($0)) } ?? copy.date
    return BookDay(
      books: try copy.sandbox.books(.settle),
      terms: terms,
      date: date,
      recordedAt: now
    )
  }

  func stands(_ account: String) throws -> Int64 { try copy.accounts()[account] ?? 0 }

  func hold(_ points: Int64, _ key: String) throws -> Int64 {
    try redeemer.hold(
      points,
      of: 1,
      unit: #require(terms.directory.unit("PT.NB")).id,
      on: copy.date,
      key: key,
      now: now,
      until: Instant(microseconds: now.microseconds + 900_000_000)
    ).hold
  }

  func post() throws -> Int {
    try RedemptionRun(
      BookDay(books: copy.sandbox.books(.settle), terms: terms, date: copy.date, recordedAt: now)
    ).run().captures
  }
}
