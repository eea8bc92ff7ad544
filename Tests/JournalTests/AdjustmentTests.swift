import Civil
import Intake
import Journal
import Ledger
import Redemption
import TestSupport
import Testing

/// What two people change, through the real database and the real commands: E9a, E11a, E18.
@Suite(.serialized) struct AdjustmentTests {
  private static let desk = Result { try FeedDesk("adjustments") }

  private func fresh(_ body: (FeedCopy) throws -> Void) throws {
    try AdjustmentTests.desk.get().fresh { copy in
      let rule = "  - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, expires: 12 months}"
      let copy = try copy.under(programme: "northbank-cashback", rules: rule)
      try copy.take([FeedRow(reference: "P1", amount: 100_000)])
      try body(copy)
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  private func stands(_ copy: FeedCopy, _ account: String) throws -> Int64 {
    try copy.number(
      "SELECT coalesce(sum(amount), 0)::bigint FROM kvitt.posting WHERE account = '\(account)'"
    )
  }

  private func ask(
    _ copy: FeedCopy,
    _ who: String,
    _ words: String...
  ) throws -> Finished {
    try copy.sandbox.kvitt(
      ["reward"] + words + [
        "--unit", "CB.EUR", "--reason", "late card", "--evidence", "case 4711",
      ],
      environment: ["KVITT_LOGIN": who]
    )
  }

  private func post(_ copy: FeedCopy) throws -> String {
    try copy.sandbox.kvitt("reward", "post", "--business-date", "2026-09-30").output
  }

  @Test func `E18: goodwill needs two people who ask for the same, and is posted once`() throws {
    try fresh { copy in
      let words = ["adjust", "ca_1", "--quantity", "15.00", "--key", "GW-1"]
      let first = try ask(copy, "anna", words[0], words[1], words[2], words[3], words[4], words[5])
      #expect(first.status == 24 && first.output.contains("GW-1: goodwill proposed"))
      let same = try ask(copy, "anna", words[0], words[1], words[2], words[3], words[4], words[5])
      #expect(same.status == 24 && same.errors.contains("KV-SET-004"))
      #expect(try post(copy).contains("nothing to post"))
      let other = try ask(copy, "bo", words[0], words[1], words[2], "15.01", words[4], words[5])
      #expect(other.status == 23 && other.errors.contains("KV-RDM-002"))
      let second = try ask(copy, "bo", words[0], words[1], words[2], words[3], words[4], words[5])
      #expect(second.status == 0 && second.output.contains("decided"))
      var said = ""
      let given = try copy.moved { said = try post(copy) }
      #expect(said.contains("1 adjustments posted"))
      #expect(
        given == ["5200": 1_500, "2100": -1_500, "unit.issued": -1_500, "unit.open": 1_500]
      )
      #expect(try copy.balance(1, "CB.EUR") == 2_500)
      #expect(try post(copy).contains("nothing to post"))
      // A lot like every other: it expires by its rule, counted from the day it was given.
      let report = try ExpiryRun(
        BookDay(
          books: copy.sandbox.books(.settle),
          terms: TermsInForce(copy.books),
          date: #require(CivilDate("2027-10-01")),
          recordedAt: .now()
        )
      ).run()
      #expect(report.lots == 2)
      #expect(try stands(copy, "2100") == 0 && stands(copy, "4200") == -2_500)
    }
  }

  @Test func `E9a, E11a: a debt after pay-out is written off by two people, never below nothing`()
    throws
  {
    try fresh { copy in
      let service = try copy.sandbox.books(.redeem, login: "kvitt_service")
      let terms = try TermsInForce(service)
      _ = try Redeemer(books: service, terms: terms).hold(
        1_000,
        of: 1,
        unit: #require(terms.directory.unit("CB.EUR")).id,
        on: copy.date,
        key: "K-1",
        now: .now(),
        until: nil
      )
      let paid = try copy.sandbox.kvitt("reward", "payout", "--business-date", "2026-09-30")
      #expect(paid.status == 0, "\(paid.errors)")
      try copy.take([FeedRow(type: "refund", reference: "R1", original: "P1", amount: 100_000)])
      #expect(try stands(copy, "1300") == 1_000 && stands(copy, "5100") == 0)
      #expect(try stands(copy, "unit.debt") == -1_000)
      for (key, quantity) in [("WO-1", ["--quantity", "4.00"]), ("WO-2", []), ("WO-3", [])] {
        for who in ["anna", "bo"] {
          _ = try copy.sandbox.kvitt(
            ["reward", "write-off", "ca_1", "--unit", "CB.EUR", "--key", key, "--reason", "closed"]
              + ["--evidence", "case 4712"] + quantity,
            environment: ["KVITT_LOGIN": who]
          )
        }
      }
      var said = ""
      let written = try copy.moved { said = try post(copy) }
      #expect(said.contains("3 adjustments posted"))
      #expect(
        written == ["5200": 1_000, "1300": -1_000, "unit.issued": -1_000, "unit.debt": 1_000]
      )
      #expect(try stands(copy, "1300") == 0 && stands(copy, "5200") == 1_000)
      #expect(try stands(copy, "unit.debt") == 0 && copy.balance(1, "CB.EUR") == 0)
      // What is earned next is free again.
      try copy.take([FeedRow(reference: "P2", amount: 10_000)])
      #expect(try copy.balance(1, "CB.EUR") == 100 && stands(copy, "2100") == -100)
    }
  }

  @Test func `an adjustment that no rule in force covers is a break, and seals nothing`() throws {
    try fresh { copy in
      // Two people gave credit of a shop to a member of another programme.
      for who in ["anna", "bo"] {
        _ = try copy.sandbox.kvitt(
          "reward",
          "adjust",
          "ca_1",
          "--unit",
          "SC.LUM",
          "--quantity",
          "5.00",
          "--key",
          "GW-2",
          "--reason",
          "wrong programme",
          "--evidence",
          "case 4713",
          environment: ["KVITT_LOGIN": who]
        )
      }
      let seal = try copy.books.newestSeal()
      for _ in 0..<2 { #expect(try post(copy).contains("nothing to post")) }
      #expect(try copy.books.newestSeal() == seal)
      #expect(try copy.number("SELECT count(*) FROM kvitt.break_item") == 1)
    }
  }
}
