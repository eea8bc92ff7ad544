import Postgres
import Civil
import Formats
import Intake
import Journal
import Ledger
import Redemption
import TestSupport
import Testing

/// Terms that reach back, and points that become miles, through the real database: P13, S9, M12.
@Suite(.serialized) struct AmendmentMeaningTests {
  private static let desk = Result { try FeedDesk("amendments") }

  /// Loads the next version of an agreement on a copy of the installation.
  private func amend(_ copy: FeedCopy, _ head: String, _ rules: String) throws -> FeedCopy {
    let path = try copy.sandbox.write(head + "\nrules:\n" + rules, "files/amended.yaml")
    let applied = try copy.sandbox.apply([path])
    try #require(applied.status == 0, "\(applied.errors)")
    return try FeedCopy(sandbox: copy.sandbox, date: copy.date)
  }

  /// Takes rows as a file with a number of its own: each version of the terms begins a new copy.
  private func take(_ copy: FeedCopy, _ sequence: Int, _ rows: [FeedRow]) throws {
    #expect(try copy.take(rows, sequence: sequence).rejects.isEmpty)
  }

  private func run(_ copy: FeedCopy, _ day: String = "2026-09-30") throws -> AmendmentReport {
    let books = try copy.sandbox.books(.settle)
    return try AmendmentRun(
      BookDay(
        books: books,
        terms: TermsInForce(books),
        date: #require(CivilDate(day)),
        recordedAt: #require(Instant("2026-09-30T20:00:00Z"))
      )
    ).run()
  }

  private func stands(_ copy: FeedCopy, _ account: String) throws -> Int64 {
    try copy.number(
      "SELECT coalesce(sum(amount), 0)::bigint FROM kvitt.posting WHERE account = '\(account)'"
    )
  }

  private func check(_ copy: FeedCopy) throws {
    let check = try copy.sandbox.kvitt("ledger", "check")
    #expect(check.status == 0, "\(check.output) \(check.errors)")
  }

  @Test func `P13: a price cut afterwards is a difference line for each line, and follows refunds`()
    throws
  {
    try AmendmentMeaningTests.desk.get().fresh { plain in
      let head = { (version: Int, more: String) in
        "agreement: NVA-MILES\nversion: \(version)\nprogramme: nordvik-miles\ncurrency: EUR\n"
          + "valid_from: 2026-0\(version == 2 ? 6 : 9)-\(version == 2 ? "01" : "30")" + more
      }
      let rule = { (price: String) in
        "  - {name: base, reward: miles, unit: NVA, rate: 15 per full 100.00, partner: NVA, "
          + "price: \(price)}\n"
      }
      var copy = try amend(plain, head(2, ""), rule("0.0850"))
      try take(
        copy,
        1,
        [
          FeedRow(reference: "P1", card: "nm_1", amount: 345_000),
          FeedRow(
            reference: "P0",
            card: "nm_1",
            amount: 345_000,
            time: "2026-06-30T12:00:00+02:00"
          ),
        ]
      )
      #expect(try stands(copy, "5120") == 8_670 && run(copy).lines == 0)
      // Signed on the last of September, in force for purchases since July.
      copy = try amend(copy, head(3, "\namends: {prices_from: 2026-07-01}"), rule("0.0800"))
      // 510 miles at 0.0050 less: 2.55.
      let cheaper = try copy.moved { _ = try run(copy) }
      #expect(cheaper == ["2410": 255, "5120": -255])
      #expect(try stands(copy, "2400") == -8_670 && run(copy).lines == 0)
      // A refund of a third before the line went out: 345 miles stand, and the difference is theirs.
      try take(
        copy,
        2,
        [
          FeedRow(
            type: "refund",
            reference: "R1",
            original: "P1",
            card: "nm_1",
            amount: 115_000
          )
        ]
      )
      #expect(try run(copy).lines == 1 && stands(copy, "2410") == 2_933 - 2_760)
      #expect(try run(copy).lines == 0)
      // New purchases cost the new price at once.
      try take(
        copy,
        3,
        [
          FeedRow(
            reference: "P2",
            card: "nm_1",
            amount: 345_000,
            time: "2026-09-30T12:00:00+02:00"
          )
        ]
      )
      #expect(try run(copy).lines == 0)
      // A version that amends nothing ends no amendment: the rest comes back with its difference.
      copy = try amend(copy, head(4, ""), rule("0.0900"))
      #expect(try run(copy).lines == 0)
      let rest = FeedRow(
        type: "refund",
        reference: "R2",
        original: "P1",
        card: "nm_1",
        amount: 230_000
      )
      try take(copy, 4, [rest])
      #expect(try run(copy).lines == 1 && stands(copy, "2410") == 0)
      try check(copy)
    }
  }

