import Ledger
import Civil
import Intake
import Journal
import TestSupport
import Testing

/// Periods that go over the day on which a new version of the agreement begins, through the real
/// database.
@Suite(.serialized) struct VersionTests {
  private static let desk = Result { try FeedDesk("versions") }

  /// The rules of version 2, and those of version 3 from 20 September on.
  private func under(_ old: String, then new: String, _ body: (FeedCopy) throws -> Void) throws {
    try VersionTests.desk.get().fresh { first in
      let copy = try first.under(programme: "northbank-cashback", rules: old)
      let text = """
        agreement: NB-CASHBACK
        version: 3
        programme: northbank-cashback
        currency: EUR
        valid_from: 2026-09-20
        rules:
        \(new)
        """
      let path = try copy.sandbox.write(text, "files/new.yaml")
      let applied = try copy.sandbox.apply([path])
      #expect(applied.status == 0, "\(applied.errors)")
      try body(FeedCopy(sandbox: copy.sandbox, date: copy.date))
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  private let capped =
    "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, yearly_cap: 10.00}"

  private let early = FeedRow(reference: "P1", amount: 80_000)
  private let late = FeedRow(reference: "P2", amount: 50_000, time: "2026-09-25T12:00:00+02:00")
  private let refund = FeedRow(type: "refund", reference: "R1", original: "P1", amount: 60_000)

  @Test func `a cap goes on under a new version that does not change it, in any order`() throws {
    for order in [[early, late, refund], [late, refund, early], [refund, early, late]] {
      for rate in ["1 %", "2 %"] {
        try under(capped, then: capped.replacing("1 %", with: rate)) { copy in
          for row in order { try copy.take([row]) }
          // 2.00 stand of the first purchase, 5.00 or 10.00 of the second.
          let whole = rate == "1 %" ? 700 : 1_000
          #expect(try copy.balance(1, "CB.EUR") == Int64(whole), "\(order.map(\.reference))")
          let next = try copy.sandbox.kvitt(
            "reward",
            "simulate",
            copy.sandbox.home + "/files/new.yaml",
            "--from",
            "2026-09-01",
            "--to",
            "2026-09-30"
          )
          #expect(next.status == 0, "\(next.errors)")
        }
      }
    }
    try under(capped, then: capped) { copy in
      try copy.take([early, late])
      #expect(try copy.balance(1, "CB.EUR") == 1_000)
      let report = try Simulation(
        books: copy.books,
        terms: TermsInForce(copy.books),
        draft: #require(TermsInForce(copy.books).allAgreements.last).agreement
      ).run(
        from: #require(CivilDate("2026-09-01")),
        through: #require(CivilDate("2026-09-30"))
      )
      #expect(report.inForce.cost(in: .eur) == 1_000)
    }
  }

  @Test func `a cap that a new version changes begins anew`() throws {
    try under(capped, then: capped.replacing("10.00", with: "20.00")) { copy in
      try copy.take([early, late])
      #expect(try copy.balance(1, "CB.EUR") == 1_300)
    }
  }

  @Test func `a bonus comes once, whatever version reaches it`() throws {
    let bonus =
      "  - {name: welcome, reward: cashback, unit: CB.EUR, rate: 50.00 at 700.00 spend, per: campaign}"
    try under(bonus, then: bonus + "\n" + capped) { copy in
      try copy.take([early])
      #expect(try copy.balance(1, "CB.EUR") == 5_000)
      let more = FeedRow(reference: "P3", amount: 90_000, time: "2026-09-26T12:00:00+02:00")
      try copy.take([late, more])
      #expect(try copy.balance(1, "CB.EUR") == 5_000 + 1_000)
      // 200.00 and 500.00 of the two versions reach it together, without the third they would.
      try copy.take([refund])
      #expect(try copy.balance(1, "CB.EUR") == 5_000 + 1_000)
      try copy.take([
        FeedRow(type: "refund", reference: "R3", original: "P3", amount: 90_000)
      ])
      #expect(try copy.balance(1, "CB.EUR") == 5_000 + 500)
      try copy.take([FeedRow(type: "refund", reference: "R2", original: "P2", amount: 100)])
      #expect(try copy.balance(1, "CB.EUR") == 499)
    }
  }
}
