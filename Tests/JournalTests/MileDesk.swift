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

/// Airline cards at 0.0850 a mile on a copy of the installation, and the airline.
final class MileDesk {
  let copy: FeedCopy
  private let partner: OutsidePartner
  private var statement = ""
  private var answers = 0

  init(
    _ plain: FeedCopy,
    settleOn: String = "confirmed",
    currency: String = "EUR",
    rule: String = "rate: 15 per full 100.00, partner: NVA, price: 0.0850"
  ) throws {
    let sandbox = plain.sandbox
    let agreement = try sandbox.write(
      """
      agreement: NVA-MILES
      version: 2
      programme: nordvik-miles
      currency: \(currency)
      valid_from: 2026-06-01
      rules:
        - {name: base, reward: miles, unit: NVA, \(rule)}
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

  /// The same by account and commodity.
  func moved(_ expected: [String: Int64], _ body: () throws -> Void) throws {
    let moved = try copy.moved(byCommodity: true, body)
    #expect(moved == expected)
  }

  /// Reference rates of the krona.
  func rates(_ days: [String: String]) throws {
    let cubes = days.sorted { $0.key > $1.key }.map {
      "<Cube time='\($0.key)'><Cube currency='SEK' rate='\($0.value)'/></Cube>"
    }.joined()
    let path = try copy.sandbox.write(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
        xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender><Cube>\(cubes)</Cube></gesmes:Envelope>
      """,
      "files/rates-\(days.count)-\(days.keys.min() ?? "").xml"
    )
    try done("reference", "import", "fx", path)
  }

  /// Brings costs and positions in other currencies up to a day.
  @discardableResult
  func convert(_ day: String) throws -> CurrencyReport {
    let books = try copy.sandbox.books(.settle)
    return try CurrencyRun(
      BookDay(
        books: books,
        terms: TermsInForce(books),
        date: #require(CivilDate(day)),
        recordedAt: #require(Instant("\(day)T21:00:00Z"))
      )
    ).run()
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
    ).map { try $0.string(0) }
  }

  /// Settles a day; the partner's statement is the newest of its folder.
  func settle(_ day: String) throws { statement = try copy.settle(day, with: "NVA") }

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

  /// Two people buy miles ahead of need.
  func prepay(_ key: String, _ miles: Int, at price: String, _ days: String...) throws {
    let command =
      [
        "settle", "prepay", "NVA", "--unit", "NVA", "--miles", "\(miles)", "--price", price,
        "--key", key, "--reason", "term 11", "--evidence", "offer 12",
      ] + days
    #expect(try copy.sandbox.kvitt(command).status == 24)
    let second = try copy.sandbox.kvitt(command, environment: ["KVITT_LOGIN": "bo"])
    try #require(second.status == 0, "\(second.errors)")
  }

  /// What is left of each prepurchase on a day, in the order of use.
  func left(_ day: String) throws -> [String] {
    let books = try copy.sandbox.books(.read)
    return try books.prepaidLots(on: #require(CivilDate(day))).map {
      "\($0.purchase.key) \($0.usable)"
    }
  }

  /// Value, price and contract of the newest statement's lines of a section.
  func lines(_ section: String) throws -> [String] {
    try copy.sandbox.administrator().run(
      """
      SELECT concat_ws(' ', l.kind, l.quantity, l.unit_price, l.value_minor, l.contract)
        FROM kvitt.statement_line l JOIN kvitt.statement s ON s.id = l.statement_id
       WHERE s.number = \(statement) AND l.section = \(section) ORDER BY l.line
      """
    ).map { try $0.string(0) }
  }

  /// What `explain` says of the newest statement's line whose id is like this.
  func explained(_ id: String) throws -> String {
    let found = try copy.sandbox.administrator().run(
      """
      SELECT event_id FROM kvitt.statement_line WHERE event_id LIKE \(id)
       ORDER BY statement_id DESC, line LIMIT 1
      """
    ).first?.string(0)
    return try done("explain", #require(found))
  }

  /// An independent reader adds every statement up, and the partner's totals are ours.
  func prove(_ day: String, statements: Int = 3) throws {
    let reader = repository + "/Tests/NightTests/independent/read_statement.py"
    let read = try shell("python3 \(reader) \(copy.sandbox.home)/outbox/NVA/*/*_v1.csv")
    #expect(read.status == 0 && read.output.contains("\(statements) statements"), "\(read.errors)")
    try done("reconcile", "--business-date", day)
  }

  @discardableResult
  private func done(_ arguments: String...) throws -> String {
    let finished = try copy.sandbox.together(arguments)
    try #require(finished.status == 0, "\(finished.output)\(finished.errors)")
    return finished.output
  }
}
