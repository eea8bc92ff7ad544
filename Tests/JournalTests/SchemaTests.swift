import Journal
import Ledger
import Postgres
import TestSupport
import Testing

/// What stands twice, in the schema and in Swift, is the same.
@Suite(.serialized) struct SchemaTests {
  @Test func `accounts, currencies and templates of the schema are those of Ledger`() throws {
    let admin = try BookSuite.database("schema")
    let accounts = try admin.run("SELECT code, title, kind FROM kvitt.account").map {
      "\($0.string(0)) \($0.string(1)) \($0.string(2))"
    }
    #expect(
      Set(accounts)
        == Set(Account.allCases.map { "\($0.rawValue) \($0.title) \($0.kind.rawValue)" })
    )
    let currencies = try admin.run("SELECT id, code, exponent FROM kvitt.currency").map {
      "\($0.int(0)) \($0.string(1)) \($0.int(2))"
    }
    #expect(
      Set(currencies) == Set(Currency.allCases.map { "\($0.rawValue) \($0.code) \($0.exponent)" })
    )
    for template in Template.allCases {
      let row = try #require(
        try admin.run(
          """
          SELECT code, unit_from, unit_to, settled_measure, settled_direction, balance_sign
            FROM kvitt.template WHERE id = \(template.rawValue)
          """
        ).first
      )
      #expect(row.string(0) == template.code)
      #expect(row.optional(1) == template.units?.from.rawValue)
      #expect(row.optional(2) == template.units?.to.rawValue)
      #expect(row.optional(3) == template.settled?.measure.rawValue)
      #expect(row.optional(4) == template.settled?.direction.rawValue)
      #expect(row.int(5) == template.balanceSign)
      let legs = try admin.run(
        """
        SELECT account, sign, measure FROM kvitt.template_leg
         WHERE template = \(template.rawValue) ORDER BY leg
        """
      ).map { "\($0.string(0)) \($0.int(1)) \($0.string(2))" }
      #expect(
        legs == template.legs.map { "\($0.account.rawValue) \($0.sign) \($0.measure.rawValue)" }
      )
    }
    let count = try admin.run("SELECT count(*) FROM kvitt.template").first?.int(0)
    #expect(count == Int64(Template.allCases.count))
  }

  @Test func `migrations run one by one, each once, and say what they did`() throws {
    let server = try BookSuite.sandbox.administrator("postgres")
    try server.run("DROP DATABASE IF EXISTS steps WITH (FORCE)")
    try server.run("CREATE DATABASE steps")
    let connection = try BookSuite.sandbox.administrator("steps")
    for migration in Migration.all {
      let before =
        try connection.run(
          "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'kvitt'"
        ).first?.int(0) ?? 0
      #expect(try migrate(connection, through: migration.name) == [migration.name])
      let after =
        try connection.run(
          "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'kvitt'"
        ).first?.int(0) ?? 0
      let creates = migration.sql.split(separator: "\n").contains {
        $0.hasPrefix("CREATE TABLE") || $0.hasPrefix("CREATE VIEW")
      }
      #expect(creates ? after > before : true, "\(migration.name)")
    }
    #expect(try migrate(connection).isEmpty)
  }

  @Test func `no column of the books can hold a card number, a name or an address`() throws {
    let admin = try BookSuite.database("columns")
    let names = try admin.run(
      "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'kvitt'"
    ).map { $0.string(0) }
    for word in ["pan", "card_number", "email", "phone", "address", "birth", "first_name"] {
      #expect(!names.contains { $0.split(separator: ".").last == Substring(word) })
    }
  }
}
