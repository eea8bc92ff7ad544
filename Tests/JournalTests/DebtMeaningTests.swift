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

/// Debts of members and what offsets them, through the real database: S3, S7, E10, E14c.
@Suite(.serialized) struct DebtMeaningTests {
  private static let desk = Result { try FeedDesk("debts") }

  private func stands(_ copy: FeedCopy, _ account: String) throws -> Int64 {
    try copy.number(
      "SELECT coalesce(sum(amount), 0)::bigint FROM kvitt.posting WHERE account = '\(account)'"
    )
  }

  /// The retailer's till takes store credit of the member's card.
  private func redeem(_ copy: FeedCopy, _ face: Int64) throws {
    let terms = try TermsInForce(copy.books)
    let partner = try #require(terms.directory.partner("LUM"))
    let till = TillFile(
      environment: "live",
      sender: "LUM",
      receiver: "NBANK",
      number: "TILL-1",
      sequence: 1,
      date: copy.date,
      created: "2026-09-30T21:00:00Z",
      currency: .eur,
      lines: [
        TillLine(
          tillRef: "T1",
          memberToken: "lc_1",
          receipt: "R1",
          store: "S1",
          till: "1",
          instant: try #require(Instant("2026-09-30T12:00:00Z")),
          faceMinor: face
        )
      ]
    )
    let report = try TillIntake(
      BookDay(books: copy.books, terms: terms, date: copy.date, recordedAt: .now()),
      partner: partner
    ).take(bytes: till.bytes { sha256($0).description }, name: "till-1.csv")
    #expect(report.redeemedMinor == face && report.breaks == 0)
  }

  @Test func `E10: what is earned next offsets a debt; E14c: what was taken is given back`() throws
  {
    try DebtMeaningTests.desk.get().fresh { copy in
      let purchase = { (name: String, amount: Int) in
        FeedRow(reference: name, card: "lc_1", amount: amount)
      }
      let refund = { (name: String, original: String, amount: Int, reversal: Int) in
        FeedRow(
          type: "refund",
          reference: name,
          original: original,
          reversal: reversal,
          card: "lc_1",
          amount: amount
        )
      }
      // 60.00 face at 80 % of it; 50.00 is spent; the refund leaves a debt of 50.00 (S7).
      try copy.take([purchase("P1", 200_000)])
      try redeem(copy, 5_000)
      try copy.take([refund("R1", "P1", 200_000, 0)])
      #expect(try copy.balance(4, "SC.LUM") == -5_000 && stands(copy, "1300") == 4_000)
      // 30.00 goes to the debt whole; of the next 30.00 the rest of it.
      try copy.take([purchase("P2", 100_000)])
      #expect(try copy.balance(4, "SC.LUM") == -2_000 && stands(copy, "1300") == 1_600)
      #expect(try stands(copy, "2200") == 0 && stands(copy, "unit.open") == 0)
      try copy.take([purchase("P3", 100_000)])
      #expect(try copy.balance(4, "SC.LUM") == 1_000 && stands(copy, "1300") == 0)
      #expect(try stands(copy, "2200") == -800 && stands(copy, "unit.debt") == 0)
      #expect(try copy.number("SELECT count(*) FROM kvitt.member_debt") == 0)
      // The refund is undone: its 60.00 comes back; P2 is refunded and takes from what is there.
      try copy.take([refund("R1", "P1", 200_000, 1)])
      #expect(try copy.balance(4, "SC.LUM") == 7_000)
      try copy.take([refund("R2", "P2", 100_000, 0)])
      #expect(try copy.balance(4, "SC.LUM") == 4_000 && stands(copy, "1300") == 0)
      #expect(try copy.sandbox.kvitt("ledger", "check").status == 0)
    }
  }

  @Test func `a debt and its offset in one file, and a stored debt that lies is found`() throws {
    try DebtMeaningTests.desk.get().fresh { copy in
      try copy.take([FeedRow(reference: "P1", card: "lc_1", amount: 200_000)])
      try redeem(copy, 6_000)
      try copy.take([
        FeedRow(type: "refund", reference: "R1", original: "P1", card: "lc_1", amount: 100_000)
      ])
      #expect(try copy.balance(4, "SC.LUM") == -3_000)
      // Earned and taken back in one file: the debt stands as it stood.
      try copy.take([
        FeedRow(reference: "P2", card: "lc_1", amount: 50_000),
        FeedRow(type: "refund", reference: "R2", original: "P2", card: "lc_1", amount: 50_000),
      ])
      #expect(try copy.balance(4, "SC.LUM") == -3_000 && stands(copy, "1300") == 2_400)
      #expect(try stands(copy, "2200") == 0)
      #expect(try copy.sandbox.kvitt("ledger", "check").status == 0)
      try copy.sandbox.administrator().run("UPDATE kvitt.member_debt SET quantity = quantity - 1")
      let check = try copy.sandbox.kvitt("ledger", "check")
      #expect(check.status == 20 && check.output.contains("member debts"), "\(check.output)")
    }
  }
}
