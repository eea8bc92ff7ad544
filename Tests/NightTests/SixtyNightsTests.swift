import Foundation
import Journal
import Postgres
import TestSupport
import Testing

/// Sixty simulated nights against the truth that the simulator keeps apart from the engine.
@Suite(.serialized) final class SixtyNightsTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = SixtyNightsTests.shared
    try SixtyNightsTests.filled.get()
  }

  private static let shared = Sandbox.shared("sixty")
  private static let filled: Result<Void, any Error> = Result {
    try? shared.remove()
    let finished = try shared.fill(nights: 60)
    #expect(finished.status == 0, "\(finished.output)\(finished.errors)")
  }

  @Test func `every member, position and break equals the truth`() throws {
    let truth = try sandbox.truth()
    #expect(truth["night"] as? Int == 60)
    #expect((truth["surprises"] as? [String])?.isEmpty == true, "\(truth["surprises"] ?? "")")
    let books = try sandbox.books(.read)
    var balances: [String: [String: Int64]] = [:]
    for row in try books.memberBalances() where row.quantity != 0 {
      balances[row.token, default: [:]][row.unit] = row.quantity
    }
    let expected = try #require(truth["balances"] as? [String: [String: Int64]])
    #expect(expected.count > 400)
    #expect(balances == expected)
    for (partner, owed) in try #require(truth["positions"] as? [String: Int64]) {
      let rows = try books.balances(account: "2490", asOf: nil).filter { $0.partner == partner }
      #expect(-rows.map(\.amount).reduce(0, +) == owed, "\(partner)")
    }
    var breaks: [String: [Int64]] = [:]
    for item in try books.breaks(openOnly: true) {
      let key = "\(item.pair) \(item.kind)"
      let old = breaks[key] ?? [0, 0]
      breaks[key] = [old[0] + 1, old[1] + item.ours - item.theirs]
    }
    #expect(breaks == (try #require(truth["breaks"] as? [String: [Int64]])))
  }

  /// Nothing is carried in memory: every step is a process of its own and reads the database anew.
  @Test func `the same nights with a process for every command give the same seals and files`()
    throws
  {
    let steps = Sandbox("steps")
    try? steps.remove()
    defer { try? steps.remove() }
    try steps.prepare()
    var dates = Dates()
    for night in 1...60 {
      let date = dates.next()
      let lived = try steps.kvitt(["simulate", "--business-date", date] + Sandbox.smallWorld)
      #expect(lived.status == 0, "\(lived.errors)")
      if night == 1 {
        try steps.enrolWorld()
        try steps.giveStandings()
      }
      let compact = date.replacing("-", with: "")
      let cure = "\(steps.home)/world/cures/nordvik-miles-\(compact).csv"
      if FileManager.default.fileExists(atPath: cure) {
        try steps.together("member", "import", cure, "--programme", "nordvik-miles")
      }
      let feeds = "\(steps.home)/inbox/feeds/northbank-cards/cards-\(compact)"
      if night == 20 { try shell("cp \(feeds).csv \(feeds)-again.csv") }
      if night == 30 { continue }
      let run = try steps.kvitt(
        night == 1
          ? ["nightly", "--business-date", date]
          : ["nightly", "--catch-up", "--business-date", date]
      )
      #expect([0, 10].contains(run.status), "\(date): \(run.output)\(run.errors)")
    }
    #expect(try steps.state(through: "2026-12-31") == sandbox.state(through: "2026-12-31"))
  }

  @Test func `the books prove and a partner's net changed its sign`() throws {
    let check = try sandbox.kvitt("ledger", "check")
    #expect(check.status == 0, "\(check.output)\(check.errors)")
    let nets = try sandbox.books(.read).statements().filter { $0.number.hasPrefix("LUM") }
      .map(\.net)
    #expect(nets.contains { $0 > 0 } && nets.contains { $0 < 0 })
  }

  @Test func `hledger accepts the journal and gives the same balances`() throws {
    let path = sandbox.home + "/kvitt.journal"
    let export = try sandbox.kvitt("ledger", "export", "-O", "hledger")
    try export.output.write(toFile: path, atomically: false, encoding: .utf8)
    let check = try shell("hledger -f \(path) check")
    #expect(check.status == 0, "\(check.errors)")
    let total = try sandbox.books(.read).balances(account: "2490", asOf: nil)
      .filter { $0.commodity == "SEK" }.map(\.amount).reduce(0, +)
    let theirs = try shell("hledger -f \(path) bal A2490 cur:SEK -N --layout=bare -O csv").output
    let row = try #require(theirs.split(separator: "\n").last { $0.contains("A2490") })
    let amount = try #require(row.split(separator: ",").last).filter { $0 != "\"" }
    #expect(Double(amount) == Double(total) / 100)
  }

  @Test func `an independent reader accepts every statement and its chain`() throws {
    let reader = repository + "/Tests/NightTests/independent/read_statement.py"
    let finished = try shell("python3 \(reader) \(sandbox.home)/outbox/*/*/*_v1.csv")
    #expect(finished.status == 0, "\(finished.output)\(finished.errors)")
    #expect(finished.output.contains("240 statements"))
  }

  @Test func `statement verify and the pinned openssl line agree, good and tampered`() throws {
    let folder = sandbox.home + "/outbox/NVA/NVA-2026-0060"
    let file = folder + "/NVA-2026-0060_v1.csv"
    let signer = sandbox.home + "/keys/signer.pem"
    let good = try sandbox.kvitt("statement", "verify", file, "--signer", signer)
    #expect(good.status == 0, "\(good.errors)")
    let line = try #require(good.output.split(separator: "\n").last { $0.hasPrefix("openssl") })
    #expect(try shell(String(line)).status == 0)
    let copy = sandbox.home + "/tampered"
    try shell(
      "rm -rf \(copy); cp -r \(folder) \(copy); sed -i 's/;earn_base;/;earn_bonus;/' \(copy)/*.csv"
    )
    let bad = copy + "/NVA-2026-0060_v1.csv"
    let refused = try sandbox.kvitt("statement", "verify", bad, "--signer", signer)
    #expect(refused.status == 21 && refused.errors.contains("KV-SIG-002"))
    #expect(try shell(String(line).replacing(file, with: bad)).status == 4)
    // A changed JSON file: its digest stands in the signed manifest.
    try shell("cp \(folder)/*.csv \(copy)/; echo >> \(copy)/NVA-2026-0060_v1.jsonl")
    let digest = try sandbox.kvitt("statement", "verify", bad, "--signer", signer)
    #expect(digest.status == 21 && digest.errors.contains("KV-SIG-004"))
    try shell("rm \(copy)/*.csv.p7s")
    let missing = try sandbox.kvitt("statement", "verify", bad, "--signer", signer)
    #expect(missing.status == 75 && missing.errors.contains("KV-SIG-001"))
    let other = sandbox.home + "/world/partner-keys/signer.pem"
    let unknown = try sandbox.kvitt("statement", "verify", file, "--signer", other)
    #expect(unknown.status == 21 && unknown.errors.contains("KV-SIG-003"))
  }

  @Test func `KV-SIG-005: a statement that does not follow the one before is refused`() throws {
    let copy = sandbox.home + "/chain"
    try shell(
      """
      rm -rf \(copy); mkdir \(copy); cp -r \(sandbox.home)/outbox/NVA/NVA-2026-0059 \
        \(sandbox.home)/outbox/NVA/NVA-2026-0060 \(copy)/; cd \(copy)
      cp ../outbox/NVA/NVA-2026-0058/NVA-2026-0058_v1.csv NVA-2026-0059/NVA-2026-0059_v1.csv
      """
    )
    let refused = try sandbox.kvitt(
      "statement",
      "verify",
      copy + "/NVA-2026-0060/NVA-2026-0060_v1.csv",
      "--signer",
      sandbox.home + "/keys/signer.pem"
    )
    #expect(refused.status == 21 && refused.errors.contains("KV-SIG-005"))
  }

  @Test func `running again says what stands and changes nothing`() throws {
    let before = try sandbox.state(through: "2026-12-31")
    let again = try sandbox.fill(nights: 60)
    #expect(again.output.contains("stands in"))
    let night = try sandbox.kvitt("nightly", "--business-date", "2026-11-20")
    #expect(night.status == 0 && night.output.contains("finished before, nothing to do"))
    #expect(try sandbox.state(through: "2026-12-31") == before)
  }

  @Test func `every report gives the same totals in every format`() throws {
    for command in [
      ["ledger", "balance"], ["report", "liability"], ["breaks", "list"], ["statement", "list"],
      ["settle", "list"], ["status"], ["ingest", "list"], ["partner", "list"],
      ["ledger", "register", "2490"], ["ingest", "quarantine"], ["settle", "standing", "list"],
    ] {
      let csv = try sandbox.kvitt(command + ["-O", "csv"])
      let json = try sandbox.kvitt(command + ["-O", "json"])
      #expect(csv.status == 0 && json.status == 0, "\(command)")
      let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
      let rows = try #require((object as? [String: Any])?["rows"] as? [Any])
      #expect(csv.output.split(separator: "\r\n").count == rows.count + 1, "\(command)")
    }
    let liability = try sandbox.kvitt("report", "liability")
    #expect(liability.output.components(separatedBy: "difference 0.00").count == 5)
  }

  @Test func `screens and statements are as recorded`() throws {
    var screens = ""
    for command in [
      ["status"], ["breaks", "list"], ["report", "liability", "--from", "2026-11-01"],
      ["ledger", "balance"], ["statement", "list", "--partner", "BOK"],
    ] {
      screens += "$ kvitt \(command.joined(separator: " "))\n"
      screens += try sandbox.kvitt(command).output
    }
    try golden(screens, "screens.txt")
    for number in ["NVA-2026-0003", "LUM-2026-0002"] {
      let partner = number.prefix(3)
      let path = "\(sandbox.home)/outbox/\(partner)/\(number)/\(number)_v1.csv"
      try golden(String(contentsOfFile: path, encoding: .utf8), "\(number)_v1.csv")
    }
  }

  @Test func `explain tells a lot in words from the stored version`() throws {
    let line = try #require(
      try sandbox.administrator().run(
        """
        SELECT l.event_id FROM kvitt.statement_line l JOIN kvitt.statement s ON s.id = l.statement_id
         WHERE l.kind = 'cofunding' AND s.number LIKE 'LUM-%' LIMIT 1
        """
      ).first?.string(0)
    )
    let told = try sandbox.kvitt("explain", line)
    #expect(told.status == 0)
    #expect(told.output.contains("rule lumen-bonus of NB-CASHBACK version 1: 4 % cashback"))
    #expect(told.output.contains("cards-2026") && told.output.contains("settled LUM-2026-"))
    let unknown = try sandbox.kvitt("explain", "ARN-NONE")
    #expect(unknown.status == 64 && unknown.errors.contains("KV-CLI-001"))
  }

  @Test func `compaction keeps every digest`() throws {
    let before = try sandbox.state(through: "2026-12-31")
    let merged = try sandbox.kvitt("db", "compact", "--before", "2026-11-20")
    #expect(merged.status == 0, "\(merged.errors)")
    #expect(try sandbox.kvitt("ledger", "check").status == 0)
    #expect(try sandbox.state(through: "2026-12-31") == before)
  }
}
