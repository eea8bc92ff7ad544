import Postgres
import Civil
import Formats
import Intake
import Journal
import Ledger
import Redemption
import Rewards
import TestSupport
import Testing

/// Stamps, vouchers, benefits and bonuses through the real database: O8 to O16.
@Suite(.serialized) struct AwardMeaningTests {
  private static let desk = Result { try FeedDesk("awards") }

  private func under(_ rules: String, _ body: (AwardDesk) throws -> Void) throws {
    try AwardMeaningTests.desk.get().fresh { copy in
      let copy = try copy.under(programme: "northbank-cashback", rules: rules)
      try body(AwardDesk(copy))
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  private let stamps = """
      - {name: coffee, reward: stamps, unit: ST.KFH, rate: 1 flat, price: 0.30, minimum: 2.00, expires: 3 months}
      - {name: drink, reward: voucher, unit: VO.KFH, for: 10 coffee, price: 3.00, partner: BOK, expires: 6 months}
    """

  private func cups(_ numbers: ClosedRange<Int>) -> [FeedRow] {
    numbers.map { FeedRow(reference: "P\($0)", amount: 300) }
  }

  @Test func `O8 to O10: nine stamps are nothing, the tenth makes a voucher, the partner is paid`()
    throws
  {
    try under(stamps) { desk in
      try desk.copy.take(cups(1...9))
      // A purchase below the minimum gives none.
      try desk.copy.take([FeedRow(reference: "P0", amount: 199)])
      #expect(try desk.stands("5140") == 270 && desk.stands("2160") == -270)
      #expect(try desk.award().seal == nil && desk.copy.balance(1, "ST.KFH") == 9)
      try desk.copy.take(cups(10...11))
      let before = try desk.accounts()
      #expect(try desk.award().vouchers == 1)
      #expect(try desk.award().seal == nil)
      #expect(try desk.copy.balance(1, "ST.KFH") == 1 && desk.copy.balance(1, "VO.KFH") == 1)
      // O9 moves no money, only units.
      let after = try desk.accounts()
      #expect(
        after.filter { !$0.key.hasPrefix("unit") } == before.filter { !$0.key.hasPrefix("unit") }
      )
      #expect(after["unit.converted"] == 10)
      try desk.use(1, of: "VO.KFH", "K-1")
      #expect(try desk.post() == 1)
      #expect(try desk.stands("2160") == -30 && desk.stands("5140") == 330)
      #expect(try desk.stands("2400") == 0 && desk.stands("2410") == -300)
      #expect(try desk.copy.balance(1, "VO.KFH") == 0)
    }
  }

  @Test func `O11: stamps and vouchers lapse to their cost; a refund afterwards moves no money`()
    throws
  {
    try under(stamps) { desk in
      try desk.copy.take(cups(1...13))
      #expect(try desk.award().vouchers == 1)
      #expect(try desk.expire("2026-12-05") == 0)
      #expect(try desk.expire("2026-12-06") == 3)
      #expect(try desk.stands("5140") == 300 && desk.stands("2160") == -300)
      #expect(try desk.copy.balance(1, "ST.KFH") == 0)
      let refund = FeedRow(type: "refund", reference: "R1", original: "P13", amount: 300)
      try desk.copy.take([refund])
      #expect(try desk.stands("5140") == 300 && desk.stands("1300") == 0)
      // The voucher was given on the 30th of September: six months.
      #expect(try desk.expire("2027-03-30") == 0)
      #expect(try desk.expire("2027-03-31") == 1)
      #expect(try desk.stands("5140") == 0 && desk.stands("2160") == 0)
    }
  }

  @Test func `a refund after the card was full: the member owes a stamp, and the next one pays it`()
    throws
  {
    try under(stamps) { desk in
      try desk.copy.take(cups(1...10))
      #expect(try desk.award().vouchers == 1)
      try desk.copy.take([FeedRow(type: "refund", reference: "R1", original: "P3", amount: 200)])
      #expect(try desk.stands("1300") == 30 && desk.copy.balance(1, "ST.KFH") == -1)
      try desk.copy.take(cups(11...12))
      #expect(try desk.stands("1300") == 0 && desk.copy.balance(1, "ST.KFH") == 1)
    }
  }

  @Test func `two vouchers for the same stamps: the first of the agreement comes first`() throws {
    let rules =
      stamps + "\n  - {name: cookie, reward: voucher, unit: VO.COOKIE, for: 5 coffee, price: 1.50, "
      + "partner: BOK}"
    try under(rules) { desk in
      try desk.copy.take(cups(1...17))
      #expect(try desk.award().vouchers == 2)
      #expect(try desk.copy.balance(1, "VO.KFH") == 1 && desk.copy.balance(1, "VO.COOKIE") == 1)
      #expect(try desk.copy.balance(1, "ST.KFH") == 2 && desk.stands("2160") == -510)
    }
  }

  @Test func `what nobody can ask for cannot be held`() throws {
    try under(stamps) { desk in
      try desk.copy.take(cups(1...3))
      let error = #expect(throws: Refusal.self) { try desk.use(1, of: "ST.KFH", "K-1") }
      #expect(error?.code == .usage && error?.message.contains("stamps") == true)
    }
  }

  @Test func `O12 to O14: a benefit is granted once a year, costs when it is used, and runs out`()
    throws
  {
    let rules = """
        - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}
        - {name: lounge, reward: benefit, unit: BN.LOUNGE, grant: 4 per year, price: 22.00, partner: NVA, tiers: gold}
      """
    try under(rules) { desk in
      #expect(try desk.award().seal == nil)
      try desk.books.note(
        [(1, MemberFact(.tier, "gold", from: desk.copy.date))],
        source: "test"
      )
      #expect(try desk.award().grants == 1)
      #expect(try desk.award().seal == nil)
      #expect(try desk.accounts().filter { !$0.key.hasPrefix("unit") }.isEmpty)
      #expect(try desk.copy.balance(1, "BN.LOUNGE") == 4)
      try desk.use(1, of: "BN.LOUNGE", "K-1")
      #expect(try desk.post() == 1)
      #expect(try desk.stands("5140") == 2_200 && desk.stands("2410") == -2_200)
      #expect(try desk.stands("2400") == 0 && desk.copy.balance(1, "BN.LOUNGE") == 3)
      #expect(try desk.expire("2026-12-31") == 0)
      #expect(try desk.expire("2027-01-01") == 1)
      #expect(try desk.stands("unit.expired") == 3 && desk.stands("5140") == 2_200)
      #expect(try desk.award("2027-01-01").grants == 1)
      #expect(try desk.copy.balance(1, "BN.LOUNGE") == 4)
    }
  }

  private let bonuses = """
      - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}
      - {name: friend, reward: cashback, unit: CB.EUR, rate: 50.00 flat, on: referral, minimum: 20.00, joined_within: 60 days, clawback_days: 30, pending_days: 10, yearly_cap: 1 times}
      - {name: survey, reward: cashback, unit: CB.EUR, rate: 5.00 flat, on: survey-2026}
      - {name: hello, reward: cashback, unit: CB.EUR, rate: 1.00 flat, on: joined}
    """

  @Test
  func `O15, O16: a referral pays both sides once, and is taken back where the friend closes`()
    throws
  {
    try under(bonuses) { desk in
      try desk.join("ca_2;2;2026-08-20;ca_1")
      // Too small, then refunded below the minimum, then enough.
      let on = { (reference: String, amount: Int) in
        FeedRow(reference: reference, card: "ca_2", amount: amount)
      }
      try desk.copy.take([on("P1", 1_999), on("P2", 2_500)])
      try desk.copy.take([
        FeedRow(type: "refund", reference: "R1", original: "P2", card: "ca_2", amount: 600)
      ])
      #expect(try desk.award().bonuses == 1)  // The greeting of the one who joined.
      try desk.copy.take([on("P3", 2_000)])
      let before = try desk.copy.balance(2, "CB.EUR")
      #expect(try desk.award().bonuses == 2)
      #expect(try desk.award().seal == nil)
      #expect(try desk.stands("5150") == 10_000 + 100)
      #expect(try desk.copy.balance(1, "CB.EUR") == 5_000)
      #expect(try desk.copy.balance(2, "CB.EUR") == before + 5_000)
      // Nothing of it can be used before its days are over.
      #expect(throws: Refusal.self) { try desk.use(4_000, of: "CB.EUR", "K-1") }
      try desk.close("ca_2", "2026-10-20")
      let over = try desk.award("2026-10-21")
      #expect(over.takenBack == 2)
      #expect(try desk.award("2026-10-21").seal == nil)
      #expect(try desk.stands("5150") == 100 && desk.copy.balance(1, "CB.EUR") == 0)
      #expect(try desk.stands("1300") == 0)
    }
  }

  @Test func `O16: what was used by then is owed; after the days nothing is taken back`() throws {
    try under(bonuses) { desk in
      try desk.join("ca_2;2;2026-08-20;ca_1")
      try desk.copy.take([FeedRow(reference: "P1", card: "ca_2", amount: 5_000)])
      #expect(try desk.award().bonuses == 3)
      try desk.use(5_000, of: "CB.EUR", "K-1", on: "2026-10-10")
      #expect(
        try PayoutRun(desk.day("2026-10-11")).run().lines == 1
      )
      try desk.close("ca_2", "2026-10-31")
      #expect(try desk.award("2026-11-01").takenBack == 0)
    }
    try under(bonuses) { desk in
      try desk.join("ca_2;2;2026-08-20;ca_1")
      try desk.copy.take([FeedRow(reference: "P1", card: "ca_2", amount: 5_000)])
      #expect(try desk.award().bonuses == 3)
      try desk.use(5_000, of: "CB.EUR", "K-1", on: "2026-10-10")
      _ = try PayoutRun(desk.day("2026-10-11")).run()
      try desk.close("ca_2", "2026-10-30")
      #expect(try desk.award("2026-10-31").takenBack == 2)
      #expect(try desk.stands("1300") == 5_000 && desk.copy.balance(1, "CB.EUR") == -5_000)
      #expect(try desk.stands("5150") == 100)
    }
  }

