import Crypto
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
          SELECT code, unit_from, unit_to, settled_measure, settled_direction, balance_sign,
                 lot_sign, debt_sign, makes_lot
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
      #expect(row.int(6) == template.lotSign && row.int(7) == template.debtSign)
      #expect((row.string(8) == "t") == template.makesLot)
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

  /// A database at a migration, with one purchase in a leaf that was sealed there.
  private func older(
    _ name: String,
    through migration: String,
    columns: String,
    values: String,
    baseSeal: String
  ) throws -> (admin: Connection, digest: Digest) {
    let server = try BookSuite.sandbox.administrator("postgres")
    try server.run(Query(trusted: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)"))
    try server.run(Query(trusted: "CREATE DATABASE \(name)"))
    let admin = try BookSuite.sandbox.administrator(name)
    try migrate(admin, through: migration)
    try admin.run("SET search_path = kvitt, pg_catalog")
    try admin.run("INSERT INTO programme (id, code) VALUES (1, 'old-programme')")
    try admin.run("INSERT INTO member (id, programme) VALUES (1, 1)")
    let columns = """
      batch_id, identity, original, content, member_id, amount_minor, billing_minor, occurred_at,
      seq, line, event_date, booking_date, currency, billing_currency, type, reversal, mcc, merchant,
      reference\(columns)
      """
    let digest = try admin.transaction {
      try admin.run("SELECT reserve_batch('feed/old/1')")
      try admin.run("SELECT open_leaf(1, 'feed', '2026-09-01', '2026-09-01T03:00:00Z', false)")
      try admin.run(
        Query(
          trusted: """
            INSERT INTO purchase_1 (\(columns)) VALUES (1, gen_random_uuid(), NULL, 5, 1, 1240, 1240,
              '2026-09-01T10:00:00Z', 1, 2, '2026-09-01', '2026-09-01', 978, 978, 1, 0, 5411, 'M', 'R'\(values))
            """
        )
      )
      let hasher = Hasher256()
      var isFirst = true
      let copy = "COPY (SELECT \(columns) FROM purchase_1) TO STDOUT (FORMAT binary)"
      try admin.copyOut(Query(trusted: copy)) { bytes in
        let tuple = isFirst ? UnsafeRawBufferPointer(rebasing: bytes.dropFirst(19)) : bytes
        isFirst = false
        if tuple.count > 2 { hasher.update(tuple) }
      }
      let digest = hasher.finish()
      try admin.run(
        """
        INSERT INTO file (batch_id, source, digest, sequence, name, records, repeats, quarantined,
          late, stated_minor) VALUES (1, 'old', \(bytes: digest.bytes), 1, 'old.csv', 1, 0, 0, 0, 0)
        """
      )
      let root = hexText(merkleRoot([digest]).bytes)
      try admin.run(
        Query(
          trusted: "SELECT seal_leaf(1, 1, 0, '\\x\(root)', '[[\"purchase\",0,1,\"\(digest)\"]]', "
            + "'[]', '[]', '[]'\(baseSeal))"
        )
      )
      return digest
    }
    return (admin, digest)
  }

  private func books(_ name: String) throws -> Books {
    try Books(
      BookSuite.sandbox.cluster.parameters(user: "anna", database: name),
      role: .audit
    )
  }

  @Test func `a leaf sealed before records had notes proves after it`() throws {
    let (admin, _) = try older(
      "newer",
      through: "0045_small_sorts",
      columns: ", lifecycle, markup_minor, country, channel",
      values: ", 7, NULL, 21317, NULL",
      baseSeal: ", 0"
    )
    #expect(try migrate(admin) == ["0046_record_facts", "0047_cheaper_seals"])
    let books = try books("newer")
    let report = try books.check()
    #expect(report.faults.isEmpty && report.rows == 1, "\(report.faults)")
    for encoding in [1, 3] {
      try admin.run("UPDATE batch SET encoding = \(encoding)")
      #expect(try books.check().faults.map(\.check) == ["block digest", "root"])
    }
  }

  @Test func `a leaf sealed before the feeds' migration proves after it`() throws {
    let (admin, digest) = try older(
      "older",
      through: "0012_grants",
      columns: "",
      values: "",
      baseSeal: ""
    )
    #expect(
      try migrate(admin) == [
        "0013_feeds", "0014_feed_functions", "0015_reference_data", "0016_accounts",
        "0017_expiry", "0018_terms_of_two", "0019_debts", "0020_redemption",
        "0021_leaf_checks", "0022_payout", "0023_adjustments", "0024_openings", "0025_points",
        "0026_disputes", "0027_member_facts", "0028_awards",
        "0029_funding", "0030_amendments", "0031_members",
        "0032_estimates", "0033_write_offs", "0034_partner_openings", "0035_member_products",
        "0036_catalogue", "0037_merges", "0038_standing", "0039_baskets",
        "0040_settle_on_filing", "0041_neighbouring_days",
        "0042_prepaid_miles", "0043_currencies", "0044_first_hold",
        "0045_small_sorts", "0046_record_facts", "0047_cheaper_seals",
      ]
    )
    let books = try books("older")
    let report = try books.check()
    #expect(report.faults.isEmpty && report.rows == 1, "\(report.faults)")
    #expect(try admin.run("SELECT encoding FROM batch").first?.int(0) == 1)
    #expect(try books.takenFile(source: "old", digest: digest)?.sequence == 1)
    // The old leaf's columns alone are what was sealed.
    for encoding in [2, 3] {
      try admin.run("UPDATE batch SET encoding = \(encoding)")
      #expect(try books.check().faults.map(\.check) == ["block digest", "root"])
    }
  }

  @Test func `identities go to the server as they are, none as well as some`() throws {
    let admin = try BookSuite.database("words")
    let words: [(UInt64, UInt64)] = [
      (0, 1), (.max, 0), (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210),
    ]
    let texts = try admin.run(
      "SELECT u FROM unnest(\(uuids: words)::uuid[]) WITH ORDINALITY AS x (u, n) ORDER BY n"
    ).map { $0.string(0) }
    #expect(
      texts == [
        "00000000-0000-0000-0000-000000000001", "ffffffff-ffff-ffff-0000-000000000000",
        "01234567-89ab-cdef-fedc-ba9876543210",
      ]
    )
    let none = try admin.run("SELECT cardinality(\(uuids: [(UInt64, UInt64)]())::uuid[])")
    #expect(none.first?.int(0) == 0)
  }

  @Test func `indexes of leaves are sorted in runs that fit a cache`() throws {
    let admin = try BookSuite.database("sorts")
    let names = try admin.run(
      """
      SELECT proname FROM pg_proc
       WHERE proconfig @> ARRAY['maintenance_work_mem=4MB'] ORDER BY proname
      """
    ).map { $0.string(0) }
    #expect(names == ["index_identities", "merge_leaves", "seal_leaf"])
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

/// Reference data in the books: sets are numbered, and the newest that speaks of a key counts.
@Suite(.serialized) struct ReferenceSetTests {
  @Test func `imports are versioned and dated`() throws {
    let desk = try FeedDesk("reference")
    defer { try? desk.sandbox.remove() }
    try desk.fresh { copy in
      let sandbox = copy.sandbox
      func take(_ text: String, _ file: String, _ arguments: String...) throws -> Finished {
        let path = try sandbox.write(text, "files/\(file)")
        return try sandbox.kvitt(["reference", "import"] + arguments + [path])
      }
      let head = "merchant_id;valid_from;mcc;partner\n"
      let first = try take(
        head + "M-1;2026-01-01;5411;LUM\nM-2;2026-01-01;5812;\n",
        "a.csv",
        "merchants"
      )
      #expect(first.output.contains("Set 1: 2 rows"), "\(first.errors)")
      let moved = try take(head + "M-1;2026-07-01;5411;BOK\n", "b.csv", "merchants")
      #expect(moved.output.contains("Set 2"))
      let again = try take(head + "M-1;2026-07-01;5411;BOK\n", "c.csv", "merchants")
      #expect(again.status == 0 && again.output.contains("stands already"))
      let before = try sandbox.kvitt(
        "reference",
        "show",
        "merchants",
        "--on",
        "2026-06-30",
        "-O",
        "csv"
      )
      #expect(before.output.contains("M-1,5411,LUM since 2026-01-01,1"), "\(before.output)")
      let after = try sandbox.kvitt(
        "reference",
        "show",
        "merchants",
        "--on",
        "2026-07-01",
        "-O",
        "csv"
      )
      #expect(after.output.contains("M-1,5411,BOK since 2026-07-01,2"))
      #expect(try take("code,title\n0742,Vets\n", "m.csv", "mcc").status == 64)
      #expect(
        try take("code,title\n0742,Vets\n", "m.csv", "mcc", "--dated", "2026-11-01").status == 0
      )
      let sets = try sandbox.kvitt("reference", "sets", "-O", "csv").output
      #expect(sets.contains("3,mcc,m.csv,2026-11-01,1,anna"), "\(sets)")
    }
  }
}
