import ArgumentParser
import Civil
import Formats
import Intake
import Journal
import Reports

/// Rows that could not be used.
struct QuarantineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine",
    abstract: "Rows that could not be used: look, take with a correction, discard.",
    discussion: """
      Example: kvitt ingest quarantine retry F-12:5 --set mcc=5411 --reason "bank confirmed"
      A retry or a discard is decided when a second person runs the same command.
      """,
    subcommands: [List.self, Show.self, Retry.self, Discard.self],
    defaultSubcommand: List.self
  )

  /// Lists quarantined rows.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List quarantined rows.",
      discussion: "Example: kvitt ingest quarantine list --file F-12"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Option(help: "Only rows of this file, such as F-12.")
    var file: String?

    @Option(help: "Highest number of rows.")
    var limit = 100

    func run() async throws {
      let batch = try file.map { text in
        guard text.hasPrefix("F-"), let batch = Int64(text.dropFirst(2)) else {
          throw unknown("file", text, [])
        }
        return batch
      }
      let books = try await workplace.books(.read)
      try output.show(upTo: limit) {
        try books.quarantined(batch: batch, limit: $0)
      } _: { rows in
        Table(
          columns: [
            Column("ROW"), Column("FILE"), Column("COL", .right), Column("CODE"), Column("STATE"),
            Column("WHY"),
          ],
          rows: rows.map {
            [
              .text($0.id.description), .text($0.file), .count($0.column), .text($0.code),
              .text($0.state), .text($0.message),
            ]
          }
        )
      }
    }
  }

  /// Shows one row.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a row with its fields, masked.",
      discussion: "Example: kvitt ingest quarantine show F-12:5"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Row, such as F-12:5.")
    var row: String

    func run() async throws {
      let item = try await quarantined(row, workplace)
      let place = Place(
        file: item.file,
        line: Int(item.id.line),
        column: Int(item.column),
        source: item.excerpt
      )
      guard let code = ErrorCode(rawValue: item.code) else {
        throw Refusal(.booksUnknown, "\(item.id) was refused with \(escaped(item.code))")
      }
      say(Refusal(code, item.message, at: place).description)
      say("state: \(item.state)")
      for field in CardField.allCases {
        if let text = item.fields[field] { say("  \(field.name) = \(text)") }
      }
      if item.fields.isEmpty { say("  no fields were kept: the row can only be discarded") }
    }
  }

  /// Takes a row again.
  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a row again, with corrections; the second person's command posts it.",
      discussion:
        "Example: kvitt ingest quarantine retry F-12:5 --set mcc=5411 --reason \"bank confirmed\""
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Row, such as F-12:5.")
    var row: String

    @Option(help: "Correction COLUMN=VALUE; columns as kvitt ingest quarantine show names them.")
    var set: [String] = []

    @Option(help: "Why the row is right this way.")
    var reason: String

    @Option(help: "Business date of the posting; default: today.")
    var businessDate: CivilDate?

    func run() async throws {
      let item = try await quarantined(row, workplace)
      guard !item.fields.isEmpty else {
        throw Refusal(.badRecord, "no fields were kept of \(item.id); it can only be discarded")
      }
      var correction: [CardField: String] = [:]
      for text in set {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let field = CardField(name: parts[0]) else {
          throw unknown("column", parts.first ?? "", CardField.allCases.map(\.name))
        }
        correction[field] = parts[1]
      }
      try await refuseCardNumbers(in: correction, of: item.source)
      guard try await dispose(item, "retry", correction, reason, workplace) else { return }
      let date = businessDate ?? Instant.now().date
      let report = try await feedIntake(item.source, on: date, workplace).retry()
      say("\(report.posted) rows posted, \(report.failed.count) failed again")
      for failure in report.failed {
        complain("\(failure.id): \(failure.reject.code.rawValue) \(failure.reject.message)")
      }
      if !report.failed.isEmpty { throw Ending(.findings) }
    }

    /// A correction is kept from its proposal on, so it is looked at before the record is read again.
    private func refuseCardNumbers(
      in correction: [CardField: String],
      of feed: String
    ) async throws {
      guard let found = correction.first(where: { holdsCardNumber($0.value) }) else { return }
      let feeds = try TermsInForce(await workplace.books(.read)).feeds
      guard found.key != .token, feeds[feed]?.numericReferences == true else {
        throw Refusal(.cardNumber, "the correction of \(found.key.name) holds a card number")
      }
    }
  }

  /// Gives a row up.
  struct Discard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give a row up for good; decided when a second person says the same.",
      discussion: "Example: kvitt ingest quarantine discard F-12:5 --reason \"test row\""
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Row, such as F-12:5.")
    var row: String

    @Option(help: "Why nothing is lost by it.")
    var reason: String

    func run() async throws {
      let item = try await quarantined(row, workplace)
      if try await dispose(item, "discard", [:], reason, workplace) {
        say("\(item.id) discarded")
      }
    }
  }
}

private func quarantined(_ text: String, _ workplace: Workplace) async throws -> QuarantinedRow {
  guard let id = QuarantineID(text),
    let row = try await workplace.books(.read).quarantined(id: id, limit: 1).first
  else { throw unknown("quarantined row", text, []) }
  return row
}

/// Proposes, or decides as the second person; false where a second one is still wanted.
private func dispose(
  _ row: QuarantinedRow,
  _ action: String,
  _ correction: [CardField: String],
  _ reason: String,
  _ workplace: Workplace
) async throws -> Bool {
  guard ["open", "proposed", "failed again"].contains(row.state) else {
    throw Refusal(.fileConflict, "\(row.id) is \(row.state)", hint: "nothing is left to do")
  }
  let books = try await workplace.books(.finance)
  do {
    let isDecided = try books.dispose(
      row.id,
      action: action,
      correction: correction,
      reason: reason
    )
    if !isDecided { say("\(row.id): \(action) proposed; a second person runs the same command") }
    return isDecided
  } catch is SamePerson {
    throw Refusal(.selfApproval, "you proposed this yourself; a second person decides")
  }
}
