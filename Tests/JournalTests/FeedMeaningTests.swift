import Civil
import Crypto
import Formats
import Foundation
import Intake
import Journal
import Ledger
import Postgres
import TestSupport
import Testing

/// What refunds, chargebacks, repeats and corrections mean, through the real database.
@Suite(.serialized) struct FeedMeaningTests {
  private static let desk = Result { try FeedDesk("meaning") }

  private func fresh(_ body: (FeedCopy) throws -> Void) throws {
    try FeedMeaningTests.desk.get().fresh(body)
  }

  @Test func `refund before its purchase, partial ones, too large, in another currency`() throws {
    try fresh { copy in
      let early = try copy.take([
        FeedRow(type: "refund", reference: "R1", original: "P1", amount: 4_000)
      ])
      #expect(early.waiting == 1)
      try copy.take([FeedRow(reference: "P1", amount: 10_000)])
      // 1 % of the 60.00 that stand.
      #expect(try copy.balance(1, "CB.EUR") == 60)
      try copy.take([FeedRow(type: "refund", reference: "R2", original: "P1", amount: 9_000)])
      #expect(try copy.balance(1, "CB.EUR") == 0)
      // 1,000.00 SEK billed as 90.00: a refund billed 45.00 takes half, whatever its own amount.
      try copy.take([
        FeedRow(reference: "P2", amount: 100_000, currency: "SEK", billed: 9_000),
        FeedRow(type: "refund", reference: "R3", original: "P2", amount: 4_500),
      ])
      #expect(try copy.balance(1, "CB.EUR") == 45)
    }
  }

  @Test func `chargeback, re-presentment and second chargeback`() throws {
    try fresh { copy in
      try copy.take([FeedRow(reference: "P1", amount: 10_000)])
      for (type, reference, left) in [
        ("chargeback", "C1", 0), ("second_presentment", "S1", 100), ("chargeback", "C2", 0),
      ] {
        try copy.take([FeedRow(type: type, reference: reference, original: "P1", amount: 10_000)])
        #expect(try copy.balance(1, "CB.EUR") == left, "\(reference)")
      }
      // The second chargeback is itself reversed.
      try copy.take([FeedRow(type: "chargeback", reference: "C2", reversal: 1, amount: 10_000)])
      #expect(try copy.balance(1, "CB.EUR") == 100)
    }
  }

  @Test func `a refund without reference: life cycle, likeness, or the queue`() throws {
    try fresh { copy in
      let report = try copy.take([
        FeedRow(reference: "P1", lifecycle: "LC1", amount: 10_000),
        FeedRow(reference: "P2", amount: 5_000, merchant: "M-2"),
        FeedRow(reference: "P3", amount: 3_000, merchant: "M-3"),
        FeedRow(reference: "P4", amount: 3_000, merchant: "M-3"),
        FeedRow(type: "refund", reference: "R1", lifecycle: "LC1", amount: 2_000),
        FeedRow(
          type: "refund",
          reference: "R2",
          amount: 5_000,
          merchant: "M-2",
          time: "2026-09-20T12:00:00+02:00"
        ),
        FeedRow(
          type: "refund",
          reference: "R3",
          amount: 3_000,
          merchant: "M-3",
          time: "2026-09-20T12:00:00+02:00"
        ),
      ])
      #expect(report.linked == 2 && report.unlinked == 1)
      #expect(try copy.balance(1, "CB.EUR") == 80 + 0 + 30 + 30)
      let evidence = try copy.sandbox.administrator().run(
        "SELECT evidence FROM kvitt.record_link ORDER BY evidence"
      ).map { try $0.string(0) }
      #expect(evidence == ["card, merchant and amount, 15 days before", "life cycle"])
    }
  }

