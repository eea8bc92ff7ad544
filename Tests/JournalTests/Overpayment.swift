import Civil
import Crypto
import Formats
import Foundation
import Intake
import Journal
import Ledger
import Reconciliation
import Settlement
import TestSupport

/// A partner pays more than it owes, and two people send the rest back: so books have a payment order.
struct Overpayment {
  let database: String
  /// What came in, in cents.
  let minor: Int64
  let date: CivilDate

  init(database: String, minor: Int64, on date: CivilDate) {
    (self.database, self.minor, self.date) = (database, minor, date)
  }

  private struct Missing: Error {}

  /// Takes the receipt in, plans, approves and settles, and writes the files.
  func goesBack(outbox: String) throws {
    let settle = try BookSuite.books(database, .settle, login: "kvitt_nightly")
    try receive(settle, inbox: outbox + "-inbox")
    let anna = try BookSuite.books(database, .finance, login: "anna")
    let plan = try SettlementDesk(books: anna, terms: TermsInForce(anna)).plan(date, mode: .person)
    let bo = try BookSuite.books(database, .finance, login: "bo")
    try bo.approve(stored(plan.id, bo))
    let terms = try TermsInForce(settle)
    let run = try SettlementDesk(books: settle, terms: terms)
      .run(stored(plan.id, settle), recordedAt: .now())
    let key = try KeyFolder(path: BookSuite.sandbox.home + "/keys").signingKey(on: date)
    let signer = OutboxSigner(books: settle, key: key)
    let files = StatementFiles(books: settle, directory: terms.directory, outbox: outbox)
    for statement in run.statements { try files.write(statement, signer: signer) }
    try OrderFiles(books: settle, directory: terms.directory, outbox: outbox)
      .write(run.statements, signer: signer)
  }

  private func stored(_ plan: String, _ books: Books) throws -> StoredPlan {
    guard let stored = try books.plans(id: plan).first else { throw Missing() }
    return stored
  }

  /// The bank's statement with the receipt, under the reference of a statement of ours.
  private func receive(_ books: Books, inbox: String) throws {
    let partner = try books.directory().partners.first { $0.code == "LUM" }
    guard let account = try books.bankAccounts().first(where: { $0.currency == "EUR" }),
      let last = try books.lastBankStatement(account: account.account),
      let partner, let ours = try books.statements(partner: partner.id).last
    else { throw Missing() }
    let statement = BankStatement(
      sender: "BANK",
      receiver: "NBANK",
      account: account.account,
      sequence: Int(last.sequence) + 1,
      date: date,
      currency: .eur,
      opening: last.closing,
      closing: last.closing + minor,
      lines: [
        BankLine(
          bankRef: "OVER-\(date.compact)",
          kind: .receipt,
          signedMinor: minor,
          reference: ours.reference,
          text: "paid twice"
        )
      ]
    )
    try makeFolder(inbox)
    let path = inbox + "/over-\(date.compact).csv"
    try writeFile(statement.bytes { sha256($0).description }, at: path)
    let intake = BankIntake(books: books, businessDate: date, recordedAt: .now(), reversals: [:])
    _ = try intake.take(path: path, name: "over-\(date.compact).csv")
  }
}
