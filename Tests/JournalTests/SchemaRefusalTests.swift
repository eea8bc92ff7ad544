import Civil
import Formats
import Foundation
import Journal
import Postgres
import TestSupport
import Testing

/// What a hand or another kvitt did to the schema, and how the next connection tells it.
struct SchemaFault: Sendable, CustomTestStringConvertible {
  let name: String
  /// What an administrator does.
  let sql: String
  /// A word of the refusal.
  let told: String
  /// Whether `kvitt db migrate` mends it.
  var isMended = false

  var testDescription: String { name }
}

/// Program and schema look at each other at every connection.
@Suite(.serialized) struct SchemaRefusalTests {
  private static let faults: [SchemaFault] = [
    SchemaFault(
      name: "a change of the future",
      sql: """
        INSERT INTO kvitt.schema_text (path, digest, version)
        VALUES ('changes/9999_future.sql', sha256('x'), '0.1.0')
        """,
      told: "newer than this kvitt: changes/9999_future.sql"
    ),
    SchemaFault(
      name: "the text of a later version",
      sql: "UPDATE kvitt.schema_text SET version = '0.10.0' WHERE path LIKE '%/hold.sql'",
      told: "functions/redemption/hold.sql of kvitt 0.10.0"
    ),
    SchemaFault(
      name: "the text of an earlier version, whose number looks greater",
      sql: """
        UPDATE kvitt.schema_text SET version = '0.0.99', digest = sha256('x')
         WHERE path LIKE '%/hold.sql'
        """,
      told: "older than this kvitt, or another text of it made them: functions/redemption/hold.sql",
      isMended: true
    ),
    SchemaFault(
      name: "a function of another text",
      sql: "UPDATE kvitt.schema_text SET digest = sha256('x') WHERE path LIKE '%/hold.sql'",
      told: "functions/redemption/hold.sql",
      isMended: true
    ),
    SchemaFault(
      name: "a view that was not applied yet",
      sql: "DELETE FROM kvitt.schema_text WHERE path = 'views/merged.sql'",
      told: "views/merged.sql",
      isMended: true
    ),
    SchemaFault(
      name: "tables of another text",
      sql: "UPDATE kvitt.schema_text SET digest = sha256('x') WHERE path LIKE 'tables/05%'",
      told: "another text of tables/05_leaves.sql"
    ),
    SchemaFault(
      name: "rows of another text",
      sql: "UPDATE kvitt.schema_text SET digest = sha256('x') WHERE path = 'rows/account'",
      told: "rows/account",
      isMended: true
    ),
    SchemaFault(
      name: "a dropped function",
      sql: "DROP FUNCTION kvitt.hold_fence(text, date, integer)",
      told: "function kvitt.hold_fence(p_job text, p_date date, p_fence integer)",
      isMended: true
    ),
    SchemaFault(
      name: "a function changed by hand",
      sql: """
        CREATE OR REPLACE FUNCTION kvitt.hold_fence(p_job text, p_date date, p_fence integer)
        RETURNS void LANGUAGE sql AS ''
        """,
      told: "function kvitt.hold_fence",
      isMended: true
    ),
    SchemaFault(
      name: "a view changed by hand",
      sql: """
        CREATE OR REPLACE VIEW kvitt.standing_in_force AS
        SELECT s.id, s.partner, s.currency, s.account, s.to_partner_minor, s.to_issuer_minor,
               s.month_to_partner_minor, s.month_to_issuer_minor, s.expires_on, s.prepared_by
          FROM kvitt.standing s
        """,
      told: "view kvitt.standing_in_force",
      isMended: true
    ),
    SchemaFault(
      name: "a trigger switched off",
      sql: "ALTER TABLE kvitt.prepaid_move DISABLE TRIGGER prepaid_move_fits",
      told: "trigger prepaid_move_fits on kvitt.prepaid_move",
      isMended: true
    ),
    SchemaFault(
      name: "a trigger's function dropped with its trigger",
      sql: "DROP FUNCTION kvitt.check_merge CASCADE",
      told: "function kvitt.check_merge()",
      isMended: true
    ),
    SchemaFault(
      name: "keys switched off",
      sql: "ALTER TABLE kvitt.standing_approval DISABLE TRIGGER ALL",
      told: "table kvitt.standing_approval"
    ),
    SchemaFault(
      name: "two people made one, under the same name",
      sql: """
        ALTER TABLE kvitt.standing_approval DROP CONSTRAINT standing_approval_two_people,
          ADD CONSTRAINT standing_approval_two_people
            CHECK (approved_by IS NOT NULL OR prepared_by = approved_by)
        """,
      told: "constraint standing_approval_two_people on kvitt.standing_approval"
    ),
    SchemaFault(
      name: "a key that looks elsewhere",
      sql: """
        CREATE TABLE public.elsewhere (id bigint PRIMARY KEY);
        ALTER TABLE kvitt.entry DROP CONSTRAINT entry_batch,
          ADD CONSTRAINT entry_batch FOREIGN KEY (batch_id) REFERENCES public.elsewhere (id) NOT VALID
        """,
      told: "constraint entry_batch on kvitt.entry"
    ),
    SchemaFault(
      name: "a person filled in by a default",
      sql: "ALTER TABLE kvitt.standing_approval ALTER approved_by SET DEFAULT 'bo'",
      told: "table kvitt.standing_approval"
    ),
    SchemaFault(
      name: "a rule that swallows rows",
      sql: "CREATE RULE swallow AS ON INSERT TO kvitt.slice DO INSTEAD NOTHING",
      told: "rule swallow on kvitt.slice"
    ),
    SchemaFault(
      name: "a policy that hides rows",
      sql: "ALTER TABLE kvitt.outcome ENABLE ROW LEVEL SECURITY",
      told: "table kvitt.outcome"
    ),
    SchemaFault(
      name: "a table that adds its rows to another",
      sql: "CREATE TABLE public.more () INHERITS (kvitt.break_item)",
      told: "table kvitt.break_item"
    ),
    SchemaFault(
      name: "a unique index dropped",
      sql: "DROP INDEX kvitt.hold_end_key",
      told: "index hold_end_key"
    ),
    SchemaFault(
      name: "a sequence with other steps",
      sql: "ALTER SEQUENCE kvitt.hold_id_seq INCREMENT 2",
      told: "sequence kvitt.hold_id_seq"
    ),
    SchemaFault(
      name: "a function of another owner",
      sql: "ALTER FUNCTION kvitt.lock_members(bigint[]) OWNER TO kvitt_admin",
      told: "function kvitt.lock_members(p_members bigint[])"
    ),
    SchemaFault(
      name: "a leg of a flow turned round",
      sql:
        "UPDATE kvitt.flow_leg SET sign = -sign WHERE flow = (SELECT id FROM kvitt.flow WHERE code = 'E1')",
      told: "rows of kvitt.flow_leg"
    ),
    SchemaFault(
      name: "a currency deleted",
      sql: "DELETE FROM kvitt.currency WHERE code = 'XPF'",
      told: "rows of kvitt.currency",
      isMended: true
    ),
    SchemaFault(
      name: "notes of texts deleted",
      sql: "DELETE FROM kvitt.schema_text",
      told: "the note of tables/"
    ),
    SchemaFault(
      name: "notes of objects deleted, and a function with them",
      sql: """
        DELETE FROM kvitt.schema_object WHERE name LIKE '%hold_fence%';
        DROP FUNCTION kvitt.hold_fence(text, date, integer)
        """,
      told: "which the books do not note"
    ),
    SchemaFault(
      name: "notes of objects dropped",
      sql: "DROP TABLE kvitt.schema_object",
      told: "schema_object"
    ),
    SchemaFault(
      name: "a view with a further column",
      sql: """
        CREATE OR REPLACE VIEW kvitt.merged AS
          SELECT member_id, into_id, 1 AS more FROM kvitt.member_merge
        """,
      told: "view kvitt.merged",
      isMended: true
    ),
    SchemaFault(
      name: "somebody else's tables in place of books",
      sql:
        "DROP SCHEMA kvitt CASCADE; CREATE SCHEMA kvitt; GRANT USAGE ON SCHEMA kvitt TO PUBLIC; CREATE TABLE kvitt.customers (id integer)",
      told: "what is not kvitt's: table kvitt.customers"
    ),
    SchemaFault(
      name: "a constraint dropped",
      sql: "ALTER TABLE kvitt.proof DROP CONSTRAINT proof_explained",
      told: "constraint proof_explained on kvitt.proof"
    ),
    SchemaFault(
      name: "a column dropped",
      sql: "ALTER TABLE kvitt.file DROP COLUMN skipped",
      told: "table kvitt.file"
    ),
    SchemaFault(
      name: "a table dropped",
      sql: "DROP TABLE kvitt.basket_purchase",
      told: "table kvitt.basket_purchase"
    ),
    SchemaFault(
      name: "a table of somebody else",
      sql: "CREATE TABLE kvitt.mine (id integer)",
      told: "table kvitt.mine"
    ),
    SchemaFault(
      name: "a function of somebody else",
      sql: "CREATE FUNCTION kvitt.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
      told: "function kvitt.mine()"
    ),
    SchemaFault(
      name: "books of the time before",
      sql: "DROP TABLE kvitt.schema_text; CREATE TABLE kvitt.migration (name text)",
      told: "before kvitt kept its schema as one text"
    ),
    SchemaFault(
      name: "no books",
      sql: "DROP SCHEMA kvitt CASCADE",
      told: "holds no books",
      isMended: true
    ),
  ]