  @Test func `a referral goes with the purchase that qualified, unless another one stands`() throws
  {
    let bought = { (reference: String) in
      FeedRow(reference: reference, card: "ca_2", amount: 5_000, time: "2026-09-10T12:00:00+02:00")
    }
    let refund = { (original: String, day: String) in
      FeedRow(
        type: "refund",
        reference: "R-\(original)",
        original: original,
        card: "ca_2",
        amount: 3_100,
        time: "2026-\(day)T12:00:00+02:00"
      )
    }
    try under(bonuses) { desk in
      try desk.join("ca_2;2;2026-08-20;ca_1")
      try desk.copy.take([bought("P1"), bought("P2")])
      #expect(try desk.award().bonuses == 3)
      // One of two goes below the minimum, then the other, on the last of the thirty days.
      try desk.copy.take([refund("P1", "10-20")])
      #expect(try desk.award("2026-10-20").takenBack == 0)
      try desk.copy.take([refund("P2", "10-30")])
      #expect(try desk.award("2026-11-02").takenBack == 2)
      #expect(try desk.award("2026-11-03").seal == nil)
      #expect(try desk.stands("5150") == 100 && desk.copy.balance(1, "CB.EUR") == 0)
    }
    try under(bonuses) { desk in
      try desk.join("ca_2;2;2026-08-20;ca_1")
      try desk.copy.take([bought("P1")])
      #expect(try desk.award().bonuses == 3)
      try desk.copy.take([refund("P1", "10-31")])
      #expect(try desk.award("2026-10-31").takenBack == 0)
    }
  }

