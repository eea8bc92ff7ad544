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

/// Airline cards at 0.0850 a mile on a copy of the installation, and the airline.
private final class MileDesk {
  let copy: FeedCopy
  private let partner: OutsidePartner
  private var statement = ""
  private var answers = 0

  init(_ plain: FeedCopy, settleOn: String = "confirmed") throws {
    let sandbox = plain.sandbox
    let agreement = try sandbox.write(
      """
      agreement: NVA-MILES
      version: 2
      programme: nordvik-miles
      currency: EUR
      valid_from: 2026-06-01
      rules:
        - {name: base, reward: miles, unit: NVA, rate: 15 per full 100.00, partner: NVA, price: 0.0850}
      """,
      "files/miles.yaml"
    )
    let terms = try String(
      contentsOfFile: repository + "/Settlement/partners/NVA.yaml",
      encoding: .utf8
    )
    .replacing("version: 1", with: "version: 2").replacing("cure_days: 20", with: "cure_days: 60")
    .replacing("lapse_to_cashback: 0.0050", with: "lapse_to_cashback: 0.05")
    .replacing("\nanswer:", with: "\nsettle_on: \(settleOn)\nanswer:")
    let applied = try sandbox.apply([agreement, sandbox.write(terms, "files/NVA.yaml")])
    try #require(applied.status == 0, "\(applied.errors)")
    copy = try FeedCopy(sandbox: sandbox, date: plain.date)
    partner = try OutsidePartner(sandbox, "NVA")
  }

  /// Holds what the body posts against what is expected, by account.
  func moves(_ expected: [String: Int64], _ body: () throws -> Void) throws {
    let moved = try copy.moved(body)
    #expect(moved == expected)
  }

  func take(_ rows: [FeedRow]) throws { try #require(copy.take(rows).rejects.isEmpty) }

  func refund(_ reference: String) throws {
    try take([
      FeedRow(
        type: "refund",
        reference: "R-\(reference)",
        original: reference,
        card: "nm_1",
        amount: 345_000
      )
    ])
  }

  func enrol(_ row: String) throws {
    let path = try copy.sandbox.write("card_token;member_ref\n\(row)\n", "files/cure.csv")
    try done("member", "import", path, "--programme", "nordvik-miles")
  }

  func file(_ day: String) throws { try done("settle", "file", "--business-date", day) }

  /// Sections, letters and numbers of the newest statement's lines.
  func sections() throws -> [String] {
    try copy.sandbox.administrator().run(
      """
      SELECT l.section || ' ' || left(l.event_id, 1) || ' ' || count(*)
        FROM kvitt.statement_line l JOIN kvitt.statement s ON s.id = l.statement_id
       WHERE s.number = \(statement) GROUP BY l.section, left(l.event_id, 1) ORDER BY 1
      """
    ).map { $0.string(0) }
  }

  /// Plans, approves and settles a day; the partner's statement is the newest of its folder.
  func settle(_ day: String) throws {
    let plan = try done("settle", "plan", "--business-date", day)
    let id = String(try #require(plan.firstMatch(of: /P-[0-9]+-[0-9]+/)).output)
    let approved = try copy.sandbox.kvitt(
      ["settle", "approve", id],
      environment: ["KVITT_LOGIN": "bo"]
    )
    try #require(approved.status == 0, "\(approved.errors)")
    try done("settle", "run", id)
    let number = try copy.sandbox.administrator().run(
      """
      SELECT s.number FROM kvitt.statement s JOIN kvitt.partner p ON p.id = s.partner
       WHERE p.code = 'NVA' ORDER BY s.id DESC LIMIT 1
      """
    ).first?.string(0)
    statement = try #require(number)
  }

  /// The partner's answer to the newest statement: a word a filed line.
  func answer(_ words: String, on day: String) throws {
    answers += 1
    let home = copy.sandbox.home
    let path = "\(home)/answers/answer-\(answers).csv"
    try partner.answer(
      "\(home)/outbox/NVA/\(statement)/\(statement)_v1.csv",
      path,
      "--sequence \(answers) --say \(words)"
    )
    let books = try copy.sandbox.books(.settle)
    let terms = try TermsInForce(books)
    let intake = try AnswerIntake(
      BookDay(
        books: books,
        terms: terms,
        date: #require(CivilDate(day)),
        recordedAt: #require(Instant("\(day)T20:00:00Z"))
      ),
      partner: #require(terms.directory.partner("NVA"))
    )
    _ = try intake.take(
      bytes: Array(Data(contentsOf: URL(fileURLWithPath: path))),
      signature: Array(Data(contentsOf: URL(fileURLWithPath: path + ".p7s"))),
      name: "answer-\(answers).csv"
    )
  }

  /// Why an answer to the newest statement is refused; nil where it is taken.
  func refusal(of words: String, on day: String) throws -> ErrorCode? {
    do {
      try answer(words, on: day)
      return nil
    } catch let refusal as Refusal {
      return refusal.code
    }
  }

  func deadlines(_ day: String) throws {
    let books = try copy.sandbox.books(.settle)
    _ = try Deadlines(
      BookDay(
        books: books,
        terms: TermsInForce(books),
        date: #require(CivilDate(day)),
        recordedAt: #require(Instant("\(day)T20:00:00Z"))
      )
    ).apply()
  }

  func check() throws { try done("ledger", "check") }

  /// An independent reader adds every statement up, and the partner's totals are ours.
  func prove(_ day: String) throws {
    let reader = repository + "/Tests/NightTests/independent/read_statement.py"
    let read = try shell("python3 \(reader) \(copy.sandbox.home)/outbox/NVA/*/*_v1.csv")
    #expect(read.status == 0 && read.output.contains("3 statements"), "\(read.errors)")
    try done("reconcile", "--business-date", day)
  }

  @discardableResult
  private func done(_ arguments: String...) throws -> String {
    let finished = try copy.sandbox.kvitt(arguments)
    try #require(finished.status == 0, "\(finished.output)\(finished.errors)")
    return finished.output
  }
}
