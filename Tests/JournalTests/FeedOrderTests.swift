import Formats
import Foundation
import Intake
import Journal
import Postgres
import TestSupport
import Testing

/// The same facts in any order and in any files give the same books.
@Suite(.serialized) struct FeedOrderTests {
  /// Purchases over three programmes with partial refunds, chargebacks, reversals, several captures
  /// of one life cycle, a foreign currency, and a monthly cap that is reached and freed again.
  private static let rows: [FeedRow] = [
    FeedRow(reference: "P1", amount: 10_000),
    FeedRow(type: "refund", reference: "R1", original: "P1", amount: 3_333),
    FeedRow(type: "refund", reference: "R2", original: "P1", amount: 3_333),
    FeedRow(type: "refund", reference: "R3", original: "P1", amount: 3_334),
    FeedRow(reference: "P2", amount: 200_000, merchant: "LUM-0001"),
    FeedRow(type: "refund", reference: "R4", original: "P2", amount: 150_000, merchant: "LUM-0001"),
    FeedRow(
      type: "refund",
      reference: "R4",
      original: "P2",
      reversal: 1,
      amount: 150_000,
      merchant: "LUM-0001"
    ),
    FeedRow(reference: "P3", amount: 180_000, time: "2026-09-06T09:00:00+02:00"),
    FeedRow(type: "chargeback", reference: "C1", original: "P3", amount: 180_000),
    FeedRow(type: "second_presentment", reference: "S1", original: "P3", amount: 180_000),
    FeedRow(reference: "P4", card: "nm_1", amount: 345_000, currency: "SEK", billed: 345_000),
    FeedRow(
      type: "refund",
      reference: "R5",
      original: "P4",
      card: "nm_1",
      amount: 99_900,
      currency: "SEK",
      billed: 99_900
    ),
    FeedRow(reference: "P5", card: "lc_1", amount: 60_000, merchant: "LUM-0001"),
    FeedRow(reference: "P5", reversal: 1, card: "lc_1", amount: 60_000, merchant: "LUM-0001"),
    FeedRow(reference: "P6", card: "lc_1", amount: 90_000, merchant: "LUM-0002"),
    FeedRow(reference: "P7", card: "ca_2", amount: 100_000, currency: "SEK", billed: 9_100),
    FeedRow(type: "refund", reference: "R6", original: "P7", card: "ca_2", amount: 4_550),
    FeedRow(reference: "P8", card: "ca_2", amount: 300_000, time: "2026-08-31T23:30:00+02:00"),
    FeedRow(type: "fee", reference: "F1", card: "ca_2", amount: 500),
    FeedRow(type: "refund", reference: "R7", original: "P8", card: "ca_2", amount: 299_999),
    FeedRow(reference: "P9", amount: 70_000),
    FeedRow(type: "dispute_opened", reference: "D1", original: "P9", amount: 70_000),
    FeedRow(type: "dispute_won", reference: "D2", original: "P9", amount: 70_000),
    FeedRow(type: "dispute_won", reference: "D3", original: "P3", amount: 180_000),
  ]

  private var isCampaign: Bool {
    ProcessInfo.processInfo.environment["KVITT_CAMPAIGN"] != nil
  }

  @Test func `every split, random splits and random orders give the same state`() throws {
    let desk = try FeedDesk("orders")
    defer { try? desk.sandbox.remove() }
    let rows = FeedOrderTests.rows
    let expected = try state(desk, [rows])
    #expect(expected.contains("\n"))
    var random = Shuffle(state: 20_261_122)
    var cases: [(String, [[FeedRow]])] = (1..<rows.count).map {
      ("split at \($0)", [Array(rows[..<$0]), Array(rows[$0...])])
    }
    // What is taken back in parts must see what the parts before it took.
    for together in 1...3 {
      #expect(
        try state(desk, [rows], takenBackTogether: together) == expected,
        "\(together) together"
      )
    }
    for number in 0..<200 {
      var files: [[FeedRow]] = Array(repeating: [], count: 2 + Int(random.next() % 4))
      for row in rows { files[Int(random.next() % UInt64(files.count))].append(row) }
      cases.append(("random split \(number)", files.filter { !$0.isEmpty }))
    }
    for number in 0..<500 {
      cases.append(("order \(number)", [rows.shuffled(using: &random)]))
    }
    let wanted = isCampaign ? cases : stride(from: 0, to: cases.count, by: 16).map { cases[$0] }
    print("feed orders: \(wanted.count) of \(cases.count) cases, seed 20261122")
    for (name, files) in wanted {
      let found = try state(desk, files)
      #expect(found == expected, "\(name)")
    }
  }

  @Test func `what one part of a file took from a lot the next part does not take again`() throws {
    let desk = try FeedDesk("parts")
    defer { try? desk.sandbox.remove() }
    // Each month the third purchase is over the cap. Refunded after the second and before the first, it
    // takes the lots of both.
    let rows = (1...9).flatMap { month in
      [("A", 100_000), ("B", 150_000), ("C", 200_000)].flatMap { name, amount in
        let time = "2026-0\(month)-05T12:00:00+02:00"
        let purchase = "\(name)\(month)"
        return [
          FeedRow(reference: purchase, amount: amount, time: time),
          FeedRow(
            type: "refund",
            reference: "R\(purchase)",
            original: purchase,
            amount: amount,
            time: time
          ),
        ]
      }
    }
    for together in [1, 2, 1_000] {
      try desk.fresh { copy in
        try copy.take(rows, takenBackTogether: together)
        #expect(try copy.number("SELECT sum(quantity) FROM kvitt.member_balance") == 0)
        let check = try copy.sandbox.kvitt("ledger", "check")
        #expect(check.status == 0, "\(together) together: \(check.output)\(check.errors)")
      }
    }
  }

  private func state(
    _ desk: FeedDesk,
    _ files: [[FeedRow]],
    takenBackTogether: Int? = nil
  ) throws -> String {
    try desk.fresh { copy in
      for file in files { try copy.take(file, takenBackTogether: takenBackTogether) }
      return try copy.state()
    }
  }
}
