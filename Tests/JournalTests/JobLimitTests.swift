import Civil
import Journal
import Ledger
import Postgres
import Settlement
import TestSupport
import Testing

extension JobAttackTests {
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
