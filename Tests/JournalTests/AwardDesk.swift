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

/// Runs and calls on a copy of the installation, for member 1.
struct AwardDesk {
  let copy: FeedCopy
  let terms: TermsInForce
  let books: Books
  let now: Instant

  init(_ copy: FeedCopy) throws {
    self.copy = copy
    terms = try TermsInForce(copy.books)
    books = try copy.sandbox.books(.settle)
    now = try #require(Instant("2026-09-30T12:00:00Z"))
  }

  /// What a run of a day works on.
  func day(_ day: String? = nil) throws -> BookDay {
    let date = try day.map { try #require(CivilDate($0)) } ?? copy.date
    return BookDay(books: books, terms: try TermsInForce(books), date: date, recordedAt: now)
  }

  func stands(_ account: String) throws -> Int64 { try copy.accounts()[account] ?? 0 }

  /// Money and units that stand, by account.
  func accounts() throws -> [String: Int64] { try copy.accounts() }

  func award(_ day: String = "2026-09-30") throws -> AwardReport {
    try AwardRun(self.day(day)).run()
  }

  func expire(_ day: String) throws -> Int {
    try ExpiryRun(self.day(day)).run().lots
  }

  func redeemer() throws -> Redeemer {
    Redeemer(books: try copy.sandbox.books(.redeem, login: "kvitt_service"), terms: terms)
  }

  func use(
    _ quantity: Int64,
    of unit: String,
    _ key: String,
    on day: String = "2026-09-30"
  ) throws {
    _ = try redeemer().hold(
      quantity,
      of: 1,
      unit: #require(terms.directory.unit(unit)).id,
      on: #require(CivilDate(day)),
      key: key,
      now: now,
      until: nil
    )
  }

  func post() throws -> Int {
    try RedemptionRun(day()).run().captures
  }

  func enrol(_ row: String) throws {
    let path = try copy.sandbox.write("card_token;member_ref\n\(row)\n", "enrol.csv")
    let done = try copy.sandbox.together(
      "member",
      "import",
      path,
      "--programme",
      "northbank-cashback"
    )
    #expect(done.status == 0, "\(done.errors)")
  }

  func join(_ rows: String) throws {
    let path = try copy.sandbox.write(
      "card_token;member_ref;joined;referrer\n\(rows)\n",
      "joined.csv"
    )
    let done = try copy.sandbox.together(
      "member",
      "import",
      path,
      "--programme",
      "northbank-cashback"
    )
    #expect(done.status == 0, "\(done.errors)")
  }

  /// The card system says that an account was closed.
  func close(_ token: String, _ day: String) throws {
    let bytes = accountEvents([["V-1", "closed", token, "", day, ""]], sequence: 1)
    let intake = copy.eventIntake()
    #expect(try intake.take(bytes: bytes, name: "AE-1.csv").rejects.isEmpty)
  }
}
