import ArgumentParser
import Civil
import Formats
import Foundation
import Intake
import Journal
import Ledger
import Reports
import Settlement

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
    subcommands: [
      Take.self, List.self, Show.self, Release.self, FeedsCommand.self, QuarantineCommand.self,
      UnlinkedCommand.self,
    ],
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

    @Flag(help: "Tell what each stage cost.")
    var timings = false

    func run() async throws {
      let date = businessDate ?? Instant.now().date
      var intake = try await feedIntake(feed, on: date, workplace)
      say("Feed \(feed) | business date \(date) \(date.weekdayName)")
      var found = false
      for file in files {
        intake.stages = timings ? Stages(usedCPU: usedCPU) : nil
        let report = try intake.take(path: file, control: controlText(of: file))
        IngestCommand.show(report, path: file)
        for stage in intake.stages?.all ?? [] {
          say(String(format: "  %7.2f s  %6.2f s CPU here  ", stage.wall, stage.cpu) + stage.name)
        }
        found = found || !report.rejects.isEmpty || report.unlinked > 0
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
      let books = try await workplace.books(.read)
      try output.show(upTo: limit) {
        try books.takenFiles(limit: $0)
      } _: { files in
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
      }
    }
  }

  /// Tells one file's story.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tell what a file brought and what became of every record.",
      discussion: "Example: kvitt ingest show F-12"
    )

    @OptionGroup var workplace: Workplace

    @Argument(help: "File, such as F-12.")
    var file: String

    func run() async throws {
      let books = try await workplace.books(.read)
      guard file.hasPrefix("F-"), let batch = Int64(file.dropFirst(2)),
        let story = try books.fileStory(batch: batch)
      else { throw unknown("file", file, []) }
      for line in story.lines { say(line) }
    }
  }

  /// Decides not to wait for missing files.
  struct Release: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Decide not to wait for files missing before a number.",
      discussion:
        "Example: kvitt ingest release --feed acme --through 42 --reason \"41 was never made\""
    )

    @OptionGroup var workplace: Workplace

    @Option(help: "Name of the feed profile.")
    var feed: String

    @Option(help: "Number of the file that is held.")
    var through: Int64

    @Option(help: "Why the gap is accepted.")
    var reason: String

    func run() async throws {
      let books = try await workplace.books(.finance)
      let feeds = try TermsInForce(books).feeds
      guard feeds[feed] != nil else { throw unknown("feed", feed, feeds.keys.sorted()) }
      try books.release(source: feed, sequence: through, reason: reason)
      say("Feed \(feed): files through \(through) no longer wait for the ones before.")
    }
  }

  /// Says that facts beside the records could not be read.
  static func leftOut(_ notes: Int64) -> String {
    "\(notes) network references, approval codes, rates or days of posting cannot be read and are left out"
  }

  /// Prints what taking a file did: one line, then at most twenty rejects.
  static func show(_ report: FeedReport, path: String) {
    let file = report.file
    guard report.outcome == .taken else {
      say("\(file.name): already taken as F-\(file.batch), nothing to do")
      return
    }
    let new = file.records - file.repeats - file.quarantined - file.skipped
    say(
      "F-\(file.batch) \(file.name): \(file.records) records, \(new) new, \(file.repeats) seen, "
        + "\(file.quarantined) quarantined, \(file.late) late; \(report.rewards) reward rows; "
        + "seal \(report.seal?.number ?? 0)"
    )
    if file.skipped > 0 { say("\(file.skipped) rows are of types that the profile skips") }
    if let notes = report.summary?.notesLeftOut, notes > 0 { say(leftOut(notes)) }
    if !file.hasTotals { say("no control totals came with the file") }
    if report.linked > 0 { say("\(report.linked) records linked without a reference") }
    if report.waiting > 0 { say("\(report.waiting) records wait for their purchase") }
    if report.unlinked > 0 {
      say("\(report.unlinked) records name no purchase: kvitt ingest unlinked list")
    }
    for short in report.short {
      say("control total short by \(short): closes when the corrected rows bring it to 0.00")
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
      complain(
        "\(report.rejects.count - 20) more: kvitt ingest quarantine list --file F-\(file.batch)"
      )
    }
  }
}

/// Seconds of CPU that this process used so far.
private func usedCPU() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Ready to take files of a feed.
func feedIntake(
  _ feed: String,
  on date: CivilDate,
  _ workplace: Workplace
) async throws -> FeedIntake {
  let books = try await workplace.books(.ingest)
  let terms = try TermsInForce(books)
  guard let profile = terms.feeds[feed] else {
    throw unknown("feed", feed, terms.feeds.keys.sorted())
  }
  return FeedIntake(
    books: books,
    terms: terms,
    profile: profile,
    businessDate: date,
    recordedAt: .now(),
    tokenKeys: profile.format == .ipm ? try TokenKeys(path: workplace.keys).keys() : []
  )
}

/// The text of `FILE.control`, nil where there is none.
func controlText(of file: String) throws -> String? {
  guard FileManager.default.fileExists(atPath: file + ".control") else { return nil }
  let bytes = try InputFile(path: file + ".control", sizeMax: 65_536).contents()
  return String(decoding: bytes, as: UTF8.self)
}
