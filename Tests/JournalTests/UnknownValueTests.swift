import Formats
import Journal
import Ledger
import Postgres
import Settlement
import TestSupport
import Testing

/// A superuser puts what this kvitt does not know into the books: whoever reads it refuses, and
/// nobody shows less (KV-DB-003).
@Suite(.serialized) struct UnknownValueTests {
  /// Columns of codes that only SQL looks at, or that are shown as they are, and why.
  private static let unread: [String: String] = [
    "bank_line.currency": "nobody reads it back",
    "bank_line.kind": "nobody reads it back",
    "basket.currency": "it is compared with the file's, and differs",
    "block.part": "ledger check misses the digests",
    "break_item.kind": "shown as it is",
    "card_event.event": "SQL asks for the events that it knows",
    "dispute_event.step": "SQL sums it",
    "member_lookup.kind": "nobody reads it back",
    "outcome.status": "SQL asks for those that it knows",
    "payout_outcome.status": "SQL asks for those that it knows",
    "quarantine_proposal.action": "SQL asks for those that it knows",
    "quarantine_result.currency": "SQL compares it",
    "fx_rate.currency": "shown as it is; who needs a rate asks by its own code",
    "reference_set.kind": "shown as it is",
    "rejection_closed.how": "nobody reads it back",
    "run_event.state": "SQL asks for the finished ones",
    "batch_attachment.kind": "SQL compares it; its rows are the program's",
    "batch_entry.kind": "SQL compares it; its rows are the program's",
    "batch_flow.flow": "SQL compares it; its rows are the program's",
    "batch_flow.kind": "SQL compares it; its rows are the program's",
    "flow.balance_sign": "SQL multiplies with it",
    "flow.debt_sign": "SQL multiplies with it",
    "flow.line_id": "SQL makes ids of lines by it",
    "flow.line_original": "SQL makes ids of lines by it",
    "flow.lot_sign": "SQL multiplies with it",
    "flow.roll_forward": "SQL sums by it; the closing balance counts all",
    "flow_leg.flow": "SQL joins it",
    "flow_leg.measure": "SQL posts by it",
    "flow_leg.sign": "SQL multiplies with it",
    "waiting_line.flow": "SQL asks for those that it knows",
  ]

