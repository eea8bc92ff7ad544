import Postgres
import Civil
import Formats
import Intake
import Journal
import Ledger
import Redemption
import TestSupport
import Testing

/// A member's way: what is missing for the next reward, how a till finds them, and how they leave.
@Suite(.serialized) struct MemberLifeTests {
  private static let desk = Result { try FeedDesk("life") }

  private func under(_ rules: String, _ body: (AwardDesk) throws -> Void) throws {
    try MemberLifeTests.desk.get().fresh { copy in
      let copy = try copy.under(programme: "northbank-cashback", rules: rules)
      try body(AwardDesk(copy))
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  private func end(_ desk: AwardDesk, _ day: String) throws -> ClosingReport {
    try ClosingRun(desk.day(day)).run()
  }

  private let closing = """
      - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}
    closing: {after_days: 10, forfeit: [CB.EUR], debts: write-off}
    """

  @Test func `E11a: a closed account's rewards end after its days, and what comes later too`()
    throws
  {
    try under(closing) { desk in
      try desk.copy.take([
        FeedRow(reference: "P1", amount: 10_000),
        FeedRow(reference: "P2", card: "ca_2", amount: 10_000),
      ])
      #expect(try end(desk, "2026-10-31").members == 0)
      try desk.close("ca_1", "2026-10-01")
      #expect(try end(desk, "2026-10-10").members == 0)
      let report = try end(desk, "2026-10-11")
      #expect(report.members == 1 && report.lots == 1 && report.debts == 0)
      #expect(try desk.stands("4200") == -100 && desk.copy.balance(1, "CB.EUR") == 0)
      #expect(try desk.copy.balance(2, "CB.EUR") == 100)
      #expect(try end(desk, "2026-10-11").seal == nil && end(desk, "2026-10-12").seal == nil)
      // A refund afterwards undoes the income; a late purchase is ended by the next run.
      try desk.copy.take([
        FeedRow(type: "refund", reference: "R1", original: "P1", amount: 10_000),
        FeedRow(reference: "P3", amount: 5_000),
      ])
      #expect(try desk.stands("4200") == 0 && desk.stands("1300") == 0)
      #expect(try end(desk, "2026-10-13").lots == 1 && desk.stands("4200") == -50)
    }
  }

  @Test func `E11a: what a closed account owes is written off, in the run after it came to be`()
    throws
  {
    try under(closing) { desk in
      try desk.copy.take([FeedRow(reference: "P1", amount: 10_000)])
      try desk.use(100, of: "CB.EUR", "K-1")
      _ = try PayoutRun(desk.day()).run()
      try desk.close("ca_1", "2026-10-01")
      #expect(try end(desk, "2026-10-11").seal == nil)
      try desk.copy.take([
        FeedRow(type: "refund", reference: "R1", original: "P1", amount: 4_000)
      ])
      #expect(try desk.stands("1300") == 40)
      #expect(try end(desk, "2026-10-12").debts == 1)
      #expect(try desk.stands("1300") == 0 && desk.stands("5200") == 40)
      #expect(try desk.copy.balance(1, "CB.EUR") == 0 && end(desk, "2026-10-13").seal == nil)
    }
  }

  @Test func `what a hold keeps of a closed account ends once the hold is over`() throws {
    try under(closing) { desk in
      try desk.copy.take([FeedRow(reference: "P1", amount: 10_000)])
      let redeemer = Redeemer(
        books: try desk.copy.sandbox.books(.redeem, login: "kvitt_service"),
        terms: desk.terms
      )
      let hold = try redeemer.hold(
        40,
        of: 1,
        unit: #require(desk.terms.directory.unit("CB.EUR")).id,
        on: desk.copy.date,
        key: "K-1",
        now: desk.now,
        until: Instant(microseconds: desk.now.microseconds + 60_000_000)
      )
      try desk.close("ca_1", "2026-10-01")
      #expect(try end(desk, "2026-10-11").lots == 1 && desk.copy.balance(1, "CB.EUR") == 40)
      #expect(try end(desk, "2026-10-12").seal == nil)
      _ = try redeemer.release(hold.hold, key: "X-1", now: desk.now)
      #expect(try end(desk, "2026-10-13").lots == 1 && desk.copy.balance(1, "CB.EUR") == 0)
      #expect(try end(desk, "2026-10-14").seal == nil && desk.stands("4200") == -100)
    }
  }

  @Test func `what a closed account has left is paid out once more, and never twice`() throws {
    let rules = """
        - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, pending_days: 60}
      closing: {after_days: 10, pay_out: [CB.EUR]}
      """
    try under(rules) { desk in
      let payouts = try PayoutDesk(desk.copy)
      try desk.copy.take([
        FeedRow(reference: "P1", amount: 10_000, time: "2026-08-02T12:00:00+02:00"),
        FeedRow(reference: "P2", amount: 20_000),
        FeedRow(reference: "P3", card: "ca_2", amount: 10_000, time: "2026-08-02T12:00:00+02:00"),
      ])
      try desk.close("ca_1", "2026-10-01")
      #expect(try payouts.run(on: "2026-10-10").lines == 0)
      #expect(try payouts.run(on: "2026-10-11").lines == 1 && desk.stands("1020") == -100)
      #expect(try end(desk, "2026-10-11").seal == nil && desk.stands("4200") == 0)
      // What was pending then is paid when it can be used; what another has stays.
      #expect(try payouts.run(on: "2026-11-03").lines == 0)
      #expect(try payouts.run(on: "2026-11-04").lines == 1 && desk.stands("1020") == -300)
      #expect(try end(desk, "2026-11-04").seal == nil && payouts.run(on: "2026-11-05").lines == 0)
      #expect(try desk.copy.balance(1, "CB.EUR") == 0 && desk.copy.balance(2, "CB.EUR") == 100)
      // The card system refuses one: it is no open loop, a person decides.
      let answer = try payouts.answer(1, "CB-0001", rejecting: [0])
      #expect(try payouts.take(answer).rejected == 1)
      for day in ["2026-11-06", "2026-11-07"] {
        #expect(try payouts.run(on: day).lines == 0)
        #expect(try end(desk, day).seal == nil)
      }
      let breaks = try desk.copy.books.breaks(openOnly: true)
      #expect(breaks.map(\.pointer) == ["M-1"])
      #expect(try desk.copy.balance(1, "CB.EUR") == 100)
    }
  }

  @Test func `closing terms pay out cashback alone, and nothing that they forfeit`() throws {
    for closing in ["pay_out: [SC.LUM]", "pay_out: [CB.EUR], forfeit: [CB.EUR]"] {
      try MemberLifeTests.desk.get().fresh { copy in
        _ = #expect(throws: (any Error).self) {
          try copy.under(
            programme: "northbank-cashback",
            rules: """
                - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}
              closing: {after_days: 10, \(closing)}
              """
          )
        }
      }
    }
  }

  @Test func `member next says what is missing for rewards, stamps and tiers`() throws {
    let rules = """
        - {name: welcome, reward: cashback, unit: CB.EUR, rate: 50.00 at 300.00 spend, per: campaign}
        - {name: tenth, reward: cashback, unit: CB.EUR, rate: 2.00 every 10 purchases, per: month}
        - {name: coffee, reward: stamps, unit: ST.KFH, rate: 1 flat, price: 0.30}
        - {name: drink, reward: voucher, unit: VO.KFH, for: 10 coffee, price: 3.00, partner: BOK}
        - {name: hidden, reward: cashback, unit: CB.EUR, rate: 9.00 at 100.00 spend, per: year, tiers: gold}
        - {name: status, reward: status, unit: STA, rate: 1 per full 1.00}
      tiers: {by: status, window: year, levels: [{name: silver, from: 200}, {name: gold, from: 500}]}
      """
    try under(rules) { desk in
      try desk.copy.take([
        FeedRow(reference: "P1", amount: 12_050), FeedRow(reference: "P2", amount: 3_000),
      ])
      let next = try desk.copy.sandbox.kvitt(
        "member",
        "next",
        "ca_1",
        "--day",
        "2026-09-30",
        "-O",
        "csv"
      )
      #expect(next.status == 0, "\(next.errors)")
      for line in [
        "welcome;EUR spent;150.50;300.00;149.50;50.00 CB.EUR;",
        "tenth;purchases;2;10;8;2.00 CB.EUR;2026-09-30", "drink;ST.KFH;2;10;8;1 VO.KFH;",
        "silver;STA;150;200;50;the tier;2026-12-31",
      ] {
        #expect(
          next.output.replacing(",", with: ";").contains(line.replacing(",", with: ";")),
          "\(line)\n\(next.output)"
        )
      }
      #expect(!next.output.contains("hidden"))
    }
  }