  @Test(arguments: faults)
  func `KV-DB-004: a schema that differs is refused before anything is written`(
    _ fault: SchemaFault
  ) throws {
    let admin = try BookSuite.database("differs")
    try admin.run(Query(trusted: fault.sql))
    let before = try rows(admin)
    for (role, login) in [
      (BookRole.read, "anna"), (.settle, "kvitt_nightly"), (.redeem, "kvitt_service"),
    ] {
      let error = #expect(throws: Refusal.self) {
        try BookSuite.books("differs", role, login: login)
      }
      #expect(error?.code == .schemaDiffers && error?.code.exit == .config)
      #expect(error?.message.contains(fault.told) == true, "\(fault.name): \(error as Any)")
    }
    #expect(try rows(admin) == before)
    if fault.isMended {
      #expect(try !Schema.current.migrate(admin).isEmpty)
      _ = try BookSuite.books("differs", .read, login: "anna")
    } else {
      #expect(throws: Refusal.self) { try Schema.current.migrate(admin) }
      #expect(try rows(admin) == before)
    }
  }

  /// How many rows were ever written, deleted or changed, as the server counts them.
  private func rows(_ admin: Connection) throws -> String {
    try admin.run("SELECT pg_stat_force_next_flush()")
    return try admin.run(
      """
      SELECT coalesce(string_agg(concat_ws(' ', relname, n_tup_ins, n_tup_upd, n_tup_del), ','
               ORDER BY relname), '') FROM pg_stat_user_tables WHERE schemaname = 'kvitt'
      """
    ).first?.string(0) ?? ""
  }

  @Test func `KV-DB-004: every way to work ends with 78, on a private cluster that runs too`()
    throws
  {
    let sandbox = Sandbox("differs")
    defer { try? sandbox.remove() }
    try sandbox.kvitt("db", "migrate")
    let admin = try sandbox.administrator()
    try admin.run("DROP FUNCTION kvitt.hold_fence(text, date, integer)")
    for words in [
      ["status"], ["nightly", "--business-date", "2026-09-01"], ["ledger", "check"],
      ["settle", "plan", "--business-date", "2026-09-01"],
      ["reward", "release", "H-1", "--key", "K"],
      ["partner", "terms", "apply", "\(repository)/Settlement/calendars/TARGET.yaml"],
    ] {
      let finished = try sandbox.kvitt(words)
      #expect(finished.status == 78, "\(words): \(finished.errors)")
      #expect(finished.errors.contains("hint: kvitt db migrate"), "\(finished.errors)")
    }
    // Starting the cluster again mends nothing by itself.
    try sandbox.kvitt("db", "stop")
    #expect(try sandbox.kvitt("status").status == 78)
    #expect(try sandbox.kvitt("db", "migrate").output.contains("functions/runs/hold_fence.sql"))
    #expect(try sandbox.kvitt("status").status == 0)
    #expect(try sandbox.kvitt("db", "migrate").output.contains("up to date"))
  }

  @Test func `settings of a role or a database are no change of the schema`() throws {
    let admin = try BookSuite.database("settings")
    for setting in [
      "quote_all_identifiers = on", "search_path = 'kvitt'", "datestyle = 'German'",
      "timezone = 'Asia/Tokyo'", "standard_conforming_strings = off", "extra_float_digits = -5",
    ] {
      try admin.run(Query(trusted: "ALTER DATABASE settings SET \(setting)"))
      _ = try BookSuite.books("settings", .read, login: "anna")
      #expect(try Schema.current.migrate(BookSuite.sandbox.administrator("settings")).isEmpty)
    }
  }

  @Test func `KV-RUN-001: no migration replaces what a run works with`() throws {
    let admin = try BookSuite.database("running")
    let night = try BookSuite.books("running", .settle, login: "kvitt_nightly")
    try night.beginRun("nightly", #require(CivilDate("2026-09-03")), holder: "host", at: .now())
    try admin.run("DELETE FROM kvitt.schema_text WHERE path = 'views/merged.sql'")
    let error = #expect(throws: Refusal.self) { try Schema.current.migrate(admin) }
    #expect(error?.code == .runHeld, "\(error as Any)")
  }

  @Test func `KV-DB-004: a database without roles or books says what to do first`() throws {
    _ = try BookSuite.empty("nothing")
    let socket = try BookSuite.sandbox.cluster.socketFolder
    let status = try BookSuite.sandbox.kvitt(
      "status",
      "--db",
      "host=\(socket) dbname=nothing user=anna"
    )
    #expect(status.status == 78 && status.errors.contains("holds no books"), "\(status.errors)")
  }
}
