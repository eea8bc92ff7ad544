import Civil
import Journal
import Ledger
import Postgres
import Settlement
import TestSupport
import Testing

/// What a stolen login of a job can do alone: nothing that people decide.
@Suite(.serialized) struct JobAttackTests {
  private struct Undo: Error {}

  /// The SQLSTATE with which statements are refused, nil where all went through; nothing of them stays.
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
      return nil
    }
  }

  /// What the database says to statements of which nothing stays; empty where all went through.
  private func words(_ connection: Connection, _ sql: String) -> String {
    do {
      try connection.transaction {
        try connection.run(Query(trusted: sql))
        throw Undo()
      }
      return ""
    } catch {
      return (error as? DatabaseError)?.message ?? ""
    }
  }

  private func message(_ connection: Connection, _ sql: String) -> String {
    do {
      _ = try connection.transaction { try connection.run(Query(trusted: sql)) }
      return "went through"
    } catch {
      return (error as? DatabaseError)?.message ?? "\(error)"
    }
  }

  @Test func `a job may not open, reserve or seal batches of another's kind`() throws {
    _ = try BookSuite.database("kinds")
    for kind in BatchKind.allCases {
      for role in [BookRole.ingest, .settle] {
        let login = try BookSuite.connection("kinds", role.rawValue, login: "kvitt_nightly")
        let reserved = refused(login, "SELECT reserve_batch('\(kind.rawValue)', 'attack')")
        let opened = refused(
          login,
          """
          SELECT open_leaf((SELECT max(id) FROM batch_number), '\(kind.rawValue)', '2026-09-03',
            now(), false)
          """
        )
        #expect(reserved == (kind.role == role ? nil : "KV026"), "\(role): \(kind)")
        // The newest number was reserved for another kind, or carries a batch already.
        #expect(opened == (kind.role == role ? opened : "KV026"), "\(role): \(kind)")
        #expect(opened != nil, "\(role): \(kind)")
      }
    }
  }

  /// Opens a batch of a kind and seals it with the legs and attachments.
  private func sealing(
    _ kind: BatchKind,
    legs: String = "[]",
    attachments: String = "[]",
    key: String = "attack"
  ) -> String {
    let number = "(SELECT id FROM batch_number WHERE key = '\(kind.rawValue)/\(key)')"
    return """
      SELECT reserve_batch('\(kind.rawValue)', '\(key)');
      SELECT open_leaf(\(number), '\(kind.rawValue)', '2026-09-03', now(), false);
      SELECT seal_leaf(\(number), 0, 0, sha256(''), '[]', '[]', '\(legs)', '\(attachments)', 1000000)
      """
  }

  /// Opens a batch of a kind and seals it with one row of a flow.
  private func sealing(_ kind: BatchKind, _ flow: Flow) -> String {
    let number = "(SELECT id FROM batch_number WHERE key = '\(kind.rawValue)/row')"
    let zeros = String(repeating: "00", count: 32)
    let total =
      #"["\#(flow.rawValue)","0","1","1","978","2026-09-03","2026-09-03","1","5","5","0"]"#
    return """
      SELECT reserve_batch('\(kind.rawValue)', 'row');
      SELECT open_leaf(\(number), '\(kind.rawValue)', '2026-09-03', now(), false);
      DO $$ BEGIN
        EXECUTE format('INSERT INTO kvitt.reward_%1$s VALUES (%1$s, 1, 0, 0, 5, 5, 0, 0, 1, 1,
          ''2026-09-03'', ''2026-09-03'', ''2026-09-03'', ''2026-09-03'', \(flow.rawValue), 1, 0, 1,
          1, 978, 0)', \(number));
      END $$;
      SELECT seal_leaf(\(number), 0, 1, sha256(''), '[["reward","0","1","\(zeros)"]]', '[\(total)]',
        '[]', '[]', 1000000)
      """
  }

  private func leg(
    _ code: String,
    _ account: String,
    _ commodity: String,
    _ amount: Int,
    text: String = "t"
  ) -> String {
    #"["1","\#(code)","2026-09-03","\#(text)","\#(account)","\#(commodity)","0","0","\#(amount)"]"#
  }

  private func pair(_ code: String, _ debit: String, _ credit: String, _ of: String) -> String {
    "[\(leg(code, debit, of, 5)),\(leg(code, credit, of, -5))]"
  }

  @Test func `a batch carries the entries of its kind alone`() throws {
    let admin = try BookSuite.database("entries")
    let unit = try admin.run("SELECT min(code) FROM kvitt.unit").first?.string(0) ?? ""
    for kind in BatchKind.allCases {
      let login = try BookSuite.connection("entries", kind.role.rawValue, login: "kvitt_nightly")
      for code in EntryKind.allCases {
        let own = Set(code.accounts.flatMap { [$0.debit.rawValue, $0.credit.rawValue] })
        for account in own.union(["1010", "5100", "3900", "unit.open"]).sorted() {
          let other = own.sorted().first { $0 != account } ?? account
          let commodity = account.hasPrefix("unit") ? unit : "EUR"
          guard account.hasPrefix("unit") == other.hasPrefix("unit") else { continue }
          let isRight = kind.entries.contains(code) && own.contains(account)
          let said = refused(
            login,
            sealing(kind, legs: pair(code.rawValue, account, other, commodity))
          )
          #expect(said == (isRight ? nil : "KV020"), "\(kind) \(code) \(account)")
        }
      }
      #expect(refused(login, sealing(kind, legs: pair("E1", "5100", "3900", "EUR"))) == "KV020")
    }
  }

  @Test func `legs that do not balance, stand alone or count in another commodity are refused`()
    throws
  {
    _ = try BookSuite.database("legs")
    let settle = try BookSuite.connection("legs", "kvitt_settle", login: "kvitt_nightly")
    let legs = [
      "[\(leg("B6", "1010", "EUR", 5)),\(leg("B6", "2490", "EUR", -4))]": "does not balance",
      "[\(leg("B6", "1010", "EUR", 5)),\(leg("B6", "2490", "SEK", -5))]": "does not balance",
      "[\(leg("B6", "1010", "EUR", 5))]": "does not balance",
      pair("B6", "1010", "2490", "XYZ"): "is not counted in XYZ",
      pair("B6", "1010", "2490", "eur"): "is not counted in eur",
    ]
    for (legs, told) in legs {
      #expect(message(settle, sealing(.bank, legs: legs)).contains(told), "\(legs)")
    }
  }

  @Test func `a batch carries rows of its kind alone, and nothing that nobody decided`() throws {
    _ = try BookSuite.database("rows")
    let decided: [Flow] = [.goodwillCashback, .goodwillCredit, .buyMiles]
    for kind in BatchKind.allCases where kind.hasRewards {
      let login = try BookSuite.connection("rows", kind.role.rawValue, login: "kvitt_nightly")
      for flow in Flow.allCases {
        let said = words(login, sealing(kind, flow))
        let isForeign = said.contains("carries rows that are not of its kind")
        #expect(isForeign == !kind.flows.contains(flow), "\(kind) \(flow): \(said)")
        if decided.contains(flow), !isForeign {
          #expect(said.contains("nobody decided"), "\(flow): \(said)")
        }
      }
    }
  }

  @Test func `an answer that no partner gave is found`() throws {
    let admin = try BookSuite.database("unasked")
    let settle = try BookSuite.connection("unasked", "kvitt_settle", login: "kvitt_nightly")
    #expect(message(settle, sealing(.answer)) == "went through")
    let leaf = try admin.run("SELECT max(id) FROM kvitt.batch").first?.int(0) ?? 0
    let books = try BookSuite.books("unasked", .audit, login: "bo")
    let faults = try BookAudit(books: books, outbox: "/nowhere", certificates: []).run().0.faults
    let told = faults.first { $0.check == "partners' answers" }
    #expect(told?.place == "leaf \(leaf)" && told?.detail == "no answer stands behind it")
  }

  @Test func `a pay-out takes what its rows took, in its own batch, to the member's own card`()
    throws
  {
    let admin = try BookSuite.database("payouts")
    let settle = try BookSuite.connection("payouts", "kvitt_settle", login: "kvitt_nightly")
    #expect(
      refused(
        settle,
        "INSERT INTO payout_file VALUES (1, 'CB-0001', 900, '2026-09-03', sha256('x'), 'x')"
      ) == "42501"
    )
    let card = try admin.run("SELECT token FROM kvitt.card WHERE member_id = 1 ORDER BY 1 LIMIT 1")
    let own = try card.first?.string(0) ?? ""
    let other = try admin.run("SELECT token FROM kvitt.card WHERE member_id = 2 LIMIT 1")
    let line = { (token: String) in #"[["1","1","","1","99999900","EUR","\#(token)"]]"# }
    let number = "(SELECT id FROM batch_number WHERE key = 'payout/attack')"
    let open = """
      SELECT reserve_batch('payout', 'attack');
      SELECT open_leaf(\(number), 'payout', '2026-09-03', now(), false);
      """
    let issue = "SELECT issue_payout_file(\(number), 1, 'CB-0001', 'x');"
    let seal = """
      SELECT seal_leaf(\(number), 0, 0, sha256(''), '[]', '[]', '[]', '[]', 1000000)
      """
    // Without a batch, with another number, to a stranger's card, with nothing taken for it.
    #expect(refused(settle, "SELECT issue_payout_file(900, 1, 'CB-0001', 'x')") == "KV020")
    #expect(
      refused(settle, open + "SELECT issue_payout_file(\(number), 2, 'CB-0002', 'x')") == "KV020"
    )
    #expect(
      refused(settle, open + "SELECT issue_payout_file(\(number), 1, 'CB-9', 'x')") == "KV020"
    )
    let strange = "SELECT issue_payouts(1, '\(line(try other.first?.string(0) ?? ""))');"
    #expect(refused(settle, open + issue + strange) == "KV020")
    let mine = "SELECT issue_payouts(1, '\(line(own))');"
    #expect(refused(settle, open + issue + mine) == nil)
    #expect(refused(settle, open + issue + mine + seal) == "KV024")
  }

  @Test func `entries that a job's login writes with nothing behind them are found`() throws {
    let admin = try BookSuite.database("nothing")
    let unit = try admin.run("SELECT min(code) FROM kvitt.unit").first?.string(0) ?? ""
    var forged = 0
    for kind in BatchKind.allCases {
      let login = try BookSuite.connection("nothing", kind.role.rawValue, login: "kvitt_nightly")
      for code in kind.entries {
        for (index, move) in code.accounts.enumerated() {
          let (debit, credit) = (move.debit.rawValue, move.credit.rawValue)
          let legs = pair(code.rawValue, debit, credit, debit.hasPrefix("unit") ? unit : "EUR")
          let sql = sealing(kind, legs: legs, key: "\(code.rawValue)-\(index)")
          #expect(message(login, sql) == "went through", "\(kind) \(code)")
          forged += 1
        }
      }
    }
    let books = try BookSuite.books("nothing", .audit, login: "bo")
    let report = try BookAudit(books: books, outbox: "/nowhere", certificates: []).run().0
    let rows = try admin.run(
      """
      SELECT id, split_part(split_part(key, '/', 2), '-', 1) FROM kvitt.batch
        JOIN kvitt.batch_number USING (id) WHERE key ~ '/[A-Z]+[0-9]+-[0-9]$'
      """
    )
    #expect(rows.count == forged)
    for row in rows {
      let (leaf, code) = try ("leaf \(row.int(0)) ", row.string(1))
      let found = report.faults.filter { $0.place.hasPrefix(leaf) }
      #expect(
        found.contains { $0.check == "entries = sources" && $0.place.contains("entry \(code)") }
          || found.contains { $0.check == "subledger = control" },
        "\(code): \(found)"
      )
    }
  }

  @Test func `a cost that comes into another currency by a rate of nobody's is found`() throws {
    _ = try BookSuite.database("rates")
    let settle = try BookSuite.connection("rates", "kvitt_settle", login: "kvitt_nightly")
    // 100.00 EUR at 20 a euro: 2,000.00 SEK.
    let legs = [
      ("1900", "EUR", 10_000), ("5120", "EUR", -10_000), ("5120", "SEK", 200_000),
      ("1900", "SEK", -200_000),
    ].map { leg("M13", $0, $1, $2, text: "20 SEK a euro of 2026-09-02") }
    let sql = sealing(.currency, legs: "[\(legs.joined(separator: ","))]")
    #expect(message(settle, sql) == "went through")
    let books = try BookSuite.books("rates", .audit, login: "bo")
    let report = try BookAudit(books: books, outbox: "/nowhere", certificates: []).run().0
    #expect(
      report.faults.contains { $0.detail == "no reference list has 20 SEK a euro of 2026-09-02" }
    )
  }

  @Test func `a seal vouches for what its kind carries alone`() throws {
    _ = try BookSuite.database("vouch")
    for kind in BatchKind.allCases {
      let login = try BookSuite.connection("vouch", kind.role.rawValue, login: "kvitt_nightly")
      for other in AttachmentKind.allCases {
        let digest = String(repeating: "00", count: 32)
        let attachments = #"[["\#(other.rawValue)","anna","\#(digest)"]]"#
        let said = refused(login, sealing(kind, attachments: attachments))
        #expect(said == (kind.attachments.contains(other) ? nil : "KV020"), "\(kind) \(other)")
      }
    }
  }

  @Test func `a date that is not settled is not finished`() throws {
    _ = try BookSuite.database("finished")
    for role in ["kvitt_ingest", "kvitt_settle"] {
      let login = try BookSuite.connection("finished", role, login: "kvitt_nightly")
      let note = { (state: String) in
        """
        SELECT note_step('nightly', '2026-09-03', begin_run('nightly', '2026-09-03', 'x', now()),
          'finished', '\(state)', 'x')
        """
      }
      #expect(refused(login, note("finished")) == "KV020")
      #expect(refused(login, note("done")) == nil)
    }
  }

  @Test func `a service reads what a hold needs and not the rows of everybody`() throws {
    let admin = try BookSuite.database("service")
    let service = try BookSuite.connection("service", "kvitt_redeem", login: "kvitt_service")
    let tables = try admin.run(
      """
      SELECT relname FROM pg_class WHERE relnamespace = 'kvitt'::regnamespace
         AND relkind IN ('r', 'p', 'v') ORDER BY 1
      """
    ).map { try $0.string(0) }
    let open = tables.filter { refused(service, "SELECT count(*) FROM \($0)") == nil }
    #expect(
      open == [
        "account", "batch_attachment", "batch_entry", "batch_flow", "batch_kind", "book", "card",
        "currency",
        "flow", "flow_leg", "hold", "member", "merged", "partner", "programme", "schema_object",
        "schema_text", "terms", "unit",
      ]
    )
    #expect(refused(service, "SET ROLE kvitt_read") == "42501")
    #expect(try service.run("SELECT FROM member_rewards(ARRAY[1, 2, 3])").count > 0)
  }

  @Test func `no batch, run, step or proof has a business date that has not come`() throws {
    let admin = try BookSuite.database("ahead")
    let ahead =
      try admin.run("SELECT ((now() AT TIME ZONE 'UTC')::date + 2)::text").first?
      .string(0) ?? ""
    for date in [ahead, "2125-01-01", "infinity", "-infinity"] {
      for role in [BookRole.ingest, .settle] {
        let login = try BookSuite.connection("ahead", role.rawValue, login: "kvitt_nightly")
        let begun = "SELECT begin_run('nightly', '\(date)', 'x', now())"
        #expect(refused(login, begun) == "KV027", "\(date)")
        let noted = "SELECT note_step('nightly', '\(date)', 1, 'x', 'done', 'x')"
        #expect(refused(login, noted) == "KV027", "\(date)")
        for kind in BatchKind.allCases where kind.role == role {
          let opened = sealing(kind).replacing("2026-09-03", with: date)
          #expect(refused(login, opened) == "KV027", "\(kind) \(date)")
        }
      }
      let settle = try BookSuite.connection("ahead", "kvitt_settle", login: "kvitt_nightly")
      let proof = """
        INSERT INTO proof SELECT pair, commodity, '\(date)', 9, ours, theirs, breaks, rounding,
          opened_before, new_today, cleared_today, exact_count, exact_digest, last_break, open_breaks
          FROM proof LIMIT 1
        """
      #expect(refused(settle, proof) == "KV027", "\(date)")
      let past = proof.replacing(date, with: "2026-08-31")
      #expect(refused(settle, past) == "KV027")
      #expect(refused(settle, proof.replacing(date, with: "2026-09-01")) == nil)
    }
    let late = try admin.run(
      """
      SELECT (SELECT count(*) FROM kvitt.run WHERE business_date > '2026-09-03')
           + (SELECT count(*) FROM kvitt.batch WHERE business_date > '2026-09-03')
      """
    )
    #expect(try late.first?.int(0) == 0)
  }

  @Test func `merging takes what stands and is sealed, and leaves room for the next leaf`() throws {
    let admin = try BookSuite.database("merging")
    let settle = try BookSuite.connection("merging", "kvitt_settle", login: "kvitt_nightly")
    try settle.run("SELECT reserve_batch('deadline', 'attack')")
    let leaves = {
      try admin.run(
        """
        SELECT string_agg(inhrelid::regclass::text, ',' ORDER BY inhrelid) FROM pg_inherits
         WHERE inhparent IN ('kvitt.purchase'::regclass, 'kvitt.reward'::regclass)
        """
      ).first?.string(0)
    }
    let before = try leaves()
    let newest = try admin.run("SELECT max(batch_id) FROM kvitt.seal").first?.int(0) ?? 0
    for part in ["purchase", "reward"] {
      for (first, last) in [
        (1, 1_000_000), (-5, newest), (1, newest + 1), (0, newest), (newest, 1), (newest, newest),
        (1, Int64.max),
      ] {
        let merge = "SELECT merge_leaves('\(part)', \(first), \(last))"
        #expect(refused(settle, merge) == "KV020", "\(merge)")
      }
    }
    #expect(try leaves() == before)
    // A range in the middle, which a night would not take: the next merge takes it along.
    let middle = try admin.run(
      """
      SELECT min(batch_id), max(batch_id) FROM (
        SELECT DISTINCT batch_id FROM kvitt.reward ORDER BY 1 OFFSET 1 LIMIT 2) AS x
      """
    ).first
    let (first, last) = try (middle?.int(0) ?? 0, middle?.int(1) ?? 0)
    try #require(first < last)
    try settle.run(Query(trusted: "SELECT merge_leaves('reward', \(first), \(last))"))
    #expect(try leaves() != before)
    let half = "SELECT merge_leaves('reward', \(last), \(newest))"
    try settle.run(Query(trusted: half))
    let books = try BookSuite.books("merging", .settle, login: "kvitt_nightly")
    #expect(try books.compact(before: #require(CivilDate("2026-12-31"))) > 0)
    for kind in [BatchKind.feed, .deadline] {
      let login = try BookSuite.connection("merging", kind.role.rawValue, login: "kvitt_nightly")
      #expect(message(login, sealing(kind, key: "next")) == "went through", "\(kind)")
    }
    #expect(try BookSuite.books("merging", .audit, login: "bo").check().faults.isEmpty)
  }

  @Test func `a service holds no more than a member has, of what calls can use`() throws {
    let admin = try BookSuite.database("spending")
    let service = try BookSuite.connection("spending", "kvitt_redeem", login: "kvitt_service")
    let note = { (member: Int64, unit: Int64, seal: String, day: String, lots: Int64) in
      "SELECT set_spendable(\(member), \(unit)::smallint, \(seal), '\(day)', \(lots))"
    }
    let now = "(SELECT seal_no FROM book)"
    for kind in ["cashback", "credit", "miles"] {
      let has = try #require(
        try admin.run(
          """
          SELECT b.member_id, b.unit, b.quantity FROM kvitt.member_balance b
            JOIN kvitt.unit u ON u.id = b.unit
           WHERE u.kind = \(kind) AND b.quantity > 0 ORDER BY b.quantity DESC LIMIT 1
          """
        ).first
      )
      let (member, unit, most) = try (has.int(0), has.int(1), has.int(2))
      let isUsable = kind != "miles"
      let cases: [(lots: Int64, state: String?)] = [
        (most, isUsable ? nil : "KV020"), (most + 1, "KV020"), (1, isUsable ? nil : "KV020"),
        (.max, "KV020"), (0, nil), (-1, nil),
      ]
      for (lots, state) in cases {
        #expect(
          refused(service, note(member, unit, now, "2026-09-03", lots)) == state,
          "\(kind) \(lots)"
        )
      }
      #expect(refused(service, note(member, unit, "\(now) + 1", "2026-09-03", 0)) == "KV020")
      #expect(refused(service, note(member, unit, now, "2125-01-01", 0)) == "KV027")
      let taken = """
        \(note(member, unit, now, "2026-09-03", most + 100_000));
        SELECT hold('F', \(member), \(unit)::smallint, \(most + 1), '2026-09-03', now(), NULL)
        """
      #expect(refused(service, taken) == "KV020")
    }
    #expect(try admin.run("SELECT FROM kvitt.hold WHERE key = 'F'").count == 0)
  }
}
