import Civil
import Formats
import Intake
import Journal
import Ledger
import Rewards
import TestSupport
import Testing

/// Rules that ask something of the member, and tiers, through the real database.
@Suite(.serialized) struct MemberMeaningTests {
  private static let desk = Result { try FeedDesk("members") }

  private func under(_ rules: String, _ body: (FeedCopy) throws -> Void) throws {
    try MemberMeaningTests.desk.get().fresh { copy in
      let copy = try copy.under(programme: "northbank-cashback", rules: rules)
      try body(copy)
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  private func on(_ day: String) -> String { "\(day)T12:00:00+02:00" }

  @Test func `a choice counts from its day; who never chose has the first`() throws {
    let rules = """
        - {name: cash, reward: cashback, unit: CB.EUR, rate: 1 %, chosen: cashback}
        - {name: points, reward: points, unit: PT.NB, rate: 2 per full 1.00, price: 0.0085, chosen: points}
      choices: [cashback, points]
      """
    try under(rules) { copy in
      let choose = [
        "member", "choose", "ca_1", "points", "--business-date", "2026-09-01", "--from",
      ]
      let late = try copy.sandbox.kvitt(choose + ["2026-08-31"])
      #expect(late.status != 0 && late.errors.contains("from today on"), "\(late.errors)")
      let done = try copy.sandbox.kvitt(choose + ["2026-09-10"])
      #expect(done.status == 0, "\(done.errors)")
      // Cleared on one day, bought on another: the day of the purchase decides.
      try copy.take([
        FeedRow(reference: "P1", amount: 10_000, time: on("2026-09-09")),
        FeedRow(reference: "P2", amount: 10_000, time: on("2026-09-10")),
        FeedRow(reference: "P3", card: "ca_2", amount: 10_000, time: on("2026-09-10")),
      ])
      #expect(try copy.balance(1, "CB.EUR") == 100 && copy.balance(1, "PT.NB") == 200)
      #expect(try copy.balance(2, "CB.EUR") == 100 && copy.balance(2, "PT.NB") == 0)
      // A refund takes back what the purchase gave, whatever is chosen since.
      try copy.take([FeedRow(type: "refund", reference: "R1", original: "P1", amount: 10_000)])
      #expect(try copy.balance(1, "CB.EUR") == 0 && copy.balance(1, "PT.NB") == 200)
      let facts = try copy.sandbox.kvitt("member", "facts", "ca_1")
      #expect(facts.output.contains("choice") && facts.output.contains("points"))
    }
  }

  @Test func `an offer is for its audience, on its days, and not for those it is compared with`()
    throws
  {
    let rules = """
        - {name: autumn, reward: cashback, unit: CB.EUR, rate: 5 %, audience: AUTUMN}
      """
    try under(rules) { copy in
      let path = try copy.sandbox.write("card_token;part\nca_1;offer\nca_2;control\n", "a.csv")
      let offered = try copy.sandbox.kvitt(
        "member",
        "offer",
        path,
        "--audience",
        "AUTUMN",
        "--source",
        "mail-17",
        "--from",
        "2026-09-05",
        "--through",
        "2026-09-06",
        "--business-date",
        "2026-09-01"
      )
      #expect(offered.output.contains("1 members, 1 to compare with"), "\(offered.errors)")
      let days = ["2026-09-04", "2026-09-05", "2026-09-06", "2026-09-07"]
      try copy.take(
        days.enumerated().flatMap { index, day in
          [
            FeedRow(reference: "P\(index)", amount: 10_000, time: on(day)),
            FeedRow(reference: "C\(index)", card: "ca_2", amount: 10_000, time: on(day)),
          ]
        }
      )
      #expect(try copy.balance(1, "CB.EUR") == 1_000 && copy.balance(2, "CB.EUR") == 0)
    }
  }

  @Test func `a welcome bonus counts what is spent within its days of joining`() throws {
    let rules = """
        - {name: welcome, reward: cashback, unit: CB.EUR, rate: 50.00 at 300.00 spend, per: campaign, joined_within: 30 days}
      """
    try under(rules) { copy in
      let path = try copy.sandbox.write(
        "card_token;member_ref;joined;channel;terms;referrer\nca_1;1;2026-08-10;app;v3;\n"
          + "ca_2;2;2026-08-10;store;v3;ca_1\n",
        "joined.csv"
      )
      let import1 = {
        try copy.sandbox.together(
          "member",
          "import",
          path,
          "--programme",
          "northbank-cashback"
        )
      }
      #expect(try import1().status == 0 && import1().status == 0)
      // Said twice, noted once.
      #expect(try copy.number("SELECT count(*) FROM kvitt.member_fact") == 5)
      try copy.take([
        FeedRow(reference: "P1", amount: 20_000, time: on("2026-09-09")),
        FeedRow(reference: "P2", amount: 20_000, time: on("2026-09-10")),
        FeedRow(reference: "P3", card: "ca_2", amount: 20_000, time: on("2026-08-10")),
        FeedRow(reference: "P4", card: "ca_2", amount: 10_000, time: on("2026-09-09")),
      ])
      #expect(try copy.balance(1, "CB.EUR") == 0 && copy.balance(2, "CB.EUR") == 5_000)
      let own = try copy.sandbox.write(
        "card_token;member_ref;referrer\nca_1;1;ca_1\n",
        "own.csv"
      )
      let refused = try copy.sandbox.kvitt(
        "member",
        "import",
        own,
        "--programme",
        "northbank-cashback"
      )
      #expect(
        refused.errors.contains("own.csv:2: KV-ING-012 nobody refers themselves"),
        "\(refused.errors)"
      )
    }
  }

  @Test func `what an enrolment file says again on another day is no news`() throws {
    try under("    - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}") { copy in
      let finance = try copy.sandbox.books(.finance, login: "anna")
      let second = try copy.sandbox.books(.finance, login: "bo")
      let enrol = { (text: String, day: String) in
        for person in [finance, second] {
          _ = try person.enrol(
            MemberFile(bytes: Array("card_token;member_ref;\(text)".utf8), name: "m.csv"),
            in: "northbank-cashback",
            on: #require(CivilDate(day))
          )
        }
      }
      try enrol("channel;terms\nca_1;1;app;v3\n", "2026-08-10")
      try enrol("channel;terms\nca_1;1;app;v3\n", "2026-08-11")
      // A day alone keeps the channel.
      try enrol("joined\nca_1;1;2026-08-10\n", "2026-08-12")
      #expect(try copy.number("SELECT count(*) FROM kvitt.member_fact") == 2)
      // The day that was wrong is told anew.
      try enrol("joined\nca_1;1;2026-08-09\n", "2026-08-12")
      #expect(try finance.memberStandings()[1]?.joined == CivilDate("2026-08-09"))
      #expect {
        try enrol("referrer\nca_1;1;\nca_2;2;nobody\n", "2026-08-12")
      } throws: {
        "\($0)".contains("m.csv:3: KV-ING-013 no card nobody")
      }
    }
  }