  @Test func `every column of codes is refused by its reader, or is read by none`() throws {
    let admin = try BookSuite.database("codes")
    let columns = try admin.run(
      """
      SELECT c.relname || '.' || a.attname
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
       WHERE c.relnamespace = 'kvitt'::regnamespace AND c.relkind IN ('r', 'p')
         AND NOT c.relispartition
         AND (a.attname ~ '^(flow|type|channel|reversal|(billing_)?currency)$'
              OR EXISTS (SELECT FROM pg_constraint k
                          WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
                            AND pg_get_constraintdef(k.oid) LIKE '% = ANY (ARRAY[%')
              OR EXISTS (SELECT FROM pg_constraint k
                          WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum]
                            AND k.confrelid = 'kvitt.batch_kind'::regclass))
       ORDER BY 1
      """
    ).map { try $0.string(0) }
    #expect(
      columns.sorted()
        == (UnknownCode.all.map(\.column) + UnknownValueTests.unread.keys).sorted()
    )
  }

  @Test func `whoever reads a code that kvitt does not know refuses`() throws {
    for code in UnknownCode.all {
      let admin = try BookSuite.database("unknown")
      let books = try Books(
        BookSuite.sandbox.cluster.parameters(
          user: BookSuite.sandbox.cluster.superuser,
          database: "unknown"
        ),
        role: .owner
      )
      #expect(throws: Never.self, "\(code.column) before") { try code.read(books, admin) }
      try UnknownCode.lift(admin)
      try code.plant(admin)
      do {
        try code.read(books, admin)
        Issue.record("\(code.column): read as if nothing were wrong")
      } catch let error as UnreadableValue {
        #expect(code.column.hasSuffix("." + error.column), "\(code.column): \(error)")
        #expect(error.found.contains("unheard-of") || error.found.contains("30000"), "\(error)")
      } catch let refusal as Refusal {
        #expect(refusal.code == .booksUnknown && refusal.message.contains("unheard-of"))
      }
    }
  }

  @Test func `commands end with 78 and the words, and show no part of a list`() throws {
    let token = "(SELECT min(token) FROM kvitt.card JOIN kvitt.reward USING (member_id))"
    let cases: [(sql: String, column: String, commands: [[String]])] = [
      (
        "UPDATE kvitt.reward SET flow = (30000)", "flow",
        [["member", "show", "TOKEN"], ["explain", "REFERENCE"]]
      ),
      (
        "UPDATE kvitt.unit SET currency = 998", "currency",
        [["status"], ["member", "show", "TOKEN"]]
      ),
      ("UPDATE kvitt.unit SET kind = 'unheard-of'", "kind", [["settle", "plan"], ["status"]]),
      ("UPDATE kvitt.batch SET kind = 'unheard-of'", "kind", [["ledger", "check"]]),
      ("UPDATE kvitt.statement SET currency = 'QQQ'", "currency", [["statement", "list"]]),
      ("UPDATE kvitt.break_event SET state = 'unheard-of'", "state", [["breaks", "list"]]),
      (
        "UPDATE kvitt.standing SET expires_on = 'infinity'", "expires_on",
        [["settle", "standing", "list"]]
      ),
      ("UPDATE kvitt.plan SET business_date = 'infinity'", "business_date", [["settle", "list"]]),
    ]
    for (sql, column, commands) in cases {
      let admin = try BookSuite.database("commands")
      let names = try #require(
        try admin.run(
          Query(
            trusted:
              "SELECT \(token), (SELECT min(reference) FROM kvitt.purchase p JOIN kvitt.reward r ON r.purchase_id = p.batch_id << 32 | p.seq)"
          )
        ).first
      )
      try UnknownCode.smuggle(sql, admin)
      for words in commands {
        let arguments = try words.map { word in
          switch word {
          case "TOKEN": try names.string(0)
          case "REFERENCE": try names.string(1)
          default: word
          }
        }
        let told = try BookSuite.command(arguments, database: "commands")
        #expect(told.status == 78, "\(sql), \(words): \(told.output)\(told.errors)")
        #expect(told.errors.contains("KV-DB-003 the column \(column) holds "), "\(told.errors)")
        #expect(told.errors.contains("kvitt db migrate, or the newer kvitt"), "\(told.errors)")
        // These two tell while they read.
        #expect(
          told.output.isEmpty || ["explain", "ledger"].contains(words[0]),
          "\(sql), \(words): \(told.output)"
        )
      }
    }
  }

  @Test func `a person's text is not told, only its length`() throws {
    let admin = try BookSuite.database("masked")
    let text = String(repeating: "4111111111111111", count: 3)
    try admin.run("UPDATE kvitt.purchase SET merchant = \(text)")
    let books = try BookSuite.books("masked", .read, login: "anna")
    let id = try #require(
      try admin.run("SELECT batch_id << 32 | seq FROM kvitt.purchase LIMIT 1").first?.int(0)
    )
    let error = #expect(throws: UnreadableValue.self) { try books.purchases([id]) }
    #expect(error?.found == "a text of 48 bytes" && error?.column == "merchant")
    // A number that looks like a card's stands in no refusal.
    try admin.run("UPDATE kvitt.statement SET currency = '4111111111111111'")
    let told = try BookSuite.command(["statement", "list"], database: "masked")
    #expect(told.status == 78 && told.errors.contains("411111******1111"), "\(told.errors)")
  }

  @Test func `what is packed inside a value, or comes by COPY, is read whole too`() throws {
    let admin = try BookSuite.database("packed")
    let books = try BookSuite.books("packed", .ingest, login: "kvitt_nightly")
    try UnknownCode.lift(admin)
    func column(_ sql: String, _ read: () throws -> Void) throws -> String? {
      try admin.run(Query(trusted: sql))
      return #expect(throws: UnreadableValue.self, "\(sql)") { try read() }?.column
    }
    // A sum whose last byte is gone.
    #expect(
      try column("INSERT INTO kvitt.month_sum VALUES (1, 24300, 1, 1, 1, '\\x0280')") {
        _ = try books.forEachMonthSum(24300) { _ in }
      } == "month_sum.body"
    )
    #expect(
      try column("UPDATE kvitt.card SET token = repeat('x', 41) WHERE member_id = 1") {
        try books.forEachCard { _, _, _ in }
      } == "card.token"
    )
    #expect(
      try column(
        """
        INSERT INTO kvitt.quarantine (batch_id, line, item, col, code, excerpt, message, fields)
        SELECT batch_id, 1, 1, 1, 'KV-ING-016', '', '',
               '{"form": "feed", "fields": {"unheard-of": "x"}}' FROM kvitt.file LIMIT 1
        """
      ) { _ = try books.quarantined(limit: 10) } == "fields"
    )
  }

  @Test func `a value that is no number, day or word where one must stand throws`() throws {
    let admin = try BookSuite.database("values")
    let row = try #require(
      try admin.run(
        "SELECT 40000 AS a, 3000000000 AS b, NULL AS c, 'x' AS d, 2 AS e, 1.5 AS f, '\\xab'::bytea AS g"
      ).first
    )
    func found(_ read: () throws -> some Any) -> String {
      do {
        return "\(try read())"
      } catch let error as UnreadableValue {
        return "\(error.column) \(error.found) \(error.expected)"
      } catch {
        return "\(error)"
      }
    }
    #expect(found { try row.int16(0) } == "a \"40000\" a whole number of 16 bits")
    #expect(found { try row.int32(0) } == "40000")
    #expect(found { try row.int32(1) } == "b \"3000000000\" a whole number of 32 bits")
    #expect(found { try row.int(2) } == "c null a whole number")
    #expect(found { try row.string(2) } == "c null a text")
    #expect(found { try row.optionalInt(2) } == "nil")
    #expect(found { try row.optionalInt(3) } == "d \"x\" a whole number")
    #expect(found { try row.int(5) } == "f \"1.5\" a whole number")
    #expect(found { try row.bool(4) } == "e \"2\" true or false")
    #expect(found { try row.bytes(6) } == "[171]")
    #expect(found { try row.bytes(3) } == "d a text of 1 bytes bytes")
    #expect(found { try row.bytes(2) } == "c null bytes")
  }
}
