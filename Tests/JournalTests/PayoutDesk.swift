import Civil
import Crypto
import Formats
import Intake
import Journal
import Ledger
import Redemption
import TestSupport
import Testing

/// Calls, pay-out runs and answers on a copy of the installation, for member 1.
struct PayoutDesk {
  let copy: FeedCopy
  let terms: TermsInForce
  let redeemer: Redeemer
  let unit: Int16
  let now: Instant

  struct Answer {
    let body: String
    let bytes: [UInt8]
  }

  init(_ copy: FeedCopy) throws {
    self.copy = copy
    terms = try TermsInForce(copy.books)
    redeemer = Redeemer(
      books: try copy.sandbox.books(.redeem, login: "kvitt_service"),
      terms: terms
    )
    unit = try #require(terms.directory.unit("CB.EUR")).id
    now = try #require(Instant("2026-09-30T12:00:00Z"))
  }

  func stands(_ account: String) throws -> Int64 {
    try copy.number(
      "SELECT coalesce(sum(amount), 0)::bigint FROM kvitt.posting WHERE account = '\(account)'"
    )
  }

  /// Asks for a pay-out, or only holds it for some minutes.
  func ask(_ minor: Int64, _ key: String, minutes: Int64 = 0) throws -> Int64 {
    try redeemer.hold(
      minor,
      of: 1,
      unit: unit,
      on: copy.date,
      key: key,
      now: now,
      until: minutes == 0
        ? nil : Instant(microseconds: now.microseconds + minutes * 60_000_000)
    ).hold
  }

  func everyone(least: Int64) throws -> PayoutRun.Everyone {
    let programme = terms.directory.programmes.first { $0.code == "northbank-cashback" }
    return PayoutRun.Everyone(programme: try #require(programme).id, unit: unit, least: least)
  }

  func run(
    _ everyone: PayoutRun.Everyone? = nil,
    on day: String? = nil
  ) throws -> PayoutReport {
    try PayoutRun(
      BookDay(
        books: copy.sandbox.books(.settle),
        terms: terms,
        date: day.map { try #require(CivilDate($0)) } ?? copy.date,
        recordedAt: now
      )
    ).run(everyone: everyone)
  }

  func take(_ answer: Answer) throws -> PayoutAnswerReport {
    try PayoutAnswerIntake(
      BookDay(books: copy.sandbox.books(.settle), terms: terms, date: copy.date, recordedAt: now)
    ).take(bytes: answer.bytes, name: "answer.csv")
  }

  /// The card system's answer to a file, line by line as the format says.
  func answer(_ sequence: Int, _ number: String, rejecting: Set<Int>) throws -> Answer {
    let file = try #require(try copy.books.payoutFile(number))
    let lines = String(decoding: file.body, as: UTF8.self).split(separator: "\r\n")
      .filter { $0.hasPrefix("D;") }.map { $0.split(separator: ";").map(String.init) }
    var body =
      "H;kvitt-payout-answer;1;live;CARDSYS;NBANK;CBA-\(sequence);\(sequence);\(number);"
      + "\(sha256(file.body));2026-10-01T05:00:00Z\r\n"
    var sums: [String: (count: Int, minor: Int)] = [:]
    for (index, line) in lines.enumerated() {
      let isPaid = !rejecting.contains(index)
      body +=
        "R;\(index + 1);\(line[2]);\(isPaid ? "A;\(line[4]);;CS-\(index)" : "X;0;CLOSED;")\r\n"
      let old = sums[isPaid ? "A" : "X"] ?? (0, 0)
      sums[isPaid ? "A" : "X"] = (old.count + 1, old.minor + (Int(line[4]) ?? 0))
    }
    for (status, sum) in sums.sorted(by: { $0.key < $1.key }) {
      body += "S;\(status);EUR;\(sum.count);\(sum.minor)\r\n"
    }
    return closed(body)
  }

  /// The body with its trailer.
  func closed(_ body: String) -> Answer {
    let lines = body.split(separator: "\r\n")
    let details = lines.count { $0.hasPrefix("R;") }
    let trailer = "T;\(lines.count + 1);\(details);\(sha256(Array(body.utf8)))\r\n"
    return Answer(body: body, bytes: Array((body + trailer).utf8))
  }
}
