import ArgumentParser
import Civil
import Formats
import Foundation
import Settlement
import Signing
import Simulator

/// The simulator: a seeded bank with its partners.
struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Live one business day of a seeded bank: feeds, tills, answers, bank statements.",
    discussion: """
      Example: kvitt simulate --business-date 2026-09-01 --seed 7
      Writes the day's files into the inbox, reads the outbox to answer statements, keeps its world
      in world/world.json, corrected member numbers in world/cures, and the truth, computed without the engine, in world/truth.json.
      """
  )

  @OptionGroup var workplace: Workplace

  @Option(help: "Business date; dates must rise.")
  var businessDate: CivilDate

  @Option(help: "Seed of a new world.")
  var seed: UInt64 = 1

  @Option(help: "Members of a new world.")
  var members = World.membersStandard

  @Option(help: "Records of an ordinary night in a new world.")
  var records = World.recordsStandard

  func run() async throws {
    try workplace.makeHome()
    let store = WorldStore(workplace)
    var world =
      try store.load()
      ?? World(
        seed: seed,
        members: members,
        recordsPerNight: records
      )
    let isNew = world.night == 0
    if isNew { try store.writeMembers(world.memberFiles) }
    let written = try store.live(&world, businessDate)
    for cure in world.cureFiles() {
      let path = "\(workplace.folder)/world/cures"
      try makeFolder(path)
      try writeFile(cure.bytes, at: "\(path)/\(cure.programme)-\(businessDate.compact).csv")
    }
    try store.save(world)
    say("\(businessDate): night \(world.night), \(written) files in \(workplace.inbox)")
  }
}

/// The world of an installation on disk.
struct WorldStore {
  private let workplace: Workplace

  init(_ workplace: Workplace) {
    self.workplace = workplace
  }

  private var folder: String { workplace.folder + "/world" }

  /// The partners' keys: one signer stands for all of them.
  var partnerKeys: KeyFolder { KeyFolder(path: folder + "/partner-keys") }

  /// Path of the partners' certificate.
  var partnerCertificate: String { folder + "/partner-keys/signer.pem" }

  /// The world that was kept, nil where there is none.
  func load() throws -> World? {
    let path = folder + "/world.json"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try JSONDecoder().decode(World.self, from: Data(InputFile(path: path).contents()))
  }

  /// Keeps the world and its truth.
  func save(_ world: World) throws {
    try makeFolder(folder)
    try writeFile(Array(try JSONEncoder().encode(world)), at: folder + "/world.json")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try writeFile(Array(try encoder.encode(Truth(world))), at: folder + "/truth.json")
  }

  /// Writes the member files of a new world.
  func writeMembers(_ files: [(programme: String, bytes: [UInt8])]) throws {
    try makeFolder(folder + "/members")
    for file in files {
      try writeFile(file.bytes, at: folder + "/members/\(file.programme).csv")
    }
  }

  /// Lives a day and writes its files; the partners' keys are made where they are missing.
  ///
  /// - Returns: Number of files.
  func live(_ world: inout World, _ date: CivilDate) throws -> Int {
    try makeKeys()
    var following = date.adding(days: 1)
    while following.weekday > 5 { following = following.adding(days: 1) }
    let files: [WorldFile]
    do {
      files = try world.live(
        date,
        next: following,
        folders: WorldFolders(inbox: workplace.inbox, outbox: workplace.outbox),
        key: partnerKeys.signingKey(on: date)
      )
    } catch let failure as SigningFailure {
      throw Refusal(.keyProblem, failure.description)
    }
    for file in files {
      let path = workplace.inbox + "/" + file.path
      try makeFolder(
        path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
          .joined(separator: "/")
      )
      try writeFile(file.bytes, at: path)
    }
    return files.count
  }

  /// Makes the partners' keys where they are missing.
  func makeKeys() throws {
    guard !FileManager.default.fileExists(atPath: partnerCertificate),
      let from = CivilDate("2026-01-01"), let to = CivilDate("2036-01-01")
    else { return }
    try makeFolder(folder)
    try partnerKeys.create(name: "Partners", from: from, to: to)
  }
}

/// What is true after a night, for comparison from outside.
private struct Truth: Encodable {
  let night: Int
  let balances: [String: [String: Int64]]
  let positions: [String: Int64]
  let breaks: [String: [Int64]]
  let surprises: [String]

  init(_ world: World) {
    night = world.night
    balances = world.trueBalances
    positions = world.truePositions
    breaks = world.trueBreaks
    surprises = world.surprises
  }
}
