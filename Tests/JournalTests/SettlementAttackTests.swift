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

    var date = "2026-09-03"
    var cut = "seal_no"
    /// Of the forged position: 0 leaves the partner out, 2 speaks of it twice.
    var times = 1
    /// Positions of the other partners, as the books say.
    var others = "SELECT position FROM owner_others"

    /// Stores the plan as `kvitt_settle` would.
    func sql(_ id: String) -> String {
      """
      INSERT INTO kvitt.plan (id, business_date, cut_seal, digest, body)
      SELECT '\(id)', '\(date)', \(cut), sha256(convert_to(body::text, 'UTF8')), body::text
        FROM kvitt.book, LATERAL (
          SELECT jsonb_build_object('partners', coalesce(jsonb_agg(position), '[]')) AS body FROM (
            SELECT to_jsonb(x) AS position FROM (
              SELECT \(partner) AS partner, 'LUM' AS code,
                     '\(currency)' AS currency, \(sequence) AS sequence, \(opening) AS opening,
                     \(toPartner) AS to_partner, \(toIssuer) AS to_issuer, \(paid) AS paid,
                     \(action) AS action, \(ordered) AS ordered, date '2026-09-07' AS pay_on,
                     \(account) AS account, \(slices) AS slices
                FROM owner_position b, generate_series(1, \(times))) AS x
             UNION ALL \(others)) AS y) AS made;
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
             kvitt.books_position(p.id, 'EUR', '2026-09-03', seal_no) AS b WHERE p.code = 'LUM'
      """
    )
    try admin.run(
      """
      CREATE VIEW kvitt.owner_standing AS
      SELECT s.account FROM kvitt.standing s JOIN kvitt.partner p ON p.id = s.partner
       WHERE p.code = 'LUM'
      """
    )
    try admin.run(
      """
      CREATE VIEW kvitt.owner_others AS
      SELECT jsonb_build_object('partner', p.id, 'code', p.code, 'currency', c.code, 'sequence',
               b.sequence, 'opening', b.opening, 'to_partner', b.to_partner, 'to_issuer', b.to_issuer,
               'paid', b.paid, 'action', 'carry', 'ordered', 0, 'pay_on', '2026-09-07', 'account', '-',
               'slices', b.slices) AS position
        FROM kvitt.book, kvitt.partner p, LATERAL kvitt.partner_currency(p.id) AS c (code),
             kvitt.books_position(p.id, c.code, '2026-09-03', seal_no) AS b WHERE p.code <> 'LUM'
      """
    )
    // Nights that were settled long ago use nothing of a month.
    try admin.run("UPDATE kvitt.settlement_run SET business_date = business_date - 60")
    try admin.run("UPDATE kvitt.batch SET recorded_at = recorded_at - interval '60 days'")
    try admin.run("GRANT SELECT ON kvitt.owner_others TO kvitt_settle")
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
    recorded: String = "now()",
    then more: String = ""
  ) -> (state: String?, message: String) {
    do {
      try login.transaction {
        try login.run(Query(trusted: forgery.sql("P-X")))
        try login.run(
          Query(
            trusted: """
              SELECT reserve_batch('settlement', '\(forgery.date)');
              SELECT open_leaf(id, 'settlement', '\(forgery.date)', \(recorded), false)
                FROM batch_number WHERE key = 'settlement/\(forgery.date)';
              SELECT begin_settlement('P-X', id) FROM batch_number
               WHERE key = 'settlement/\(forgery.date)';
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
      ("UPDATE kvitt.standing SET expires_on = '2026-09-02'", false),
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
    let own = "(SELECT id << 16 | 1 FROM batch_number WHERE key = 'settlement/2026-09-03')"
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

  @Test func `a plan speaks once of everybody with whom there is something to settle`() throws {
    let (admin, settle) = try attacked("whole")
    let others = "SELECT position FROM owner_others WHERE "
    for forgery in [
      Forgery(times: 0), Forgery(times: 2), Forgery(times: 0, others: others + "false"),
      Forgery(others: others + "position->>'code' <> 'NVA'"), Forgery(others: others + "false"),
      Forgery(others: "SELECT position FROM owner_others, generate_series(1, 2)"),
    ] {
      #expect(run(forgery, settle).state == "KV020", "\(forgery)")
    }
    // Each of slices, money of the bank and an opening is something to settle.
    let nothing = try admin.run("SELECT FROM kvitt.settlement_run WHERE plan_id = 'P-X'")
    #expect(nothing.count == 0)
    try admin.run(
      """
      INSERT INTO kvitt.window_claim SELECT partner, batch_id, settlement_date, batch_id FROM kvitt.slice
      """
    )
    #expect(run(Forgery(others: others + "position->>'code' <> 'NVA'"), settle).state == "KV020")
    try admin.run(
      """
      UPDATE kvitt.statement SET opening_minor = ordered_minor + paid_minor - settled_minor
       WHERE partner = (SELECT id FROM kvitt.partner WHERE code = 'NVA')
      """
    )
    #expect(run(Forgery(others: others + "position->>'code' <> 'NVA'"), settle).state == nil)
  }

  @Test func `a partner is settled in the currency of its statements, whatever is done about it`()
    throws
  {
    let (admin, settle) = try attacked("currency")
    // Nothing of its slices is left to tell the currency.
    try admin.run(
      "INSERT INTO kvitt.window_claim SELECT partner, batch_id, settlement_date, batch_id FROM kvitt.slice"
    )
    for action in ["'carry'", "'collect'", "'hold'", "'pay'"] {
      let ordered = action == "'pay'" ? Forgery().ordered : "0"
      let forgery = Forgery(currency: "JPY", action: action, ordered: ordered)
      #expect(run(forgery, settle).state == "KV020", "\(action)")
    }
    #expect(run(Forgery(action: "'carry'", ordered: "0"), settle).state == nil)
  }

  @Test func `slices of another currency are settled in none`() throws {
    let (admin, settle) = try attacked("slices")
    try admin.run("UPDATE kvitt.statement SET currency = 'JPY'")
    #expect(run(Forgery(currency: "JPY", action: "'carry'", ordered: "0"), settle).state == "KV020")
  }

  @Test func `a settlement is later than every settled one and not after tomorrow`() throws {
    let (admin, settle) = try attacked("dates")
    let today =
      try admin.run("SELECT (now() AT TIME ZONE 'UTC')::date::text").first?.string(0) ?? ""
    let all = "SELECT position FROM owner_others"
    for date in ["2026-07-03", "2026-07-02", "2026-01-01", "infinity", "-infinity", "2125-01-01"] {
      #expect(run(Forgery(date: date, others: all), settle).state == "KV027", "\(date)")
    }
    // What the login sets for itself does not count.
    try settle.run("SET kvitt.rehearsal_through = '2125-12-31'")
    try settle.run("SET TimeZone = 'Pacific/Kiritimati'")
    // Nor does what an administrator sets for the login.
    try admin.run("ALTER ROLE kvitt_nightly SET kvitt.rehearsal_through = '2125-12-31'")
    let after = try BookSuite.connection("dates", "kvitt_settle", login: "kvitt_nightly")
    defer { _ = try? admin.run("ALTER ROLE kvitt_nightly RESET kvitt.rehearsal_through") }
    for login in [settle, after] {
      for days in [2, 31] {
        let date = "(date '\(today)' + \(days))::text"
        let day = try admin.run(Query(trusted: "SELECT \(date)")).first?.string(0) ?? ""
        #expect(run(Forgery(date: day), login).state == "KV027", "\(day)")
      }
    }
    #expect(run(Forgery(), settle).state == nil)
    #expect(try admin.run("SELECT FROM kvitt.plan WHERE id = 'P-X'").count == 0)
    // A rehearsal is what the administrator says of the database.
    try admin.run("ALTER DATABASE dates SET kvitt.rehearsal_through = '2125-12-31'")
    #expect(run(Forgery(ordered: "0", date: "2125-01-01"), settle).state == "KV020")
    try admin.run("ALTER DATABASE dates RESET kvitt.rehearsal_through")
  }

  @Test func `the cut of a settlement does not go back, nor beyond the newest seal`() throws {
    let (_, settle) = try attacked("cut")
    for cut in ["1", "0", "-1", "seal_no + 1", "(SELECT max(cut_seal) - 1 FROM kvitt.plan)"] {
      #expect(run(Forgery(cut: cut), settle).state == "KV020", "\(cut)")
    }
  }

  @Test func `a month counts what was really settled in it, under whatever dates`() throws {
    let (admin, settle) = try attacked("month")
    let used = "SELECT to_partner + to_issuer FROM kvitt.standing_use(3::smallint, '2026-09-03')"
    #expect(try admin.run(Query(trusted: used)).first?.int(0) == 0)
    try admin.run(
      """
      UPDATE kvitt.standing SET to_issuer_minor = x.to_issuer, month_to_issuer_minor = x.to_issuer
        FROM kvitt.owner_position AS x
      """
    )
    #expect(run(Forgery(), settle).state == nil)
    // The same nights, with the dates of July, run today.
    try admin.run("UPDATE kvitt.batch SET recorded_at = now()")
    #expect(try admin.run(Query(trusted: used)).first?.int(0) ?? 0 > 0)
    #expect(run(Forgery(), settle).state == "KV024")
  }

  @Test func `when a settlement was run says the server's clock`() throws {
    let (_, settle) = try attacked("instant")
    let isNow = """
      SELECT 1 / (recorded_at = now())::integer FROM batch JOIN batch_number USING (id)
       WHERE key = 'settlement/2026-09-03'
      """
    for recorded in [
      "now()", "now() - interval '40 days'", "now() + interval '2 days'", "'-infinity'",
    ] {
      #expect(run(Forgery(), settle, recorded: recorded, then: isNow).state == nil, "\(recorded)")
    }
  }

  @Test func `a settlement is sealed with all statements of its plan or not at all`() throws {
    let (_, settle) = try attacked("unsaid")
    let seal = """
      SELECT seal_leaf((SELECT id FROM batch_number WHERE key = 'settlement/2026-09-03'), 0, 0,
        sha256(''), '[]', '[]', '[]', '[]', (SELECT seal_no FROM book))
      """
    #expect(run(Forgery(), settle, then: seal).state == "KV020")
  }
}