  @Test func `a bonus on an event comes once, and a cap counts referrals`() throws {
    try under(bonuses) { desk in
      let note = {
        try desk.copy.sandbox.kvitt("member", "event", "ca_1", "survey-2026", "--on", "2026-09-20")
      }
      #expect(try note().status == 0 && note().output.contains("noted before"))
      #expect(try desk.award().bonuses == 1 && desk.copy.balance(1, "CB.EUR") == 500)
      #expect(try desk.award().seal == nil)
      // Two friends of one member: the cap of one a year leaves the second bonus to the friend alone.
      try desk.enrol("ca_3;9")
      try desk.join("ca_2;2;2026-08-20;ca_1\nca_3;9;2026-08-20;ca_1")
      try desk.copy.take([
        FeedRow(reference: "P1", card: "ca_2", amount: 5_000),
        FeedRow(reference: "P2", card: "ca_3", amount: 5_000),
      ])
      #expect(try desk.award().bonuses == 6)
      #expect(try desk.copy.balance(1, "CB.EUR") == 500 + 5_000)
      // One friend closes: the other fills the cap. Then that one closes too.
      try desk.close("ca_2", "2026-10-01")
      #expect(try desk.award("2026-10-02").takenBack == 2)
      #expect(try desk.copy.balance(1, "CB.EUR") == 500 + 5_000)
      try desk.copy.take([
        FeedRow(type: "refund", reference: "R2", original: "P2", card: "ca_3", amount: 5_000)
      ])
      #expect(try desk.award("2026-10-03").takenBack == 2)
      #expect(try desk.copy.balance(1, "CB.EUR") == 500)
      #expect(try desk.award("2026-10-03").seal == nil)
    }
  }

