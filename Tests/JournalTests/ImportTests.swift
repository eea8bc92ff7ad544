import Postgres
import TestSupport
import Testing

/// Imports that change who is paid: two people ask for the same rows, by command and by SQL alike.
@Suite(.serialized) struct ImportTests {
  private struct Undo: Error {}

  /// The books of a test, whose newest business date is 2026-09-01, and two people at them.
  private struct Desk {
    let name: String
    let admin: Connection

    init(_ name: String) throws {
      self.name = name
      admin = try BookSuite.database(name)
    }

    /// Writes a file and imports it.
    func take(_ words: String..., text: String, file: String, as login: String) throws -> Finished {
      let path = try BookSuite.sandbox.write(text, "imports/\(name)/\(file)")
      return try BookSuite.command(words + [path], database: name, login: login)
    }

    func members(_ rows: String, as login: String, file: String = "m.csv") throws -> Finished {
      let path = try BookSuite.sandbox.write(
        "card_token;member_ref\n\(rows)",
        "imports/\(name)/\(file)"
      )
      return try BookSuite.command(
        ["member", "import", path, "--programme", "nordvik-miles"],
        database: name,
        login: login
      )
    }

    func rates(
      _ cubes: String,
      as login: String,
      sender: String = "European Central Bank"
    )
      throws -> Finished
    {
      try take(
        "reference",
        "import",
        "fx",
        text: """
          <gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="x">
          <gesmes:Sender><gesmes:name>\(sender)</gesmes:name></gesmes:Sender>
          <Cube>\(cubes)</Cube></gesmes:Envelope>
          """,
        file: "rates.xml",
        as: login
      )
    }

    func number(ofCard token: String) throws -> String? {
      try admin.run(
        """
        SELECT ref FROM kvitt.member_number JOIN kvitt.card USING (member_id) WHERE token = \(token)
        """
      ).first?.string(0)
    }

    func count(_ sql: String) throws -> Int64 {
      try admin.run(Query(trusted: "SELECT count(*) FROM kvitt.\(sql)")).first?.int(0) ?? 0
    }
  }

  /// The SQLSTATE with which a statement is refused, nil where it went through; nothing of it stays.
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

  private func enrolling(_ rows: [(token: String, number: String)]) -> String {
    let none = "array_fill(''::text, ARRAY[\(rows.count)])"
    let tokens = rows.map { "'\($0.token)'" }.joined(separator: ", ")
    let numbers = rows.map { "'\($0.number)'" }.joined(separator: ", ")
    return """
      SELECT outcome FROM enrol_members('nordvik-miles', 'm.csv', '2026-09-01', ARRAY[\(tokens)],
        ARRAY[\(numbers)], \(none), \(none), \(none), \(none), \(none), \(none))
      """
  }

  private func telling(_ kind: String, _ day: String) -> String {
    """
    SELECT outcome FROM tell_member_facts('x', 'x', ARRAY[1], ARRAY['\(kind)'], ARRAY['x'],
      ARRAY['\(day)'], ARRAY[''], ARRAY[0]::smallint[])
    """
  }

  @Test func `members' numbers count with the second person, and anew once others came between`()
    throws
  {
    let desk = try Desk("imports")
    let first = try desk.members("x_1;N-1\n", as: "anna")
    #expect(first.status == 24 && first.output.contains("1 new members"), "\(first)")
    #expect(try desk.number(ofCard: "x_1") == nil)
    let again = try desk.members("x_1;N-1\n", as: "anna")
    #expect(again.status == 24 && again.errors.contains("KV-SET-004"), "\(again)")
    // Another number is another proposal, and no second yes.
    #expect(try desk.members("x_1;N-2\n", as: "bo").status == 24)
    #expect(try desk.number(ofCard: "x_1") == nil)
    let second = try desk.members("x_1;N-1\n", as: "bo", file: "same.csv")
    #expect(second.status == 0 && second.output.contains("decided"), "\(second)")
    #expect(try desk.number(ofCard: "x_1") == "N-1")
    let stands = try desk.members("x_1;N-1\n", as: "anna")
    #expect(stands.status == 0 && stands.output.contains("nothing to do"), "\(stands)")
    for login in ["bo", "anna"] { _ = try desk.members("x_1;N-9\n", as: login) }
    #expect(try desk.number(ofCard: "x_1") == "N-9")
    // The number of before takes two people again.
    #expect(try desk.members("x_1;N-1\n", as: "anna").status == 24)
    #expect(try desk.number(ofCard: "x_1") == "N-9")
    #expect(try desk.members("x_1;N-1\n", as: "bo").status == 0)
    #expect(try desk.number(ofCard: "x_1") == "N-1")
    #expect(try desk.count("import_decision") == desk.count("import") - 1)
    let listed = try BookSuite.command(["reference", "imports", "-O", "csv"], database: desk.name)
    #expect(listed.output.contains("members,m.csv,1,bo,-,"), "\(listed)")
    #expect(listed.output.contains("members,m.csv,1,anna,bo,"), "\(listed)")
    let check = try BookSuite.command(["ledger", "check"], database: desk.name)
    #expect(check.status == 0, "\(check)")
  }

