import Journal
import Postgres
import TestSupport
import Testing

/// A superuser changes the books; `ledger check` finds and locates every change (KV-LED-001).
@Suite(.serialized) struct TamperTests {
  /// A change, and a word that the place of the fault must hold.
  private static let changes: [(name: String, sql: String, place: String)] = [
    (
      "a reward's cost",
      "UPDATE kvitt.reward SET cost_minor = cost_minor + 1, quantity = quantity + 1 WHERE batch_id = LEAF AND seq = 7",
      "leaf LEAF"
    ),
    (
      "a purchase's amount",
      "UPDATE kvitt.purchase SET amount_minor = amount_minor + 1 WHERE batch_id = LEAF AND seq = 3",
      "leaf LEAF purchase block 0"
    ),
    ("a deleted row", "DELETE FROM kvitt.reward WHERE batch_id = LEAF AND seq = 9", "leaf LEAF"),
    (
      "two rows swapped",
      """
      UPDATE kvitt.purchase SET seq = 1000000 WHERE batch_id = LEAF AND seq = 4;
      UPDATE kvitt.purchase SET seq = 4 WHERE batch_id = LEAF AND seq = 5;
      UPDATE kvitt.purchase SET seq = 5 WHERE batch_id = LEAF AND seq = 1000000
      """, "leaf LEAF purchase block 0"
    ),
    (
      "a row put in again",
      """
      INSERT INTO kvitt.reward SELECT batch_id, member_id, purchase_id, lot_id, quantity,
        cost_minor, share_minor, uncapped, 1000000, agreement, event_date, booking_date,
        settlement_date, available_on, flow, rule, partner, programme, unit, currency,
        earn_month FROM kvitt.reward WHERE batch_id = LEAF AND seq = 2
      """, "leaf LEAF"
    ),
    (
      "a posting",
      "UPDATE kvitt.posting SET amount = amount + 1 WHERE entry_id = (SELECT min(id) FROM kvitt.entry WHERE batch_id = LEAF) AND leg = 1",
      "batch LEAF"
    ),
    (
      "two postings that still balance",
      """
      UPDATE kvitt.posting SET amount = amount + 5 * sign(amount)
       WHERE entry_id = (SELECT min(e.id) FROM kvitt.entry e JOIN kvitt.batch b ON b.id = e.batch_id
                          WHERE b.kind = 'settlement' AND e.code = 'M2')
      """, "leaf"
    ),
    (
      "an attachment", "UPDATE kvitt.attachment SET digest = sha256('x') WHERE batch_id = LEAF",
      "leaf LEAF"
    ),
    (
      "the tail cut off",
      """
      DELETE FROM kvitt.seal WHERE seal_no = (SELECT max(seal_no) FROM kvitt.seal)
      """, "book"
    ),
    (
      "a seal in the middle gone",
      "DELETE FROM kvitt.seal WHERE seal_no = 3", "leaf"
    ),
    (
      "the balance of a partner",
      """
      UPDATE kvitt.statement SET paid_minor = paid_minor + 1
       WHERE id = (SELECT max(id) FROM kvitt.statement)
      """, "account 2490"
    ),
  ]

  @Test func `the untouched copy proves`() throws {
    _ = try BookSuite.database("clean")
    let report = try BookSuite.books("clean", .audit, login: "bo").check()
    #expect(report.faults.isEmpty && report.batches > 5)
  }

  @Test func `every change is found and located`() throws {
    for change in TamperTests.changes {
      let admin = try BookSuite.database("tamper")
      let leaf =
        try admin.run("SELECT min(id) FROM kvitt.batch WHERE kind = 'feed'").first?.int(0) ?? 0
      let sql = change.sql.replacing("LEAF", with: String(leaf))
      try admin.run("ALTER TABLE kvitt.attachment DISABLE TRIGGER ALL")
      try admin.run(Query(trusted: sql))
      try admin.run("ALTER TABLE kvitt.attachment ENABLE TRIGGER ALL")
      let faults = try BookSuite.books("tamper", .audit, login: "bo").check().faults
      let place = change.place.replacing("LEAF", with: String(leaf))
      #expect(faults.contains { $0.place.contains(place) }, "\(change.name): \(faults)")
    }
  }

  @Test func `a rewritten tail with consistent seals differs from the published manifests`() throws
  {
    // The whole tail is rewritten the way an owner could: rows, postings, digests and seals agree.
    let admin = try BookSuite.sandbox.administrator()
    let saved = try admin.run("SELECT id, text FROM kvitt.entry ORDER BY id DESC LIMIT 1").first
    let id = try saved?.int(0) ?? 0
    let batch = id >> 20
    let rewrite = { (text: String) in
      try admin.run("UPDATE kvitt.entry SET code = \(text) WHERE id = \(id)")
      try admin.run(
        """
        UPDATE kvitt.seal s SET seal = sha256(convert_to(
          kvitt.seal_text(s.batch_id, s.previous, s.root), 'UTF8')) WHERE batch_id = \(batch)
        """
      )
      try admin.run(
        "UPDATE kvitt.book SET seal = (SELECT seal FROM kvitt.seal ORDER BY seal_no DESC LIMIT 1)"
      )
    }
    let code = try admin.run("SELECT code FROM kvitt.entry WHERE id = \(id)").first?.string(0) ?? ""
    try rewrite("XX")
    let found = try BookSuite.sandbox.kvitt("ledger", "check")
    try rewrite(code)
    #expect(found.status == 20 && found.output.contains("published seal"), "\(found.output)")
    #expect(found.errors.contains("KV-LED-001"))
    #expect(try BookSuite.sandbox.kvitt("ledger", "check").status == 0)
  }
}
