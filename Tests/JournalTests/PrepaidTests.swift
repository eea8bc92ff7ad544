import Journal
import Civil
import Postgres
import TestSupport
import Testing

/// Miles bought ahead of need, posting by posting (M9 to M11, term 11).
///
/// The contract's price is 0.0850 a mile.
@Suite(.serialized) struct PrepaidTests {
  private static let desk = Result { try FeedDesk("prepaid") }

  @Test func `M9, M10, M11: bought ahead, drawn by lines, given back by refunds`() throws {
    try PrepaidTests.desk.get().fresh { plain in
      let desk = try MileDesk(plain)
      try desk.prepay("PP-1", 1_000_000, at: "0.070", "--from", "2026-09-01")
      // M9: owed with the next statement.
      try desk.moves([
        "1200": 7_000_000, "2410": -7_000_000,
        "unit.prepaid_source": -1_000_000, "unit.prepaid": 1_000_000,
      ]) { try desk.file("2026-09-29") }
      try desk.moves([:]) { try desk.file("2026-09-29") }
      // M10a, and once more for a purchase whose refund comes before its line goes out (M7a).
      try desk.moves([
        "5120": 3_570, "2400": -3_570, "unit.issued": -510, "unit.open": 510,
      ]) {
        try desk.take([FeedRow(reference: "P1", card: "nm_1", amount: 345_000)])
        try desk.file("2026-09-29")
      }
      try desk.moves([:]) {
        try desk.take([FeedRow(reference: "P2", card: "nm_1", amount: 345_000)])
        try desk.file("2026-09-29")
        #expect(try desk.left("2026-09-29") == ["PP-1 998980"])
        try desk.refund("P2")
        try desk.file("2026-09-30")
      }
      #expect(try desk.left("2026-09-30") == ["PP-1 999490"])
      // M2, and M9's item netted and paid.
      try desk.moves([
        "2410": 7_000_000, "1015": -7_000_000, "unit.open": -510, "unit.filed": 510,
      ]) { try desk.settle("2026-09-30") }
      #expect(try desk.lines("filed") == ["earn_base 510 0.070 3570 PP-1"])
      #expect(try desk.lines("settled") == ["prepaid 1000000 0.070 7000000 PP-1"])
      #expect(try desk.explained("R-%").contains("M9 bought ahead:"))
      #expect(try desk.explained("L-%").contains("cheaper, being bought ahead"))
      // M10b: nothing is owed.
      try desk.moves([
        "2400": 3_570, "1200": -3_570, "unit.filed": -510, "unit.delivered": 510,
        "unit.prepaid": -510, "unit.prepaid_source": 510,
      ]) { try desk.answer("A", on: "2026-10-01") }
      // M11: the partner takes them back, and they return to the lot.
      try desk.refund("P1")
      try desk.settle("2026-10-01")
      #expect(try desk.lines("filed") == ["reversal 510 0.070 3570 PP-1"])
      #expect(try desk.lines("settled") == [])
      try desk.moves([
        "1200": 3_570, "5120": -3_570, "unit.delivered": -510, "unit.issued": 510,
        "unit.prepaid_source": -510, "unit.prepaid": 510,
      ]) { try desk.answer("A", on: "2026-10-02") }
      #expect(try desk.left("2026-10-02") == ["PP-1 1000000"])
      try desk.settle("2026-10-02")
      try desk.prove("2026-10-02")
      try desk.check()
    }
  }

