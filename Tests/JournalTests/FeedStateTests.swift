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

/// The stored sums toward caps are a cache: they equal the rows, and are found out where not.
@Suite(.serialized) struct MonthSumTests {
  @Test func `sums are stored, read instead of rows, proved, and order does not matter`() throws {
    let desk = try FeedDesk("months")
    defer { try? desk.sandbox.remove() }
    try desk.fresh { copy in
      // 1 % of 2,000.00 each: the cap of 25.00 is reached by the second purchase.
      for file in 1...3 {
        let rows = (1...700).map {
          FeedRow(reference: "P\(file)-\($0)", card: "ca_2", amount: 100 + $0)
        }
        try copy.take(rows + [FeedRow(reference: "Q\(file)", amount: 200_000)])
      }
      #expect(try copy.balance(1, "CB.EUR") == 2_500)
      #expect(try copy.number("SELECT count(*) FROM kvitt.month_sum") >= 1)
      #expect(try copy.sandbox.books(.audit, login: "bo").check().faults.isEmpty)
      try copy.take([FeedRow(type: "refund", reference: "R1", original: "Q1", amount: 200_000)])
      // 40.00 uncapped stand: still 25.00.
      #expect(try copy.balance(1, "CB.EUR") == 2_500)
      try copy.take([FeedRow(type: "refund", reference: "R2", original: "Q2", amount: 200_000)])
      #expect(try copy.balance(1, "CB.EUR") == 2_000)
      #expect(try copy.sandbox.books(.audit, login: "bo").check().faults.isEmpty)
      try copy.sandbox.administrator().run(
        "UPDATE kvitt.month_sum SET body = set_byte(body, 1, get_byte(body, 1) # 2)"
      )
      #expect(
        try copy.sandbox.books(.audit, login: "bo").check().faults.map(\.check).contains(
          "month sums"
        )
      )
    }
  }

  @Test func `a feed overtaken by another is decided again`() throws {
    let desk = try FeedDesk("overtaken")
    defer { try? desk.sandbox.remove() }
    try desk.fresh { copy in
      // The large file decides on sums that the small one changes before it is sealed.
      let large =
        [FeedRow(reference: "Q1", amount: 200_000)]
        + (1...60_000).map { FeedRow(reference: "P\($0)", card: "ca_2", amount: 100) }
      let slow = try copy.sandbox.write(FeedRow.file(large, 1), "files/slow.csv")
      let quick = try copy.sandbox.write(
        FeedRow.file([FeedRow(reference: "Q2", amount: 200_000)], 2),
        "files/quick.csv"
      )
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = [
        "ingest", "take", slow, "--feed", "northbank-cards", "--business-date", "2026-09-30",
      ]
      process.environment = ProcessInfo.processInfo.environment
        .merging(["KVITT_HOME": copy.sandbox.home]) { _, new in new }
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      // Once the large file has its number, and so has begun, the small one is taken.
      while try copy.number("SELECT count(*) FROM kvitt.batch_number") == 0 { usleep(2_000) }
      usleep(100_000)
      let taken = try copy.intake().take(path: quick, control: nil)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(try copy.balance(1, "CB.EUR") == 2_500)
      #expect(try copy.number("SELECT count(*) FROM kvitt.seal WHERE batch_id > 0") == 2)
      let order = try copy.number(
        "SELECT seal_no FROM kvitt.seal WHERE batch_id = \(taken.file.batch)"
      )
      print("overtaken: the small file has seal \(order)")
      #expect(try copy.sandbox.kvitt("ledger", "check").status == 0)
    }
  }
}

/// Account events: a replaced card's rewards follow the account.
@Suite(.serialized) struct CardEventTests {
  @Test func `replaced cards earn for the same member; the rest is told`() throws {
    let desk = try FeedDesk("events")
    defer { try? desk.sandbox.remove() }
    try desk.fresh { copy in
      let intake = copy.eventIntake()
      let first = accountEvents(
        [
          ["V-1", "opened", "t_new", "", "2026-09-29", ""],
          ["V-2", "replaced", "ca_1", "ca_1b", "2026-09-29", "lost"],
          ["V-3", "replaced", "nobody", "x_1", "2026-09-29", ""],
          ["V-4", "replaced", "ca_1", "ca_2", "2026-09-29", "mixed up"],
          ["V-5", "good_standing", "ca_2", "", "2026-09-29", "out"],
        ],
        sequence: 321
      )
      let report = try intake.take(bytes: first, name: "AE-321.csv")
      #expect(report.rejects.map(\.code) == [.unknownCard, .recordConflict])
      #expect(try intake.take(bytes: first, name: "again.csv").repeated)
      try copy.take([
        FeedRow(reference: "P1", card: "ca_1b", amount: 10_000),
        FeedRow(reference: "P2", card: "ca_1", amount: 5_000),
      ])
      #expect(try copy.balance(1, "CB.EUR") == 150)
      let story = try copy.books.cardStory("ca_1b")
      #expect(story.count == 1 && story[0].contains("ca_1  replaced by ca_1b lost"))
      let gap = #expect(throws: Refusal.self) {
        try intake.take(bytes: accountEvents([], sequence: 323), name: "gap.csv")
      }
      #expect(gap?.code == .sequenceGap)
      for (rows, totals, code) in [
        ([["V-9", "sold", "t", "", "2026-09-29", ""]], nil, ErrorCode.badRecord),
        ([["V-9", "closed", "t", "u", "2026-09-29", ""]], nil, .badRecord),
        ([["V-9", "closed", "t", "", "2026-09-31", ""]], nil, .badRecord),
        ([["V-9", "good_standing", "t", "", "2026-09-29", "yes"]], nil, .badRecord),
        ([["V-9", "closed", "t", "", "2026-09-29", ""]], [["closed", "2"]], .totalsDiffer),
        ([["V-9", "closed", "t", "", "2026-09-29", ""]], [], .totalsDiffer),
      ] as [([[String]], [[String]]?, ErrorCode)] {
        let error = #expect(throws: Refusal.self) {
          try intake.take(
            bytes: accountEvents(rows, sequence: 322, totals: totals),
            name: "bad.csv"
          )
        }
        #expect(error?.code == code, "\(rows)")
      }
      #expect(try copy.sandbox.kvitt("ledger", "check").status == 0)
    }
  }
}
