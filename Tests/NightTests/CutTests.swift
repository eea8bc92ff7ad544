import Foundation
import Journal
import Postgres
import TestSupport
import Testing

/// SIGKILL of `kvitt ingest` and cut connections at random points, then the same command again:
/// nothing lost, nothing doubled, against a count that the generator made.
@Suite(.serialized) struct CutTests {
  private var wanted: Int {
    ProcessInfo.processInfo.environment["KVITT_CAMPAIGN"] == nil ? 20 : 300
  }

  private let members = 40
  private let rows = 4_000

  /// A feed file with purchases alone, and what each card's purchases sum to.
  private func feed(_ sandbox: Sandbox, _ sequence: Int) throws -> (path: String, debit: Int) {
    var text = "type;reference;card_token;amount_minor;currency;billing_minor;billing_currency;mcc;"
    text += "merchant_id;local_time\n"
    var debit = 0
    for index in 0..<rows {
      let amount = 100 * (1 + (index * 7 + sequence) % 90)
      debit += amount
      text +=
        "purchase;R\(sequence)-\(index);ca_\(index % members);\(amount);EUR;\(amount);EUR;5411;M;"
      text += "2026-0\(1 + sequence % 9)-\(10 + sequence % 18)T12:00:00Z\n"
    }
    text += "#total;EUR;\(rows);\(debit);0\n#end;\(rows);\(sequence)\n"
    return (try sandbox.write(text, "files/c-\(sequence).csv"), debit)
  }

  private func prepared(_ name: String) throws -> Sandbox {
    let sandbox = Sandbox(name)
    try? sandbox.remove()
    try sandbox.prepare()
    var text = "card_token;member_ref\n"
    for index in 0..<members { text += "ca_\(index);\(index + 1)\n" }
    try sandbox.together(
      "member",
      "import",
      sandbox.write(text, "files/m.csv"),
      "--programme",
      "northbank-cashback"
    )
    // The budget runs out among the files: what dies must neither spend it nor lose any of it.
    let promotion = try sandbox.write(
      """
      agreement: NB-CASHBACK
      version: 2
      programme: northbank-cashback
      currency: EUR
      valid_from: 2026-01-01
      rules:
        - {name: base, reward: cashback, unit: CB.EUR, rate: 1 %, monthly_cap: 25.00}
        - {name: promo, reward: cashback, unit: CB.EUR, rate: 1 %, partner: LUM, partner_pays: 100 %, budget: 20000.00}
      """,
      "files/promotion.yaml"
    )
    #expect(try sandbox.apply([promotion]).status == 0)
    return sandbox
  }

  /// What the budget has used, and what the partner owes for it.
  private func spent(_ sandbox: Sandbox) throws -> [Int64] {
    let row = try sandbox.administrator().run(
      """
      SELECT (SELECT used_minor FROM kvitt.budget),
             (SELECT sum(amount)::bigint FROM kvitt.posting WHERE account = '1110')
      """
    ).first
    return try [row?.int(0) ?? 0, row?.int(1) ?? 0]
  }

  /// What the books hold of a file, read by other SQL than kvitt's: rows and their sum.
  private func held(_ sandbox: Sandbox, _ sequence: Int) throws -> (rows: Int64, sum: Int64) {
    let row = try sandbox.administrator().run(
      """
      SELECT count(*), coalesce(sum(p.billing_minor), 0)::bigint FROM kvitt.purchase p
        JOIN kvitt.file f ON f.batch_id = p.batch_id WHERE f.sequence = \(sequence)::bigint
      """
    ).first
    return try (row?.int(0) ?? 0, row?.int(1) ?? 0)
  }

  private func arguments(_ path: String) -> [String] {
    ["ingest", "take", path, "--feed", "northbank-cards", "--business-date", "2026-09-30"]
  }

  @Test func `killed ingests lose nothing and double nothing`() throws {
    let sandbox = try prepared("cut-kill")
    defer { try? sandbox.remove() }
    var random = SystemRandomNumberGenerator()
    var inside = 0
    let calm = try feed(sandbox, 1)
    let began = Date()
    try sandbox.kvitt(arguments(calm.path))
    let span = Date().timeIntervalSince(began)
    for sequence in 2..<(wanted + 2) {
      let file = try feed(sandbox, sequence)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = arguments(file.path)
      process.environment = ProcessInfo.processInfo.environment
        .merging(["KVITT_HOME": sandbox.home]) { _, new in new }
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      Thread.sleep(forTimeInterval: span * Double.random(in: 0.35...0.95, using: &random))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      // Inside: the batch's number is reserved and its file is not there.
      let reserved = try sandbox.administrator().run("SELECT max(id) FROM kvitt.batch_number").first
      if try reserved?.int(0) == Int64(sequence), try held(sandbox, sequence).rows == 0 {
        inside += 1
      }
      let again = try sandbox.kvitt(arguments(file.path))
      #expect(again.status == 0, "\(again.errors)")
      #expect(try held(sandbox, sequence) == (Int64(rows), Int64(file.debit)), "\(sequence)")
    }
    print("ingest kills: \(wanted), \(inside * 100 / wanted) % inside the work")
    #expect(try sandbox.kvitt("ledger", "check").status == 0)
    #expect(try spent(sandbox) == [2_000_000, 2_000_000])
  }

  @Test func `cut connections, the answer to COMMIT among them, are resolved by looking up`() throws
  {
    let sandbox = try prepared("cut-wire")
    defer { try? sandbox.remove() }
    let proxy = try WireProxy(
      target: sandbox.cluster.socketFolder + "/.s.PGSQL.5432",
      folder: sandbox.home + "/wire"
    )
    defer { proxy.close() }
    var lost = 0
    for sequence in 1...wanted {
      let file = try feed(sandbox, sequence)
      proxy.cut =
        switch sequence % 3 {
        case 0: .afterBytes(40_000 + sequence * 7_919 % 600_000)
        case 1: .beforeCommit
        default: .afterCommit
        }
      let environment = ["KVITT_DB": "host=\(sandbox.home)/wire dbname=kvitt user=kvitt_nightly"]
      let hurt = try sandbox.kvitt(arguments(file.path), environment: environment)
      #expect(hurt.status != 0, "\(sequence): the cut was not felt")
      #expect(!hurt.errors.contains("Fatal"), "\(hurt.errors)")
      // The server may still be ending the cut session.
      Thread.sleep(forTimeInterval: 0.05)
      let stands = try held(sandbox, sequence).rows > 0
      if sequence % 3 == 2, stands {
        lost += 1
        #expect(hurt.errors.contains("KV-DB-001"), "\(hurt.errors)")
      }
      proxy.cut = .never
      let again = try sandbox.kvitt(arguments(file.path), environment: environment)
      #expect(again.status == 0, "\(again.errors)")
      #expect(again.output.contains("already taken") == stands, "\(sequence): \(again.output)")
      #expect(try held(sandbox, sequence) == (Int64(rows), Int64(file.debit)), "\(sequence)")
    }
    print("cut connections: \(wanted), of which \(lost) lost the answer to a COMMIT that stands")
    #expect(lost >= wanted / 4)
    #expect(try sandbox.kvitt("ledger", "check").status == 0)
    #expect(try spent(sandbox) == [2_000_000, 2_000_000])
  }
}
