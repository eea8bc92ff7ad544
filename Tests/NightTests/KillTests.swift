import Foundation
import Postgres
import TestSupport
import Testing

/// SIGKILL of `kvitt nightly` at random points, compared with a twin that was never disturbed.
@Suite(.serialized) struct KillCampaign {
  private struct Tally {
    var kills = 0
    var inside = 0
  }

  private var wanted: Int {
    ProcessInfo.processInfo.environment["KVITT_CAMPAIGN"] == nil ? 30 : 300
  }

  @Test func `killed nights end in the same books, files and first signatures`() throws {
    let calm = Sandbox("calm")
    let hurt = Sandbox("hurt")
    try? calm.remove()
    try? hurt.remove()
    defer {
      try? calm.remove()
      try? hurt.remove()
    }
    var seed = UInt64(ProcessInfo.processInfo.environment["KVITT_SEED"] ?? "") ?? 20_261_122
    print("kill campaign: \(wanted) kills, seed \(seed)")
    let killsANight = wanted > 100 ? 6 : 3
    var dates = Dates()
    for sandbox in [calm, hurt] { try sandbox.prepare() }
    var tally = Tally()
    var isFirst = true
    while tally.kills < wanted {
      let date = dates.next()
      try live(date, calm, hurt, isFirst: isFirst)
      isFirst = false
      let began = Date()
      let normal = try calm.kvitt("nightly", "--business-date", date)
      #expect([0, 10].contains(normal.status), "\(normal.errors)")
      let span = Date().timeIntervalSince(began)
      for _ in 0..<killsANight {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let share = Double(seed >> 40) / Double(1 << 24)
        // Start-up and the end of the process are left out: kills shall fall into the work.
        try killed(hurt, date, after: span * (0.15 + 0.6 * share))
        tally.kills += 1
        tally.inside += try isInside(hurt, date) ? 1 : 0
      }
      let signatures = try signatures(hurt)
      let again = try hurt.kvitt("nightly", "--business-date", date)
      #expect([0, 10].contains(again.status), "\(date): \(again.output)\(again.errors)")
      #expect(try hurt.state(through: date) == calm.state(through: date), "\(date)")
      for (file, body) in signatures { #expect(try self.signatures(hurt)[file] == body) }
      try sameSignaturesOnDisk(hurt)
    }
    let share = tally.inside * 100 / tally.kills
    print(
      "kill campaign: \(tally.kills) kills, \(share) % between the first row and the last rename"
    )
    #expect(share >= 30)
    #expect(try hurt.kvitt("ledger", "check").status == 0)
  }

  /// The twins share one world: the second gets copies of the first one's files.
  private func live(_ date: String, _ calm: Sandbox, _ hurt: Sandbox, isFirst: Bool) throws {
    let lived = try calm.kvitt(
      ["simulate", "--business-date", date, "--members", "240", "--records", "200"])
    #expect(lived.status == 0, "\(lived.errors)")
    try shell(
      "mkdir -p \(hurt.home)/inbox \(hurt.home)/world; cp -r \(calm.home)/inbox/. \(hurt.home)/inbox/; "
        + "find \(hurt.home)/inbox -path '*/taken/*' -newer \(hurt.home)/keys -delete; "
        + "cp -r \(calm.home)/world/. \(hurt.home)/world/"
    )
    guard isFirst else { return }
    for sandbox in [calm, hurt] {
      try sandbox.enrolWorld()
      try sandbox.giveStandings()
    }
  }

  private func killed(_ sandbox: Sandbox, _ date: String, after seconds: Double) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["nightly", "--business-date", date]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["KVITT_HOME": sandbox.home]) { _, new in new }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    Thread.sleep(forTimeInterval: seconds)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Whether the run has begun and not finished: between the first row and the last rename.
  private func isInside(_ sandbox: Sandbox, _ date: String) throws -> Bool {
    let row = try sandbox.administrator().run(
      """
      SELECT EXISTS (SELECT FROM kvitt.run WHERE business_date = \(date)::date)
         AND NOT EXISTS (SELECT FROM kvitt.run_event
                          WHERE business_date = \(date)::date AND state = 'finished')
      """
    )
    return try row.first?.bool(0) ?? false
  }

  private func signatures(_ sandbox: Sandbox) throws -> [String: [UInt8]] {
    var out: [String: [UInt8]] = [:]
    for row in try sandbox.administrator().run(
      "SELECT file, body FROM kvitt.signature"
    ) {
      out[try row.string(0)] = try row.bytes(1)
    }
    return out
  }

  /// Every signature file of the outbox is the one that the books keep.
  private func sameSignaturesOnDisk(_ sandbox: Sandbox) throws {
    let kept = Set(try signatures(sandbox).values)
    let files = try shell("find \(sandbox.home)/outbox -name '*.p7s'").output.split(separator: "\n")
    #expect(!files.isEmpty)
    for file in files {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: String(file))))
      #expect(kept.contains(bytes), "\(file)")
    }
    let halves = try shell("find \(sandbox.home)/outbox -name '*.part'").output
    #expect(halves.isEmpty, "\(halves)")
  }
}

/// Business days from 2026-08-31 on, weekends left out.
struct Dates {
  private var day =
    DateComponents(
      calendar: Calendar(identifier: .iso8601),
      timeZone: TimeZone(identifier: "UTC"),
      year: 2026,
      month: 8,
      day: 30
    ).date ?? Date()

  mutating func next() -> String {
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = TimeZone(identifier: "UTC") ?? .current
    repeat { day = day.addingTimeInterval(86_400) } while calendar.isDateInWeekend(day)
    let parts = calendar.dateComponents([.year, .month, .day], from: day)
    return String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
  }
}