  @Test func `rules ask for the card's product; an old card's counts from today on`() throws {
    let rules = """
        - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}
        - {name: gold, reward: cashback, unit: CB.EUR, rate: 2 %, products: gold}
        - {name: shop, reward: cashback, unit: CB.EUR, rate: 4 %, products: store, merchants: [M-9]}
      examples:
        - {amount: 100.00, member: {product: gold}, earns: {base: 1.00, gold: 2.00}}
        - {amount: 100.00, merchant: M-9, member: {product: store}, earns: {base: 1.00, shop: 4.00}}
      """
    try under(rules) { copy in
      let finance = try copy.sandbox.books(.finance, login: "anna")
      let second = try copy.sandbox.books(.finance, login: "bo")
      let enrol = { (rows: String) in
        for person in [finance, second] {
          _ = try person.enrol(
            MemberFile(
              bytes: Array("card_token;member_ref;joined;product;staff\n\(rows)".utf8),
              name: "m.csv"
            ),
            in: "northbank-cashback",
            on: #require(CivilDate("2026-09-10"))
          )
        }
      }
      // A store card beside the bank card is a card of its own.
      for _ in 0..<2 {
        try enrol("ca_1;1;2026-09-01;gold;desk-7\nst_1;9;2026-09-01;store;\nca_2;2;2026-09-01;;\n")
      }
      #expect(try copy.number("SELECT count(*) FROM kvitt.member_fact") == 6)
      let store = try #require(finance.members(ofTokens: ["st_1"])["st_1"]?.member)
      try copy.take([
        FeedRow(reference: "P1", amount: 10_000, time: on("2026-09-09")),
        FeedRow(reference: "P2", amount: 10_000, time: on("2026-09-10")),
        FeedRow(
          reference: "P3",
          card: "st_1",
          amount: 10_000,
          merchant: "M-9",
          time: on("2026-09-02")
        ),
        FeedRow(reference: "P4", card: "st_1", amount: 10_000, time: on("2026-09-10")),
        FeedRow(
          reference: "P5",
          card: "ca_2",
          amount: 10_000,
          merchant: "M-9",
          time: on("2026-09-10")
        ),
      ])
      #expect(try copy.balance(1, "CB.EUR") == 400 && copy.balance(2, "CB.EUR") == 100)
      #expect(try copy.balance(Int(store), "CB.EUR") == 600)
      // Refunds after another product came take back what was given under the old one.
      try enrol("ca_1;1;;store;\n")
      let refund = FeedRow(
        type: "refund",
        reference: "R2",
        original: "P2",
        amount: 10_000,
        time: on("2026-09-12")
      )
      try copy.take([refund])
      #expect(try copy.balance(1, "CB.EUR") == 100)
    }
  }

