import Formats
import Foundation
import Journal
import Postgres
import TestSupport
import Testing

/// The schema has one current text, and every way to it ends there.
@Suite(.serialized) struct SchemaTextTests {
  /// The schema of a database without its leaves, without comments and settings.
  private func dump(_ database: String) throws -> String {
    let cluster = try BookSuite.sandbox.cluster
    let finished = try shell(
      """
      $(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)/pg_dump -h \(cluster.socketFolder) \
        -U \(cluster.superuser) -d \(database) --schema-only --schema=kvitt \
        --exclude-table='kvitt.purchase_*' --exclude-table='kvitt.reward_*'
      """
    )
    try #require(finished.status == 0, "\(finished.errors)")
    var lines: [Substring] = []
    for line in finished.output.split(separator: "\n", omittingEmptySubsequences: false) {
      let isNoise = ["--", "SET ", "SELECT pg_catalog", "\\"].contains { line.hasPrefix($0) }
      if !isNoise, !line.isEmpty || lines.last?.isEmpty == false { lines.append(line) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  @Test func `current.sql is the dump of a new database, of a lived-in and of a reloaded one`()
    throws
  {
    _ = try BookSuite.database("lived")
    let new = try BookSuite.empty("new_schema")
    try unlisted.migrate(new)
    try listObjects(new)
    let version = try new.run("SHOW server_version").first?.string(0).prefix { $0 != "." } ?? ""
    let text =
      "-- The finished schema, as pg_dump of PostgreSQL \(version) writes it.\n"
      + (try dump("new_schema"))
    let place = "\(repository)/Schemas/current.sql"
    if ProcessInfo.processInfo.environment["KVITT_RECORD"] != nil {
      try text.write(toFile: place, atomically: false, encoding: .utf8)
    }
    let recorded = try String(contentsOfFile: place, encoding: .utf8)
    // Another version of pg_dump writes the same schema in other words.
    if recorded.prefix(while: { $0 != "\n" }) == text.prefix(while: { $0 != "\n" }) {
      #expect(text == recorded, "current.sql differs; KVITT_RECORD=1 records it anew")
    }
    #expect(try dump("lived") == dump("new_schema"))
    try reload("lived", into: "reloaded")
    #expect(try dump("reloaded") == dump("new_schema"))
    let books = try BookSuite.books("reloaded", .audit, login: "bo")
    #expect(try books.check().faults.isEmpty)
  }

  /// The schema of this program, whatever `objects.txt` lists.
  private var unlisted: Schema {
    Schema(
      version: Schema.current.version,
      once: Schema.current.once,
      repeatable: Schema.current.repeatable,
      reference: Schema.current.reference,
      rights: Schema.current.rights
    )
  }

  /// `objects.txt` lists what the files make, so that the program knows it.
  private func listObjects(_ admin: Connection) throws {
    let names = try admin.run(#"SELECT name FROM kvitt.schema_object ORDER BY name COLLATE "C""#)
      .map { try $0.string(0) }
    let place = "\(repository)/Schemas/objects.txt"
    if ProcessInfo.processInfo.environment["KVITT_RECORD"] != nil {
      try (names.joined(separator: "\n") + "\n")
        .write(toFile: place, atomically: false, encoding: .utf8)
    }
    let listed = try String(contentsOfFile: place, encoding: .utf8)
    #expect(
      listed == names.joined(separator: "\n") + "\n",
      "objects.txt differs; KVITT_RECORD=1 records it anew"
    )
    #expect(names.count > 700)
  }

  private func reload(_ from: String, into database: String) throws {
    _ = try BookSuite.empty(database)
    let cluster = try BookSuite.sandbox.cluster
    let reload = try shell(
      """
      set -e -o pipefail; cd /usr/lib/postgresql; bin=$(ls -d */bin | sort -V | tail -1)
      $bin/pg_dump -h \(cluster.socketFolder) -U \(cluster.superuser) -d \(from) \
        | psql -q -v ON_ERROR_STOP=1 -h \(cluster.socketFolder) -U \(cluster.superuser) -d \(database)
      """
    )
    try #require(reload.status == 0, "\(reload.errors)")
  }

  @Test func `a database gets its schema once, whoever else asks for it`() async throws {
    _ = try BookSuite.empty("once")
    let connect: @Sendable () throws -> [String] = {
      try Schema.current.migrate(BookSuite.sandbox.administrator("once"))
    }
    async let one = Task.detached { try connect() }.value
    async let other = Task.detached { try connect() }.value
    let counts = try await [one.count, other.count].sorted()
    #expect(counts.first == 0)
    let files = Schema.current.once.count + Schema.current.repeatable.count
    #expect(counts.last == files + Schema.current.reference.count + 1)
    #expect(try connect().isEmpty)
  }

  @Test func `a change that fails leaves the books as they were`() throws {
    let admin = try BookSuite.database("failing")
    let good = SchemaFile(path: "changes/0001_good.sql", sql: "CREATE TABLE kvitt.good (id int)")
    let bad = SchemaFile(path: "changes/0002_bad.sql", sql: "CREATE TABLE kvitt.batch (id int)")
    let error = #expect(throws: Refusal.self) { try changed(good, bad).migrate(admin) }
    #expect(error?.message.contains("nothing was changed: relation") == true)
    #expect(try Schema.current.compared(with: admin).fits)
    #expect(try admin.run("SELECT to_regclass('kvitt.good')").first?.optional(0) == nil)
  }

  /// The schema of a program that has further changes.
  private func changed(_ changes: SchemaFile..., functions: [SchemaFile] = []) -> Schema {
    Schema(
      version: "0.2.0",
      once: Schema.current.once + changes,
      repeatable: Schema.current.repeatable + functions,
      reference: Schema.current.reference,
      rights: Schema.current.rights
    )
  }

  @Test func `a newer program brings the books up to date, and an older one refuses them then`()
    throws
  {
    let admin = try BookSuite.database("newer_program")
    let change = SchemaFile(
      path: "changes/0001_colour.sql",
      sql: """
        ALTER TABLE kvitt.partner ADD COLUMN colour text NOT NULL DEFAULT 'blue';
        UPDATE kvitt.partner SET colour = 'red' WHERE code = 'NVA'
        """
    )
    let function = SchemaFile(
      path: "functions/terms/colour.sql",
      sql: """
        CREATE OR REPLACE FUNCTION kvitt.colour(p_partner smallint) RETURNS text
        LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
          SELECT colour FROM kvitt.partner WHERE id = p_partner
        $$
        """
    )
    let newer = changed(change, functions: [function])
    // Before: books with partners in them, which the newer program refuses.
    #expect(try admin.run("SELECT FROM kvitt.partner").count == 4)
    #expect(try newer.compared(with: admin).refusal?.message.contains("older") == true)
    let applied = try newer.migrate(admin)
    #expect(applied.first == change.path && applied.contains(function.path))
    // What a change may have dropped is made again.
    #expect(applied.count == 2 + Schema.current.repeatable.count)
    // After: every row has its value, and the program of before refuses the books.
    let colours = try admin.run("SELECT code, kvitt.colour(id) FROM kvitt.partner ORDER BY code")
    #expect(
      try colours.map { try "\($0.string(0)) \($0.string(1))" } == [
        "BOK blue", "KFH blue", "LUM blue", "NVA red",
      ]
    )
    #expect(try newer.compared(with: admin).fits)
    let refusal = try #require(Schema.current.compared(with: admin).refusal)
    #expect(refusal.code == .schemaDiffers && refusal.message.contains("newer"), "\(refusal)")
    #expect(throws: refusal) { try Schema.current.migrate(admin) }
  }

  @Test func `versions are compared by their numbers, not as texts`() throws {
    let admin = try BookSuite.database("versions")
    let program = { (version: String) in
      Schema(
        version: version,
        once: Schema.current.once,
        repeatable: Schema.current.repeatable,
        reference: Schema.current.reference,
        rights: Schema.current.rights
      )
    }
    for (books, ours, isNewer) in [
      ("0.10.0", "0.9.0", true), ("0.9.0", "0.10.0", false), ("10.0.0", "9.9.9", true),
      ("1.2", "1.10", false), ("1.2.0", "1.2.0", false),
    ] {
      try admin.run("UPDATE kvitt.schema_text SET version = \(books)")
      let newer = try program(ours).compared(with: admin).newer
      #expect(newer.isEmpty != isNewer, "books of \(books), program \(ours)")
    }
  }

  @Test func `a function goes by a change that drops it`() throws {
    let admin = try BookSuite.database("dropping")
    let file = try #require(Schema.current.repeatable.first { $0.path.hasSuffix("/pass_gate.sql") })
    let text = try String(contentsOfFile: "\(repository)/Schemas/rights.txt", encoding: .utf8)
    let rights = Rights(
      text.split(separator: "\n").filter { !$0.hasPrefix("function pass_gate:") }
        .joined(separator: "\n")
    )
    let without = { (changes: [SchemaFile]) in
      Schema(
        version: "0.2.0",
        once: Schema.current.once + changes,
        repeatable: Schema.current.repeatable.filter { $0 != file },
        reference: Schema.current.reference,
        rights: rights
      )
    }
    // A file that the books have and the program has not, without a change: the books are newer.
    #expect(try without([]).compared(with: admin).newer == [file.path])
    let drop = SchemaFile(
      path: "changes/0001_no_gate.sql",
      sql: "DROP FUNCTION IF EXISTS kvitt.pass_gate(boolean)"
    )
    #expect(try without([drop]).migrate(admin).first == drop.path)
    #expect(try without([drop]).compared(with: admin).fits)
  }

  @Test func `what a change loses or leaves is seen before it is committed`() throws {
    let admin = try BookSuite.database("losing")
    let with = { (sql: String) in
      Schema(
        version: "0.2.0",
        once: Schema.current.once + [SchemaFile(path: "changes/0001_x.sql", sql: sql)],
        repeatable: Schema.current.repeatable,
        reference: Schema.current.reference,
        rights: Schema.current.rights,
        objects: Schema.current.objects
      )
    }
    // Views, functions and triggers come back; another signature, a lost key and a new table do not go unseen.
    #expect(
      try with("DROP VIEW kvitt.merged; DROP FUNCTION kvitt.check_merge CASCADE").migrate(admin)
        .count
        == 1 + Schema.current.repeatable.count
    )
    #expect(try admin.run("SELECT to_regclass('kvitt.merged')").first?.optional(0) != nil)
    for (sql, told) in [
      (
        "CREATE FUNCTION kvitt.pass_gate(p text) RETURNS void LANGUAGE sql AS ''",
        "pass_gate"
      ),
      (
        "ALTER TABLE kvitt.file DROP CONSTRAINT file_source_key",
        "file_source_key on kvitt.file, which"
      ),
      ("CREATE TABLE kvitt.more (id integer)", "table kvitt.more, which is none of"),
    ] {
      let admin = try BookSuite.database("losing")
      let error = #expect(throws: Refusal.self) { try with(sql).migrate(admin) }
      #expect(error?.message.contains(told) == true, "\(error as Any)")
      #expect(try Schema.current.compared(with: admin).fits)
    }
  }

  @Test func `rows that the program knows are written once, and never changed where they stand`()
    throws
  {
    let admin = try BookSuite.database("rows")
    let accounts = try #require(Schema.current.reference.first { $0.table == "account" })
    let with = { (rows: [[String?]]) in
      Schema(
        version: "0.2.0",
        once: Schema.current.once,
        repeatable: Schema.current.repeatable,
        reference: [ReferenceRows(table: "account", columns: accounts.columns, rows: rows)]
          + Schema.current.reference.filter { $0.table != "account" },
        rights: Schema.current.rights
      )
    }
    let more = with(accounts.rows + [["1999", "Petty cash", "asset"]])
    #expect(try more.migrate(admin) == ["rows/account"])
    #expect(
      try admin.run("SELECT title FROM kvitt.account WHERE code = '1999'").first?.string(0)
        == "Petty cash"
    )
    // Another title of an account that stands, or one that the program has not.
    let other = with(accounts.rows + [["1999", "Small cash", "asset"]])
    for schema in [other, with(accounts.rows)] {
      let error = #expect(throws: Refusal.self) { try schema.migrate(admin) }
      #expect(
        error?.message.contains("newer than this kvitt: account 1999 Petty cash asset") == true
      )
    }
  }
}
