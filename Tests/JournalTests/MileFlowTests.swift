import Civil
import Formats
import Foundation
import Intake
import Journal
import Ledger
import Postgres
import Settlement
import TestSupport
import Testing

/// The life of filed miles, posting by posting, with a partner that answers for itself: M1 to M8.
@Suite(.serialized) struct MileFlowTests {
  private static let desk = Result { try FeedDesk("miles") }

  @Test func `M1 to M6: filed, accepted, cut, rejected, refiled, lapsed into cashback`() throws {
    try MileFlowTests.desk.get().fresh { plain in
      let desk = try MileDesk(plain)
      // M1, three times.
      try desk.moves(["5120": 13_005, "2400": -13_005, "unit.issued": -1_530, "unit.open": 1_530]) {
        try desk.take((1...3).map { FeedRow(reference: "P\($0)", card: "nm_1", amount: 345_000) })
      }
      // M2: the lines are out, nothing is owed yet.
      try desk.moves(["unit.open": -1_530, "unit.filed": 1_530]) { try desk.settle("2026-09-30") }
      // M3, M4 and M5.
      try desk.moves([
        "2400": 13_005, "2410": -4_335 - 4_250, "2440": -85 - 4_335,
        "unit.filed": -1_530, "unit.delivered": 1_010, "unit.rejected": 520,
      ]) {
        try desk.answer("A,P500,X", on: "2026-10-01")
      }
      // M6a: a new member number brings both rejected parts back to the partner.
      try desk.moves(["2440": 4_420, "2400": -4_420, "unit.rejected": -520, "unit.filed": 520]) {
        try desk.enrol("nm_1;77")
        try desk.deadlines("2026-10-02")
      }
      // The next statement nets and pays what was accepted (P14, B1).
      try desk.moves(["2410": 8_585, "1015": -8_585]) { try desk.settle("2026-10-02") }
      try desk.moves(["2400": 4_420, "2440": -4_420, "unit.filed": -520, "unit.rejected": 520]) {
        try desk.answer("X,X", on: "2026-10-03")
      }
      // Sixty days are not over, then they are: 520 miles at 0.05 (M6b).
      try desk.moves([:]) { try desk.deadlines("2026-12-02") }
      try desk.moves([
        "2440": 4_420, "5120": -4_420, "5100": 2_600, "2100": -2_600,
        "unit.rejected": -520, "unit.converted": 520, "unit.issued": -2_600, "unit.open": 2_600,
      ]) {
        try desk.deadlines("2026-12-03")
      }
      try desk.moves([:]) { try desk.deadlines("2026-12-04") }
      // A partner that changes its mind after that would give the benefit twice.
      #expect(try desk.refusal(of: "A,A", on: "2026-12-05") == .answerMismatch)
      #expect(try desk.copy.balance(3, "CB.EUR") == 2_600)
      try desk.check()
    }
  }

  @Test
  func `M7, M8: a refund before filing, before the answer, after delivery, after a rejection`()
    throws
  {
    try MileFlowTests.desk.get().fresh { plain in
      let desk = try MileDesk(plain)
      try desk.take((1...4).map { FeedRow(reference: "P\($0)", card: "nm_1", amount: 345_000) })
      // M7a: the lot gives the miles back, no line ever goes out.
      try desk.moves(["2400": 4_335, "5120": -4_335, "unit.open": -510, "unit.issued": 510]) {
        try desk.refund("P1")
      }
      try desk.settle("2026-09-30")
      // M7b: the lines of two are out; reversal lines wait.
      try desk.moves([:]) {
        try desk.refund("P2")
        try desk.refund("P3")
      }
      // M3 for P2 and P4; P3 is rejected and its reversal dropped at once (M5, M7c).
      try desk.moves([
        "2400": 13_005, "2410": -8_670, "5120": -4_335,
        "unit.filed": -1_530, "unit.delivered": 1_020, "unit.issued": 510,
      ]) {
        try desk.answer("A,X,A", on: "2026-10-01")
      }
      // M8: P4 was delivered; its reversal goes out with that of P2.
      try desk.moves([:]) { try desk.refund("P4") }
      try desk.moves(["2410": 8_670, "1015": -8_670]) { try desk.settle("2026-10-01") }
      // M8a: the miles of P2 are taken back. M8b: those of P4 are spent, their cost stays.
      try desk.moves(["2410": 4_335, "5120": -4_335, "unit.delivered": -510, "unit.issued": 510]) {
        try desk.answer("A,X", on: "2026-10-02")
      }
      try desk.check()
    }
  }

  @Test func `M2b, M5b: owed when the line is sent, and a credit where the partner rejects it`()
    throws
  {
    try MileFlowTests.desk.get().fresh { plain in
      let desk = try MileDesk(plain, settleOn: "filed")
      try desk.take((1...4).map { FeedRow(reference: "P\($0)", card: "nm_1", amount: 345_000) })
      try desk.refund("P1")
      // M2b: the three that stand are owed, once.
      try desk.moves(["2400": 13_005, "2410": -13_005]) { try desk.file("2026-09-30") }
      try desk.moves([:]) { try desk.file("2026-09-30") }
      // What is owed is out: a refund waits for the answer (M7b).
      try desk.moves([:]) { try desk.refund("P4") }
      try desk.moves(["2410": 13_005, "1015": -13_005, "unit.open": -1_530, "unit.filed": 1_530]) {
        try desk.settle("2026-09-30")
      }
      #expect(try desk.sections() == ["filed L 3", "settled L 3"])
      // M3 without money; M4 and M5b: what is rejected is the partner's debt until the next statement.
      try desk.moves([
        "2410": 85 + 4_335, "2440": -85, "5120": -4_335,
        "unit.filed": -1_530, "unit.delivered": 1_010, "unit.rejected": 10, "unit.issued": 510,
      ]) {
        try desk.answer("A,P500,X", on: "2026-10-01")
      }
      // M6a: the rest goes out again, and is owed again with its second attempt.
      try desk.enrol("nm_1;77")
      try desk.moves(["2440": 85, "2400": -85, "unit.rejected": -10, "unit.filed": 10]) {
        try desk.deadlines("2026-10-02")
      }
      try desk.moves(["2400": 85, "2410": -85]) { try desk.file("2026-10-02") }
      try desk.moves(["2410": -4_335, "2490": 4_335]) { try desk.settle("2026-10-02") }
      #expect(try desk.sections() == ["filed L 1", "settled L 1", "settled R 2"])
      try desk.moves(["unit.filed": -10, "unit.delivered": 10]) {
        try desk.answer("A", on: "2026-10-03")
      }
      // M8a: the other delivered line is taken back.
      try desk.refund("P2")
      try desk.settle("2026-10-05")
      try desk.moves(["2410": 4_335, "5120": -4_335, "unit.delivered": -510, "unit.issued": 510]) {
        try desk.answer("A", on: "2026-10-06")
      }
      try desk.prove("2026-10-06")
      try desk.check()
    }
  }
}