  @Test func `goodwill expires too, though no purchase stands behind it`() throws {
    let rules = "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, expires: 3 months}"
    try under(rules) { desk in
      try desk.copy.take([
        FeedRow(reference: "P1", amount: 10_000, time: "2026-06-05T12:00:00+02:00")
      ])
      let adjust = [
        "reward", "adjust", "ca_1", "--unit", "CB.EUR", "--quantity", "15.00", "--key", "GW-1",
        "--reason", "late card", "--evidence", "case 1",
      ]
      for person in [[:], ["KVITT_LOGIN": "bo"]] {
        let done = try desk.copy.sandbox.kvitt(adjust, environment: person)
        #expect([0, 24].contains(done.status), "\(done.errors)")
      }
      #expect(
        try AdjustmentRun(desk.day()).run().posted == 1
      )
      // A run in between sees the older lot alone, and must not hide the goodwill from the next.
      #expect(try desk.expire("2026-10-01") == 1)
      #expect(try desk.expire("2026-12-31") == 1 && desk.copy.balance(1, "CB.EUR") == 0)
    }
  }

  @Test func `rules without a purchase are read strictly`() throws {
    try AwardMeaningTests.desk.get().fresh { copy in
      for (old, new) in [
        ("for: 10 coffee, price: 3.00", "for: 10 coffee, price: 3.01"),
        ("for: 10 coffee", "for: 10 tea"), ("for: 10 coffee", "for: 1 coffee"),
        ("reward: voucher", "reward: stamps"), ("rate: 1 flat, price: 0.30", "rate: 1 flat"),
      ] {
        #expect(throws: (any Error).self, "\(new)") {
          try copy.under(
            programme: "northbank-cashback",
            rules: stamps.replacing(old, with: new)
          )
        }
      }
      for (old, new) in [
        ("rate: 5.00 flat, on: survey-2026", "rate: 5 %, on: survey-2026"),
        ("on: survey-2026", "on: survey-2026, clawback_days: 3"),
        ("on: joined", "grant: 4 per year"),
      ] {
        #expect(throws: (any Error).self, "\(new)") {
          try copy.under(
            programme: "northbank-cashback",
            rules: bonuses.replacing(old, with: new)
          )
        }
      }
      let next = try copy.under(programme: "northbank-cashback", rules: stamps)
      let rules = try TermsInForce(next.books).agreement(
        programme: #require(
          TermsInForce(next.books).directory.programmes.first { $0.code == "northbank-cashback" }
        ).id,
        on: copy.date
      )?.rules.map { $0.rule.sentence(currency: .eur) }
      #expect(
        rules == [
          "1 stamp for a purchase, from 2.00 EUR; 0.30 EUR a stamp; expires 3 months after the "
            + "purchase",
          "1 voucher for 10 stamps of BOK; 3.00 EUR a voucher; expires 6 months after the purchase",
        ]
      )
    }
  }
}
