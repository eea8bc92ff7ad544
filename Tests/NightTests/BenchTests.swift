import Foundation
import Postgres
import TestSupport
import Testing

/// Feed file to sealed leaf beside binary COPY of the same finished rows (`make bench`).
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["KVITT_BENCH"] != nil))
struct BenchTests {
  private struct Cost {
    var wall: Double
    var client: Double
    var server: Double
    var cpu: Double { client + server }
  }

  private var scale: Int {
    Int(ProcessInfo.processInfo.environment["KVITT_SCALE"] ?? "") ?? 1_000_000
  }

  @Test func `feed file to sealed leaf beside COPY of the finished rows into live indexes`() throws
  {
    let sandbox = Sandbox("bench")
    try? sandbox.remove()
    defer { try? sandbox.remove() }
    try sandbox.prepare(standing: false)
    let members = 50_000
    var text = "card_token;member_ref\n"
    for index in 0..<members { text += "ca_\(index);\(index + 1)\n" }
    try sandbox.kvitt(
      "member",
      "import",
      sandbox.write(text, "files/members.csv"),
      "--programme",
      "northbank-cashback"
    )
    var ours: [Cost] = []
    var theirs: [Cost] = []
    for round in 1...5 {
      let path = try feed(sandbox, round, members)
      ours.append(
        try measured(sandbox) {
          let taken = try sandbox.kvitt(
            "ingest",
            "take",
            path,
            "--feed",
            "northbank-cards",
            "--business-date",
            "2026-09-30"
          )
          #expect(taken.status == 0, "\(taken.errors)")
        }
      )
      try FileManager.default.removeItem(atPath: path)
      theirs.append(try copied(sandbox, round))
    }
    let commit = try shell("git -C \(repository) rev-parse --short HEAD").output
    print("bench: \(scale) records a file, 5 rounds interleaved, commit \(commit)", terminator: "")
    print("bench: fsync, checksums and wal_level replica on; CPU = client + server")
    for (name, costs) in [("file to sealed leaf", ours), ("COPY, live indexes", theirs)] {
      print(
        String(
          format: "bench: %@  CPU %.2f s (client %.2f, server %.2f)  wall %.2f s",
          name,
          median(costs.map(\.cpu)),
          median(costs.map(\.client)),
          median(costs.map(\.server)),
          median(costs.map(\.wall))
        )
      )
    }
    print(
      String(
        format: "bench: COPY / kvitt = %.2f in CPU, %.2f in wall",
        median(theirs.map(\.cpu)) / median(ours.map(\.cpu)),
        median(theirs.map(\.wall)) / median(ours.map(\.wall))
      )
    )
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  private func feed(_ sandbox: Sandbox, _ round: Int, _ members: Int) throws -> String {
    let path = sandbox.home + "/files/bench-\(round).csv"
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    var text =
      "type;reference;original_ref;reversal;card_token;amount_minor;currency;billing_minor;"
    text += "billing_currency;mcc;merchant_id;merchant_name;local_time\n"
    var state = UInt64(round)
    var debit = 0
    for index in 0..<scale {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let amount = 100 + Int(state >> 50)
      debit += amount
      text +=
        "purchase;ARN\(state >> 8);;0;ca_\(Int(state >> 33) % members);\(amount);EUR;\(amount);"
      text += "EUR;5411;M-\(state >> 57);Shop \(index % 97);2026-09-0\(round)T12:00:00+02:00\n"
      if text.utf8.count > 1 << 20 {
        try file.write(contentsOf: Data(text.utf8))
        text = ""
      }
    }
    text += "#total;EUR;\(scale);\(debit);0\n#end;\(scale);\(round)\n"
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
    return path
  }

  /// Binary COPY of the rows that kvitt made into plain tables with the same live indexes.
  private func copied(_ sandbox: Sandbox, _ round: Int) throws -> Cost {
    let admin = try sandbox.administrator()
    let batch = try admin.run("SELECT max(batch_id) FROM kvitt.file").first?.int(0) ?? 0
    let folder = sandbox.home + "/cluster"
    for part in ["purchase", "reward"] {
      try admin.run(
        Query(
          trusted: "COPY (SELECT * FROM kvitt.\(part) WHERE batch_id = \(batch) ORDER BY seq) "
            + "TO '\(folder)/\(part).bin' (FORMAT binary)"
        )
      )
      try admin.run(Query(trusted: "CREATE TABLE public.\(part)_\(round) (LIKE kvitt.\(part))"))
      try admin.run(Query(trusted: "CREATE UNIQUE INDEX ON public.\(part)_\(round) (seq)"))
    }
    try admin.run(Query(trusted: "CREATE UNIQUE INDEX ON public.purchase_\(round) (identity)"))
    try admin.run(Query(trusted: "CREATE INDEX ON public.reward_\(round) (member_id)"))
    let socket = try sandbox.cluster.socketFolder
    let cost = try measured(sandbox) {
      let done = try shell(
        """
        psql -q -h \(socket) -U kvitt_admin kvitt -v ON_ERROR_STOP=1 <<'X'
        BEGIN;
        \\copy public.purchase_\(round) from '\(folder)/purchase.bin' (format binary)
        \\copy public.reward_\(round) from '\(folder)/reward.bin' (format binary)
        COMMIT;
        X
        """
      )
      #expect(done.status == 0, "\(done.errors)")
    }
    try admin.run(Query(trusted: "DROP TABLE public.purchase_\(round), public.reward_\(round)"))
    return cost
  }

  /// Wall time, CPU of our children, and CPU of the server's finished processes.
  private func measured(_ sandbox: Sandbox, _ body: () throws -> Void) throws -> Cost {
    let before = (children(), try server(sandbox), Date())
    try body()
    Thread.sleep(forTimeInterval: 0.3)
    return Cost(
      wall: Date().timeIntervalSince(before.2) - 0.3,
      client: children() - before.0,
      server: try server(sandbox) - before.1
    )
  }

  private func children() -> Double {
    var usage = rusage()
    getrusage(Int32(RUSAGE_CHILDREN.rawValue), &usage)
    let seconds = { (time: timeval) in Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// CPU of the server processes that ended, as their parent counts it.
  private func server(_ sandbox: Sandbox) throws -> Double {
    let file = try String(
      contentsOfFile: sandbox.home + "/cluster/data/postmaster.pid",
      encoding: .utf8
    )
    let pid = file.split(separator: "\n").first ?? ""
    let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
    let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
    let ticks = fields[14...15].compactMap { Double($0) }.reduce(0, +)
    return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
