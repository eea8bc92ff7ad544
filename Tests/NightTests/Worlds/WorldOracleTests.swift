import Foundation
import TestSupport
import Testing

/// Random terms and facts through whole nights, against an oracle that knows what terms mean and nothing of the engine.
@Suite(.serialized) struct WorldOracleTests {
  private static let installation = Result { try WorldInstallation("worlds") }

  private var isCampaign: Bool {
    ProcessInfo.processInfo.environment["KVITT_CAMPAIGN"] != nil
  }

  @Test func `worlds of random terms are booked as they mean, after every night`() throws {
    let environment = ProcessInfo.processInfo.environment
    let seed = UInt64(environment["KVITT_SEED"] ?? "") ?? 20_261_130
    let count = Int(environment["KVITT_WORLDS"] ?? "") ?? (isCampaign ? 1_000 : 150)
    print("world oracle: \(count) of 1,000 worlds, seed \(seed)")
    let placed = (0..<count).map {
      PlacedWorld(tag: "w\($0)", world: WorldGenerator.world(seed &+ UInt64($0)))
    }
    let coverage = WorldCoverage(placed.map(\.world))
    print("world oracle: keys in worlds: \(coverage.text)")
    print("world oracle: no world has \(WorldCoverage.without.joined(separator: ", "))")
    #expect(coverage.missing.isEmpty || count < 100, "\(coverage.missing)")
    var complaints: [String: [WorldComplaint]] = [:]
    let installation = try WorldOracleTests.installation.get()
    do {
      try installation.run(placed) { night, books in
        for (tag, found) in WorldJudge.complaints(placed, night, books)
        where complaints[tag] == nil {
          complaints[tag] = found
        }
      }
    } catch let stop as WorldStop {
      Issue.record("\(stop)")
    }
    print("world oracle: \(complaints.count) worlds differ")
    // The first of each kind of rule and complaint is cut to its least.
    var seen: Set<String> = []
    let failing = placed.compactMap { one -> WorldShrinker.Failing? in
      guard let first = complaints[one.tag]?.first else { return nil }
      let rules = Set(one.world.rules.map { $0.kind.rawValue }).sorted().joined()
      guard seen.insert("\(first.kind) \(rules)").inserted else { return nil }
      return WorldShrinker.Failing(
        world: one.world.plain(first.order),
        kind: first.kind,
        complaints: complaints[one.tag] ?? []
      )
    }
    let smallest = try WorldShrinker(installation: installation)
      .shrink(Array(failing.prefix(6)), rounds: Int(environment["KVITT_SHRINK"] ?? "") ?? 14)
    for one in smallest {
      let text = one.complaints.prefix(5).map(\.description).joined(separator: "\n")
      Issue.record("\(text)\n\(one.world)")
    }
  }
}
