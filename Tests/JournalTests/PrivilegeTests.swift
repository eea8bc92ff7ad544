import Journal
import Ledger
import Postgres
import TestSupport
import Testing

/// Attacks as each real role; the database alone refuses.
@Suite(.serialized) struct PrivilegeTests {
  private static let roles: [(role: String, login: String)] = [
    ("kvitt_ingest", "kvitt_nightly"), ("kvitt_settle", "kvitt_nightly"),
    ("kvitt_finance", "anna"), ("kvitt_read", "anna"), ("kvitt_audit", "bo"),
    ("kvitt_redeem", "kvitt_service"),
  ]

  private func refused(_ connection: Connection, _ sql: String) -> String? {
    do {
      try connection.transaction {
        try connection.run(Query(trusted: sql))
        throw Undo()
      }
      return nil
    } catch let error as DatabaseError {
      return error.sqlState
    } catch {
      return "none: the statement went through"
    }
  }

  private struct Undo: Error {}

  @Test func `no role may change, delete, truncate or detach anything posted`() throws {
    let admin = try BookSuite.database("privileges")
    let tables = try admin.run(
      """
      SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'kvitt' AND c.relkind IN ('r', 'p') ORDER BY 1
      """
    ).map { try $0.string(0) }
    #expect(tables.count > 55)
    for (role, login) in PrivilegeTests.roles {
      let connection = try BookSuite.connection("privileges", role, login: login)
      for table in tables {
        let column =
          try admin.run(
            "SELECT attname FROM pg_attribute WHERE attrelid = \("kvitt." + table)::regclass AND attnum = 1"
          ).first?.string(0) ?? ""
        for sql in [
          "UPDATE \(table) SET \(column) = \(column)", "DELETE FROM \(table)", "TRUNCATE \(table)",
          "DROP TABLE \(table)", "ALTER TABLE \(table) ADD COLUMN x int",
        ] {
          #expect(refused(connection, sql) == "42501", "\(role): \(sql)")
        }
      }
      let leaf = try #require(tables.first { $0.hasPrefix("reward_") })
      for sql in [
        "INSERT INTO \(leaf) SELECT * FROM \(leaf) LIMIT 1",
        "INSERT INTO reward SELECT * FROM \(leaf) LIMIT 1",
        "INSERT INTO purchase SELECT * FROM purchase LIMIT 1",
        "ALTER TABLE reward DETACH PARTITION \(leaf)",
        "INSERT INTO posting SELECT * FROM posting LIMIT 1",
        "INSERT INTO seal SELECT * FROM seal LIMIT 1",
        "INSERT INTO settlement_run VALUES ('P-1', 1, '2026-09-03')",
        "CREATE TABLE kvitt.mine (x int)", "SET ROLE kvitt_owner", "SET ROLE kvitt_admin",
      ] {
        #expect(refused(connection, sql) == "42501", "\(role): \(sql)")
      }
    }
  }

