import ArgumentParser
import Civil
import Formats
import Foundation
import Intake
import Journal
import Ledger
import Reports

/// Takes card feed files into the books.
struct IngestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Take card feed files: records, rewards, entries, all or nothing per file.",
    discussion: """
      Example: kvitt ingest take inbox/cards-20261120.csv --feed northbank-cards
      A file that was taken before changes nothing and says so. Rows that cannot be used go to
      quarantine with file:line:column, code and hint; control totals that differ refuse the file.
      """,
    subcommands: [Take.self, List.self, Quarantine.self],
    defaultSubcommand: Take.self
  )

  /// Takes files.
  struct Take: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take feed files.",
      discussion: "Example: kvitt ingest take cards-20261120.csv --feed northbank-cards"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "Feed files.", completion: .file())
    var files: [String]

    @Option(help: "Name of the feed profile.")
    var feed: String

    @Option(help: "Business date; default: today.")
    var businessDate: CivilDate?

    func run() async throws {
      let books = try await workplace.books(.ingest)
      let terms = try TermsInForce(books)
      guard let profile = terms.feeds[feed] else {
        throw unknown("feed", feed, terms.feeds.keys.sorted())
      }
      let date = businessDate ?? Instant.now().date
      print("Feed \(feed) | business date \(date) \(date.weekdayName)")
      var found = false
      for file in files {
        let report = try FeedIntake(
          books: books,
          terms: terms,
          profile: profile,
          businessDate: date,
          recordedAt: .now()
        ).take(path: file, control: controlText(of: file))
        IngestCommand.show(report, path: file)
        found = found || !report.rejects.isEmpty
      }
      if found { throw Ending(.findings) }
    }
  }

  /// Lists taken files.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List files that were taken.",
      discussion: "Example: kvitt ingest list -O csv"
    )

    @OptionGroup var workplace: Workplace
    @OptionGroup var output: OutputOptions

    @Option(help: "Highest number of rows.")
    var limit = 50

    func run() async throws {
      let files = try await workplace.books(.read).takenFiles(limit: limit)
      output.show(
        Table(
          columns: [
            Column("FILE"), Column("SOURCE"), Column("NAME"), Column("RECORDS", .right),
            Column("SEEN", .right), Column("QUARANTINED", .right), Column("LATE", .right),
          ],
          rows: files.map {
            [
              .text("F-\($0.batch)"), .text($0.source), .text($0.name), .count($0.records),
              .count($0.repeats), .count($0.quarantined), .count($0.late),
            ]
          }
        )
      )
    }
  }

  /// Lists quarantined rows.
  struct Quarantine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List quarantined rows.",
      discussion: "Example: kvitt ingest quarantine --file F-12"
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
      let rows = try await workplace.books(.read).quarantined(batch: batch, limit: limit)
      output.show(
        Table(
          columns: [
            Column("FILE"), Column("LINE", .right), Column("COL", .right), Column("CODE"),
            Column("ROW"),
          ],
          rows: rows.map {
            [
              .text("F-\($0.batch)"), .count($0.line), .count($0.column), .text($0.code),
              .text($0.excerpt),
            ]
          }
        )
      )
    }
  }

  /// Prints what taking a file did: one line, then at most twenty rejects.
  static func show(_ report: FeedReport, path: String) {
    let file = report.file
    guard report.outcome == .taken else {
      print("\(file.name): already taken as F-\(file.batch), nothing to do")
      return
    }
    print(
      "F-\(file.batch) \(file.name): \(file.records) records, "
        + "\(file.records - file.repeats - file.quarantined) new, \(file.repeats) seen, "
        + "\(file.quarantined) quarantined, \(file.late) late; \(report.rewards) reward rows; "
        + "seal \(report.seal?.number ?? 0)"
    )
    for short in report.short {
      print("control total short by \(short): closes when the corrected rows bring it to 0.00")
    }
    for row in report.rejects.prefix(20) {
      let place = Place(
        file: path,
        line: Int(row.line),
        column: row.column,
        source: row.excerpt,
        length: row.length
      )
      complain(Refusal(row.code, row.message, at: place).description)
    }
    if report.rejects.count > 20 {
      complain("\(report.rejects.count - 20) more: kvitt ingest quarantine --file F-\(file.batch)")
    }
  }
}

/// The text of `FILE.control`, nil where there is none.
func controlText(of file: String) throws -> String? {
  guard FileManager.default.fileExists(atPath: file + ".control") else { return nil }
  let bytes = try InputFile(path: file + ".control", sizeMax: 65_536).contents()
  return String(decoding: bytes, as: UTF8.self)
}
