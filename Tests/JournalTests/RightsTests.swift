import Formats
import Foundation
import Journal
import Postgres
import TestSupport
import Testing

/// A walk over everything of the schema: what each role may do, as the server answers, beside what
/// `rights.txt` says.
@Suite(.serialized) struct RightsTests {
  private static let rights = Result {
    Rights(try String(contentsOfFile: repository + "/Schemas/rights.txt", encoding: .utf8))
  }

  /// Every right that the server grants on things of the schema, leaves left out: role, right, thing.
  private static let answered: StaticString = """
    WITH role AS (
      SELECT oid, rolname FROM pg_roles WHERE rolname LIKE 'kvitt%' AND NOT rolsuper
         AND rolname <> 'kvitt_owner'
       UNION ALL SELECT 0, 'public'
    ), relation AS (
      SELECT c.oid, c.relname, c.relkind FROM pg_class c
       WHERE c.relnamespace = 'kvitt'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
         AND c.relname !~ '^(purchase|reward)_[0-9]+(_[0-9]+)?$'
    )
    SELECT concat_ws(' ', rolname, p.right, relname) FROM role, relation,
           unnest('{INSERT,SELECT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p ("right")
     WHERE has_table_privilege(role.oid, relation.oid, p.right)
     UNION ALL
    SELECT concat_ws(' ', rolname, p.right, relname, attname) FROM role, relation
      JOIN pg_attribute a ON a.attrelid = relation.oid AND a.attnum > 0 AND NOT a.attisdropped,
           unnest('{INSERT,SELECT,UPDATE,REFERENCES}'::text[]) AS p ("right")
     WHERE has_column_privilege(role.oid, relation.oid, attnum, p.right)
       AND NOT has_table_privilege(role.oid, relation.oid, p.right)
     UNION ALL
    SELECT concat_ws(' ', rolname, 'EXECUTE', proname) FROM role, pg_proc
     WHERE pronamespace = 'kvitt'::regnamespace
       AND has_function_privilege(role.oid, pg_proc.oid, 'EXECUTE')
     UNION ALL
    SELECT concat_ws(' ', rolname, p.right, relname) FROM role, pg_class c,
           unnest('{USAGE,SELECT,UPDATE}'::text[]) AS p ("right")
     WHERE c.relnamespace = 'kvitt'::regnamespace AND c.relkind = 'S'
       AND has_sequence_privilege(role.oid, c.oid, p.right)
     UNION ALL
    SELECT concat_ws(' ', rolname, p.right, 'kvitt') FROM role,
           unnest('{USAGE,CREATE}'::text[]) AS p ("right")
     WHERE has_schema_privilege(role.oid, 'kvitt', p.right)
     UNION ALL
    SELECT concat_ws(' ', rolname, p.right) FROM role,
           unnest('{TEMPORARY,CREATE}'::text[]) AS p ("right")
     WHERE has_database_privilege(role.oid, current_database(), p.right)
    """

  /// What the text gives, with what a role has through others.
  ///
  /// Logins take their roles and have nothing by
  /// themselves.
  private func declared() throws -> Set<String> {
    let all = try RightsTests.rights.get().rights
    let members = all.filter { $0.privilege == "MEMBER" }
    var out: Set<String> = []
    for right in all where right.privilege != "MEMBER" && right.role != "kvitt_owner" {
      let heirs = members.filter { $0.name == right.role }.map(\.role)
        .filter { !["kvitt_nightly", "kvitt_service"].contains($0) }
      for role in [right.role] + heirs {
        for column in right.columns.isEmpty ? [""] : right.columns {
          let words = [role, right.privilege, right.name, column]
          out.insert(words.filter { !$0.isEmpty }.joined(separator: " "))
        }
      }
    }
    return out
  }

  @Test func `each role may do exactly what is listed, with everything of the schema`() throws {
    let admin = try BookSuite.empty("rights")
    try Schema.current.migrate(admin)
    let found = Set(
      try admin.run(Query(trusted: "\(RightsTests.answered)")).map { try $0.string(0) }
    )
    let wanted = try declared()
    #expect(found.subtracting(wanted).isEmpty, "more: \(found.subtracting(wanted).sorted())")
    #expect(wanted.subtracting(found).isEmpty, "less: \(wanted.subtracting(found).sorted())")
    #expect(found.count > 600)
    print("rights: \(found.count), each as listed")
  }

  @Test func `everything of the schema is listed, and what is listed is there`() throws {
    let admin = try BookSuite.database("listed")
    let found = try admin.run(
      """
      SELECT CASE WHEN relkind IN ('v', 'm') THEN 'view ' ELSE 'table ' END || relname FROM pg_class
       WHERE relnamespace = 'kvitt'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
         AND relname !~ '^(purchase|reward)_[0-9]+(_[0-9]+)?$'
       UNION ALL
      SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'kvitt'::regnamespace
       UNION ALL SELECT 'schema kvitt' UNION ALL SELECT 'database '
       UNION ALL
      SELECT 'role ' || rolname FROM pg_roles
       WHERE rolname LIKE 'kvitt%' AND NOT rolsuper
          OR rolname IN ('pg_signal_backend', 'pg_read_all_stats')
      """
    ).map { try $0.string(0) }
    let listed = try RightsTests.rights.get().things.map { "\($0.kind.rawValue) \($0.name)" }
    #expect(found.sorted() == listed.sorted())
    #expect(Set(listed).count == listed.count)
  }

