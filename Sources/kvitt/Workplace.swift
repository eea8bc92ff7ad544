import ArgumentParser
import Civil
import Formats
import Foundation
import Intake
import Journal
import Ledger
import Postgres
import Reports
import Settlement
import Terms

/// Where a command works: its database, its folders, its login.
struct Workplace: ParsableArguments {
  @Option(help: "Connection words such as \"host=/run/postgresql dbname=kvitt\" (or KVITT_DB).")
  var db: String?

  @Option(help: "Folder with inbox, outbox and keys (or KVITT_HOME).")
  var home: String?

  /// The folder of the installation.
  var folder: String {
    home ?? environment("KVITT_HOME") ?? "/var/tmp/kvitt-\(getuid())"
  }

  var inbox: String { folder + "/inbox" }
  var outbox: String { folder + "/outbox" }
  var keys: String { folder + "/keys" }

  /// People that the private cluster knows as logins; there they show the mechanism only.
  static let people = ["anna", "bo"]

  /// The books in a role, as the login of the command.
  ///
  /// The login is `KVITT_LOGIN`, or else the connection's under `--db`, and on the private cluster, which is
  /// started where it does not run, the default of the command.
  func books(_ role: BookRole, login: String? = nil) async throws -> Books {
    try Books(try await parameters(login: login ?? defaultLogin(role)), role: role)
  }

  private func defaultLogin(_ role: BookRole) -> String {
    switch role {
    case .ingest, .settle: "kvitt_nightly"
    case .redeem: "kvitt_service"
    default: "anna"
    }
  }

  /// Connection parameters of a login.
  ///
  /// - Parameter login: Who works where neither `KVITT_LOGIN` nor connection words say it.
  /// - Returns: Parameters of libpq.
  /// - Throws: `Refusal` where the folder holds no installation: a folder that was mistyped must not become
  ///   an empty one that looks as if all were well. `ClusterError` where the server does not start.
  func parameters(login: String) async throws -> [String: String] {
    let named = environment("KVITT_LOGIN")
    if let text = db ?? environment("KVITT_DB") {
      return try ConnectionWords(text, login: named).parameters
    }
    let cluster = try cluster()
    if !cluster.isAnswering {
      guard cluster.isMade else {
        throw Refusal(
          .databaseDown,
          "\(folder) holds no installation",
          hint: "kvitt db migrate makes one there; --home and KVITT_HOME name another folder"
        )
      }
      try await prepare()
    }
    return cluster.parameters(user: named ?? login, database: "kvitt")
  }

  /// The private cluster of this installation.
  func cluster() throws -> Cluster {
    try Cluster(folder: folder + "/cluster")
  }

  /// Starts the private cluster, and makes its books where there are none.
  ///
  /// - Parameter isMigrating: Whether books that stand are brought up to date too.
  /// - Returns: The files of the schema that were applied.
  /// - Throws: `Refusal`, `ClusterError` or `DatabaseError`.
  @discardableResult
  func prepare(isMigrating: Bool = false) async throws -> [String] {
    let cluster = try cluster()
    try makeHome()
    try await cluster.start(logins: Workplace.people + ["kvitt_nightly", "kvitt_service"])
    let server = try Connection(
      cluster.parameters(user: cluster.superuser, database: "postgres")
    )
    try makeRoles(server, people: Workplace.people)
    if try server.run("SELECT FROM pg_database WHERE datname = 'kvitt'").count == 0 {
      try server.run("CREATE DATABASE kvitt")
    }
    let books = try Connection(cluster.parameters(user: cluster.superuser, database: "kvitt"))
    let isDue = try isMigrating || Schema.current.compared(with: books).isMissing
    return isDue ? try Schema.current.migrate(books) : []
  }

  /// Makes the installation's folder where it is missing.
  ///
  /// Others may pass it, as the server's account must; what lies in it they may not read.
  func makeHome() throws {
    try makeFolder(folder, mode: 0o755)
  }
}