  @Test(arguments: [true, false])
  func `a cap of all members counts once what comes back, bought ahead or not`(
    _ isPrepaid: Bool
  ) throws {
    try PrepaidTests.desk.get().fresh { plain in
      let desk = try MileDesk(
        plain,
        rule: "rate: 15 per full 100.00, partner: NVA, price: 0.0850, contract_cap: 1000000"
      )
      let used = {
        try desk.copy.sandbox.administrator().run("SELECT used_minor FROM kvitt.budget")
          .map { try $0.int(0) }
      }
      if isPrepaid { try desk.prepay("PP-1", 1_000_000, at: "0.070", "--from", "2026-09-01") }
      try desk.take((1...3).map { FeedRow(reference: "P\($0)", card: "nm_1", amount: 345_000) })
      if isPrepaid { try desk.file("2026-09-30") }
      try desk.settle("2026-09-30")
      // P3 is refunded while its line is out, and the line is rejected (M7c).
      try desk.refund("P3")
      try desk.answer("A,A,X", on: "2026-10-01")
      #expect(try used() == [1_020])
      // P1 is refunded after delivery: M8 takes from the cap, M8a or M11 not again.
      try desk.refund("P1")
      try desk.settle("2026-10-01")
      try desk.answer("A", on: "2026-10-02")
      #expect(try used() == [510])
      try desk.check()
    }
  }