  @Test func `a till finds a member by e-mail or phone, of which only a keyed hash is kept`() throws
  {
    try under(closing) { desk in
      let run = { (input: String, arguments: String) in
        try shell(
          "printf '%s\\n' '\(input)' | KVITT_HOME=\(desk.copy.sandbox.home) \(program) member "
            + arguments
        )
      }
      let bo = { (input: String, arguments: String) in
        try shell(
          "printf '%s\\n' '\(input)' | KVITT_LOGIN=bo KVITT_HOME=\(desk.copy.sandbox.home) \(program) member "
            + arguments
        )
      }
      let find = { (input: String, kind: String) in
        try run(input, "find --by \(kind) --reason 'case 4713'")
      }
      let keyless = try find("a@b.se", "email")
      #expect(keyless.errors.contains("KV-SIG-006"), "\(keyless.errors)")
      try desk.copy.sandbox.kvitt("key", "hmac", "create")
      let first = try run("Anna@Example.org", "identify ca_1 --by email")
      #expect(first.status == 24 && first.output.contains("second person"), "\(first)")
      #expect(try find("anna@example.org", "email").errors.contains("KV-CLI-001"))
      let own = try run("anna@example.org", "identify ca_1 --by email")
      #expect(own.status == 24 && own.errors.contains("KV-SET-004"), "\(own)")
      // Another card is another proposal.
      #expect(try bo("anna@example.org", "identify ca_2 --by email").status == 24)
      #expect(try find("anna@example.org", "email").status != 0)
      #expect(try bo("ANNA@example.org", "identify ca_1 --by email").status == 0)
      #expect(
        try run(" anna@example.ORG ", "identify ca_1 --by email").output.contains("nothing to do")
      )
      #expect(try find("anna@example.org", "email").output == "ca_1\n")
      #expect(
        try run("anna@example.org", "identify ca_2 --by email").errors.contains("another member")
      )
      for person in [run, bo] { _ = try person("+47 900-12 345", "identify ca_2 --by phone") }
      // Found under an older key too.
      try desk.copy.sandbox.kvitt("key", "hmac", "rotate")
      #expect(try find("+4790012345", "phone").output == "ca_2\n")
      #expect(try find("+4790012346", "phone").errors.contains("KV-CLI-001"))
      for wrong in ["90012345", "anna@@example.org"] {
        #expect(try find(wrong, "phone").errors.contains("KV-CLI-002"), "\(wrong)")
      }
      #expect(try run("+4790012345", "find --by phone").status == 64)
      // Every search stands with who asked and why, those that found nobody too.
      let listed = try desk.copy.sandbox.kvitt("member", "searches", "-O", "csv").output
      let rowsOfSearch = listed.split(whereSeparator: \.isNewline).map { row in
        row.split(separator: ",").dropFirst().joined(separator: ",")
      }
      #expect(
        rowsOfSearch.dropFirst() == [
          "anna,phone,-,case 4713", "anna,phone,2,case 4713",
          "anna,email,1,to be noted for member 2", "anna,email,1,case 4713",
          "anna,email,1,to be noted for member 1", "anna,email,-,case 4713",
          "anna,email,-,case 4713",
        ],
        "\(listed)"
      )
      let check = try desk.copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check)")
      let rows = try desk.copy.sandbox.administrator().run(
        "SELECT string_agg(l::text, ' ') FROM kvitt.member_lookup l"
      ).first?.string(0)
      #expect(rows?.contains("example") == false && rows?.contains("90012345") == false)
    }
  }
}
