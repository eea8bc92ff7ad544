import Journal
import Ledger
import Postgres
import TestSupport
import Testing

/// Money goes out by plans that people or their standing approvals let through, and by nothing else.
@Suite(.serialized) struct SettlementAttackTests {
  private struct Undo: Error {}

  /// A plan of one partner, as a thief of the settlement's login would write it.
  ///
  /// What it says right is right.
  private struct Forgery {
    var partner = "(SELECT id FROM kvitt.partner WHERE code = 'LUM')"
    var currency = "EUR"
    var sequence = "b.sequence"
    var opening = "b.opening"
    var toPartner = "b.to_partner"
    var toIssuer = "b.to_issuer"
    var paid = "b.paid"
    var action = "'pay'"
    var ordered = "greatest(b.opening + b.to_partner - b.to_issuer - b.paid, 0)"
    var account = "(SELECT account FROM owner_standing)"
    var slices = "b.slices"

    /// Stores the plan as `kvitt_settle` would, and begins it.
    func sql(_ id: String) -> String {
      """
      INSERT INTO kvitt.plan (id, business_date, cut_seal, digest, body)
      SELECT '\(id)', '2030-01-01', seal_no, sha256(convert_to(body::text, 'UTF8')), body::text
        FROM kvitt.book, LATERAL (SELECT jsonb_build_object('partners', jsonb_agg(x)) AS body FROM (
          SELECT \(partner) AS partner, 'LUM' AS code,
                 '\(currency)' AS currency, \(sequence) AS sequence, \(opening) AS opening,
                 \(toPartner) AS to_partner, \(toIssuer) AS to_issuer, \(paid) AS paid,
                 \(action) AS action, \(ordered) AS ordered, date '2030-01-03' AS pay_on,
                 \(account) AS account, \(slices) AS slices
            FROM owner_position b) AS x) AS made;
      """
    }
  }

  /// A database in which one partner has much to settle, and the settlement's login on it.
  private func attacked(_ name: String) throws -> (admin: Connection, settle: Connection) {
    let admin = try BookSuite.database(name)
    try admin.run("DELETE FROM kvitt.window_claim")
    try admin.run("UPDATE kvitt.statement SET opening_minor = opening_minor + 100000")
    // What the thief can work out from what it reads.
    try admin.run(
      """
      CREATE VIEW kvitt.owner_position AS
      SELECT b.* FROM kvitt.book, kvitt.partner p,
             kvitt.books_position(p.id, 'EUR', '2030-01-01', seal_no) AS b WHERE p.code = 'LUM'
      """
    )
    try admin.run(
      """
      CREATE VIEW kvitt.owner_standing AS
      SELECT s.account FROM kvitt.standing s JOIN kvitt.partner p ON p.id = s.partner
       WHERE p.code = 'LUM'
      """
    )
    try admin.run("GRANT SELECT ON kvitt.owner_standing TO kvitt_settle")
    try admin.run("GRANT SELECT ON kvitt.owner_position TO kvitt_settle")
    try admin.run(
      "GRANT EXECUTE ON FUNCTION kvitt.books_position(smallint, text, date, bigint) TO kvitt_settle"
    )
    return (admin, try BookSuite.connection(name, "kvitt_settle", login: "kvitt_nightly"))
  }

  /// Runs a forged plan; gives what the database said and the SQLSTATE, nil where it went through.
  private func run(
    _ forgery: Forgery,
    _ login: Connection,
    then more: String = ""
  ) -> (state: String?, message: String) {
    do {
      try login.transaction {
        try login.run(Query(trusted: forgery.sql("P-X")))
        try login.run(
          Query(
            trusted: """
              SELECT reserve_batch('settlement', '2030-01-01');
              SELECT open_leaf(id, 'settlement', '2030-01-01', now(), false) FROM batch_number
               WHERE key = 'settlement/2030-01-01';
              SELECT begin_settlement('P-X', id) FROM batch_number
               WHERE key = 'settlement/2030-01-01';
              \(more)
              """
          )
        )
        throw Undo()
      }
      return (nil, "")
    } catch let error as DatabaseError {
      return (error.sqlState, error.message)
    } catch {
      return (nil, "")
    }
  }

  @Test func `a plan that says another amount than the books is not settled`() throws {
    let (_, settle) = try attacked("forged")
    #expect(run(Forgery(), settle).state == nil, "\(run(Forgery(), settle).message)")
    let forgeries: [Forgery] = [
      Forgery(sequence: "b.sequence + 1"), Forgery(opening: "b.opening + 1"),
      Forgery(toPartner: "b.to_partner + 1"), Forgery(toIssuer: "b.to_issuer - 1"),
      Forgery(paid: "b.paid - 1"), Forgery(ordered: "1"), Forgery(action: "'carry'"),
      Forgery(ordered: "b.opening + b.to_partner - b.to_issuer - b.paid + 1"),
      Forgery(ordered: "-1"), Forgery(slices: "b.slices || b.slices"),
      Forgery(slices: "'[]'::jsonb"),
      Forgery(partner: "2"), Forgery(partner: "99"),
    ]
    for forgery in forgeries {
      #expect(run(forgery, settle).state == "KV020", "\(forgery)")
    }
  }

