import ArgumentParser
import Civil
import Formats
import Journal
import Postgres

/// The database.
struct DatabaseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "db",
    abstract: "Migrate the database, print the role script.",
    discussion: "Example: kvitt db migrate --db \"host=/run/postgresql dbname=kvitt user=admin\"",
    subcommands: [Migrate.self, Roles.self, Compact.self, Stop.self]
  )

  /// Applies migrations.
  struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Bring the database to this kvitt's schema, as an administrator.",
      discussion: """
        Example: kvitt db migrate
        All of it or nothing is applied. Books that a newer kvitt brought up to date are refused.
        """
    )

    @OptionGroup var workplace: Workplace

    func run() async throws {
      guard workplace.db != nil || environment("KVITT_DB") != nil else {
        try show(
          await workplace.prepare(isMigrating: true),
          "private cluster in \(workplace.folder): "
        )
        return
      }
      let parameters = try await workplace.parameters(login: "")
      try show(Schema.current.migrate(Connection(parameters)), "")
    }

    private func show(_ applied: [String], _ place: String) {
      guard !applied.isEmpty else { return say("\(place)up to date") }
      let isNew = applied.contains { $0.hasPrefix("tables/") }
      say(
        "\(place)\(isNew ? "made" : "brought up to date"), \(applied.count) files of the schema"
      )
      if !isNew { for path in applied { say("  \(path)") } }
    }
  }

  /// Prints the role script.
  struct Roles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the administrator's script that makes the roles.",
      discussion: "Example: kvitt db roles | psql postgres"
    )

    func run() async throws {
      say(Schema.roles, terminator: "")
    }
  }

  /// Merges leaves.
  struct Compact: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Merge the sealed leaves of earlier dates; digests are checked before and after.",
      discussion: "Example: kvitt db compact --before 2026-11-01"
    )

    @OptionGroup var workplace: Workplace

    @Option(help: "Business date; leaves of earlier dates are merged.")
    var before: CivilDate

    func run() async throws {
      let books = try await workplace.books(.settle)
      say("\(try books.compact(before: before)) rows merged")
    }
  }

  /// Stops the private cluster.
  struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop the private cluster.",
      discussion: "Example: kvitt db stop"
    )

    @OptionGroup var workplace: Workplace

    func run() async throws {
      say(try await workplace.cluster().stop() ? "stopped" : "was not running")
    }
  }
}