  @Test
  func `P13: the difference stands on the partner's next statement with the line it concerns`()
    throws
  {
    try AmendmentMeaningTests.desk.get().fresh { plain in
      let head = { (version: Int, more: String) in
        "agreement: NVA-MILES\nversion: \(version)\nprogramme: nordvik-miles\ncurrency: EUR\n"
          + "valid_from: 2026-0\(version == 2 ? 6 : 9)-\(version == 2 ? "01" : "30")" + more
      }
      let rule = { (price: String) in
        "  - {name: base, reward: miles, unit: NVA, rate: 15 per full 100.00, partner: NVA, "
          + "price: \(price)}\n"
      }
      var copy = try amend(plain, head(2, ""), rule("0.0800"))
      try take(copy, 1, [FeedRow(reference: "P1", card: "nm_1", amount: 345_000)])
      copy = try amend(copy, head(3, "\namends: {prices_from: 2026-07-01}"), rule("0.0850"))
      #expect(try run(copy).lines == 1 && stands(copy, "2410") == -255)
      _ = try copy.settle("2026-09-30", with: "NVA")
      let lines = try copy.sandbox.administrator().run(
        """
        SELECT section, kind, value_minor, direction, quantity IS NULL,
               original_event_id IN (SELECT event_id FROM kvitt.statement_line)
          FROM kvitt.statement_line ORDER BY section, kind
        """
      ).map { row in try (0..<6).map { try row.string($0) }.joined(separator: " ") }
      #expect(
        lines == ["filed earn_base 4080 to_partner f f", "settled rerate 255 to_partner t t"],
        "\(lines)"
      )
      try check(copy)
    }
  }

  @Test func `S9: open store credit moves to the new percentage where the contract says so`() throws
  {
    try AmendmentMeaningTests.desk.get().fresh { plain in
      let head = { (version: Int, more: String) in
        "agreement: LUM-CREDIT\nversion: \(version)\nprogramme: lumen-credit\ncurrency: EUR\n"
          + "valid_from: 2026-0\(version == 2 ? 6 : 9)-\(version == 2 ? "01" : "30")" + more
      }
      let rule = { (percent: Int) in
        "  - {name: base, reward: credit, unit: SC.LUM, rate: 10 %, partner: LUM, "
          + "reimbursed_at: \(percent) %}\n"
      }
      var copy = try amend(plain, head(2, ""), rule(80))
      try take(
        copy,
        1,
        [
          FeedRow(reference: "P1", card: "lc_1", amount: 600_000),
          FeedRow(reference: "P2", card: "lc_1", amount: 400_000),
        ]
      )
      copy = try amend(copy, head(3, ""), rule(78))
      #expect(try run(copy).lines == 0)
      copy = try amend(copy, head(4, "\namends: {open_lots: move}"), rule(78))
      let moved = try copy.moved { _ = try run(copy) }
      #expect(moved == ["2200": 2_000, "5110": -2_000])
      // 1,000.00 of open face: 20.00.
      #expect(try stands(copy, "2200") == -78_000 && stands(copy, "5110") == 78_000)
      #expect(try run(copy).lines == 0)
      // Refunds afterwards take what the lots cost now, and leave nothing.
      try take(
        copy,
        2,
        [
          FeedRow(type: "refund", reference: "R1", original: "P1", card: "lc_1", amount: 300_000)
        ]
      )
      #expect(try stands(copy, "2200") == -54_600 && run(copy).lines == 0)
      try take(
        copy,
        3,
        [
          FeedRow(type: "refund", reference: "R2", original: "P1", card: "lc_1", amount: 300_000),
          FeedRow(type: "refund", reference: "R3", original: "P2", card: "lc_1", amount: 400_000),
        ]
      )
      #expect(try stands(copy, "2200") == 0 && stands(copy, "5110") == 0)
      #expect(try stands(copy, "1300") == 0 && copy.balance(4, "SC.LUM") == 0)
      try check(copy)
    }
  }

  @Test func `M12: points become miles at the ratio; what they cost less stays with the points`()
    throws
  {
    try AmendmentMeaningTests.desk.get().fresh { plain in
      let rules = """
          - {name: base, reward: points, unit: PT.NB, rate: 1 per full 1.00, price: 0.0300}
          - {name: fly, reward: miles, unit: NVA, partner: NVA, price: 0.0425, convert: 3 PT.NB to 2}
        """
      let copy = try plain.under(programme: "northbank-cashback", rules: rules)
      try take(copy, 1, [FeedRow(reference: "P1", amount: 400_000)])
      let convert = { (quantity: String, key: String) in
        try copy.sandbox.kvitt(
          "reward",
          "convert",
          "ca_1",
          "--from",
          "PT.NB",
          "--into",
          "NVA",
          "--quantity",
          quantity,
          "--key",
          key,
          "--day",
          "2026-09-30"
        )
      }
      #expect(try convert("3001", "C-0").errors.contains("turn 3 PT.NB into 2 NVA"))
      #expect(try convert("3000", "C-1").output.contains("3000 PT.NB become 2000 NVA"))
      #expect(try convert("3000", "C-1").output.contains("done before"))
      #expect(try convert("1200", "C-2").errors.contains("KV-RDM-001"))
      let post = {
        try RedemptionRun(
          BookDay(
            books: copy.sandbox.books(.settle),
            terms: TermsInForce(copy.books),
            date: copy.date,
            recordedAt: #require(Instant("2026-09-30T20:00:00Z"))
          )
        ).run().captures
      }
      let turned = try copy.moved { _ = try post() }
      #expect(
        turned == [
          "2150": 9_000, "2400": -8_500, "5130": -500, "unit.open": -1_000,
          "unit.converted": 3_000, "unit.issued": -2_000,
        ]
      )
      #expect(try post() == 0)
      // 90.00 of points became 85.00 of miles: 5.00 less cost of points than the 120.00 earned.
      #expect(try stands(copy, "2150") == -3_000 && stands(copy, "2400") == -8_500)
      #expect(try stands(copy, "5130") == 12_000 - 500 && stands(copy, "5120") == 0)
      #expect(try stands(copy, "unit.converted") == 3_000)
      #expect(try copy.balance(1, "PT.NB") == 1_000 && copy.balance(1, "NVA") == 2_000)
      try check(copy)
    }
  }
}