  private let tiers = """
      - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}
      - {name: gold, reward: cashback, unit: CB.EUR, rate: 2 %, tiers: gold}
      - {name: status, reward: status, unit: ST.NB, rate: 1 per full 1.00}
    tiers:
      by: status
      window: year
      grace_days: 45
      levels:
        - {name: gold, from: 500}
    """

  private func test(_ copy: FeedCopy, _ day: String) throws -> TierReport {
    let books = try copy.sandbox.books(.settle)
    return try TierRun(
      BookDay(
        books: books,
        terms: TermsInForce(books),
        date: #require(CivilDate(day)),
        recordedAt: #require(Instant("2026-09-30T20:00:00Z"))
      )
    ).run()
  }

  @Test func `P1: a tier reached gives what it brings for purchases since the first of the month`()
    throws
  {
    try under(tiers) { copy in
      try copy.take([
        FeedRow(reference: "P0", amount: 10_000, time: on("2026-08-05")),
        FeedRow(reference: "P1", amount: 30_000, time: on("2026-09-05")),
      ])
      #expect(try test(copy, "2026-09-30").raised == 0)
      #expect(try copy.balance(1, "CB.EUR") == 400 && copy.balance(1, "ST.NB") == 400)
      try copy.take([FeedRow(reference: "P2", amount: 20_000, time: on("2026-09-10"))])
      var report: TierReport?
      let given = try copy.moved { report = try test(copy, "2026-09-30") }
      #expect(report?.raised == 1 && report?.rows == 2)
      #expect(
        given == ["5100": 1_000, "2100": -1_000, "unit.issued": -1_000, "unit.open": 1_000]
      )
      #expect(try copy.balance(1, "CB.EUR") == 600 + 1_000)
      // Found the second time: nothing to do.
      let again = try test(copy, "2026-09-30")
      #expect(again.raised + again.lowered + again.kept == 0 && again.rows == 0)
      // What comes now earns it at once.
      try copy.take([FeedRow(reference: "P3", amount: 10_000, time: on("2026-09-29"))])
      #expect(try copy.balance(1, "CB.EUR") == 1_600 + 300)
      // A refund takes back both layers, and the tier with its next test; what it gave stays.
      try copy.take([FeedRow(type: "refund", reference: "R1", original: "P1", amount: 30_000)])
      #expect(try copy.balance(1, "CB.EUR") == 1_000)
      let fallen = try test(copy, "2026-09-30")
      #expect(fallen.lowered == 1 && fallen.rows == 0)
      #expect(try copy.balance(1, "CB.EUR") == 1_000)
      try copy.take([FeedRow(reference: "P4", amount: 10_000, time: on("2026-09-30"))])
      #expect(try copy.balance(1, "CB.EUR") == 1_100)
    }
  }

  @Test func `P2: the old year is tested again within its grace, and not after it`() throws {
    try under(tiers) { copy in
      try copy.take([
        FeedRow(reference: "P1", amount: 60_000, time: on("2026-12-10")),
        FeedRow(reference: "P2", card: "ca_2", amount: 60_000, time: on("2026-12-10")),
      ])
      #expect(try test(copy, "2026-12-31").raised == 2)
      try copy.take([FeedRow(type: "refund", reference: "R1", original: "P1", amount: 20_000)])
      #expect(try test(copy, "2027-01-20").lowered == 1)
      try copy.take([
        FeedRow(
          type: "refund",
          reference: "R2",
          original: "P2",
          card: "ca_2",
          amount: 20_000
        )
      ])
      #expect(try test(copy, "2027-03-01").lowered == 0)
      // What the first had gained stays but for the refunded part: 3 % of 400.00.
      #expect(try copy.balance(1, "CB.EUR") == 1_200 && copy.balance(2, "CB.EUR") == 1_200)
      let standings = try copy.books.memberStandings(of: [1, 2])
      let day = try #require(CivilDate("2027-06-01"))
      #expect(standings[1]?.tier(on: day) == nil && standings[2]?.tier(on: day)?.value == "gold")
    }
  }

  @Test func `a rolling window gives a tier while it lasts, then its grace`() throws {
    let terms = TierTerms(
      rule: "r",
      window: .rolling(months: 3),
      graceDays: 30,
      levels: [.init(name: "silver", from: 100), .init(name: "gold", from: 500)]
    )
    func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }
    var standing = MemberStanding()
    func decide(_ date: String, _ sum: Int64) throws -> TierTerms.Decision? {
      let decision = try terms.decide(on: day(date), current: sum, previous: 0, standing: standing)
      if let decision {
        standing.add(
          MemberFact(.tier, decision.tier, from: decision.from, through: decision.through)
        )
      }
      return decision
    }
    #expect(try decide("2026-03-15", 99) == nil)
    #expect(try decide("2026-03-15", 500)?.tier == "gold")
    #expect(try standing.tier(on: day("2026-03-01"))?.value == "gold")
    #expect(try decide("2026-03-16", 500) == nil)
    // Falls to silver's sum: gold runs out in thirty days, then silver begins.
    #expect(try decide("2026-06-10", 120)?.through == day("2026-07-10"))
    #expect(try decide("2026-06-11", 120) == nil)
    #expect(try decide("2026-07-11", 120)?.tier == "silver")
    // Reached again while running out.
    #expect(try decide("2026-09-01", 0)?.through == day("2026-10-01"))
    let kept = try #require(try decide("2026-09-02", 100))
    #expect(kept.tier == "silver" && kept.through == nil && !kept.reachesBack)
  }

  @Test func `tiers and members' rules are read strictly, and tried by examples`() throws {
    try MemberMeaningTests.desk.get().fresh { copy in
      let example = { (earned: String) in
        self.tiers + "\nexamples:\n  - {amount: 100.00, member: {tier: gold}, "
          + "earns: {base: 1.00, gold: \(earned), status: 100}}"
      }
      #expect(throws: (any Error).self) {
        try copy.under(programme: "northbank-cashback", rules: example("1.00"))
      }
      for wrong in [
        ("by: status", "by: base"), ("window: year", "window: week"),
        ("from: 500", "from: 0"), ("tiers: gold}", "tiers: [none]}"),
      ] {
        let rules = tiers.replacing(wrong.0, with: wrong.1)
        #expect(throws: (any Error).self, "\(wrong)") {
          try copy.under(programme: "northbank-cashback", rules: rules)
        }
      }
      let next = try copy.under(programme: "northbank-cashback", rules: example("2.00"))
      let rule = try TermsInForce(next.books).allAgreements.flatMap(\.rules)
        .first { $0.rule.name == "gold" }?.rule
      #expect(
        rule?.sentence(currency: .eur)
          == "2 % cashback on the billed amount, rounded half-up for members of tier gold"
      )
    }
  }
}
