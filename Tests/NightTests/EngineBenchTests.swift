import Civil
import Foundation
import Ledger
import Postgres
import Rewards
import Terms
import TestSupport
import Testing

/// What one decision and one online redemption cost (`make bench`): nothing here asserts a time.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["KVITT_BENCH"] != nil))
struct EngineBenchTests {
  private func tell(_ format: String, _ values: any CVarArg...) {
    print("bench: " + String(format: format, arguments: values))
  }

  private static let head = """
    agreement: BENCH
    version: 1
    programme: p
    currency: EUR
    valid_from: 2026-01-01
    rules:

    """
  private static let simple = "  - {name: a, reward: cashback, unit: CB.EUR, rate: 1 %}\n"
  private static let rich = """
      - {name: a, reward: cashback, unit: CB.EUR, rate: 1 %, monthly_cap: 50.00, mcc: [5411, 5812, 3000-3299], countries: [FI, SE, NO], channels: [pos, web], weekdays: [Mon, Tue, Fri, Sat], from: 2026-01-01, through: 2026-12-31, minimum: 5.00, base: without-markup}
      - {name: b, reward: cashback, unit: CB.EUR, rate: marginal, steps: [{from: 0.00, rate: 1 %}, {from: 50.00, rate: 2 %}, {from: 200.00, rate: 3 %}], partner: LUM, partner_pays: 75 %, yearly_cap: 500.00}
      - {name: c, reward: credit, unit: SC.LUM, rate: 3 %, partner: LUM, reimbursed_at: 80 %, expires: 12 months}
      - {name: d, reward: miles, unit: MI.NVA, rate: 15 per full 100.00, partner: NVA, price: 0.0085}

    """

  @Test func `nanoseconds a decision, for simple and for rich terms`() throws {
    for (name, rules) in [("simple, one rule", Self.simple), ("rich, four rules", Self.rich)] {
      let agreement = try Agreement(yaml: Array((Self.head + rules).utf8), file: "bench.yaml")
      let merchant = try #require(ShortID("M-1"))
      let days = (0..<28).map { CivilDate(days: Int32(20_600 + $0)) }
      let rounds = 1_000_000
      var checksum: Int64 = 0
      let rates = try (0..<5).map { _ in
        let start = clock()
        for index in 0..<rounds {
          let facts = PurchaseFacts(
            billed: Int64(500 + index % 30_000),
            original: Int64(500 + index % 30_000),
            category: index % 3 == 0 ? 5411 : 5812,
            merchant: merchant,
            date: days[index % 28],
            currency: 978,
            country: Int16(0x46) << 8 | 0x49,
            channel: 1
          )
          guard agreement.earns(facts) else { continue }
          for rule in agreement.rules where rule.admits(facts) {
            let change = try rule.change(
              for: facts,
              remaining: facts.original,
              booked: .nothing,
              monthSum: Int64(index % 6_000)
            )
            checksum &+= change.quantity &+ change.cost
          }
        }
        return Double(clock() - start) / Double(CLOCKS_PER_SEC) / Double(rounds) * 1e9
      }
      tell("%.0f ns a decision, %@ (checksum %lld)", median(rates), name, checksum)
    }
  }

  @Test func `online redemptions beside the textbook function`() throws {
    let sandbox = Sandbox("online")
    defer { try? sandbox.remove() }
    try sandbox.prepareBench(members: 50_000)
    let admin = try sandbox.administrator()
    try admin.run(Query(trusted: BenchTests.textbook))
    // Every member can use a lot, as the first call after a seal would note.
    try admin.run(
      """
      INSERT INTO kvitt.spendable
      SELECT id, 1, (SELECT seal_no FROM kvitt.book), '2026-09-30', 1000000000 FROM kvitt.member
      """
    )
    try admin.run("VACUUM ANALYZE")
    let scripts = [
      (
        "kvitt.hold, used at once",
        """
        \\set m random(1, 50000)
        \\set k random(1, 9000000000000000)
        SELECT outcome FROM kvitt.hold('k' || :k, :m, 1::smallint, 1, '2026-09-30', now(), NULL);
        """
      ),
      (
        "textbook, 20 partners",
        """
        \\set m random(1, 50000)
        \\set p random(50001, 50020)
        \\set k random(1, 9000000000000000)
        SELECT book.transfer(:m, :p, 1, 'r' || :k);
        """
      ),
      (
        "textbook, one hot partner",
        """
        \\set m random(1, 50000)
        \\set k random(1, 9000000000000000)
        SELECT book.transfer(:m, 50001, 1, 'r' || :k);
        """
      ),
    ]
    for clients in [1, 8, 32] {
      var rates: [[Double]] = [[], [], []]
      var slowest: [[Double]] = [[], [], []]
      for _ in 0..<3 {
        for (index, script) in scripts.enumerated() {
          let run = try online(sandbox, script.1, clients: clients)
          rates[index].append(run.rate)
          slowest[index].append(run.p99)
        }
      }
      for (index, script) in scripts.enumerated() {
        tell(
          "%d clients, %@: %.0f a second, p99 %.1f ms",
          clients,
          script.0,
          median(rates[index]),
          median(slowest[index])
        )
      }
      tell(
        "%d clients: kvitt / textbook = %.1f spread, %.1f on one hot partner",
        clients,
        median(rates[0]) / median(rates[1]),
        median(rates[0]) / median(rates[2])
      )
    }
    let wrong = try admin.run("SELECT count(*) FROM kvitt.hold WHERE captured IS NULL").first
    #expect(try wrong?.int(0) == 0)
  }

  /// Some thousand calls of so many clients: calls a second, and the 99th percentile in ms.
  private func online(
    _ sandbox: Sandbox,
    _ script: String,
    clients: Int
  ) throws -> (rate: Double, p99: Double) {
    let path = try sandbox.write(script, "files/online.sql")
    let socket = try sandbox.cluster.socketFolder
    let log = sandbox.home + "/files/calls"
    let done = try shell(
      """
      rm -f \(log).*
      "$(pg_config --bindir)/pgbench" -n -h \(socket) -U kvitt_admin -M prepared -c \(clients) -j 1 \
        -t \(3_000 / clients + 200) -l --log-prefix=\(log) -f \(path) kvitt 2>&1 | sed -n 's/^tps = \\([0-9.]*\\).*/\\1/p'
      cat \(log).* | awk '{print $3}' | sort -n | awk '{v[NR] = $1} END {print v[int(NR * 0.99)] / 1000}'
      """
    )
    let numbers = done.output.split(separator: "\n").compactMap { Double($0) }
    try #require(numbers.count == 2, "\(done.output) \(done.errors)")
    return (numbers[0], numbers[1])
  }
}
