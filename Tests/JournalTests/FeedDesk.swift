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

/// An installation with a few cards, and copies of it to take feeds into, in this process.
struct FeedDesk {
  let sandbox: Sandbox
  private let date: CivilDate

  init(_ name: String) throws {
    sandbox = Sandbox.shared(name)
    try? sandbox.remove()
    guard let date = CivilDate("2026-09-30") else { preconditionFailure("a day") }
    self.date = date
    try sandbox.prepare()
    for (token, number, programme) in [
      ("ca_1", 1, "northbank-cashback"), ("ca_2", 2, "northbank-cashback"),
      ("nm_1", 3, "nordvik-miles"), ("lc_1", 4, "lumen-credit"),
    ] {
      let path = try sandbox.write(
        "card_token;member_ref\n\(token);\(number)\n",
        "files/\(token).csv"
      )
      try sandbox.together("member", "import", path, "--programme", programme)
    }
    let admin = try sandbox.administrator("postgres")
    // What these accounts earn in September expires a year later.
    try admin.run("ALTER ROLE ALL SET kvitt.rehearsal_through = '2031-12-31'")
    try admin.run("ALTER DATABASE kvitt RENAME TO pristine")
  }

  /// Runs the body on a database that nothing was taken into yet.
  func fresh<Value>(_ body: (FeedCopy) throws -> Value) throws -> Value {
    let admin = try sandbox.administrator("postgres")
    try admin.run("DROP DATABASE IF EXISTS kvitt WITH (FORCE)")
    try admin.run("CREATE DATABASE kvitt TEMPLATE pristine")
    // What an earlier copy published is not of these books.
    try? FileManager.default.removeItem(atPath: sandbox.home + "/outbox")
    return try body(FeedCopy(sandbox: sandbox, date: date))
  }
}

/// One copy of the installation.
final class FeedCopy {
  let sandbox: Sandbox
  let books: Books
  private let terms: TermsInForce
  let date: CivilDate
  private var number = 0

  /// A copy with the terms of now; after another one, with the numbers of files that follow its own.
  init(sandbox: Sandbox, date: CivilDate, after other: FeedCopy? = nil) throws {
    self.sandbox = sandbox
    self.date = date
    number = other?.number ?? 0
    books = try sandbox.books(.ingest)
    terms = try TermsInForce(books)
  }

  /// This copy with a second agreement of a programme, whose rules are lines of YAML.
  func under(programme: String, rules: String) throws -> FeedCopy {
    let code =
      ["northbank-cashback": "NB-CASHBACK", "lumen-credit": "LUM-CREDIT"][programme] ?? "X"
    let text = """
      agreement: \(code)
      version: 2
      programme: \(programme)
      currency: EUR
      valid_from: 2026-06-01
      rules:
      \(rules)
      """
    let path = try sandbox.write(text, "files/rules.yaml")
    let applied = try sandbox.apply([path])
    guard applied.status == 0 else { throw ClusterError(applied.errors) }
    return try FeedCopy(sandbox: sandbox, date: date)
  }

  /// The intake of a feed.
  func intake(
    _ feed: String = "northbank-cards",
    _ change: (inout CardFeedProfile) -> Void = { _ in }
  )
    throws -> FeedIntake
  {
    var profile = terms.feeds[feed] ?? CardFeedProfile(name: feed)
    change(&profile)
    return FeedIntake(
      books: books,
      terms: terms,
      profile: profile,
      businessDate: date,
      recordedAt: Instant(date: date, minutes: 60, zone: "UTC") ?? .now()
    )
  }

  /// Takes rows as the next file of the bank's own feed.
  @discardableResult
  func take(
    _ rows: [FeedRow],
    sequence: Int? = nil,
    takenBackTogether: Int? = nil
  ) throws -> FeedReport {
    number = sequence ?? number + 1
    let path = try sandbox.write(FeedRow.file(rows, number), "files/o-\(number).csv")
    var intake = try intake()
    if let takenBackTogether { intake.takenBackTogether = takenBackTogether }
    return try intake.take(path: path, control: nil)
  }

  /// Balances of members, balances of accounts, and outstanding cost by agreement.
  func state() throws -> String {
    let admin = try sandbox.administrator()
    return try [
      "SELECT member_id, unit, sum(quantity) FROM kvitt.member_balance GROUP BY 1, 2 ORDER BY 1, 2",
      """
      SELECT account, commodity, partner, sum(amount) FROM kvitt.posting
       GROUP BY 1, 2, 3 HAVING sum(amount) <> 0 ORDER BY 1, 2, 3
      """,
      """
      SELECT r.agreement, r.rule, sum(CASE t.balance_sign WHEN 0 THEN 0 ELSE t.balance_sign END
             * r.cost_minor), sum(r.uncapped)
        FROM kvitt.reward r JOIN kvitt.flow t ON t.id = r.flow
       GROUP BY 1, 2 ORDER BY 1, 2
      """,
    ].map { sql in
      try admin.run(Query(trusted: sql)).map { row in
        try (0..<(sql.contains("member_id,") ? 3 : 4)).map { try row.string($0) }
          .joined(separator: " ")
      }.joined(separator: "\n")
    }.joined(separator: "\n--\n")
  }