  @Test func `a number is told that belongs to another member, with its place`() throws {
    let desk = try Desk("numbers")
    let twins = try desk.members("tw_1;SAME\ntw_2;SAME\n", as: "anna")
    #expect(
      twins.errors.contains(
        "m.csv:3:6: KV-ING-024 the number SAME is that of card tw_1 in line 2, another member's"
      ),
      "\(twins)"
    )
    #expect(twins.status == 65)
    let twice = try desk.members("tw_1;A\ntw_1;B\n", as: "anna")
    #expect(
      twice.errors.contains("m.csv:3:1: KV-ING-024 card tw_1 stands in line 2 too"),
      "\(twice)"
    )
    for login in ["anna", "bo"] { _ = try desk.members("tw_1;A\ntw_2;B\n", as: login) }
    let taken = try desk.members("tw_3;B\n", as: "anna")
    #expect(
      taken.errors.contains("m.csv:2:6: KV-ING-024 the number B is that of card tw_2, another"),
      "\(taken)"
    )
    // Two members may change numbers with each other.
    for login in ["anna", "bo"] { _ = try desk.members("tw_1;B\ntw_2;A\n", as: login) }
    #expect(try desk.number(ofCard: "tw_1") == "B" && desk.number(ofCard: "tw_2") == "A")
    let other = try desk.take(
      "member",
      "import",
      "--programme",
      "lumen-credit",
      text: "card_token;member_ref\ntw_1;B\n",
      file: "o.csv",
      as: "anna"
    )
    #expect(
      other.errors.contains("o.csv:2:1: KV-ING-024 card tw_1 belongs to another programme"),
      "\(other)"
    )
    let anna = try BookSuite.connection(desk.name, "kvitt_finance", login: "anna")
    #expect(refused(anna, enrolling([("s_1", "S"), ("s_2", "S")])) == "KV023")
    #expect(refused(anna, enrolling([("s_1", "A")])) == "KV023")
    #expect(refused(anna, enrolling([("s_1", "S"), ("s_1", "S")])) == "KV023")
    #expect(refused(anna, enrolling([("s_1", "S")])) == nil)
  }

  @Test func `no login lands alone what two people decide`() throws {
    let desk = try Desk("alone")
    let anna = try BookSuite.connection(desk.name, "kvitt_finance", login: "anna")
    for word in ["proposed", "own", "own"] {
      let said = try anna.run(Query(trusted: enrolling([("x_1", "N-1")]))).first?.string(0)
      #expect(said == word)
    }
    #expect(try desk.number(ofCard: "x_1") == nil)
    // Other rows under the same file's name are other rows.
    let bo = try BookSuite.connection(desk.name, "kvitt_finance", login: "bo")
    let others = try bo.run(Query(trusted: enrolling([("x_1", "N-2")]))).first?.string(0)
    #expect(others == "proposed")
    #expect(try desk.number(ofCard: "x_1") == nil)
    let asking = "SELECT ask_import('members', sha256('x'), 'x', 1)"
    let deciding = """
      INSERT INTO import_decision (digest, round, proposed_by)
      SELECT digest, round, proposed_by FROM import
      """
    for (role, login) in [
      ("kvitt_ingest", "kvitt_nightly"), ("kvitt_settle", "kvitt_nightly"),
      ("kvitt_finance", "bo"), ("kvitt_redeem", "kvitt_service"),
    ] {
      let caller = try BookSuite.connection(desk.name, role, login: login)
      #expect(refused(caller, asking) == "42501", "\(role)")
      #expect(refused(caller, deciding) == "42501", "\(role)")
      for table in ["member", "card", "member_ref", "member_fact", "fx_rate", "merchant_entry"] {
        #expect(
          refused(caller, "INSERT INTO \(table) DEFAULT VALUES") == "42501",
          "\(role) \(table)"
        )
      }
      guard role != "kvitt_finance" else { continue }
      #expect(refused(caller, enrolling([("x_1", "N-1")])) == "42501", "\(role)")
    }
    let forged = """
      INSERT INTO kvitt.import_decision (digest, round, proposed_by, decided_by)
      SELECT digest, round, proposed_by, proposed_by FROM kvitt.import
      """
    #expect(refused(desk.admin, forged) == "23514")
  }

  @Test func `a fact from before the books' day takes two people, and each role tells its own`()
    throws
  {
    let desk = try Desk("facts")
    let card = try #require(
      try desk.admin.run("SELECT token FROM kvitt.card ORDER BY 1 LIMIT 1").first?.string(0)
    )
    let told = { (event: String, day: String, login: String) in
      try BookSuite.command(
        ["member", "event", card, event, "--on", day],
        database: desk.name,
        login: login
      )
    }
    #expect(try told("today", "2026-09-01", "anna").status == 0)
    #expect(try desk.count("member_fact WHERE value = 'today'") == 1)
    #expect(try told("before", "2026-08-31", "anna").status == 24)
    #expect(try told("before", "2026-08-31", "anna").errors.contains("KV-SET-004"))
    #expect(try desk.count("member_fact WHERE value = 'before'") == 0)
    #expect(try told("before", "2026-08-31", "bo").status == 0)
    #expect(try desk.count("member_fact WHERE value = 'before'") == 1)
    // The caller's own business date does not make a day of the past one of today.
    let path = try BookSuite.sandbox.write("card_token;part\n\(card);offer\n", "imports/a.csv")
    let offer = try BookSuite.command(
      [
        "member", "offer", path, "--audience", "OLD", "--source", "mail-1", "--from", "2026-08-03",
        "--through", "2026-08-09", "--business-date", "2026-08-03",
      ],
      database: desk.name
    )
    #expect(offer.status == 24, "\(offer)")
    #expect(try desk.count("member_fact WHERE value = 'OLD'") == 0)
    let finance = try BookSuite.connection(desk.name, "kvitt_finance", login: "anna")
    let settle = try BookSuite.connection(desk.name, "kvitt_settle", login: "kvitt_nightly")
    let ingest = try BookSuite.connection(desk.name, "kvitt_ingest", login: "kvitt_nightly")
    for kind in ["tier", "closed", "joined", "product", "staff", "terms", "referrer"] {
      #expect(refused(finance, telling(kind, "2026-09-01")) == "KV026", "\(kind)")
    }
    for kind in ["choice", "audience", "event", "joined", "product"] {
      #expect(refused(settle, telling(kind, "2026-09-01")) == "KV026", "\(kind)")
    }
    #expect(refused(settle, telling("tier", "2026-08-01")) == nil)
    #expect(refused(ingest, telling("tier", "2026-09-01")) == "42501")
    let alone = try finance.run(Query(trusted: telling("choice", "2026-08-31"))).first?.string(0)
    #expect(alone == "proposed")
  }

  @Test func `the merchant directory counts with the second person`() throws {
    let desk = try Desk("directory")
    let take = { (rows: String, login: String) in
      try desk.take(
        "reference",
        "import",
        "merchants",
        text: "merchant_id;valid_from;mcc;partner\n\(rows)",
        file: "d.csv",
        as: login
      )
    }
    let first = try take("M-1;2026-01-01;5411;LUM\n", "anna")
    #expect(first.status == 24 && first.output.contains("second person"), "\(first)")
    #expect(try take("M-1;2026-01-01;5411;LUM\n", "anna").errors.contains("KV-SET-004"))
    #expect(try take("M-1;2026-01-01;5411;BOK\n", "bo").status == 24)
    #expect(try desk.count("merchant_entry") == 0 && desk.count("reference_set") == 0)
    let second = try take("M-1;2026-01-01;5411;LUM\n", "bo")
    #expect(second.status == 0 && second.output.contains("Set 1: 1 rows"), "\(second)")
    #expect(try desk.count("merchant_entry WHERE partner = 'LUM'") == 1)
    #expect(try desk.count("merchant_entry") == 1)
    let anna = try BookSuite.connection(desk.name, "kvitt_finance", login: "anna")
    let landing = """
      SELECT outcome FROM import_reference('merchants', 'x', '2026-01-01', sha256('x'), ARRAY['M-2'],
        ARRAY['2026-01-01'], ARRAY['5411'], ARRAY['LUM'])
      """
    for word in ["proposed", "own"] {
      #expect(try anna.run(Query(trusted: landing)).first?.string(0) == word)
    }
    #expect(try desk.count("merchant_entry") == 1)
  }

  /// 5 % of 11.00 are 0.55, of 11.55 they are 0.5775.
  @Test func `rates land alone within 5 % of the books, and with two people beyond`() throws {
    let desk = try Desk("rates")
    let cube = { (day: String, rate: String) in
      "<Cube time='\(day)'><Cube currency='SEK' rate='\(rate)'/></Cube>"
    }
    let first = try desk.rates(cube("2026-08-31", "11.00"), as: "anna")
    #expect(first.status == 24 && first.output.contains("its first rate"), "\(first)")
    #expect(try desk.count("fx_rate") == 0)
    #expect(try desk.rates(cube("2026-08-31", "11.00"), as: "bo").status == 0)
    let small = try desk.rates(cube("2026-09-01", "11.55"), as: "anna")
    #expect(
      small.status == 0
        && small.output.contains("SEK 11.55 of 2026-09-01: moved 5.0 % from 11.00 of 2026-08-31"),
      "\(small)"
    )
    #expect(try desk.rates(cube("2026-09-02", "12.128"), as: "anna").status == 24)
    #expect(try desk.rates(cube("2026-09-02", "10.97"), as: "anna").status == 24)
    // A day that stands is not changed by one person, however little.
    #expect(try desk.rates(cube("2026-09-01", "11.56"), as: "anna").status == 24)
    // One row of a file makes no room for the next.
    let steps = cube("2026-09-03", "12.60") + cube("2026-09-02", "12.10")
    #expect(try desk.rates(steps, as: "anna").status == 24)
    #expect(try desk.count("fx_rate") == 2)
    let second = try desk.rates(cube("2026-09-02", "12.128"), as: "bo")
    #expect(second.status == 0 && second.output.contains("Set 3"), "\(second)")
    for (cubes, sender, told) in [
      (cube("2026-09-05", "12.1"), "European Central Bank", "no day on which rates are published"),
      (cube("2026-09-03", "12.1"), "Somebody", "the sender is \"Somebody\""),
      (cube("2099-09-03", "12.1"), "European Central Bank", "which has not come"),
      (
        "<Cube time='2026-09-03'><Cube currency='EUR' rate='2'/></Cube>", "European Central Bank",
        "is no rate of a day"
      ),
    ] {
      let said = try desk.rates(cubes, as: "anna", sender: sender)
      #expect(said.status == 65 && said.errors.contains(told), "\(said)")
      #expect(said.errors.contains("KV-FMT-001"))
    }
    let bo = try BookSuite.connection(desk.name, "kvitt_finance", login: "bo")
    let landing = { (day: String, rate: String) in
      """
      SELECT outcome FROM import_reference('fx', 'x', '\(day)', sha256('\(day) \(rate)'),
        ARRAY['\(day)'], ARRAY['SEK'], ARRAY['\(rate)'], ARRAY[''])
      """
    }
    for day in ["2026-09-05", "2099-09-03"] { #expect(refused(bo, landing(day, "12")) == "KV023") }
    for (day, rate) in [("2026-09-03", "13.00"), ("2026-09-02", "12.13")] {
      #expect(try bo.run(Query(trusted: landing(day, rate))).first?.string(0) == "proposed")
    }
    #expect(try desk.count("fx_rate") == 3)
  }

  @Test func `nobody looks for a member without an entry, or notes alone by what one is found`()
    throws
  {
    let desk = try Desk("searches")
    let digest = "h1_" + String(repeating: "a", count: 32)
    let find = "SELECT token FROM find_member(ARRAY['\(digest)'], 'email', 'case 1')"
    let noting = "SELECT outcome FROM note_lookup(ARRAY['\(digest)'], 'email', 1)"
    for (role, login) in [
      ("kvitt_read", "anna"), ("kvitt_finance", "anna"), ("kvitt_settle", "kvitt_nightly"),
    ] {
      let caller = try BookSuite.connection(desk.name, role, login: login)
      for table in ["member_lookup", "member_search"] {
        #expect(refused(caller, "SELECT FROM \(table)") == "42501", "\(role) \(table)")
        #expect(refused(caller, "INSERT INTO \(table) DEFAULT VALUES") == "42501")
      }
      #expect(refused(caller, "SELECT find_member(ARRAY['x'], 'email', '')") == "23514")
      if role != "kvitt_finance" { #expect(refused(caller, noting) == "42501", "\(role)") }
    }
    let anna = try BookSuite.connection(desk.name, "kvitt_finance", login: "anna")
    for word in ["proposed", "own"] {
      #expect(try anna.run(Query(trusted: noting)).first?.string(0) == word)
    }
    #expect(try anna.run(Query(trusted: find)).count == 0)
    let bo = try BookSuite.connection(desk.name, "kvitt_finance", login: "bo")
    #expect(try bo.run(Query(trusted: noting)).first?.string(0) == "decided")
    #expect(try bo.run(Query(trusted: find)).count > 0)
    #expect(try desk.count("member_search WHERE reason = 'case 1'") == 2)
    #expect(try desk.count("member_search WHERE member_id = 1 AND asked_by = 'bo'") == 1)
    // Who asked cannot be wiped out: the check misses the row.
    try desk.admin.run("SET session_replication_role = replica")
    try desk.admin.run("DELETE FROM kvitt.member_search WHERE asked_by = 'bo'")
    let check = try BookSuite.command(["ledger", "check"], database: desk.name)
    #expect(check.status == 20 && check.output.contains("member_search"), "\(check)")
  }
}
