import Foundation
import Postgres
import TestSupport

/// What a piece of work cost: our programs and the server apart.
struct Cost {
  var wall: Double
  var client: Double
  var server: Double
  var cpu: Double { client + server }

  /// Runs the body; CPU of our child processes and of the server's finished ones.
  ///
  /// A checkpoint comes first, as hours without work bring it in life: else each measurement pays for writing
  /// what the one before left in the server's memory.
  static func measured(_ sandbox: Sandbox, _ body: () throws -> Void) throws -> Cost {
    try sandbox.administrator().run("CHECKPOINT")
    let before = (children(), try server(sandbox), Date())
    try body()
    Thread.sleep(forTimeInterval: 0.3)
    return Cost(
      wall: Date().timeIntervalSince(before.2) - 0.3,
      client: children() - before.0,
      server: try server(sandbox) - before.1
    )
  }

  /// Seconds of CPU of the processes that we started and that ended.
  static func children() -> Double {
    var usage = rusage()
    getrusage(Int32(RUSAGE_CHILDREN.rawValue), &usage)
    let seconds = { (time: timeval) in Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// Largest resident size in MB of any process that we started and that ended.
  static func largestChild() -> Int {
    var usage = rusage()
    getrusage(Int32(RUSAGE_CHILDREN.rawValue), &usage)
    return usage.ru_maxrss / 1024
  }

  /// CPU of the server processes that ended, as their parent counts it.
  private static func server(_ sandbox: Sandbox) throws -> Double {
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

/// Memory in use but for 4 GB, for as long as the process lives.
///
/// A server's memory is full of what it read and wrote. Of a machine that has more than it uses, every new page of a
/// file is taken from memory that nobody touched for a while: where a host gives such memory to others that made
/// the server's time half as long again, now for one competitor, now for the other.
enum MemoryInUse {
  /// Bytes that a process of its own holds: it ends with this one, which its input tells it.
  static let bytes: Int = {
    let holder = Process()
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    holder.arguments = [
      "python3", "-c",
      """
      import sys
      lines = open("/proc/meminfo").read().splitlines()
      free = next(int(l.split()[1]) for l in lines if l.startswith("MemAvailable:")) * 1024
      held = bytearray(b"1") * max(0, free - 4_000_000_000)
      print(len(held), flush=True)
      sys.stdin.read()
      """,
    ]
    let output = Pipe()
    (holder.standardInput, holder.standardOutput) = (Pipe(), output)
    guard (try? holder.run()) != nil else { return 0 }
    let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    return Int(text.split(separator: "\n").first ?? "") ?? 0
  }()
}

/// The middle of some numbers.
func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// A generated day of a bank's feed.
struct BenchFeed {
  let members: Int
  private var state: UInt64

  init(members: Int, seed: Int) {
    self.members = members
    state = UInt64(seed) &* 7_919 &+ 11
  }

  private mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 11
  }

  /// Writes kvitt's own CSV: one row in sixteen is of a category that earns nothing, one in fifty
  /// is a partial refund of an earlier row of the file.
  mutating func write(
    _ path: String,
    rows: Int,
    day: String,
    sequence: Int,
    refunds: Bool = true
  )
    throws
  {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    var text =
      "type;reference;original_ref;reversal;card_token;amount_minor;currency;billing_minor;"
    text += "billing_currency;mcc;merchant_id;merchant_name;local_time\n"
    var (debit, credit) = (0, 0)
    var last: (reference: String, card: Int, amount: Int) = ("", 0, 0)
    for index in 0..<rows {
      let dice = next()
      let tail = ";EUR;\(dice % 16 == 0 ? 6011 : 5411);M-\(dice >> 20 & 127);Shop \(index % 97);"
      let time = "\(day)T\(10 + dice % 12):\(10 + dice >> 4 % 50):00+02:00\n"
      if refunds, dice % 50 == 1, !last.reference.isEmpty {
        let amount = last.amount / 2
        credit += amount
        text +=
          "refund;RF\(dice);\(last.reference);0;ca_\(last.card);\(amount);EUR;\(amount)\(tail)\(time)"
        last.reference = ""
        continue
      }
      let amount = 100 + Int(dice >> 8 % 9_900)
      let card = Int(next() % UInt64(members))
      let reference = "ARN\(next())"
      debit += amount
      text += "purchase;\(reference);;0;ca_\(card);\(amount);EUR;\(amount)\(tail)\(time)"
      last = (reference, card, amount)
      if text.utf8.count > 1 << 20 {
        try file.write(contentsOf: Data(text.utf8))
        text = ""
      }
    }
    text += "#total;EUR;\(rows);\(debit);\(credit)\n#end;\(rows);\(sequence)\n"
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
  }
}

extension Sandbox {
  /// An installation with so many cards.
  func prepareBench(members: Int) throws {
    print("bench: \(MemoryInUse.bytes / 1_000_000) MB of memory are held")
    try? remove()
    try prepare()
    // The server's own memory is in use as well: a new page pushes an old one out, in the first night as in the last.
    let admin = try administrator()
    for sql in [
      "CREATE TABLE public.held AS SELECT repeat('x', 1000) FROM generate_series(1, 600000)",
      "CREATE EXTENSION pg_prewarm", "SELECT pg_prewarm('public.held')",
    ] { try admin.run(Query(trusted: sql)) }
    var text = "card_token;member_ref\n"
    for index in 0..<members { text += "ca_\(index);\(index + 1)\n" }
    let path = try write(text, "files/members.csv")
    try together("member", "import", path, "--programme", "northbank-cashback")
  }
}
