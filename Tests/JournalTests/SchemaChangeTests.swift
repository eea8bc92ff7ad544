import Journal
import Postgres
import TestSupport
import Testing

/// What a change does to rows that stand: they are put in before it, and looked at after it.
struct ChangeCheck: Sendable {
  /// Such as `changes/0001_colour_of_partners.sql`.
  let path: String
  /// Rows of the time before, as SQL.
  let before: String
  /// Looks at them afterwards.
  let after: @Sendable (Connection) throws -> Void
}

/// Every change of tables and data has a check with rows in it.
@Suite(.serialized) struct SchemaChangeTests {
  /// One entry for each file of `Schemas/changes`, in their order.
  private static let checks: [ChangeCheck] = []

  @Test func `every change has a check, and numbers without gap`() {
    let changes = Schema.current.once.map(\.path).filter { $0.hasPrefix("changes/") }
    #expect(SchemaChangeTests.checks.map(\.path) == changes)
    for (index, path) in changes.enumerated() {
      let number = String(index + 1)
      let padded = String(repeating: "0", count: 4 - number.count) + number
      #expect(path.hasPrefix("changes/\(padded)_"), "\(path)")
    }
  }

  @Test(arguments: checks)
  func `a change keeps what its check says`(_ check: ChangeCheck) throws {
    try prove(check, Schema.current.once)
  }

  /// Makes the tables of the time before a change, puts its rows in, applies it and looks.
  private func prove(_ check: ChangeCheck, _ files: [SchemaFile]) throws {
    let place = try #require(files.firstIndex { $0.path == check.path })
    let through = { (count: Int) in
      Schema(
        version: Schema.current.version,
        once: Array(files.prefix(count)),
        repeatable: [],
        reference: Schema.current.reference
      )
    }
    let admin = try BookSuite.empty("change")
    try through(place).migrate(admin)
    try admin.run(Query(trusted: check.before))
    #expect(try through(place + 1).migrate(admin) == [check.path])
    try check.after(admin)
  }

  private struct Unlike: Error {}

  @Test func `a check sees what a change does to rows`() throws {
    let change = SchemaFile(
      path: "changes/0001_colour.sql",
      sql: """
        ALTER TABLE kvitt.partner ADD COLUMN colour text NOT NULL DEFAULT 'blue';
        UPDATE kvitt.partner SET colour = 'red' WHERE code = 'LUM'
        """
    )
    let check = { (wanted: String) in
      ChangeCheck(
        path: change.path,
        before: """
          INSERT INTO kvitt.partner (id, code, name, entity)
          VALUES (1, 'LUM', 'Lumo', 'E'), (2, 'BOK', 'Bok', 'E')
          """,
        after: { admin in
          let colours = try admin.run("SELECT colour FROM kvitt.partner ORDER BY id")
          if try colours.map({ try $0.string(0) }) != ["red", wanted] { throw Unlike() }
        }
      )
    }
    try prove(check("blue"), Schema.current.once + [change])
    #expect(throws: Unlike.self) { try prove(check("red"), Schema.current.once + [change]) }
  }
}