  @Test func `two like refunds do not share one purchase, unless the first was undone`() throws {
    try fresh { copy in
      let refund = { (name: String) in
        FeedRow(type: "refund", reference: name, amount: 3_000, time: "2026-09-20T12:00:00Z")
      }
      let report = try copy.take([
        FeedRow(reference: "P1", amount: 3_000), refund("R1"), refund("R2"),
      ])
      #expect(report.linked == 1 && report.unlinked == 1)
      var undone = refund("R1")
      undone.reversal = 1
      let later = try copy.take([undone, refund("R3")])
      // R1 is undone, so the purchase stands again: for R3 and for the queued R2 alike, and the
      // first of them in the books takes it.
      #expect(later.unlinked == 1 && later.linked == 0)
      #expect(
        try copy.number(
          "SELECT count(*) FROM kvitt.record_link WHERE evidence LIKE 'card, merchant%'"
        ) == 2
      )
      #expect(try copy.balance(1, "CB.EUR") == 0)
    }
  }

  @Test func `a reversal that nothing can be found for is told, not lost`() throws {
    try fresh { copy in
      let rows = [
        FeedRow(reference: "none", amount: 300),
        FeedRow(reference: "none", reversal: 1, amount: 300),
        FeedRow(type: "refund", reference: "none", reversal: 1, amount: 300),
      ]
      let path = try copy.sandbox.write(FeedRow.file(rows, 1), "files/r.csv")
      let report = try copy.intake {
        $0.identity = [.token, .time, .merchant, .amount, .type, .reversal]
        $0.countsEqualRows = true
      }.take(path: path, control: nil)
      #expect(report.rejects.map(\.code) == [.badReference, .badReference])
      #expect(try copy.number("SELECT count(*) FROM kvitt.record_link") == 0)
      #expect(try copy.balance(1, "CB.EUR") == 3)
    }
  }

  @Test func `two people decide about the queue; one alone cannot`() throws {
    try fresh { copy in
      let report = try copy.take([
        FeedRow(reference: "P1", amount: 3_000), FeedRow(reference: "P2", amount: 3_000),
        FeedRow(type: "refund", reference: "R1", amount: 3_000, time: "2026-09-20T12:00:00Z"),
        FeedRow(type: "refund", reference: "R2", amount: 777, time: "2026-09-20T12:00:00Z"),
      ])
      let batch = report.file.batch
      let (anna, bo) = (
        try copy.sandbox.books(.finance, login: "anna"),
        try copy.sandbox.books(.finance, login: "bo")
      )
      let row = rowID(batch: batch, seq: 3)
      let purchase = rowID(batch: batch, seq: 1)
      #expect(try anna.decideUnlinked(row: row, purchase: purchase, reason: "receipt") == .proposed)
      #expect(throws: SamePerson.self) {
        try anna.decideUnlinked(row: row, purchase: purchase, reason: "again")
      }
      #expect(try bo.decideUnlinked(row: row, purchase: row, reason: "no") == .unknownPurchase)
      #expect(try bo.decideUnlinked(row: row, purchase: purchase, reason: "seen") == .decided)
      let other = rowID(batch: batch, seq: 4)
      #expect(try anna.decideUnlinked(row: other, purchase: nil, reason: "goodwill") == .proposed)
      #expect(try bo.decideUnlinked(row: other, purchase: nil, reason: "goodwill") == .decided)
      #expect(try copy.balance(1, "CB.EUR") == 60)
      try copy.take([FeedRow(reference: "P3", card: "ca_2", amount: 100)])
      #expect(try copy.balance(1, "CB.EUR") == 30)
      #expect(try anna.decideUnlinked(row: row, purchase: nil, reason: "late") == .unknownRecord)
      #expect(
        try copy.number(
          "SELECT count(*) FROM kvitt.record_link WHERE evidence = 'decision of anna and bo'"
        ) == 1
      )
    }
  }

  @Test func `overlapping, rebuilt and corrected files; replay of everything changes nothing`()
    throws
  {
    try fresh { copy in
      let rows = (1...6).map { FeedRow(reference: "P\($0)", amount: 1_000 * $0) }
      try copy.take(Array(rows[0..<4]))
      let overlap = try copy.take(Array(rows[2...]))
      #expect(overlap.file.repeats == 2 && overlap.file.records == 4)
      var corrected = rows[0]
      corrected.amount = 9_999
      let conflict = try copy.take([corrected, rows[5]])
      #expect(conflict.rejects.map(\.code) == [.recordConflict] && conflict.file.repeats == 1)
      #expect(try copy.balance(1, "CB.EUR") == 210)
      // A zone that was corrected moves a record to the day after: it is the same record all the same.
      var moved = rows[1]
      moved.time = "2026-09-06T00:30:00+02:00"
      #expect(try copy.take([moved], sequence: 8).rejects.map(\.code) == [.recordConflict])
      let before = try copy.number("SELECT count(*) FROM kvitt.reward")
      for sequence in 1...3 {
        let path = "\(copy.sandbox.home)/files/o-\(sequence).csv"
        #expect(try copy.intake().take(path: path, control: nil).outcome == .repeated)
      }
      let shuffled = try copy.take(rows.reversed(), sequence: 9)
      #expect(shuffled.file.repeats == 6 && shuffled.rewards == 0)
      #expect(try copy.number("SELECT count(*) FROM kvitt.reward") == before)
    }
  }

  @Test func `KV-ING-021: a gap is held, told, released by the missing file or by a person`() throws
  {
    try fresh { copy in
      func take(_ sequence: Int) throws -> FeedReport {
        let rows = [FeedRow(reference: "P\(sequence)", amount: 1_000)]
        let path = try copy.sandbox.write(FeedRow.file(rows, sequence), "files/g-\(sequence).csv")
        return try copy.intake { $0.holdsGaps = true }.take(path: path, control: nil)
      }
      _ = try take(1)
      let held = #expect(throws: Refusal.self) { try take(3) }
      #expect(held?.code == .sequenceGap && held?.message.contains("3 follows 1") == true)
      #expect(try copy.number("SELECT count(*) FROM kvitt.file") == 1)
      _ = try take(2)
      _ = try take(3)
      #expect(throws: Refusal.self) { try take(7) }
      try copy.sandbox.books(.finance, login: "anna")
        .release(source: "northbank-cards", sequence: 7, reason: "4 to 6 were never made")
      _ = try take(7)
      #expect(throws: Refusal.self) { try take(9) }
    }
  }

  @Test func `equal rows of a feed without references are counted`() throws {
    try fresh { copy in
      func take(_ count: Int, _ sequence: Int) throws -> FeedReport {
        let rows = Array(repeating: FeedRow(reference: "none", amount: 300), count: count)
        let path = try copy.sandbox.write(FeedRow.file(rows, sequence), "files/e-\(sequence).csv")
        return try copy.intake {
          $0.identity = [.token, .time, .merchant, .amount]
          $0.countsEqualRows = true
        }.take(path: path, control: nil)
      }
      #expect(try take(2, 1).rewards == 2)
      // The day rebuilt, with a third coffee.
      let again = try take(3, 2)
      #expect(again.file.repeats == 2 && again.rewards == 1)
      #expect(try copy.balance(1, "CB.EUR") == 9)
    }
  }

  @Test func `a control total that fell short closes when the corrected rows bring it to zero`()
    throws
  {
    try fresh { copy in
      let text = FeedRow.file(
        [
          FeedRow(reference: "P1", amount: 1_000), FeedRow(reference: "P2", amount: 6_130),
          FeedRow(type: "refund", reference: "R1", amount: 400),
          FeedRow(reference: "P3", card: "nobody", amount: 500),
        ],
        1
      ).replacing(";6130;EUR;6130;", with: ";6130;EUR;61.30;")
        .replacing(";400;EUR;400;", with: ";400;EUR;4OO;")
      let path = try copy.sandbox.write(text, "files/short.csv")
      let lenient = { (profile: inout CardFeedProfile) in profile.refusesUnreadableAmounts = false }
      let report = try copy.intake("northbank-cards", lenient).take(path: path, control: nil)
      #expect(report.rejects.count == 3 && report.short == ["EUR 57.30"])
      let people = try ["anna", "bo"].map { try copy.sandbox.books(.finance, login: $0) }
      func retry(_ line: Int64, _ correction: [CardField: String]) throws -> String {
        for person in people {
          _ = try person.dispose(
            QuarantineID(batch: report.file.batch, line: line),
            action: "retry",
            correction: correction,
            reason: "bank"
          )
        }
        #expect(try copy.intake("northbank-cards", lenient).retry().posted == 1)
        return try copy.books.breaks(openOnly: false).map(\.state).joined()
      }
      // A row whose amount the totals had already closes nothing, nor does a part.
      #expect(try retry(5, [.token: "ca_1"]) == "open")
      #expect(try retry(3, [.billing: "6130"]) == "open")
      #expect(try retry(4, [.billing: "400", .original: "P1"]) == "cleared")
    }
  }

  @Test func `a quarantined row is taken with a correction that two people gave`() throws {
    try fresh { copy in
      let bad = try copy.take([
        FeedRow(reference: "P1", amount: 1_000),
        FeedRow(reference: "P2", card: "unknown", amount: 2_000),
        FeedRow(reference: "P3", amount: 4_000, merchant: "bad merchant"),
      ])
      #expect(bad.rejects.map(\.code) == [.unknownCard, .badMerchant])
      let (anna, bo) = (
        try copy.sandbox.books(.finance, login: "anna"),
        try copy.sandbox.books(.finance, login: "bo")
      )
      let batch = bad.file.batch
      let unknown = QuarantineID(batch: batch, line: 3)
      let merchant = QuarantineID(batch: batch, line: 4)
      func decide(_ id: QuarantineID, _ correction: [CardField: String]) throws {
        for (person, decided) in [(anna, false), (bo, true)] {
          let done = try person.dispose(id, action: "retry", correction: correction, reason: "bank")
          #expect(done == decided)
        }
      }
      #expect(throws: SamePerson.self) {
        _ = try anna.dispose(unknown, action: "discard", correction: [:], reason: "one")
        _ = try anna.dispose(unknown, action: "discard", correction: [:], reason: "two")
      }
      try decide(unknown, [.token: "still-unknown"])
      try decide(merchant, [.merchant: "M-3"])
      let first = try copy.intake().retry()
      #expect(first.posted == 1 && first.failed.map(\.reject.code) == [.unknownCard])
      #expect(try copy.balance(1, "CB.EUR") == 50)
      try decide(unknown, [.token: "ca_2"])
      #expect(try copy.intake().retry().posted == 1)
      #expect(try copy.balance(2, "CB.EUR") == 20)
      #expect(try copy.intake().retry().posted == 0)
      let states = try copy.books.quarantined(batch: batch, limit: 10).map(\.state)
      #expect(states == ["posted", "posted"])
      #expect(try copy.sandbox.kvitt("ledger", "check").status == 0)
    }
  }
}
