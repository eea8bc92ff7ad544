import ArgumentParser
import Civil
import Crypto
import Formats
import Journal
import Ledger
import Reports

/// Reference data from outside.
struct ReferenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference",
    abstract: "Reference data: ECB rates, ISO 4217, merchant categories, merchant directory.",
    discussion: """
      Example: kvitt reference import fx eurofxref-daily.xml
      A file becomes a numbered set with its digest; what the newest set says is in force.
      """,
    subcommands: [Import.self, Show.self, Sets.self, Imports.self]
  )

  /// Imports a file.
  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Import a file; one that stands already changes nothing.",
      discussion: """
        Example: kvitt reference import mcc mcc.csv --dated 2026-11-01
        The merchant directory decides which partner pays: it counts when a second person imports the same
        file; until then this ends with 24. So do rates of which one is a currency's first, changes a day
        that stands, or has moved by more than 5 % against the books.
        """
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "fx, currencies, mcc or merchants.")
    var kind: ReferenceKind

    @Argument(help: "File.", completion: .file())
    var file: String

    @Option(help: "Day of the data, where the file names none.")
    var dated: CivilDate?

    func run() async throws {
      let input = try InputFile(path: file, sizeMax: 1 << 28)
      let digest = sha256(try input.contents())
      input.rewind()
      let data = try ReferenceData(input, kind)
      guard let day = data.dated ?? dated else {
        throw Refusal(.usage, "the file names no day", hint: "give --dated yyyy-mm-dd")
      }
      guard kind != .fx || day <= Instant.now().date else {
        throw Refusal(
          .badRecord,
          "rates of \(day), which has not come",
          at: Place(file: input.name)
        )
      }
      let books = try await workplace.books(.finance)
      if kind == .fx { try tellMoves(data, books) }
      try decideImport("\(input.name):") {
        let (answer, set) = try books.importReference(
          data,
          kind,
          name: input.name,
          dated: day,
          digest: digest
        )
        let rows = "\(data.rows.count) rows of \(kind.rawValue), dated \(day)"
        return (answer, set.map { "Set \($0): \(rows)" } ?? rows)
      }
      if kind == .currencies { tellDifferences(data) }
    }

    /// The rates for which a second person is asked, and the one that moved furthest of the others.
    private func tellMoves(_ data: ReferenceData, _ books: Books) throws {
      for move in try books.rateMoves(data).prefix(8) {
        let (day, currency, rate) = (
          data.rows[move.row].values[0], data.rows[move.row].values[1],
          data.rows[move.row].values[2]
        )
        guard let known = move.known else {
          say("\(currency) \(rate) of \(day): its first rate")
          continue
        }
        guard move.percent != "0.0" else { break }
        say(
          "\(currency) \(rate) of \(day): moved \(move.percent) % from \(known.rate) of \(known.day)"
        )
      }
    }

    /// What the list says otherwise than the program, which keeps books by its own table.
    private func tellDifferences(_ data: ReferenceData) {
      for row in data.rows {
        let known = Currency(code: row.values[0].utf8)
        let ours = known.map { ["\($0)", "\($0.rawValue)", "\($0.exponent)"] }
        let theirs = row.values[2].isEmpty ? nil : row.values
        if ours != theirs { complain("\(row.values[0]): this version of kvitt says otherwise") }
      }
    }
  }

  /// Shows what is in force.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what is in force on a day.",
      discussion: "Example: kvitt reference show fx --on 2026-11-20"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Argument(help: "fx, currencies, mcc or merchants.")
    var kind: ReferenceKind

    @Option(help: "Day; default: today.")
    var on: CivilDate?

    func run() async throws {
      let rows = try await workplace.books(.read).reference(kind, on: on ?? Instant.now().date)
      let titles: [String] =
        switch kind {
        case .fx: ["CURRENCY", "PER EUR", "DAY", "SET"]
        case .currencies: ["CURRENCY", "NUMBER", "DECIMALS", "SET"]
        case .mcc: ["MCC", "TITLE", "", "SET"]
        case .merchants: ["MERCHANT", "MCC", "PARTNER", "SET"]
        }
      output.show(
        Table(
          columns: titles.map { Column($0) },
          rows: rows.map { row in row.map { .text($0) } }
        )
      )
    }
  }

  /// Lists the sets.
  struct Sets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the imported sets.",
      discussion: "Example: kvitt reference sets"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let sets = try await workplace.books(.read).referenceSets()
      output.show(
        Table(
          columns: [
            Column("SET", .right), Column("KIND"), Column("FILE"), Column("DATED"),
            Column("ROWS", .right), Column("BY"),
          ],
          rows: sets.map {
            [
              .count($0.id), .text($0.kind), .text($0.name), .text($0.dated), .count($0.rows),
              .text($0.importedBy),
            ]
          }
        )
      )
    }
  }
}

extension ReferenceCommand {
  /// Lists imports of which two people decide.
  struct Imports: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List imports of members, facts and reference data that two people decide.",
      discussion: "Example: kvitt reference imports"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let imports = try await workplace.books(.read).imports()
      output.show(
        Table(
          columns: [
            Column("KIND"), Column("FILE"), Column("ROWS", .right), Column("PROPOSED BY"),
            Column("DECIDED BY"), Column("SHA-256 OF ROWS"),
          ],
          rows: imports.map {
            [
              .text($0.kind), .text($0.name), .count($0.rows), .text($0.proposedBy),
              .text($0.decidedBy ?? "-"), .text($0.digest),
            ]
          },
          notes: ["Those without a second name wait; a second person runs the same command."]
        )
      )
    }
  }
}

extension ReferenceKind: ExpressibleByArgument {}
