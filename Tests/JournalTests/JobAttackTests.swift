import Civil
import Journal
import Ledger
import Postgres
import Settlement
import TestSupport
import Testing

/// What a stolen login of a job can do alone: nothing that people decide.
@Suite(.serialized) struct JobAttackTests {
  struct Undo: Error {}

  /// The SQLSTATE with which statements are refused, nil where all went through; nothing of them stays.
  func refused(_ connection: Connection, _ sql: String) -> String? {
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
  func words(_ connection: Connection, _ sql: String) -> String {
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

  func message(_ connection: Connection, _ sql: String) -> String {
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
  func sealing(
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
  func sealing(_ kind: BatchKind, _ flow: Flow) -> String {
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

  func leg(
    _ code: String,
    _ account: String,
    _ commodity: String,
    _ amount: Int,
    text: String = "t"
  ) -> String {
    #"["1","\#(code)","2026-09-03","\#(text)","\#(account)","\#(commodity)","0","0","\#(amount)"]"#
  }

  func pair(_ code: String, _ debit: String, _ credit: String, _ of: String) -> String {
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
}
