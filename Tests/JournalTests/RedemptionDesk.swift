import Civil
import Crypto
import Formats
import Intake
import Journal
import Ledger
import Postgres
import Redemption
import TestSupport
import Testing

/// Calls, till files and runs on a copy of the installation, for the member of `lc_1`.
///
/// One thread at a time uses it.
struct RedemptionDesk: @unchecked Sendable {
  let copy: FeedCopy
  let terms: TermsInForce
  let redeemer: Redeemer
  let unit: Int16
  let member: Int64 = 4
  let now: Instant

  init(_ copy: FeedCopy) throws {
    self.copy = copy
    terms = try TermsInForce(copy.books)
    redeemer = Redeemer(
      books: try copy.sandbox.books(.redeem, login: "kvitt_service"),
      terms: terms
    )
    unit = try #require(terms.directory.unit("SC.LUM")).id
    now = try #require(Instant("2026-09-30T12:00:00Z"))
  }

  /// What a run of a day works on.
  func day(_ day: String? = nil) throws -> BookDay {
    let date = try day.map { try #require(CivilDate($0)) } ?? copy.date
    return BookDay(
      books: try copy.sandbox.books(.settle),
      terms: terms,
      date: date,
      recordedAt: now
    )
  }

  /// The instant some minutes after noon.
  func later(_ minutes: Int64) -> Instant {
    Instant(microseconds: now.microseconds + minutes * 60_000_000)
  }

  /// Holds a quantity for a quarter of an hour.
  func hold(_ quantity: Int64, _ key: String, day: String = "2026-09-30") throws -> Int64 {
    try redeemer.hold(
      quantity,
      of: member,
      unit: unit,
      on: #require(CivilDate(day)),
      key: key,
      now: now,
      until: later(15)
    ).hold
  }

  /// Posts what was captured.
  @discardableResult
  func post(_ day: String = "2026-09-30", after minutes: Int64 = 1) throws -> RedemptionReport {
    try RedemptionRun(
      BookDay(
        books: copy.sandbox.books(.settle),
        terms: terms,
        date: #require(CivilDate(day)),
        recordedAt: later(minutes)
      )
    ).run()
  }

  /// A line of the retailer's tills.
  func line(
    _ ref: String,
    _ action: TillAction,
    _ face: Int64,
    hold: Int64? = nil,
    of original: String = ""
  ) -> TillLine {
    TillLine(
      tillRef: ref,
      action: action,
      hold: hold.map { "H-\($0)" } ?? "",
      memberToken: "lc_1",
      receipt: "R1",
      store: "S1",
      till: "1",
      instant: now,
      faceMinor: face,
      originalRef: original
    )
  }

  /// Takes a till file of some lines.
  func till(_ sequence: Int, _ lines: [TillLine], on day: String? = nil) throws -> TillReport {
    let date = try day.map { try #require(CivilDate($0)) } ?? copy.date
    let partner = try #require(terms.directory.partner("LUM"))
    let till = TillFile(
      environment: "live",
      sender: "LUM",
      receiver: "NBANK",
      number: "TILL-\(sequence)",
      sequence: sequence,
      date: date,
      created: "2026-09-30T21:00:00Z",
      currency: .eur,
      lines: lines
    )
    return try TillIntake(
      BookDay(books: copy.books, terms: terms, date: date, recordedAt: now),
      partner: partner
    ).take(bytes: till.bytes { sha256($0).description }, name: "till-\(sequence).csv")
  }

  /// What stands on an account of money or units, debit positive.
  func stands(_ account: String) throws -> Int64 { try copy.accounts()[account] ?? 0 }

  /// Money and units that stand, by account, without those that are zero.
  func accounts() throws -> [String: Int64] { try copy.accounts() }

  /// The books prove.
  func check() throws {
    let check = try copy.sandbox.kvitt("ledger", "check")
    #expect(check.status == 0, "\(check.output) \(check.errors)")
  }
}
