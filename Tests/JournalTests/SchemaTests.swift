import Journal
import Postgres
import TestSupport
import Testing

/// What stands twice, in the schema and in Swift, is the same.
@Suite(.serialized) struct SchemaTests {
  @Test func `the rows of the books that the program knows itself are its own`() throws {
    let admin = try BookSuite.database("schema")
    for reference in Schema.current.reference {
      let columns = reference.columns.map { "\($0)::text" }.joined(separator: ", ")
      let stored = try admin.run(
        Query(trusted: "SELECT \(columns) FROM kvitt.\(reference.table)")
      ).map { row in reference.columns.indices.map { row.optional($0) } }
      #expect(Set(stored) == Set(reference.rows), "\(reference.table)")
      #expect(stored.count == reference.rows.count && !stored.isEmpty)
    }
  }

  @Test func `identities go to the server as they are, none as well as some`() throws {
    let admin = try BookSuite.database("words")
    let words: [(UInt64, UInt64)] = [
      (0, 1), (.max, 0), (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210),
    ]
    let texts = try admin.run(
      "SELECT u FROM unnest(\(uuids: words)::uuid[]) WITH ORDINALITY AS x (u, n) ORDER BY n"
    ).map { try $0.string(0) }
    #expect(
      texts == [
        "00000000-0000-0000-0000-000000000001", "ffffffff-ffff-ffff-0000-000000000000",
        "01234567-89ab-cdef-fedc-ba9876543210",
      ]
    )
    let none = try admin.run("SELECT cardinality(\(uuids: [(UInt64, UInt64)]())::uuid[])")
    #expect(try none.first?.int(0) == 0)
  }

  @Test func `indexes of leaves are sorted in runs that fit a cache`() throws {
    let admin = try BookSuite.database("sorts")
    let names = try admin.run(
      """
      SELECT proname FROM pg_proc
       WHERE proconfig @> ARRAY['maintenance_work_mem=4MB'] ORDER BY proname
      """
    ).map { try $0.string(0) }
    #expect(names == ["index_identities", "merge_leaves", "seal_leaf"])
  }

  @Test func `no column of the books can hold a card number, a name or an address`() throws {
    let admin = try BookSuite.database("columns")
    let names = try admin.run(
      "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'kvitt'"
    ).map { try $0.string(0) }
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
        return try sandbox.together(["reference", "import"] + arguments + [path])
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
