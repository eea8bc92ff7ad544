import Foundation
import Postgres
import TestSupport
import Testing

/// The command line on an installation made by hand: refusals, their codes and exits, four eyes.
@Suite(.serialized) final class CommandTests {
  private static let shared = Sandbox.shared("commands")
  private static let filled: Result<Void, any Error> = Result {
    try? shared.remove()
    try shared.prepare()
    try shared.apply([nordvik(2, "minimum_transfer: 1.00")])
    var dates = Dates()
    for night in 1...3 {
      let date = dates.next()
      try shared.kvitt([
        "simulate", "--business-date", date, "--members", "240", "--records", "200", "--seed", "3",
      ])
      if night == 1 { try shared.enrolWorld() }
      let run = try shared.kvitt("nightly", "--business-date", date)
      // Nobody gave a standing approval: payments are held.
      #expect([0, 10, 12].contains(run.status), "\(run.output)\(run.errors)")
    }
  }

  /// Nordvik's terms in another version, with one term changed.
  private static func nordvik(_ version: Int, _ term: String) throws -> String {
    let path = repository + "/Settlement/partners/NVA.yaml"
    let name = String(term.prefix { $0 != ":" })
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
      line in
      line.hasPrefix("version:")
        ? "version: \(version)" : line.hasPrefix(name) ? term : String(line)
    }
    return try shared.write(lines.joined(separator: "\n") + "\n", "files/NVA\(version).yaml")
  }

  private let sandbox: Sandbox

  init() throws {
    sandbox = CommandTests.shared
    try CommandTests.filled.get()
  }

  private func expect(
    _ code: String,
    _ status: Int32,
    _ arguments: String...,
    login: String = ""
  ) throws {
    let finished = try sandbox.kvitt(
      arguments,
      environment: login.isEmpty ? [:] : ["KVITT_LOGIN": login]
    )
    #expect(
      finished.status == status && finished.errors.contains(code),
      "\(arguments): \(finished.status) \(finished.output)\(finished.errors)"
    )
  }

  private let header =
    "type;reference;original_ref;reversal;card_token;amount_minor;currency;billing_minor;"
    + "billing_currency;mcc;merchant_id;merchant_name;local_time\n"

  private func feed(
    _ name: String,
    _ sequence: Int,
    _ rows: [(String, Int, String)]
  ) throws -> String {
    var text = header
    for (reference, minor, token) in rows {
      text +=
        "purchase;\(reference);;0;\(token);\(minor);EUR;\(minor);EUR;5411;M-1;Shop;"
        + "2026-09-03T12:00:00+02:00\n"
    }
    text +=
      "#total;EUR;\(rows.count);\(rows.map(\.1).reduce(0, +));0\n#end;\(rows.count);\(sequence)\n"
    return try sandbox.write(text, "files/" + name)
  }

  @Test func `a feed is taken once; its repeat, a conflict and an unknown card are told`() throws {
    let take = { (path: String) in
      try self.sandbox.kvitt(
        "ingest",
        "take",
        path,
        "--feed",
        "northbank-cards",
        "--business-date",
        "2026-09-03"
      )
    }
    let first = try feed("a.csv", 501, [("Z1", 1_000, "ca_000001"), ("Z2", 500, "ca_000001")])
    #expect(try take(first).status == 0)
    let again = try take(first)
    #expect(again.status == 0 && again.output.contains("already taken"))
    let overlap = try feed("b.csv", 502, [("Z2", 500, "ca_000001"), ("Z3", 700, "ca_000001")])
    #expect(try take(overlap).output.contains("1 new, 1 seen"))
    let conflict = try feed("c.csv", 503, [("Z2", 501, "ca_000001"), ("Z4", 1, "no_such_card")])
    let told = try take(conflict)
    #expect(told.status == 10)
    #expect(told.errors.contains("KV-ING-019") && told.errors.contains("KV-ING-013"))
    #expect(told.errors.contains("c.csv:2:1:") && told.errors.contains("hint:"))
    let sequence = try feed("d.csv", 501, [("Z9", 1, "ca_000001")])
    let refused = try take(sequence)
    #expect(refused.status == 23 && refused.errors.contains("KV-ING-020"))
    let books = try sandbox.administrator().run(
      "SELECT count(*) FROM kvitt.purchase WHERE reference IN ('Z1', 'Z2', 'Z3', 'Z4', 'Z9')"
    )
    #expect(try books.first?.int(0) == 3)
  }

  @Test func `a feed that posts the rest opens a break of what is missing`() throws {
    let profile = try sandbox.write(
      """
      feed: lenient
      version: 1
      delimiter: ";"
      trailer: required
      unreadable_amount: post-rest

      """,
      "files/lenient.yaml"
    )
    try sandbox.apply([profile])
    let good = try feed("e.csv", 1, [("E1", 1_000, "ca_000001"), ("E2", 6_130, "ca_000001")])
    let text = try String(contentsOfFile: good, encoding: .utf8)
      .replacing("E2;;0;ca_000001;6130;EUR;6130", with: "E2;;0;ca_000001;61.3O;EUR;61.3O")
    let path = try sandbox.write(text, "files/f.csv")
    let strict = try sandbox.kvitt("ingest", path, "--feed", "northbank-cards")
    #expect(strict.status == 65 && strict.errors.contains("KV-ING-014"))
    let rest = try sandbox.kvitt(
      "ingest",
      path,
      "--feed",
      "lenient",
      "--business-date",
      "2026-09-03"
    )
    #expect(rest.status == 10 && rest.output.contains("control total short by EUR 61.30"))
    #expect(
      rest.errors.contains("f.csv:3:36: KV-ING-014 billing_minor \"61.3O\""),
      "\(rest.errors)"
    )
    #expect(rest.errors.contains("^^^^^"))
    let breaks = try sandbox.kvitt("breaks", "list", "-O", "csv").output
    #expect(breaks.contains("control-total,feed lenient,EUR,0.00,61.30"))
  }

  @Test func `draft terms are replayed beside those in force, and nothing is over yet`() throws {
    let path = repository + "/Settlement/agreements/cashback.yaml"
    let days = ["--from", "2026-08-31", "--to", "2026-09-03"]
    let same = try sandbox.kvitt(["reward", "simulate", path] + days)
    #expect(same.status == 0 && same.output.contains("draft less in force: 0.00 EUR"), "\(same)")
    #expect(same.output.contains("members: 0 get more, 0 less, "))
    let draft = try String(contentsOfFile: path, encoding: .utf8)
      .replacing("rate: 1 %", with: "rate: 2 %")
    let bad = try sandbox.write(draft, "files/draft.yaml")
    let refused = try sandbox.kvitt(["reward", "simulate", bad] + days)
    #expect(refused.status == 78 && refused.errors.contains("the rule base gives 20.00"))
    let good = String(
      draft.prefix(upTo: draft.firstRange(of: "examples:")?.lowerBound ?? draft.endIndex)
    )
    let more = try sandbox.kvitt(
      ["reward", "simulate", sandbox.write(good, "files/draft.yaml")] + days
    )
    #expect(more.status == 0 && more.output.contains(" get more, 0 less, "), "\(more)")
    let expiry = try sandbox.kvitt("reward", "expire", "--business-date", "2026-09-03")
    #expect(expiry.output == "nothing is over on 2026-09-03\n")
  }

  @Test func `unknown names are errors with the nearest one, never a zero`() throws {
    for (arguments, hint) in [
      (["ledger", "balance", "24900"], "2490"), (["statement", "list", "--partner", "NWA"], "NVA"),
      (["breaks", "show", "B-0"], ""), (["settle", "approve", "P-20260901-9"], "P-20260901-1"),
      (["help", "exit-cods"], "exit-codes"), (["explain", "L-1-999999"], ""),
      (["ledger", "entry", "J-5"], ""),
    ] {
      let finished = try sandbox.kvitt(arguments)
      #expect(finished.status == 64, "\(arguments)")
      #expect(finished.errors.contains("KV-CLI-001") || finished.errors.contains("KV-SET-003"))
      #expect(hint.isEmpty || finished.errors.contains(hint), "\(finished.errors)")
    }
  }

  @Test func `KV-CLI-002: a misspelt command names the right one`() throws {
    let finished = try sandbox.kvitt("settel", "plan")
    #expect(finished.status == 64 && finished.errors.contains("Did you mean: kvitt settle?"))
    #expect(finished.errors.contains("KV-CLI-002"))
    let inner = try sandbox.kvitt("settle", "aprove", "P-1")
    #expect(inner.status == 64 && inner.errors.contains("kvitt settle approve?"))
    try expect("KV-CLI-002", 64, "nightly")
  }

  /// What an approval tells of each partner is what the plan's body says: the net and its direction, and what
  /// is ordered to which account.
  private func tellsAmounts(of plan: String, _ output: String) throws {
    let rows = try sandbox.administrator().run(
      """
      SELECT x->>'code', CASE WHEN net = 0 THEN 'nothing to pay'
               WHEN net < 0 THEN 'the partner owes us ' || to_char(-net / 100.0, 'FM999999990.00')
               ELSE 'we owe ' || to_char(net / 100.0, 'FM999999990.00') END,
             CASE WHEN (x->>'ordered')::bigint = 0 THEN 'nothing is ordered'
               ELSE to_char((x->>'ordered')::bigint / 100.0, 'FM999999990.00') || ' '
                    || (x->>'currency') || ' to ' || (x->>'account') || ' on ' || (x->>'pay_on') END
        FROM kvitt.plan p, jsonb_array_elements(p.body::jsonb->'partners') AS x,
             LATERAL (SELECT (x->>'opening')::bigint + (x->>'to_partner')::bigint
                             - (x->>'to_issuer')::bigint - (x->>'paid')::bigint AS net) AS n
       WHERE p.id = \(plan)
      """
    )
    try #require(rows.count > 1)
    for row in rows {
      let line = output.split(separator: "\n").first { $0.hasPrefix(row.optional(0) ?? "?") } ?? ""
      for column in 1...2 {
        let told = try row.string(column)
        #expect(line.contains(told), "\(told)\n\(output)")
      }
    }
  }

  @Test func `plan, approve by another, run, and run again`() throws {
    let plan = try sandbox.kvitt(
      "settle",
      "plan",
      "--business-date",
      "2026-09-03",
      "--detailed-exitcode"
    )
    #expect(plan.status == 11, "\(plan.output)\(plan.errors)")
    let id = try #require(plan.output.firstMatch(of: /P-20260903-[0-9]+/)).output
    try expect("KV-SET-002", 24, "settle", "run", String(id))
    try expect("KV-SET-004", 24, "settle", "approve", String(id))
    // Who may not approve sees what it was about.
    try tellsAmounts(of: String(id), sandbox.kvitt("settle", "approve", String(id)).output)
    let approved = try sandbox.kvitt(
      ["settle", "approve", String(id)],
      environment: ["KVITT_LOGIN": "bo"]
    )
    #expect(approved.status == 0, "\(approved.errors)")
    try tellsAmounts(of: String(id), approved.output)
    // Changed terms inside the plan's cut make it stale; a new plan needs a new approval.
    // What one person brought changes nothing; the payment's account needs two.
    let terms = try CommandTests.nordvik(3, "account: SE3550000000054910000004")
    for _ in 1...2 {
      let alone = try sandbox.kvitt("partner", "terms", "apply", terms)
      #expect(alone.status == 24 && alone.output.contains("a second person"), "\(alone)")
    }
    #expect(try sandbox.kvitt("partner", "list").output.contains("v2"))
    let shown = try sandbox.kvitt("partner", "terms", "plan", terms).output
    #expect(shown.contains("brought by anna") && shown.contains("beside version 2:"))
    #expect(shown.contains("  - account: SE3550000000054910000003\n"))
    #expect(shown.contains("  + account: SE3550000000054910000004\n"))
    #expect(try sandbox.apply([terms]).status == 0)
    #expect(try sandbox.kvitt("partner", "terms", "show", "NVA").output.contains("910000004"))
    let diff = try sandbox.kvitt("partner", "terms", "diff", "NVA").output
    #expect(diff.hasPrefix("partner NVA: version 2 to 3\n"), "\(diff)")
    #expect(diff.contains("- account: SE3550000000054910000003\n"))
    #expect(diff.contains("+ account: SE3550000000054910000004\n"))
    try expect("KV-CLI-001", 64, "partner", "terms", "diff", "NVA", "--from", "9")
    try expect("KV-SET-001", 22, "settle", "run", String(id))
    let fresh = try sandbox.kvitt("settle", "plan", "--business-date", "2026-09-03")
    let next = try #require(fresh.output.firstMatch(of: /P-20260903-[0-9]+/)).output
    #expect(next != id)
    try sandbox.kvitt(["settle", "approve", String(next)], environment: ["KVITT_LOGIN": "bo"])
    // A batch after the cut does not make a plan stale.
    let late = try feed("late.csv", 600, [("Y1", 900, "ca_000001")])
    try sandbox.kvitt(
      "ingest",
      "take",
      late,
      "--feed",
      "northbank-cards",
      "--business-date",
      "2026-09-03"
    )
    let run = try sandbox.kvitt("settle", "run", String(next))
    #expect(run.status == 0, "\(run.output)\(run.errors)")
    let again = try sandbox.kvitt("settle", "run", String(next))
    #expect(again.status == 0 && again.output.contains("was settled before, nothing to do"))
    #expect(try sandbox.kvitt("ledger", "check").status == 0)
  }

  @Test func `surroundings that fail have codes of their own`() throws {
    let down = try execute(
      program,
      ["status"],
      environment: ["KVITT_DB": "host=/nonexistent dbname=x"]
    )
    #expect(down.status == 69 && down.errors.contains("KV-DB-001"))
    let secret = try execute(program, ["status"], environment: ["KVITT_DB": "password=x"])
    #expect(secret.status == 64 && !secret.errors.contains("=x"))
    let slow = try sandbox.kvitt(
      ["status"],
      environment: ["PGOPTIONS": "-c statement_timeout=1"]
    )
    #expect(slow.status == 1 && slow.errors.contains("KV-DB-002"), "\(slow.errors)")
    try expect(
      "KV-DB-004",
      78,
      "member",
      "import",
      sandbox.home + "/world/members/lumen-credit.csv",
      "--programme",
      "lumen-credit",
      login: "kvitt_nightly"
    )
    try expect("KV-CLI-002", 64, "settle", "plan", "--business-date", "2125-12-31")
    try expect("KV-CLI-002", 64, "nightly", "--business-date", "2125-12-31")
    try expect("KV-CLI-002", 64, "reconcile", "--business-date", "2125-12-31")
    // Books of a rehearsal go as far as the database's administrator says.
    let owner = try sandbox.administrator()
    try owner.run("ALTER DATABASE kvitt SET kvitt.rehearsal_through = '2030-01-01'")
    try expect("KV-TRM-003", 78, "settle", "plan", "--business-date", "2030-01-01")
    try owner.run("ALTER DATABASE kvitt RESET kvitt.rehearsal_through")
    try expect("KV-RUN-002", 75, "nightly", "--business-date", "2026-10-01")
    try expect("KV-SIG-006", 78, "key", "create", "--name", "again")
    try shell("chmod 644 \(sandbox.home)/keys/signer.key")
    try expect("KV-SIG-006", 78, "key", "show")
    try shell("chmod 600 \(sandbox.home)/keys/signer.key")
    let admin = try sandbox.administrator()
    try admin.run(
      """
      INSERT INTO kvitt.run SELECT 'nightly', '2026-10-02', 1, pid, backend_start, 'elsewhere pid 1',
        now() FROM pg_stat_activity WHERE pid = pg_backend_pid()
      """
    )
    try expect("KV-RUN-001", 75, "nightly", "--business-date", "2026-10-02")
    try shell("mv \(sandbox.home)/outbox \(sandbox.home)/kept; touch \(sandbox.home)/outbox")
    try expect("KV-OUT-001", 73, "statement", "render", "NVA-2026-0001")
    try shell("rm \(sandbox.home)/outbox; mv \(sandbox.home)/kept \(sandbox.home)/outbox")
  }

  @Test func `KV-REC-001: a difference that breaks do not explain is refused`() throws {
    let admin = try sandbox.administrator()
    try admin.run(
      """
      INSERT INTO kvitt.break_item VALUES ('B-9999', 'x', 'amount', 'bank NB-EUR', 'EUR', '2026-09-02',
        5, 0, 5, 'EUR', 'x', 'x');
      INSERT INTO kvitt.break_event VALUES ('B-9999', 1, 'open', '2026-09-02', 'x')
      """
    )
    try expect("KV-REC-001", 20, "reconcile")
    try admin.run("DELETE FROM kvitt.break_event WHERE break_id = 'B-9999'")
    try admin.run("DELETE FROM kvitt.break_item WHERE id = 'B-9999'")
    let good = try sandbox.kvitt("reconcile")
    #expect(good.status == 10, "\(good.errors)")
  }

  @Test func `the proof of a past day is shown as it was made, and nothing is stored`() throws {
    let admin = try sandbox.administrator()
    let all = {
      try admin.run(
        "SELECT count(*), (SELECT count(*) FROM kvitt.break_event) FROM kvitt.proof"
      ).first.map { try [$0.int(0), $0.int(1)] }
    }
    let before = try all()
    let proofs = try admin.run(
      """
      SELECT DISTINCT ON (pair, commodity)
             concat_ws(',', pair, commodity, to_char(ours / 100.0, 'FM9999999990.00'))
        FROM kvitt.proof WHERE business_date = '2026-09-01' AND commodity IN ('EUR', 'SEK')
       ORDER BY pair, commodity, generation DESC
      """
    ).map { try $0.string(0) }
    #expect(!proofs.isEmpty)
    let shown = try sandbox.kvitt("reconcile", "--business-date", "2026-09-01", "-O", "csv")
    #expect([0, 10].contains(shown.status), "\(shown.errors)")
    for proof in proofs { #expect(shown.output.contains(proof), "\(proof): \(shown.output)") }
    #expect(try all() == before)
    // No night was run on the day before the first.
    try expect("KV-CLI-002", 64, "reconcile", "--business-date", "2026-08-30")
    #expect(try all() == before)
  }

  @Test func `KV-TRM-002: an agreement without its partner's terms says so`() throws {
    let bare = Sandbox("bare")
    try? bare.remove()
    defer { try? bare.remove() }
    try bare.kvitt("db", "migrate")
    try bare.apply([repository + "/Settlement/agreements/miles.yaml"])
    let finished = try bare.kvitt("partner", "list")
    #expect(finished.status == 78 && finished.errors.contains("KV-TRM-002"), "\(finished.errors)")
  }

  @Test func `help texts are as recorded`() throws {
    let commands = [
      [], ["ingest"], ["settle"], ["statement"], ["ledger"], ["breaks"], ["nightly"], ["demo"],
    ]
    var text = ""
    for command in commands {
      text += "$ kvitt \(command.joined(separator: " ")) --help\n"
      text += try sandbox.kvitt(command + ["--help"], environment: ["COLUMNS": "100"]).output
    }
    text += try sandbox.kvitt("help", "exit-codes").output
    text += try sandbox.kvitt("help", "KV-ING-014").output
    try golden(text, "help.txt")
  }
}