/// An environment variable, nil where unset or empty.
func environment(_ name: String) -> String? {
  ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
}

/// `-O` of every command that reads.
struct OutputOptions: ParsableArguments {
  @Option(name: [.customShort("O"), .customLong("output")], help: "table, csv or json.")
  var format: OutputFormat = .table

  /// Prints a report.
  func show(_ table: Table) {
    say(table.rendered(format), terminator: "")
  }

  /// Prints a report of at most so many rows, and says where there are more.
  ///
  /// A list that ends early must not look like all there is. Beside CSV and JSON standard error says it.
  ///
  /// - Parameters:
  ///   - limit: Rows that are shown at most.
  ///   - rows: Reads at most so many rows; asked for one more than is shown.
  ///   - table: Makes the report of rows.
  /// - Throws: `Refusal` of a limit that is no number of rows, and what the closures throw.
  func show<Row>(
    upTo limit: Int,
    _ rows: (Int) throws -> [Row],
    _ table: ([Row]) throws -> Table
  ) throws {
    guard (1...1_000_000_000).contains(limit) else {
      throw Refusal(.usage, "--limit \(limit) is no number of rows", hint: "1 or more")
    }
    let found = try rows(limit + 1)
    var report = try table(Array(found.prefix(limit)))
    if found.count > limit {
      let note = "only \(limit) rows are shown and there are more: --limit shows more"
      if format == .table { report.notes.append(note) } else { complain(note) }
    }
    show(report)
  }
}

extension OutputFormat: ExpressibleByArgument {}

extension CivilDate: ExpressibleByArgument {
  /// Reads `yyyy-mm-dd`.
  public init?(argument: String) {
    self.init(argument)
  }
}

extension JournalFormat: ExpressibleByArgument {}

/// The candidate that a misspelt name probably meant.
func nearestName(_ word: String, in names: [String]) -> String? {
  nearest(word, in: names)
}

extension TermsInForce {
  /// The partner of a code; an unknown one is an error with the nearest name.
  func knownPartner(_ code: String) throws -> PartnerEntry {
    if let partner = directory.partner(code) { return partner }
    throw unknown("partner", code, directory.partners.map(\.code))
  }
}

extension Books {
  /// A business day for a run that begins now, under the terms in force.
  func day(_ date: CivilDate) throws -> BookDay {
    BookDay(books: self, terms: try TermsInForce(self), date: date, recordedAt: .now())
  }

  /// The member of a card and the programme; an unknown card is an error.
  func knownMember(ofCard token: String) throws -> (member: Int64, programme: Int16) {
    if let member = try members(ofTokens: [token])[token] { return member }
    throw unknown("card", token, [])
  }

  /// Whose rewards a card uses: its member's, or of the member that one was joined to.
  func owner(ofCard token: String) throws -> (member: Int64, programme: Int16) {
    let known = try knownMember(ofCard: token)
    return (try merged([known.member])[known.member] ?? known.member, known.programme)
  }
}

/// The refusal of a name that does not exist: never a zero, always the nearest one.
func unknown(_ what: String, _ name: String, _ candidates: [String]) -> Refusal {
  let near = nearestName(name, in: candidates)
  return Refusal(
    .unknownName,
    "no \(what) \"\(shown(name))\"",
    hint: near.map { "did you mean \($0)?" }
      ?? (candidates.isEmpty
        ? "nothing of that name stands in the books"
        : "known: \(candidates.prefix(12).joined(separator: ", "))")
  )
}

/// A quantity of a unit for a cell, with the unit's decimals.
func quantity(_ parts: Int64, of unit: String, _ directory: Directory) throws -> Cell {
  guard let entry = directory.unit(unit) else {
    throw unknown("unit", unit, directory.units.map(\.code))
  }
  return .money(parts, exponent: entry.exponent)
}

/// An amount of a currency for a cell.
func money(_ minor: Int64, _ currency: String) -> Cell {
  .money(minor, exponent: Currency(code: currency.utf8)?.exponent ?? 0)
}
