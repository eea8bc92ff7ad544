import Reports
import Postgres
import Ledger
import Terms
import ArgumentParser
import Civil
import Formats
import Foundation
import Intake
import Journal
import Settlement
import Simulator

/// A throw-away installation that is about something.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "A private database with 60 business days of four partners in it.",
    discussion: """
      Example: kvitt demo
      Run again it says what stands; --fresh starts over; kvitt demo stop ends its server.
      """,
    subcommands: [Start.self, Stop.self],
    defaultSubcommand: Start.self
  )

  /// Fills and shows the demo.
  struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Fill the demo, or say what stands.",
      discussion: "Example: kvitt demo start --fresh --nights 10"
    )

    @OptionGroup var workplace: Workplace

    @Flag(help: "Start over.")
    var fresh = false

    @Option(help: "Number of business days.")
    var nights = 60

    @Option(help: "Seed of the world.")
    var seed: UInt64 = 1

    @Option(help: "Members of the world.")
    var members = World.membersStandard

    @Option(help: "Records of an ordinary night.")
    var records = World.recordsStandard

    func run() async throws {
      if fresh { try await remove() }
      let began = Date()
      let store = WorldStore(workplace)
      if let world = try store.load(), world.night >= nights {
        say("The demo stands in \(workplace.folder) with \(world.night) nights.")
      } else {
        try await fill(store)
        say("Filled in \(Int(Date().timeIntervalSince(began).rounded())) s.")
      }
      try await closingScreen()
    }

    private func remove() async throws {
      _ = try? await workplace.cluster().stop()
      for part in ["cluster", "inbox", "outbox", "keys", "world"] {
        try? FileManager.default.removeItem(atPath: workplace.folder + "/" + part)
      }
    }

    private func fill(_ store: WorldStore) async throws {
      say("Demo in \(workplace.folder): private PostgreSQL, \(nights) nights, seed \(seed)")
      try await workplace.prepare()
      var world =
        try store.load()
        ?? World(
          seed: seed,
          members: members,
          recordsPerNight: records
        )
      guard var date = CivilDate("2026-08-31") else { return }
      let finance = try await workplace.books(.finance, login: "anna")
      let second = try await workplace.books(.finance, login: "bo")
      if world.night == 0 { try setUp(store, world, finance, second) }
      let nightly = try await workplace.books(.ingest, login: "kvitt_nightly")
      var missed: [CivilDate] = []
      for night in 1...nights {
        while date.weekday > 5 { date = date.adding(days: 1) }
        defer { date = date.adding(days: 1) }
        if night <= world.night { continue }
        _ = try store.live(&world, date)
        for cure in world.cureFiles() {
          let file = try MemberFile(
            bytes: cure.bytes,
            name: "\(cure.programme)-\(date.compact).csv"
          )
          for person in [finance, second] {
            _ = try person.enrol(file, in: cure.programme, on: date)
          }
        }
        try plant(night, date)
        missed.append(date)
        // One night is missed; the next one catches up.
        if night == 30, nights > 30 { continue }
        for day in missed { _ = try Night(books: nightly, workplace: workplace, date: day).run() }
        missed = []
        if night % 20 == 0 || night == nights { try store.save(world) }
      }
    }

    /// Terms, members, keys and standing approvals of two people.
    private func setUp(
      _ store: WorldStore,
      _ world: World,
      _ finance: Books,
      _ second: Books
    ) throws {
      let examples = try readTerms(exampleTerms())
      for person in [finance, second] { _ = try applyTerms(examples, person) }
      try store.writeMembers(world.memberFiles)
      for file in world.memberFiles.sorted(by: { $0.programme < $1.programme }) {
        let cards = try MemberFile(bytes: file.bytes, name: "\(file.programme).csv")
        let today = Instant.now().date
        for person in [finance, second] {
          _ = try person.enrol(cards, in: file.programme, on: today)
        }
      }
      guard let from = CivilDate("2026-01-01"), let to = CivilDate("2036-01-01") else { return }
      try KeyFolder(path: workplace.keys).create(name: "Northbank", from: from, to: to)
      try store.makeKeys()
      let terms = try TermsInForce(finance)
      for partner in terms.directory.partners {
        let signer = try readSigner(InputFile(path: store.partnerCertificate).contents())
        for person in [finance, second] { _ = try enrol(signer, of: partner, person) }
        guard let agreed = terms.partners[partner.id] else { continue }
        let id = try finance.prepareStanding(
          partner: partner.id,
          currency: agreed.currency.code,
          account: agreed.account,
          limits: StandingLimits(
            toPartner: 100_000_000,
            toIssuer: 100_000_000,
            monthToPartner: 400_000_000,
            monthToIssuer: 400_000_000
          ),
          expires: to
        )
        if let standing = try second.standings().first(where: { $0.id == id }) {
          try second.approveStanding(standing)
        }
      }
    }

    /// A feed file that comes twice under another name.
    private func plant(_ night: Int, _ date: CivilDate) throws {
      guard night == 20 else { return }
      let folder = workplace.inbox + "/feeds/northbank-cards"
      let bytes = try InputFile(path: "\(folder)/cards-\(date.compact).csv").contents()
      try writeFile(bytes, at: "\(folder)/cards-\(date.compact)-again.csv")
    }

    private func closingScreen() async throws {
      let books = try await workplace.books(.read)
      let directory = try books.directory()
      let last = try books.lastSettled() ?? Instant.now().date
      say("")
      say(try statusTable(books).rendered(.table))
      say(proofTable(try books.proofs(through: last), directory).rendered(.table))
      let breaks = try books.breaks(openOnly: true)
      say(
        breakTable(breaks, last, try TermsInForce(books).calendars.values.first)
          .rendered(.table)
      )
      say("Four eyes shows its mechanism only: one account of this machine holds both logins.")
      say("Try next:")
      say("  kvitt report liability")
      say("  kvitt breaks show \(breaks.last?.id ?? "B-1001")")
      say("  kvitt ledger check")
    }
  }

  /// Stops the demo's server.
  struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop the demo's server; its data stays.",
      discussion: "Example: kvitt demo stop"
    )

    @OptionGroup var workplace: Workplace

    func run() async throws {
      say(try await workplace.cluster().stop() ? "stopped" : "was not running")
    }
  }
}