  @Test func `a standing approval pays to its own account, within its limits, while it stands`()
    throws
  {
    let (admin, settle) = try attacked("limits")
    let net = try admin.run(
      "SELECT opening + to_partner - to_issuer - paid, to_partner, to_issuer FROM kvitt.owner_position"
    ).first
    let (ordered, toPartner, toIssuer) = try (net?.int(0) ?? 0, net?.int(1) ?? 0, net?.int(2) ?? 0)
    try #require(ordered > 0 && toPartner > 0 && toIssuer > 0)
    #expect(run(Forgery(), settle).state == nil)
    #expect(run(Forgery(account: "'SE00THIEF'"), settle).state == "KV024")
    let largest = max(ordered, toPartner)
    let changes: [(sql: String, isCovered: Bool)] = [
      ("UPDATE kvitt.standing SET to_partner_minor = \(largest)", true),
      ("UPDATE kvitt.standing SET to_partner_minor = \(largest - 1)", false),
      ("UPDATE kvitt.standing SET to_issuer_minor = \(toIssuer)", true),
      ("UPDATE kvitt.standing SET to_issuer_minor = \(toIssuer - 1)", false),
      (
        """
        UPDATE kvitt.standing SET to_partner_minor = \(largest), month_to_partner_minor = \(largest)
        """, true
      ),
      ("UPDATE kvitt.standing SET expires_on = '2029-12-31'", false),
      ("UPDATE kvitt.standing SET currency = 'SEK'", false),
      ("DELETE FROM kvitt.standing_approval", false),
      (
        "INSERT INTO kvitt.standing_withdrawal (standing_id, reason) SELECT id, 'end' FROM kvitt.standing",
        false
      ),
      (
        """
        INSERT INTO kvitt.terms (id, kind, code, version, digest, body)
        SELECT 9999, 'partner', code, 99, sha256('x'), 'x' FROM kvitt.partner WHERE code = 'LUM'
        """, false
      ),
      (
        """
        INSERT INTO kvitt.signer (partner, fingerprint, certificate, valid_from, valid_to, proposed_by)
        SELECT id, sha256('x'), 'x', '2020-01-01', '2020-01-02', 'anna' FROM kvitt.partner
         WHERE code = 'LUM'
        """, true
      ),
      (
        """
        INSERT INTO kvitt.signer (partner, fingerprint, certificate, valid_from, valid_to, proposed_by)
        SELECT id, sha256('x'), 'x', '2020-01-01', '2020-01-02', 'anna' FROM kvitt.partner
         WHERE code = 'LUM';
        INSERT INTO kvitt.signer_decision (partner, fingerprint, proposed_by, decided_by)
        SELECT partner, fingerprint, 'anna', 'bo' FROM kvitt.signer WHERE fingerprint = sha256('x')
        """, false
      ),
      (
        """
        INSERT INTO kvitt.signer_withdrawal (partner, fingerprint, reason)
        SELECT partner, fingerprint, 'lost' FROM kvitt.signer
        """, false
      ),
    ]
    for change in changes {
      try withChange(change.sql, of: "limits") { login in
        #expect(run(Forgery(), login).state == (change.isCovered ? nil : "KV024"), "\(change.sql)")
      }
    }
  }

  /// A copy of a database, changed by its administrator.
  private func withChange(
    _ sql: String,
    of name: String,
    _ body: (Connection) throws -> Void
  ) throws {
    let (admin, settle) = try attacked("\(name)_changed")
    try admin.run(Query(trusted: sql))
    try body(settle)
  }

  @Test func `statements and orders come out of a begun plan alone`() throws {
    let (_, settle) = try attacked("issued")
    let issue = { (plan: String, partner: String, id: String) in
      """
      SELECT issue_statement('\(plan)', (SELECT id FROM partner WHERE code = '\(partner)'), \(id), 'X-1', now(), 'RF00X', 0,
        sha256('a'), sha256('b'));
      """
    }
    let own = "(SELECT id << 16 | 1 FROM batch_number WHERE key = 'settlement/2030-01-01')"
    // Without the lines of its slices, a statement of another amount than the plan.
    #expect(run(Forgery(), settle, then: issue("P-X", "LUM", own)).state == "KV020")
    #expect(run(Forgery(), settle, then: issue("P-X", "NVA", own)).state == "KV020")
    #expect(run(Forgery(), settle, then: issue("P-X", "LUM", "1 << 16 | 1")).state == "KV020")
    #expect(run(Forgery(), settle, then: issue("P-20260901-1", "LUM", own)).state == "KV020")
    for table in ["statement", "payment_order", "window_claim", "settlement_run", "standing"] {
      let insert = "INSERT INTO \(table) SELECT * FROM \(table) LIMIT 1"
      #expect(run(Forgery(), settle, then: insert).state == "42501", "\(table)")
    }
  }
}