  @Test func `the dictionary names who writes each table`() throws {
    let text = try String(contentsOfFile: repository + "/Schemas/README.md", encoding: .utf8)
    let rights = try RightsTests.rights.get()
    var seen = 0
    for line in text.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map(String.init)
      let name = cells[0].filter { $0.isLetter || $0 == "_" }
      guard rights.things.contains(where: { $0.kind == .table && $0.name == name }) else {
        continue
      }
      seen += 1
      let told = Set(
        cells[2].split(whereSeparator: { !$0.isLetter && $0 != "_" }).map(String.init)
          .filter { $0.hasPrefix("kvitt_") }
      )
      let writers = Set(
        rights.rights.filter { $0.name == name && $0.privilege == "INSERT" }.map(\.role)
      )
      // Rows of leaves go into a table of their own, to which a seal takes the right.
      #expect(told == writers || ["purchase", "reward"].contains(name), "\(name)")
    }
    #expect(seen == rights.things.count { $0.kind == .table })
  }

  @Test func `roles are members of each other as listed`() throws {
    let admin = try BookSuite.database("members")
    let found = try admin.run(
      """
      SELECT m.roleid::regrole || ' ' || m.member::regrole, m.admin_option FROM pg_auth_members m
        JOIN pg_roles r ON r.oid = m.member WHERE r.rolname LIKE 'kvitt%' AND NOT r.rolsuper
      """
    )
    let listed = try RightsTests.rights.get().rights.filter { $0.privilege == "MEMBER" }
      .map { "\($0.name) \($0.role)" }
    #expect(try found.map { try $0.string(0) }.sorted() == listed.sorted())
    #expect(try found.allSatisfy { try !$0.bool(1) })
  }

  @Test func `who did it and when is never said by the one who did it`() throws {
    let admin = try BookSuite.database("authors")
    let found = try admin.run(
      """
      SELECT r.rolname || ' may say ' || c.relname || '.' || a.attname
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       CROSS JOIN pg_roles r
       WHERE c.relnamespace = 'kvitt'::regnamespace AND r.rolname LIKE 'kvitt%' AND NOT r.rolsuper
         AND r.rolname <> 'kvitt_owner'
         AND pg_get_expr(d.adbin, d.adrelid) ~* 'session_user|now\\(|current_'
         AND has_column_privilege(r.oid, c.oid, a.attnum, 'INSERT')
      """
    ).map { try $0.string(0) }
    #expect(found.isEmpty)
  }

  @Test func `functions say where they look names up, and nobody calls what a trigger does`() throws
  {
    let admin = try BookSuite.database("definers")
    let wrong = try admin.run(
      """
      SELECT p.proname FROM pg_proc p
       WHERE p.pronamespace = 'kvitt'::regnamespace
         AND (NOT 'search_path=pg_catalog, pg_temp' = ANY (coalesce(p.proconfig, '{}'))
              OR p.proowner <> 'kvitt_owner'::regrole
              OR p.prorettype = 'trigger'::regtype AND EXISTS (
                   SELECT FROM aclexplode(p.proacl) a WHERE a.grantee <> p.proowner))
      """
    ).map { try $0.string(0) }
    #expect(wrong.isEmpty)
    // Nothing else of the schema carries code or rights of its own.
    let types = try admin.run(
      """
      SELECT typname FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
       WHERE typnamespace = 'kvitt'::regnamespace AND t.typelem = 0
         AND (c.oid IS NULL OR c.relkind = 'c')
      """
    ).map { try $0.string(0) }
    #expect(types.isEmpty)
  }

  @Test(arguments: [
    "GRANT INSERT ON kvitt.payment_order TO kvitt_settle",
    "GRANT UPDATE (amount_minor) ON kvitt.payment_order TO kvitt_settle",
    "GRANT EXECUTE ON FUNCTION kvitt.check_prepaid_moves() TO PUBLIC",
    "GRANT SELECT ON kvitt.reward TO kvitt_redeem", "GRANT SELECT ON kvitt.reward TO PUBLIC",
    "GRANT CREATE ON SCHEMA kvitt TO kvitt_finance", "GRANT DELETE ON kvitt.plan TO anna",
    "REVOKE SELECT ON kvitt.terms FROM kvitt_read",
  ])
  func `a right given or taken by hand is refused, and db migrate puts it back`(
    _ sql: String
  ) throws {
    let admin = try BookSuite.database("by_hand")
    try admin.run(Query(trusted: sql))
    let comparison = try Schema.current.compared(with: admin)
    #expect(comparison.altered.count == 1 && comparison.altered[0].hasPrefix("rights of "))
    #expect(comparison.refusal?.code.rawValue == "KV-DB-004")
    try Schema.current.migrate(admin)
    #expect(try Schema.current.compared(with: admin).fits)
  }

  @Test func `a reader of the bank's own keeps what an administrator gave it`() throws {
    let admin = try BookSuite.database("own_reader")
    try admin.run("GRANT SELECT ON kvitt.posting TO anna")
    #expect(try Schema.current.compared(with: admin).fits)
  }
}