  @Test func `no function of the books may be executed by everybody, a later one neither`() throws {
    let admin = try BookSuite.database("everybody")
    try admin.run("SET ROLE kvitt_owner")
    try admin.run("CREATE FUNCTION kvitt.later() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
    let open = try admin.run(
      """
      SELECT p.oid::regprocedure::text FROM pg_proc p
       WHERE p.pronamespace = 'kvitt'::regnamespace AND has_function_privilege('public', p.oid, 'EXECUTE')
      """
    ).map { try $0.string(0) }
    #expect(open.isEmpty)
    try admin.run("GRANT EXECUTE ON FUNCTION kvitt.later() TO PUBLIC")
    let granted = try admin.run(
      "SELECT has_function_privilege('public', 'kvitt.later()', 'EXECUTE')"
    )
    #expect(try granted.first?.bool(0) == true)
  }

  @Test func `a login has no privilege before it takes a role`() throws {
    _ = try BookSuite.database("bare")
    let parameters = try BookSuite.sandbox.cluster.parameters(
      user: "kvitt_nightly",
      database: "bare"
    )
    let connection = try Connection(parameters)
    #expect(refused(connection, "SELECT count(*) FROM kvitt.posting") == "42501")
    #expect(refused(connection, "SET ROLE kvitt_finance") == "42501")
  }

  @Test func `KV-SET-004: nobody approves an own plan, forges a name or a digest`() throws {
    _ = try BookSuite.database("approval")
    let anna = try BookSuite.connection("approval", "kvitt_finance", login: "anna")
    try anna.run(
      """
      INSERT INTO plan (id, business_date, cut_seal, digest, body)
      SELECT 'P-9', '2026-09-03', seal_no, sha256('{"partners":[]}'), '{"partners":[]}' FROM book
      """
    )
    let own =
      "INSERT INTO plan_approval (plan_id, digest, prepared_by) "
      + "SELECT id, digest, prepared_by FROM plan WHERE id = 'P-9'"
    #expect(refused(anna, own) == "23514")
    let bo = try BookSuite.connection("approval", "kvitt_finance", login: "bo")
    let forged = [
      "INSERT INTO plan_approval (plan_id, digest, prepared_by, approved_by) "
        + "SELECT id, digest, prepared_by, 'anna' FROM plan WHERE id = 'P-9'",
      "INSERT INTO plan (id, business_date, cut_seal, digest, body, prepared_by) "
        + "VALUES ('P-8', '2026-09-03', 1, sha256('{}'), '{}', 'anna')",
      "INSERT INTO standing_approval (standing_id, prepared_by, approved_by) VALUES (1, 'bo', 'anna')",
      "INSERT INTO standing SELECT * FROM standing LIMIT 1",
    ]
    for sql in forged { #expect(refused(bo, sql) == "42501", "\(sql)") }
    // Another preparer or another digest points to no plan.
    #expect(
      refused(
        bo,
        "INSERT INTO plan_approval (plan_id, digest, prepared_by) "
          + "SELECT id, digest, 'kvitt_nightly' FROM plan WHERE id = 'P-9'"
      ) == "23503"
    )
    #expect(
      refused(
        bo,
        "INSERT INTO plan_approval (plan_id, digest, prepared_by) "
          + "SELECT id, sha256('x'), prepared_by FROM plan WHERE id = 'P-9'"
      ) == "23503"
    )
    #expect(
      refused(
        bo,
        "INSERT INTO plan (id, business_date, cut_seal, digest, body) "
          + "SELECT 'P-7', '2026-09-03', seal_no, sha256('x'), '{}' FROM book"
      ) == "23514"
    )
    try bo.run(Query(trusted: own))
  }

  @Test func `terms need two logins, by the database`() throws {
    let admin = try BookSuite.database("two")
    let anna = try BookSuite.books("two", .finance, login: "anna")
    let bo = try BookSuite.books("two", .finance, login: "bo")
    let apply = { (books: Books, body: String) in
      try books.applyTerms(kind: "calendar", code: "X", version: 1, body: Array(body.utf8))
    }
    #expect(try apply(anna, "one") == .proposed && apply(anna, "one") == .proposed)
    // Other bytes are another proposal.
    #expect(try apply(bo, "two") == .proposed)
    #expect(try apply(bo, "one") == .applied && apply(anna, "one") == .stands)
    let people = try admin.run(
      "SELECT proposed_by, applied_by FROM kvitt.terms WHERE code = 'X'"
    ).first
    #expect(try people?.string(0) == "anna" && people?.string(1) == "bo")
    let error = #expect(throws: DatabaseError.self) { try apply(anna, "two") }
    #expect(error?.sqlState == "KV023")
  }

  @Test func `a leaf refuses wrong totals, unknown members and rows after its seal`() throws {
    _ = try BookSuite.database("leaf")
    let books = try BookSuite.connection("leaf", "kvitt_ingest", login: "kvitt_nightly")
    let open = """
      SELECT reserve_batch('feed', 'attack');
      SELECT open_leaf(id, 'feed', '2026-09-03', now(), false) FROM batch_number
       WHERE key = 'feed/attack';
      """
    let number =
      try books.run("SELECT coalesce(max(id), 0) + 1 FROM batch_number").first?.int(0) ?? 0
    let seal = { (rewards: Int, totals: String) in
      "SELECT seal_leaf(\(number), 0, \(rewards), sha256(''), '[]', '\(totals)', '[]', '[]', 0)"
    }
    let earned = Flow.earnCashback.rawValue
    let row = """
      INSERT INTO reward_\(number) SELECT \(number), member_id, 0, 0, 5, 5, 0, 5, 1, agreement,
        '2026-09-03', '2026-09-03', '2026-09-03', '2026-09-03', flow, rule, partner, programme,
        unit, currency, earn_month FROM reward WHERE flow = \(earned) AND partner = 0 LIMIT 1
      """
    #expect(refused(books, open + row + ";" + seal(1, "[]")) == "KV020")
    #expect(refused(books, open + row + ";" + seal(2, "[]")) == "KV020")
    #expect(
      refused(books, open + row.replacing("member_id, 0", with: "999999, 0") + ";" + seal(1, "[]"))
        == "KV020"
    )
    #expect(refused(books, "SELECT open_leaf(9999, 'feed', '2026-09-03', now(), false)") == "KV020")
    // An empty leaf seals; afterwards it takes nothing.
    #expect(
      refused(books, open + seal(0, "[]") + ";" + row.replacing("INSERT INTO", with: "INSERT INTO"))
        == "42501"
    )
    let unbalanced = """
      SELECT seal_leaf(\(number), 0, 0, sha256(''), '[]', '[]',
        '[["1","X","2026-09-03","t","1010","EUR","0","0","5"],
        ["1","X","2026-09-03","t","2500","EUR","0","0","-4"]]', '[]', 0)
      """
    #expect(refused(books, open + unbalanced) == "KV020")
  }

  @Test func `a proof that leaves something unexplained cannot be stored`() throws {
    _ = try BookSuite.database("proof")
    let settle = try BookSuite.connection("proof", "kvitt_settle", login: "kvitt_nightly")
    let proof = { (breaks: Int) in
      "INSERT INTO proof VALUES ('X', 'EUR', '2026-09-03', 1, 10, 7, \(breaks), 0, 0, \(breaks), "
        + "0, 0, sha256(''), 0, '{}')"
    }
    #expect(refused(settle, proof(2)) == "23514")
    #expect(refused(settle, proof(3)) == "none: the statement went through")
  }

  @Test func `a match claims each side once and again only after its release`() throws {
    _ = try BookSuite.database("match")
    let settle = try BookSuite.connection("match", "kvitt_settle", login: "kvitt_nightly")
    let claim = { (generation: Int) in
      "INSERT INTO match_claim (side, item, generation, match_id, rule) "
        + "VALUES ('bank', 'L1', \(generation), 'M1', 'r')"
    }
    let release =
      "INSERT INTO match_release (side, item, generation, reason) "
      + "VALUES ('bank', 'L1', 1, 'wrong')"
    #expect(refused(settle, claim(1) + ";" + claim(1)) == "23505")
    #expect(refused(settle, claim(1) + ";" + claim(2)) == "23503")
    #expect(refused(settle, release) == "23503")
    #expect(refused(settle, claim(1) + ";" + release + ";" + release) == "23505")
    #expect(
      refused(settle, claim(1) + ";" + release + ";" + claim(2))
        == "none: the statement went through"
    )
  }
}