  @Test func `M10c: what the partner rejects is free, and costs the contract's price without room`()
    throws
  {
    try PrepaidTests.desk.get().fresh { plain in
      let desk = try MileDesk(plain)
      try desk.prepay("PP-1", 1_100, at: "0.070", "--from", "2026-09-01")
      try desk.take((1...2).map { FeedRow(reference: "P\($0)", card: "nm_1", amount: 345_000) })
      try desk.file("2026-09-30")
      try desk.settle("2026-09-30")
      // M10b for 500 of the first, M10c for the rest.
      try desk.moves([
        "2400": 7_140, "1200": -3_500, "2440": -70 - 3_570,
        "unit.filed": -1_020, "unit.delivered": 500, "unit.rejected": 520,
        "unit.prepaid": -500, "unit.prepaid_source": 500,
      ]) { try desk.answer("P500,X", on: "2026-10-01") }
      #expect(try desk.left("2026-10-01") == ["PP-1 600"])
      // Another line takes the room before both go out again.
      try desk.take([FeedRow(reference: "P3", card: "nm_1", amount: 345_000)])
      try desk.file("2026-10-01")
      #expect(try desk.left("2026-10-01") == ["PP-1 90"])
      try desk.enrol("nm_1;77")
      try desk.deadlines("2026-10-02")
      // The ten find room again; the 510 cost 0.0850 each.
      try desk.moves(["5120": 765, "2400": -765]) { try desk.file("2026-10-02") }
      try desk.moves([:]) { try desk.file("2026-10-02") }
      #expect(try desk.left("2026-10-02") == ["PP-1 80"])
      try desk.settle("2026-10-02")
      #expect(
        try desk.lines("filed").sorted() == [
          "earn_base 10 0.070 70 PP-1", "earn_base 510 0.070 3570 PP-1",
          "earn_base 510 0.0850 4335 NVA-MILES",
        ]
      )
      try desk.moves([
        "2400": 70 + 4_335 + 3_570, "1200": -70 - 3_570, "2410": -4_335,
        "unit.filed": -1_030, "unit.delivered": 1_030,
        "unit.prepaid": -520, "unit.prepaid_source": 520,
      ]) { try desk.answer("A,A,A", on: "2026-10-03") }
      // A line of the contract's price is taken back from what is owed; the other from the lot.
      try desk.refund("P1")
      try desk.refund("P2")
      try desk.settle("2026-10-05")
      try desk.moves([
        "2410": 4_335, "1200": 3_570, "5120": -7_905, "unit.delivered": -1_020,
        "unit.issued": 1_020, "unit.prepaid_source": -510, "unit.prepaid": 510,
      ]) { try desk.answer("A,A", on: "2026-10-06") }
      try desk.settle("2026-10-06")
      try desk.prove("2026-10-06", statements: 4)
      try desk.check()
    }
  }

  @Test func `what no agreement gives is refused, and waits where it was decided before`() throws {
    try PrepaidTests.desk.get().fresh { plain in
      let desk = try MileDesk(plain)
      let refused = try desk.copy.sandbox.kvitt(
        "settle",
        "prepay",
        "LUM",
        "--unit",
        "NVA",
        "--miles",
        "10",
        "--price",
        "1",
        "--from",
        "2026-09-01",
        "--key",
        "PP-X",
        "--reason",
        "term 11",
        "--evidence",
        "offer 12"
      )
      #expect(refused.status == 78 && refused.errors.contains("no agreement in force gives NVA"))
      // From a day on which no agreement gave them yet, as if two people had decided it all the same.
      let admin = try desk.copy.sandbox.administrator()
      try admin.run(
        """
        INSERT INTO kvitt.prepurchase (key, partner, unit, currency, quantity, price, cost_minor,
          usable_from, reason, evidence, proposed_by)
        SELECT 'PP-X', p.id, u.id, u.currency, 10, 1, 1000, '2026-09-01', 'term 11', 'offer 12', 'anna'
          FROM kvitt.partner p, kvitt.unit u WHERE p.code = 'LUM' AND u.code = 'NVA'
        """
      )
      try admin.run(
        """
        INSERT INTO kvitt.prepurchase_decision (key, proposed_by, decided_by)
        VALUES ('PP-X', 'anna', 'bo')
        """
      )
      let filed = try desk.copy.sandbox.kvitt("settle", "file", "--business-date", "2026-09-30")
      #expect(filed.status == 0, "\(filed.errors)")
      #expect(filed.output.contains("no agreement in force gives the miles of PP-X"))
    }
  }

  @Test func `lots are drawn oldest first, on their days, within a month's cap, and never twice`()
    throws
  {
    try PrepaidTests.desk.get().fresh { plain in
      let desk = try MileDesk(plain)
      try desk.prepay("NEW", 5_000, at: "0.080", "--from", "2026-09-20")
      try desk.prepay("LATER", 5_000, at: "0.010", "--from", "2026-10-02")
      try desk.prepay(
        "OLD",
        2_000,
        at: "0.070",
        "--from",
        "2026-09-01",
        "--through",
        "2026-09-30",
        "--per-month",
        "1100"
      )
      #expect(try desk.left("2026-09-30") == ["OLD 0", "NEW 0", "LATER 0"])
      // Two fit into the month of the old lot, the third goes to the next.
      try desk.take((1...3).map { FeedRow(reference: "P\($0)", card: "nm_1", amount: 345_000) })
      try desk.file("2026-09-30")
      #expect(try desk.left("2026-09-30") == ["OLD 80", "NEW 4490", "LATER 0"])
      try desk.settle("2026-09-30")
      #expect(
        try desk.lines("filed") == [
          "earn_base 510 0.070 3570 OLD", "earn_base 510 0.070 3570 OLD",
          "earn_base 510 0.080 4080 NEW",
        ]
      )
      try desk.answer("A,A,A", on: "2026-10-01")
      // The old lot is over; what comes back to it can be drawn whenever that is.
      #expect(try desk.left("2026-10-01") == ["OLD 0", "NEW 4490", "LATER 0"])
      try desk.refund("P1")
      try desk.settle("2026-10-01")
      try desk.answer("A", on: "2026-10-02")
      #expect(try desk.left("2026-10-02") == ["OLD 510", "NEW 4490", "LATER 5000"])
      try desk.take([FeedRow(reference: "P4", card: "nm_1", amount: 345_000)])
      try desk.file("2026-10-02")
      #expect(try desk.left("2026-10-02") == ["OLD 0", "NEW 4490", "LATER 5000"])
      // The database says so too.
      let settle = try desk.copy.sandbox.books(.settle)
      #expect(throws: DatabaseError.self) {
        try settle.transaction {
          try settle.move(
            prepaid: [(1, "OLD", 1)],
            batch: 1,
            day: #require(CivilDate("2026-10-02"))
          )
        }
      }
      try desk.check()
    }
  }
}