  /// A number that a query gives.
  func number(_ sql: String) throws -> Int64 {
    try sandbox.administrator().run(Query(trusted: sql)).first?.int(0) ?? 0
  }

  /// Money and units that stand, by account, without those that are zero; debit positive.
  func accounts(byCommodity: Bool = false) throws -> [String: Int64] {
    let rows = try sandbox.administrator().run(
      """
      SELECT CASE WHEN \(byCommodity)::boolean THEN account || ' ' || commodity ELSE account END,
             sum(amount)::bigint
        FROM kvitt.posting GROUP BY 1 HAVING sum(amount) <> 0
      """
    )
    return try Dictionary(uniqueKeysWithValues: rows.map { try ($0.string(0), $0.int(1)) })
  }

  /// What the body posts, by account, without what comes to zero.
  func moved(
    byCommodity: Bool = false,
    _ body: () throws -> Void
  ) throws -> [String: Int64] {
    let before = try accounts(byCommodity: byCommodity)
    try body()
    return try accounts(byCommodity: byCommodity).merging(before.mapValues(-)) { $0 + $1 }
      .filter { $0.value != 0 }
  }

  /// Plans, approves and settles a day by two people.
  ///
  /// - Returns: The number of the newest statement to a partner.
  func settle(_ day: String, with partner: String) throws -> String {
    let planned = try sandbox.kvitt("settle", "plan", "--business-date", day)
    try #require(planned.status == 0, "\(planned.errors)")
    let id = String(try #require(planned.output.firstMatch(of: /P-[0-9]+-[0-9]+/)).output)
    let approved = try sandbox.kvitt(
      ["settle", "approve", id],
      environment: ["KVITT_LOGIN": "bo"]
    )
    try #require(approved.status == 0, "\(approved.errors)")
    let run = try sandbox.kvitt("settle", "run", id)
    try #require(run.status == 0, "\(run.errors)")
    let number = try sandbox.administrator().run(
      """
      SELECT s.number FROM kvitt.statement s JOIN kvitt.partner p ON p.id = s.partner
       WHERE p.code = \(partner) ORDER BY s.id DESC LIMIT 1
      """
    ).first?.string(0)
    return try #require(number)
  }

  /// The intake of account events.
  func eventIntake() -> CardEventIntake {
    CardEventIntake(books: books, businessDate: date, recordedAt: .now())
  }

  /// What a member holds of a unit.
  func balance(_ member: Int, _ unit: String) throws -> Int64 {
    try sandbox.administrator().run(
      """
      SELECT coalesce(sum(b.quantity), 0)
        FROM kvitt.member_balance b JOIN kvitt.unit u ON u.id = b.unit
       WHERE b.member_id = \(member)::bigint AND u.code = \(unit)
      """
    ).first?.int(0) ?? 0
  }
}

/// One row of kvitt's own CSV.
struct FeedRow {
  var type = "purchase"
  var reference: String
  var original = ""
  var lifecycle = ""
  var reversal = 0
  var card = "ca_1"
  var amount: Int
  var currency = "EUR"
  var billed: Int?
  var billedIn = "EUR"
  var merchant = "M-1"
  var time = "2026-09-05T12:00:00+02:00"

  private var text: String {
    "\(type);\(reference);\(original);\(lifecycle);\(reversal);\(card);\(amount);\(currency);"
      + "\(billed ?? amount);\(billedIn);5411;\(merchant);\(time)"
  }

  private var isDebit: Bool {
    ["purchase", "second_presentment", "fee"].contains(type) == (reversal == 0)
  }

  /// A file of rows with its totals.
  static func file(_ rows: [FeedRow], _ sequence: Int) -> String {
    let sums = rows.reduce(into: (debit: 0, credit: 0)) { sums, row in
      // Steps of a dispute move no money by themselves.
      if row.type.hasPrefix("dispute_") { return }
      if row.isDebit {
        sums.debit += row.billed ?? row.amount
      } else {
        sums.credit += row.billed ?? row.amount
      }
    }
    let head =
      "type;reference;original_ref;lifecycle_id;reversal;card_token;amount_minor;currency;"
      + "billing_minor;billing_currency;mcc;merchant_id;local_time\n"
    return head + rows.map { $0.text + "\n" }.joined()
      + "#total;\(rows.first?.billedIn ?? "EUR");\(rows.count);\(sums.debit);\(sums.credit)\n#end;\(rows.count);\(sequence)\n"
  }
}

/// The card system's file of account events: each row has all fields but its number.
func accountEvents(_ rows: [[String]], sequence: Int, totals: [[String]]? = nil) -> [UInt8] {
  var writer = RecordFileWriter()
  writer.add(
    "H",
    [
      "kvitt-account-events", "1", "live", "CARDSYS", "NBANK", "AE-\(sequence)", "\(sequence)",
      "2026-09-30", "2026-09-30T22:00:00Z",
    ]
  )
  for (index, row) in rows.enumerated() { writer.add("D", ["\(index + 1)"] + row) }
  let counts =
    totals
    ?? Dictionary(grouping: rows, by: { $0[1] }).sorted { $0.key < $1.key }
    .map { [$0.key, "\($0.value.count)"] }
  for total in counts { writer.add("S", total) }
  return writer.finish(details: ["D"]) { sha256($0).description }
}
