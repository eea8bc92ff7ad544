import Postgres
import Civil
import Crypto
import Formats
import Intake
import Journal
import Ledger
import TestSupport
import Testing

/// What purchases consisted of, through the real database (seed row 52).
@Suite(.serialized) struct BasketTests {
  private static let desk = Result { try FeedDesk("baskets") }
  private let rules = """
      - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %}
      - {name: green, reward: cashback, unit: CB.EUR, rate: 5 %, goods: [organic, SKU-7]}
    examples:
      - {amount: 100.00, goods: {organic: 30.00, SKU-7: 10.00, other: 50.00}, earns: {base: 1.00, green: 2.00}}
      - {amount: 100.00, goods: {organic: 30.00}, stands: 50.00, earns: {base: 0.50, green: 0.75}}
      - {amount: 100.00, earns: {base: 1.00}}
    """

  private func under(_ body: (AwardDesk) throws -> Void) throws {
    try BasketTests.desk.get().fresh { copy in
      let copy = try copy.under(programme: "northbank-cashback", rules: rules)
      try body(AwardDesk(copy))
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 0, "\(check.output) \(check.errors)")
    }
  }

  /// A file of baskets: reference, card, amount and lines of item, category and amount each.
  private func file(
    _ baskets: [(reference: String, card: String, amount: Int, lines: [(String, String, Int)])],
    sequence: Int = 1,
    day: String = "2026-09-05",
    totals: [[String]]? = nil
  ) -> [UInt8] {
    var writer = RecordFileWriter()
    writer.add(
      "H",
      [
        "kvitt-basket", "1", "live", "LUM", "NBANK", "LUM-B-\(sequence)", "\(sequence)",
        "2026-09-30", "2026-09-30T22:00:00Z",
      ]
    )
    for basket in baskets {
      writer.add("D", [basket.reference, basket.card, "M-1", day, "\(basket.amount)", "EUR"])
      for line in basket.lines { writer.add("I", [basket.reference, line.0, line.1, "\(line.2)"]) }
    }
    let lines = baskets.map(\.lines.count).reduce(0, +)
    let sum = baskets.map(\.amount).reduce(0, +)
    let all = baskets.isEmpty ? [] : [["EUR", "\(baskets.count)", "\(lines)", "\(sum)"]]
    for total in totals ?? all {
      writer.add("S", total)
    }
    return writer.finish(details: ["D", "I"]) { sha256($0).description }
  }

  private let goods = [
    ("SKU-1", "organic", 3_000), ("SKU-7", "other", 1_000), ("SKU-9", "x", 5_000),
  ]

  @discardableResult
  private func tell(
    _ desk: AwardDesk,
    _ bytes: [UInt8],
    _ name: String = "b.csv"
  ) throws
    -> BasketReport
  {
    let books = try desk.copy.sandbox.books(.ingest)
    let partner = try #require(desk.terms.directory.partner("LUM"))
    return try BasketIntake(
      BookDay(books: books, terms: desk.terms, date: desk.copy.date, recordedAt: desk.now),
      partner: partner
    ).take(bytes: bytes, name: name)
  }

  private func find(_ desk: AwardDesk) throws -> BasketRunReport {
    try BasketRun(desk.day()).run()
  }

  @Test
  func `goods earn once their basket is there, before or after the purchase, and go in proportion`()
    throws
  {
    let basket = file([("B-1", "ca_1", 10_000, goods)])
    let purchase = FeedRow(reference: "P1", amount: 10_000)
    let half = FeedRow(type: "refund", reference: "R1", original: "P1", amount: 5_000)
    let orders: [(AwardDesk) throws -> Void] = [
      { desk in
        try tell(desk, basket)
        #expect(try find(desk).found == 0)
        try desk.copy.take([purchase])
        #expect(try desk.copy.balance(1, "CB.EUR") == 100)
        #expect(try find(desk).found == 1)
        #expect(try desk.copy.balance(1, "CB.EUR") == 100 + 200)
        try desk.copy.take([half])
      },
      { desk in
        try desk.copy.take([purchase])
        try desk.copy.take([half])
        try tell(desk, basket)
        #expect(try find(desk).rows == 1)
      },
      { desk in
        try desk.copy.take([half])
        try desk.copy.take([purchase])
        try tell(desk, basket)
        #expect(try find(desk).rows == 1)
      },
    ]
    for order in orders {
      try under { desk in
        try order(desk)
        #expect(try desk.copy.balance(1, "CB.EUR") == 50 + 100)
        #expect(try find(desk).found == 0)
        let told = try desk.copy.sandbox.kvitt("explain", "P1")
        #expect(told.output.contains("of which 30.00 EUR for SKU-1 (organic)"), "\(told.output)")
        #expect(told.output.contains("for goods SKU-7, organic"), "\(told.output)")
      }
    }
  }

  @Test func `each of two like purchases has a basket of its own, the nearest day first`() throws {
    try under { desk in
      try desk.copy.take([
        FeedRow(reference: "P1", amount: 10_000),
        FeedRow(reference: "P2", amount: 10_000),
        FeedRow(reference: "P3", amount: 10_000, time: "2026-09-06T12:00:00+02:00"),
        FeedRow(reference: "P4", card: "ca_2", amount: 10_001),
      ])
      try tell(
        desk,
        file([
          ("B-1", "ca_1", 10_000, goods), ("B-2", "ca_1", 10_000, [("SKU-1", "organic", 1_000)]),
          ("B-3", "ca_2", 10_000, goods),
        ])
      )
      #expect(try find(desk).found == 2)
      #expect(try desk.copy.balance(1, "CB.EUR") == 300 + 200 + 50)
      // The third purchase, a day later, is the next day's basket and not theirs.
      try tell(desk, file([("B-4", "ca_1", 10_000, goods)], sequence: 2, day: "2026-09-06"))
      #expect(try find(desk).found == 1)
      #expect(try desk.copy.balance(1, "CB.EUR") == 300 + 200 + 50 + 200)
      #expect(try desk.copy.balance(2, "CB.EUR") == 100)
    }
  }

  @Test func `a night takes signed basket files, and leaves unsigned ones`() throws {
    try under { desk in
      let sandbox = desk.copy.sandbox
      let outside = try OutsidePartner(sandbox, "LUM")
      let text = String(decoding: file([("B-1", "ca_1", 10_000, goods)]), as: UTF8.self)
      let path = try sandbox.write(text, "inbox/partners/LUM/basket-20260930.csv")
      let night = { (day: Int, row: FeedRow) in
        let feed = FeedRow.file([row], day)
        try sandbox.write(feed, "inbox/feeds/northbank-cards/cards-\(day).csv")
        let date = "\(day / 10_000)-0\(day / 100 % 100)-\(day % 100)"
        return try sandbox.kvitt("nightly", "--business-date", date)
      }
      let early = try night(20_260_929, FeedRow(reference: "P1", amount: 10_000))
      #expect(!(early.output + early.errors).contains("basket"), "\(early.output)")
      let row = FeedRow(reference: "P2", card: "ca_2", amount: 10_000)
      let unsigned = try night(20_260_930, row)
      #expect(unsigned.errors.contains("p7s is not here yet"), "\(unsigned.errors)")
      try outside.sign(path)
      try sandbox.administrator().run(
        "DELETE FROM kvitt.run_event WHERE business_date = '2026-09-30'"
      )
      // And its note, which no seal has taken.
      try sandbox.administrator().run(
        "DELETE FROM kvitt.fact_note WHERE relation = 'run_event' AND batch_id IS NULL"
      )
      let signed = try sandbox.kvitt("nightly", "--business-date", "2026-09-30")
      #expect(
        signed.output.contains("baskets basket-20260930.csv: 1, 0 not taken"),
        "\(signed.output) \(signed.errors)"
      )
      #expect(signed.output.contains("baskets: 1 found their purchase, 1 rows"))
      #expect(try desk.copy.balance(1, "CB.EUR") == 300)
    }
  }

  @Test func `a basket file is refused where anything in it does not add up`() throws {
    try under { desk in
      let bytes = file([
        ("B-1", "ca_1", 10_000, goods), ("B-2", "nobody", 500, []), ("B-1", "ca_1", 9_000, []),
      ])
      let report = try tell(desk, bytes)
      #expect(report.rejects.map(\.code) == [.unknownCard, .recordConflict])
      #expect(try tell(desk, bytes, "again.csv").repeated)
      let next = try tell(desk, file([("B-1", "ca_1", 10_000, goods)], sequence: 2))
      #expect(next.file.repeats == 1 && next.rejects.isEmpty)
      // The same purchase with other goods is no repeat: what stands is not changed unseen.
      let other = file([("B-1", "ca_1", 10_000, [("SKU-1", "organic", 9_000)])], sequence: 3)
      #expect(try tell(desk, other).rejects.map(\.code) == [.recordConflict])
      for (bytes, code) in [
        (file([], sequence: 3), ErrorCode.fileConflict),
        (file([], sequence: 5), .sequenceGap),
        (file([("B-5", "ca_1", 8_999, goods)], sequence: 4), .badRecord),
        (file([("B-5", "ca_1", 0, [])], sequence: 4), .badRecord),
        (file([("B-5", "ca_1", 10, [("a b", "x", 1)])], sequence: 4), .badRecord),
        (file([("B-5", "ca_1", 10, [])], sequence: 4, day: "2026-02-30"), .badRecord),
        (
          file([("B-5", "ca_1", 10, [])], sequence: 4, totals: [["EUR", "1", "0", "11"]]),
          .totalsDiffer
        ),
        (file([("B-5", "ca_1", 10, [])], sequence: 4, totals: []), .totalsDiffer),
      ] {
        let refusal = #expect(throws: Refusal.self) { try tell(desk, bytes) }
        #expect(refusal?.code == code, "\(refusal?.description ?? "taken")")
      }
    }
  }
}
